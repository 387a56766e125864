"""Parallel loops: E0601 to E0609."""

from dataclasses import dataclass
from typing import ClassVar

from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.source import Span


@dataclass(frozen=True, kw_only=True)
class _Conflict:
    """Two accesses of different iterations; `other` is the second where it stands elsewhere."""

    name: str
    loop_variable: str
    other: Span | None = None
    advice: str = ""

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        return () if self.other is None else ((self.other, "and used by other iterations here"),)


@dataclass(frozen=True, kw_only=True)
class ParallelConflict(_Conflict, Diagnostic):
    """Iterations of a parallel loop that store where others read or store."""

    code: ClassVar[str] = "E0601"
    title: ClassVar[str] = "iterations of this parallel loop meet in `{name}`"
    label: ClassVar[str] = "stored by every iteration over `{loop_variable}`"
    hint: ClassVar[str] = "{advice}"


@dataclass(frozen=True, kw_only=True)
class UnprovenParallel(_Conflict, Diagnostic):
    """A parallel loop whose iterations can't be shown to be independent."""

    code: ClassVar[str] = "E0602"
    title: ClassVar[str] = "iterations of this parallel loop may meet in `{name}`"
    label: ClassVar[str] = "not known to be another place for every `{loop_variable}`"
    hint: ClassVar[str] = "{advice}"


@dataclass(frozen=True, kw_only=True)
class LeavesParallel(Diagnostic):
    """A `break` or `return` out of a parallel loop."""

    code: ClassVar[str] = "E0603"
    title: ClassVar[str] = "a parallel loop runs to its end"
    label: ClassVar[str] = "leaves the loop"
    hint: ClassVar[str] = "use `continue`, or a loop over `range(...)` alone"
