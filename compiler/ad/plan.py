"""Recompute or store: how the reverse sweep gets each primal value that it needs.

What is free in the reverse sweep: values of the function's own block, induction variables,
constants, elements of buffers that nobody overwrites later, and cheap operations on these. The
rest is stored, except cheap operations on what is stored anyway.

The outcome is plain data. This greedy choice is the place of the minimum cut (bytes x iterations
against the cost of recomputation): whatever fills a `TapePlan` will do.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dpc.compiler.analysis.needed import Nest
from dpc.compiler.dialects import arith, memref
from dpc.compiler.dialects import math as mathd
from dpc.compiler.ir.core import Value

# Dearer to compute again than to write and read eight bytes.
_CHEAP_MATH = frozenset(
    {
        "math.absf", "math.floor", "math.ceil", "math.roundeven", "math.trunc", "math.sign",
        "math.copysign", "math.fma", "math.sqrt", "math.isnan", "math.isinf", "math.isfinite",
    }
)  # fmt: skip
_DEAR = frozenset({op.name for op in mathd.OPS} - _CHEAP_MATH) | {"arith.remf"}


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a value is stored (else it is recomputed where its block is reversed), and why."""

    stored: bool
    reason: str


# Everything that must be had, operands of what is recomputed included, in the order of the primal;
# values that are not in it are at hand.
TapePlan = dict[Value, Decision]


def plan(needed: set[Value], given: Iterable[Value], nest: Nest) -> TapePlan:
    """Decide for the needed values; `given` are at hand in the reverse sweep (induction)."""
    at_hand = set(given)
    values = [v for v in nest.homes if not nest.outermost(v) and v not in at_hand]
    reached = _Reached(nest, set(at_hand))
    free = {v for v in values if reached.try_again(v)}
    wanted = needed - at_hand
    stored = {v for v in wanted - free if not _repeatable(v, nest)}
    reached.values |= stored
    for value in values:
        if value not in reached.values and not reached.try_again(value) and value in wanted:
            stored.add(value)
            reached.values.add(value)
    found: list[tuple[Value, Decision]] = []
    for value in reversed(values):
        if value not in wanted:
            continue
        if value in stored:
            found.append((value, Decision(True, _why_stored(value, nest))))
            continue
        reason = "cheap" if value in free else "cheap, from what is stored"
        found.append((value, Decision(False, reason)))
        wanted.update(v for v in _operands(value) if not nest.outermost(v) and v not in at_hand)
    return dict(reversed(found))


@dataclass(slots=True)
class _Reached:
    """Values that the reverse sweep can have; grows in the order of the primal."""

    nest: Nest
    values: set[Value]

    def try_again(self, value: Value) -> bool:
        """Include a value if an operation on what is there yields it again."""
        if not _repeatable(value, self.nest):
            return False
        if not all(self.nest.outermost(v) or v in self.values for v in _operands(value)):
            return False
        self.values.add(value)
        return True


def _operands(value: Value) -> tuple[Value, ...]:
    return value.op.operands if value.op is not None else ()


def _repeatable(value: Value, nest: Nest) -> bool:
    """True if doing the operation again gives the value again, at little cost."""
    op = value.op
    if isinstance(op, memref.Load):
        return nest.stable(op.buffer, nest.homes[value])
    if op is None or op.name in _DEAR:
        return False
    # Integer division is only impure in that its divisor was checked, as it was the first time.
    return op.pure or isinstance(op, arith.FloorDivSI | arith.FloorModSI)


def _why_stored(value: Value, nest: Nest) -> str:
    op = value.op
    if op is None:
        return "carried from one iteration to the next"
    if op.blocks:
        return f"the result of {op.name}"
    if isinstance(op, memref.Load):
        return "read from a buffer that is overwritten or gone later"
    return "dear to compute again" if op.name in _DEAR else "made from what is not at hand"
