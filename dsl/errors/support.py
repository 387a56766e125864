"""What the language has and the compiler does not yet: refused, never miscompiled (E0100)."""

from dataclasses import dataclass
from typing import ClassVar

from dpc.dsl.diagnostics import Diagnostic


@dataclass(frozen=True, kw_only=True)
class NotSupported(Diagnostic):
    """A legal construct that is not implemented."""

    code: ClassVar[str] = "E0100"
    title: ClassVar[str] = "not supported yet: {what}"
    label: ClassVar[str] = "not supported yet"
    hint: ClassVar[str] = "{advice}"

    what: str
    advice: str = ""
