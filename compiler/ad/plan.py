"""Recompute or store: how the reverse sweep gets each primal value that it needs.

At hand in the reverse sweep are the values of frames, induction variables and what does not change
in buffers. A value can be stored (s), or computed again by its
operation (r) if the operands can be had. With D = 1 for a value that must be had and R = 1 for one
computed again, the least cost of all choices

    sum of s D (1 - R) + r R,   R = 1 for a value only if D = 1 for the operands of its operation

is a minimum cut: edges D -> R of capacity s, R -> end of capacity r, R -> D of each operand, never
cut, and begin -> D of what reverse code names. Both costs count how often the value's block runs.

The outcome is plain data: a `TapePlan` with a reason for everything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import prod

from dpc.compiler.ad.cut import UNLIMITED, minimum_cut
from dpc.compiler.ad.trips import has_shape, is_loop
from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.analysis.needed import Nest
from dpc.compiler.analysis.overwriting import overwriting
from dpc.compiler.dialects import arith, memref, scf
from dpc.compiler.dialects import math as mathd
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.types import FloatType, IntType

# Costs are about tenths of the time of one addition of floats in a loop.
_CHEAP_MATH = frozenset(
    {
        "math.absf", "math.floor", "math.ceil", "math.roundeven", "math.trunc", "math.sign",
        "math.copysign", "math.fma", "math.isnan", "math.isinf", "math.isfinite",
    }
)  # fmt: skip
_SLOW = dict.fromkeys(("arith.divf", "math.sqrt"), 60)
_DEAR = dict.fromkeys({op.name for op in mathd.OPS} - _CHEAP_MATH - _SLOW.keys(), 300)
_COSTS = {"arith.constant": 0, "memref.load": 15, "arith.remf": 300, **_SLOW, **_DEAR}
_FLOAT, _INTEGER = 10, 3
# To write a byte and to read it again: through memory; within one iteration, in the cache.
_BYTE, _CACHED_BYTE = 25, 12
_STACKED = 2  # times as much on a stack
_UNKNOWN_TRIPS, _MOST_TRIPS = 32, 1 << 40


@dataclass(frozen=True, slots=True)
class Decision:
    """How a value is had, and why: by the op `again` where its block is reversed, else stored.

    needed_by: the op of the primal whose derivative needs it, or by which a needed value is
    computed again. overwritten: the op that overwrites what a stored value was read from.
    """

    again: Op | None
    reason: str
    needed_by: Op | None = None
    overwritten: Op | None = None

    @property
    def stored(self) -> bool:
        """True if the value goes on the tape."""
        return self.again is None


# Everything that must be had, operands of what is recomputed included, each after what it is had
# from; values that are not in it are at hand.
TapePlan = dict[Value, Decision]


def plan(
    needed: Mapping[Value, Op | None],
    given: Iterable[Value],
    nest: Nest,
    again: Iterable[Value] = (),
) -> TapePlan:
    """Decide for the needed values, each with the op whose derivative needs it.

    `given` are at hand in the reverse sweep (induction); values in `again` are not to be stored.
    """
    choice = _Choice(nest, frozenset(given), frozenset(again))
    for value, op in needed.items():
        choice.include(value, op)
    wanted = list(choice.values)
    choice.close()
    chosen = choice.cheapest(wanted)
    return _ordered({v: chosen[v] for v in nest.homes if v in chosen})


def _ordered(chosen: TapePlan) -> TapePlan:
    """What a value is had from before the value: an index may follow what is stored there."""
    found: TapePlan = {}
    pending = list(reversed(chosen))
    while pending:
        value = pending.pop()
        if value in found:
            continue
        again = chosen[value].again
        operands = () if again is None else again.operands
        missing = [v for v in operands if v in chosen and v not in found]
        if missing:
            pending += [value, *missing]
        else:
            found[value] = chosen[value]
    return found


@dataclass(slots=True)
class _Choice:
    """The values that may have to be had, each with the op that needs it, and their ways."""

    nest: Nest
    given: frozenset[Value]
    again: frozenset[Value]
    values: dict[Value, Op | None] = field(default_factory=dict)
    ways: dict[Value, Op | None] = field(default_factory=dict)
    runs: dict[Block, int] = field(default_factory=dict)

    def include(self, value: Value, by: Op | None) -> None:
        """A value that is needed, unless it is at hand."""
        if value not in self.given and not self.nest.at_hand(value):
            self.values.setdefault(value, by)

    def close(self) -> None:
        """Include what the values can be computed from."""
        pending = list(self.values)
        while pending:
            value = pending.pop()
            if value in self.ways:
                continue
            way = self.ways[value] = _way(value, self.nest)
            for operand in () if way is None else way.operands:
                self.include(operand, value.op)
                if operand in self.values:
                    pending.append(operand)

    def cheapest(self, wanted: Iterable[Value]) -> TapePlan:
        """The decisions of least cost."""
        numbers = {value: 2 + 2 * k for k, value in enumerate(self.values)}
        edges = [(0, numbers[v], UNLIMITED) for v in wanted]
        for value, number in numbers.items():
            runs = self._runs(self.nest.homes[value])
            way = self.ways[value]
            unlimited = value in self.again
            edges.append(
                (number, number + 1, UNLIMITED if unlimited else runs * self._store(value))
            )
            edges.append((number + 1, 1, UNLIMITED if way is None else runs * _cost(way)))
            operands = () if way is None else way.operands
            edges.extend((number + 1, numbers[v], UNLIMITED) for v in operands if v in numbers)
        side = minimum_cut(2 + 2 * len(numbers), edges, 0, 1)
        return {v: self._decision(v, side[n + 1]) for v, n in numbers.items() if side[n]}

    def _runs(self, block: Block) -> int:
        """About how often a block runs, each time its frame does."""
        if block not in self.runs:
            loops = (op for op, _ in self.nest.chain(block) if is_loop(op))
            self.runs[block] = min(prod(map(_trips, loops)), _MOST_TRIPS)
        return self.runs[block]

    def _store(self, value: Value) -> int:
        home = self.nest.homes[value]
        outermost = self.nest.frame(home) is self.nest.body
        cost = size_of(value) * (_BYTE if outermost else _CACHED_BYTE)
        return cost if has_shape(home, self.nest) else cost * _STACKED

    def _decision(self, value: Value, recomputed: bool) -> Decision:
        by = self.values[value]
        if not recomputed:
            return Decision(None, *_why_stored(value, self.nest, by))
        way = self.ways[value]
        reason = "cheaper than to store it" if way is value.op else "kept by the program"
        return Decision(way, reason, by)


def _way(value: Value, nest: Nest) -> Op | None:
    """The operation that gives a value again, if there is one."""
    op, store = value.op, nest.kept.get(value)
    # Integer division is only impure in that its divisor was checked, as it was the first time.
    total = op is not None and (op.pure or isinstance(op, arith.FloorDivSI | arith.FloorModSI))
    stable = isinstance(op, memref.Load) and lasts(op, nest)
    if store is None:
        return op if stable or total else None
    if op is not None and (stable or (total and not isinstance(value.type, FloatType))):
        return op
    return memref.Load(store.buffer, store.indices, span=store.span)


def lasts(load: memref.Load, nest: Nest) -> bool:
    """True if the element can be read again when the block of the load is reversed."""
    return nest.at_hand(load.buffer) and overwriting(load, nest) is None


def _cost(op: Op) -> int:
    """The cost of one run of an operation."""
    usual = _FLOAT if isinstance(op.results[0].type, FloatType) else _INTEGER
    return _COSTS.get(op.name, usual)


def size_of(value: Value) -> int:
    """The bytes of a scalar on the tape."""
    if isinstance(value.type, FloatType | IntType):
        return max(1, value.type.width // 8)
    return 8


def _trips(op: Op) -> int:
    if isinstance(op, scf.For):
        bounds = [constant_of(v) for v in (op.lower, op.upper, op.step)]
        if all(isinstance(b, int) for b in bounds):
            lower, upper, step = map(int, bounds)
            return max(1, -(-(upper - lower) // step))
    return _UNKNOWN_TRIPS


def _why_stored(value: Value, nest: Nest, by: Op | None) -> tuple[str, Op | None, Op | None]:
    op = value.op
    if op is None:
        return "carried from one iteration to the next", by, None
    if op.blocks:
        return f"the result of {op.name}", by, None
    if isinstance(op, memref.Load) and not nest.at_hand(op.buffer):
        return "read from an array that is gone later", by, None
    found = overwriting(op, nest) if isinstance(op, memref.Load) else None
    if found is not None:
        certainty = "is" if found.certain else "may be"
        return f"read from an array that {certainty} overwritten later", by, found.op
    return "cheaper than to compute it again", by, None
