"""Recompute or store: how the reverse sweep gets each primal value that it needs.

What is free in the reverse sweep: values of the function's own block, induction variables,
constants, elements of buffers that nobody overwrites later, and cheap operations on these. The
rest is stored, except cheap operations on what is stored anyway.

The outcome is plain data. This greedy choice is the place of the minimum cut (bytes x iterations
against the cost of recomputation): whatever fills a `TapePlan` will do.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from dpc.compiler.analysis.needed import Nest
from dpc.compiler.dialects import arith, memref
from dpc.compiler.dialects import math as mathd
from dpc.compiler.ir.core import Op, Value

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
    """How a value is had, and why: by the op `again` where its block is reversed, else stored."""

    again: Op | None
    reason: str

    @property
    def stored(self) -> bool:
        """True if the value goes on the tape."""
        return self.again is None


# Everything that must be had, operands of what is recomputed included, in the order of the primal;
# values that are not in it are at hand.
TapePlan = dict[Value, Decision]


def plan(needed: set[Value], given: Iterable[Value], nest: Nest) -> TapePlan:
    """Decide for the needed values; `given` are at hand in the reverse sweep (induction)."""
    at_hand = set(given)
    values = [v for v in nest.homes if not nest.at_hand(v) and v not in at_hand]
    reached = _Reached(nest, set(at_hand))
    free = {v for v in values if reached.include(v)}
    wanted = {v for v in needed - at_hand if not nest.at_hand(v)}
    stored = {v for v in wanted - free if not _ways(v, nest)}
    reached.values |= stored
    for value in values:
        if value not in reached.values and not reached.include(value) and value in wanted:
            stored.add(value)
            reached.values.add(value)
    found: list[tuple[Value, Decision]] = []
    for value in reversed(values):
        if value not in wanted:
            continue
        if value in stored:
            found.append((value, Decision(None, _why_stored(value, nest))))
            continue
        op = reached.again[value]
        reason = "cheap" if value in free else "cheap, from what is stored"
        found.append((value, Decision(op, reason if op is value.op else "kept by the program")))
        wanted.update(v for v in op.operands if not nest.at_hand(v) and v not in at_hand)
    return dict(reversed(found))


@dataclass(slots=True)
class _Reached:
    """Values that the reverse sweep can have; grows in the order of the primal."""

    nest: Nest
    values: set[Value]
    again: dict[Value, Op] = field(default_factory=dict)

    def include(self, value: Value) -> bool:
        """Include a value if an operation on what is there yields it again."""
        for op in _ways(value, self.nest):
            if all(self.nest.at_hand(v) or v in self.values for v in op.operands):
                self.values.add(value)
                self.again[value] = op
                return True
        return False


def _ways(value: Value, nest: Nest) -> tuple[Op, ...]:
    """The operations that give the value again at little cost."""
    op, store = value.op, nest.kept.get(value)
    # Integer division is only impure in that its divisor was checked, as it was the first time.
    total = op is not None and (op.pure or isinstance(op, arith.FloorDivSI | arith.FloorModSI))
    stable = isinstance(op, memref.Load) and nest.stable(op.buffer, nest.homes[value])
    ways: list[Op] = []
    if op is not None and (stable or (total and op.name not in _DEAR)):
        ways.append(op)
    if store is not None:
        ways.append(memref.Load(store.buffer, store.indices, span=store.span))
    return tuple(ways)


def _why_stored(value: Value, nest: Nest) -> str:
    op = value.op
    if op is None:
        return "carried from one iteration to the next"
    if op.blocks:
        return f"the result of {op.name}"
    if isinstance(op, memref.Load):
        return "read from a buffer that is overwritten or gone later"
    return "dear to compute again" if op.name in _DEAR else "made from what is not at hand"
