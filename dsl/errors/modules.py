"""Modules and imports: E0250 to E0259."""

from dataclasses import dataclass
from typing import ClassVar

from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.source import Span


@dataclass(frozen=True, kw_only=True)
class _Chained:
    """An import statement; `chain`: the imports that led to its file, outermost first."""

    chain: tuple[Span, ...] = ()

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        return tuple((span, "imported from here") for span in reversed(self.chain))


@dataclass(frozen=True, kw_only=True)
class UnknownModule(_Chained, Diagnostic):
    """An import of a module that is neither beside the file nor in the standard library."""

    code: ClassVar[str] = "E0250"
    title: ClassVar[str] = "no module `{name}`"
    label: ClassVar[str] = "neither beside this file nor in the standard library"

    name: str
    suggestion: str | None = None
    advice: str = ""

    @property
    def hint_text(self) -> str:
        return f"did you mean `{self.suggestion}`?" if self.suggestion else self.advice


@dataclass(frozen=True, kw_only=True)
class UnknownImport(_Chained, Diagnostic):
    """An import of a name that the module does not define."""

    code: ClassVar[str] = "E0251"
    title: ClassVar[str] = "module `{module}` has no `{name}`"
    label: ClassVar[str] = "not defined there"

    module: str
    name: str
    suggestion: str | None = None

    @property
    def hint_text(self) -> str:
        return f"did you mean `{self.suggestion}`?" if self.suggestion else ""


@dataclass(frozen=True, kw_only=True)
class ImportCycle(_Chained, Diagnostic):
    """A module that imports itself, directly or by way of others."""

    code: ClassVar[str] = "E0252"
    title: ClassVar[str] = "modules import each other: {cycle}"
    label: ClassVar[str] = "closes the cycle"
    hint: ClassVar[str] = "move what both need into a third module"

    cycle: str


@dataclass(frozen=True, kw_only=True)
class UnreadableModule(_Chained, Diagnostic):
    """A module whose file can't be read."""

    code: ClassVar[str] = "E0253"
    title: ClassVar[str] = "module `{name}` can't be read: {problem}"
    label: ClassVar[str] = "imported here"

    name: str
    problem: str
