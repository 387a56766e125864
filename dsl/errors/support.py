"""What the compiler can't do: constructs that it does not know yet (E0100), limits (E09)."""

from dataclasses import dataclass
from typing import ClassVar

from dpc.dsl.diagnostics import Diagnostic


@dataclass(frozen=True, kw_only=True)
class StackExhausted(Diagnostic):
    """A program that needs more of Python's stack than is left."""

    code: ClassVar[str] = "E0900"
    title: ClassVar[str] = "compiling this needs more of Python's stack than is left"
    hint: ClassVar[str] = (
        "compile where fewer Python calls are open, raise sys.setrecursionlimit, or give the inner "
        "parts of long expressions names"
    )


@dataclass(frozen=True, kw_only=True)
class NotSupported(Diagnostic):
    """A legal construct that is not implemented."""

    code: ClassVar[str] = "E0100"
    title: ClassVar[str] = "not supported yet: {what}"
    label: ClassVar[str] = "not supported yet"
    hint: ClassVar[str] = "{advice}"

    what: str
    advice: str = ""
