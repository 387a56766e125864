"""What the commands share: colour, diagnostics, error lines, reading sources."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from dpc.dsl.diagnostics import Diagnostic

if TYPE_CHECKING:
    from dpc.dsl.source import Source
    from dpc.runtime.module import Module


def has_color(stream: TextIO) -> bool:
    """Colour only on a terminal and never with NO_COLOR set (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def complain(text: str) -> None:
    """One line of what went wrong, to standard error."""
    red, reset = ("\033[1;31m", "\033[0m") if has_color(sys.stderr) else ("", "")
    print(f"{red}dpc:{reset} {text}", file=sys.stderr)


def report(diagnostics: Iterable[Diagnostic], stream: TextIO) -> None:
    """Diagnostics for people, an empty line after each."""
    # Here, as drawing is needed only when there is something to draw.
    from dpc.dsl.render import render

    for diagnostic in diagnostics:
        print(render(diagnostic, color=has_color(stream)), file=stream, end="\n\n")


def read(path: str) -> "Source":
    """A file, or standard input for `-`, as a source; that one imports from the current folder."""
    # Here, as these load NumPy.
    from dpc.dsl.source import Source
    from dpc.runtime.module import decoded, read_source

    if path == "-":
        return Source("<stdin>", decoded(sys.stdin.buffer.read(), "<stdin>"), Path())
    return read_source(path)


def load(path: str, **options: str) -> "Module":
    """A module from a file or standard input."""
    from dpc.runtime.module import Module

    return Module(read(path), options)
