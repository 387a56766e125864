"""What a reverse pass stores and computes again, as plain data with the places in the source.

Bytes are polynomials over extents and integer parameters, by the names these have in the function;
a bound that changes with an outer loop counts with its largest value.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from dpc.compiler.ad.plan import Decision, size_of
from dpc.compiler.ad.reverse import Reversed
from dpc.compiler.ad.trips import is_loop
from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.dialects import arith, scf
from dpc.compiler.ir.core import Function, Op, Value
from dpc.compiler.ir.types import IntType, is_float
from dpc.dsl.shapes import ONE, Poly
from dpc.dsl.source import Span

_ACCUMULATES = re.compile(r"\w+ \S{1,2}= ")  # a statement that is the new value of a variable


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that the reverse pass needs; stored, or else computed again from what is at hand.

    size: bytes of one, of all together where several look alike; count: how many are kept at a
    time, None where only the run tells. loops: the spans of the loops that these are of, outermost
    first.
    """

    span: Span | None
    name: str
    stored: bool
    reason: str
    needed_by: Span | None
    overwritten: Span | None
    size: int
    count: Poly | None
    loops: tuple[Span | None, ...]


@dataclass(frozen=True, slots=True)
class LoopAccount:
    """How a loop is reversed. kind: "fused" (with the primal, in one pass), "replayed" (each
    iteration runs again), "stored" (its values go on the tape) or "plain" (nothing is kept of it).

    trips: None where only the run tells. values: those of its iterations, inner loops aside.
    """

    span: Span | None
    kind: str
    reason: str
    trips: Poly | None
    values: tuple[Kept, ...]
    inner: tuple["LoopAccount", ...]


@dataclass(frozen=True, slots=True)
class Account:
    """The reverse pass of a function: values outside of loops, its loops, and the variables of
    which it needs no value. recursive: the functions that keep a tape of their own for each call;
    again: those whose calls run again where they are reversed.
    """

    function: str
    values: tuple[Kept, ...]
    loops: tuple[LoopAccount, ...]
    unneeded: tuple[str, ...]
    recursive: tuple[str, ...] = ()
    again: tuple[str, ...] = ()

    def kept(self) -> Iterator[Kept]:
        """Every value, in the order of the source."""
        yield from self.values
        for loop in self.loops:
            yield from _kept(loop)


def _as_written(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.split(".")[0] for name in names))


def _kept(loop: LoopAccount) -> Iterator[Kept]:
    yield from loop.values
    for inner in loop.inner:
        yield from _kept(inner)


def account(made: Reversed, dimensions: Sequence[Poly]) -> Account:
    """The account of what reverse mode made; `dimensions` are those of the function's arguments."""
    return _Accountant(made, Extents(made.primal, tuple(dimensions))).account()


class _Accountant:
    def __init__(self, made: Reversed, extents: "Extents") -> None:
        self.made = made
        self.nest = made.iterations.nest
        self.extents = extents
        # Of each loop, with how many values look alike: two elements of one expression may.
        self.by_loop: dict[Op | None, Counter[Kept]] = {}

    def account(self) -> Account:
        for value, decision in self.made.plan.items():
            if decision.stored or _worth_telling(value, decision):
                loops = [op for op, _ in self._around(value) if is_loop(op)]
                kept = self._value(value, decision)
                self.by_loop.setdefault(loops[-1] if loops else None, Counter())[kept] += 1
        body = self.made.primal.body
        return Account(
            self.made.primal.name,
            self._listed(None),
            tuple(self._loops(body.ops)),
            tuple(self._unneeded()),
            _as_written(self.made.taped),
            _as_written(self.made.again),
        )

    def _listed(self, loop: Op | None) -> tuple[Kept, ...]:
        """What is kept of a loop; values that look alike are one, with the bytes of all."""
        return tuple(
            replace(kept, size=kept.size * alike if kept.stored else kept.size)
            for kept, alike in self.by_loop.get(loop, {}).items()
        )

    def _around(self, value: Value) -> tuple[tuple[Op, object], ...]:
        return self.nest.chain(self.nest.homes[value], self.nest.body)

    def _value(self, value: Value, decision: Decision) -> Kept:
        block = self.nest.homes[value]
        loops = [op for op, _ in self.nest.chain(block) if is_loop(op)]
        count: Poly | None = ONE
        for op in loops:
            trips = self.extents.trips(op)
            count = None if trips is None or count is None else count * trips
        origin = value.op or self.nest.parents[block][0]
        by, over = decision.needed_by, decision.overwritten
        return Kept(
            origin.span,
            value.name,
            decision.stored,
            decision.reason,
            by.span if by is not None else None,
            over.span if over is not None else None,
            size_of(value),
            count,
            tuple(op.span for op in loops),
        )

    def _loops(self, ops: tuple[Op, ...]) -> Iterator[LoopAccount]:
        for op in ops:
            inner = tuple(loop for b in op.blocks for loop in self._loops(b.ops))
            if not is_loop(op):
                yield from inner
                continue
            values = self._listed(op)
            choice = self.made.iterations.loops.get(op)
            kind, reason = (choice.kind, choice.reason) if choice else ("plain", "")
            if choice or values or inner:
                yield LoopAccount(op.span, kind, reason, self.extents.trips(op), values, inner)

    def _unneeded(self) -> Iterator[str]:
        """Float variables of the source of which no value is kept or computed again."""
        used = {v.name for v in self.made.plan}
        kept = (k.span.text for values in self.by_loop.values() for k in values if k.span)
        used.update(text.split()[0] for text in kept if _ACCUMULATES.match(text))
        seen: set[str] = set()
        for op in self.made.primal.body.walk():
            for value in op.results:
                known = value.name in used or value.name in seen
                if value.name and is_float(value.type) and not known:
                    seen.add(value.name)
                    yield value.name


