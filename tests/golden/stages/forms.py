"""Stage `forms`: every diagnostic of a program in its three forms: human, short, JSON.

An argument names how a diagnostic comes about that no single text gets.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from dpc.compiler.driver import diagnose
from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.errors.differentiability import NoDerivative
from dpc.dsl.errors.support import StackExhausted
from dpc.dsl.render import as_data, render_all, render_short
from dpc.dsl.source import Source, Span
from dpc.dsl.warning_levels import levels

Diagnostics = Iterable[Diagnostic]


def forms(source: Source, arguments: Sequence[str]) -> str:
    found = list(HOW[arguments[0]](source) if arguments else _checked(source))
    short = [render_short(diagnostic) for diagnostic in found]
    data = [json.dumps(item) for item in as_data(found)]
    text = "\n".join((render_all(found), "", *short, "", *data))
    return text.replace(f"{source.folder}/", "")


def _checked(source: Source) -> Diagnostics:
    return diagnose(source, levels([("warn", "all")]))


def _beside_binary(source: Source) -> Diagnostics:
    """A module of that name that is not text stands beside the program."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "binary.dp").write_bytes(b"\xff\xfe")
        return _checked(Source(source.name, source.text, Path(folder)))


def _no_rule(source: Source) -> Diagnostics:
    """An op without a rule, where the program says `gamma`."""
    start = source.text.index("lgamma")
    return (NoDerivative(span=Span(source, start, start + 6), operation="math.lgamma"),)


def _deep(source: Source) -> Diagnostics:
    return (StackExhausted(span=Span(source, 0, 0)),)


HOW: dict[str, Callable[[Source], Diagnostics]] = {
    "beside-binary": _beside_binary,
    "no-rule": _no_rule,
    "deep": _deep,
}
