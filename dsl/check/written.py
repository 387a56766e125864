"""Built-ins that are written in the language: `dsl/builtins/*.dp`, checked on first use.

A file is written for f64 and stands for every element type: `f64` in it is replaced.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from dpc.dsl import ast, typed
from dpc.dsl.diagnostics import InternalError, Sink
from dpc.dsl.parse import parse
from dpc.dsl.resolve import Loader, ModuleNames
from dpc.dsl.source import Source
from dpc.dsl.types import ScalarType

FOLDER = Path(__file__).parent.parent / "builtins"
CheckNames = Callable[[ast.ModuleTree, ModuleNames, Loader | None], ModuleNames]


@cache
def written(check_names: CheckNames, file: str, element: ScalarType) -> dict[str, typed.Function]:
    """The functions of a file for an element type, the same objects whenever they are asked for."""
    text = (FOLDER / f"{file}.dp").read_text(encoding="utf-8")
    source = Source(f"{file}.dp", re.sub(r"\bf64\b", str(element), text))
    sink = Sink()
    names = ModuleNames(sink, qualifier=f"{file}.{element}")
    check_names(parse(source, sink), names, None)
    if sink.failed:
        raise InternalError(f"{file}.dp of {element}: {sink.diagnostics[0]}")
    return names.functions