def _worth_telling(value: Value, decision: Decision) -> bool:
    """True for floats that operations compute; to read an element again is no news."""
    return (
        is_float(value.type)
        and decision.again is value.op
        and value.op is not None
        and (value.op.pure and not isinstance(value.op, arith.Constant))
    )


@dataclass(slots=True)
class Extents:
    """Index values as polynomials over the dimensions and integer parameters of a function;
    `dimensions` are those of its arguments.
    """

    function: Function
    dimensions: tuple[Poly, ...]
    known: dict[Value, Poly | None] = field(default_factory=dict)
    counters: dict[Value, scf.For] = field(default_factory=dict)

    def __post_init__(self) -> None:
        pairs = zip(self.function.parameters, self.function.arguments, strict=True)
        own = {v: p for p, v in pairs if p.role == "input" and isinstance(v.type, IntType)}
        self.known = {v: Poly.dimension(p.name) for v, p in own.items()}
        # The first arguments are the dimensions.
        self.known.update(zip(self.function.arguments, self.dimensions, strict=False))
        for op in self.function.body.walk():
            if isinstance(op, scf.For):
                self.counters[op.body.arguments[0]] = op

    def trips(self, op: Op) -> Poly | None:
        """How often a loop's body runs."""
        if isinstance(op, scf.While):
            return None if op.bound is None else self.poly(op.bound)
        assert isinstance(op, scf.For)
        lower, upper, step = (self.poly(v) for v in (op.lower, op.upper, op.step))
        by = constant_of(op.step)
        if lower is None or upper is None or step is None or not isinstance(by, int):
            return None
        return upper - lower if by == 1 else (upper - lower + step - ONE) // by

    def poly(self, value: Value) -> Poly | None:
        """The value, or the most that it can be; None where that is not known."""
        if value not in self.known:
            self.known[value] = self._computed(value)
        return self.known[value]

    def _computed(self, value: Value) -> Poly | None:
        op = value.op
        if value in self.counters:
            upper = self.poly(self.counters[value].upper)
            return None if upper is None else upper - ONE
        if isinstance(op, arith.Constant):
            return Poly.constant(int(op.value)) if isinstance(op.value, int) else None
        if isinstance(op, arith.IndexCast | arith.MaxSI):
            return self.poly(op.operands[0])
        if not isinstance(op, arith.AddI | arith.SubI | arith.MulI | arith.FloorDivSI):
            return None
        left, right = self.poly(op.lhs), self.poly(op.rhs)
        if left is None or right is None:
            return None
        if isinstance(op, arith.FloorDivSI):
            divisor = right.value
            return left // divisor if divisor is not None and divisor > 0 else None
        if isinstance(op, arith.AddI):
            return left + right
        return left - right if isinstance(op, arith.SubI) else left * right
