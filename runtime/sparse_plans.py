"""Plans of sparse derivatives: kept for the extents and integers they hold for, and shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np

from dpc.dsl.source import Span
from dpc.runtime.marshal import Frame

PLANS = 8  # kept for each function, the last used

P = TypeVar("P")


@dataclass(slots=True)
class Kept(Generic[P]):
    """The last plans, latest first, each with the extents, integers and arrays that decide it."""

    plans: list[tuple[tuple[Any, ...], list[Any], P]] = field(default_factory=list)

    def find(self, frame: Frame) -> P | None:
        """The plan for these arguments."""
        scalars, arrays = _deciding(frame)
        for position, (known, held, plan) in enumerate(self.plans):
            if known == scalars and all(map(np.array_equal, held, arrays)):
                self.plans.insert(0, self.plans.pop(position))
                return plan
        return None

    def keep(self, frame: Frame, plan: P) -> P:
        """The plan, which is found from now on."""
        scalars, arrays = _deciding(frame)
        self.plans.insert(0, (scalars, [a.copy() for a in arrays], plan))
        del self.plans[PLANS:]
        return plan


def _deciding(frame: Frame) -> tuple[tuple[Any, ...], list[Any]]:
    """What of the arguments decides the pattern: extents and integers, and arrays of these."""
    arrays = [v for v in frame.leaves if isinstance(v, np.ndarray) and v.dtype.kind != "f"]
    scalars = [v for v in frame.leaves if not isinstance(v, np.ndarray | float | np.floating)]
    return (*frame.dimensions.items(), *scalars), arrays


@dataclass(frozen=True)
class SparsePlan:
    """How a sparse derivative is computed, and why so; prints as text.

    method: "local" (what stores an element stores its derivatives) or "products" (with the sums of
    unit vectors of each colour). mode: of differentiation. obstacle: why it is not "local", and the
    line. colours, elements: how many there are; None unless arguments were given. native: whether
    native code finds the pattern, not the interpreter.
    """

    title: str
    method: str
    mode: str
    obstacle: str = ""
    line: int | None = None
    widest: int | None = None
    colours: int | None = None
    elements: int | None = None
    native: bool = True

    def __str__(self) -> str:
        return "\n".join([self.title, *self._lines()])

    def _lines(self) -> Sequence[str]:
        counted = [] if self.elements is None else [f"  {self.elements} elements"]
        if self.method == "local":
            how = "  what stores an element of a result stores its derivatives straight into the"
            return (f"{how} matrices' data:", f"  at most {self.widest} for each", *counted)
        if self.colours is None:
            products = "products with vectors, as many as there are colours"
        else:
            products = (
                f"{self.colours} product{'s' if self.colours != 1 else ''} in {self.mode} mode"
            )
        place = "" if self.line is None else f" (line {self.line})"
        reason = f"  not by local derivatives: {self.obstacle}{place}"
        by = () if self.native else ("  the pattern is found by the interpreter",)
        return (f"  {products}", reason, *by, *counted)


def line_of(span: Span | None) -> int | None:
    """The line of a place in the source."""
    return None if span is None else span.line
