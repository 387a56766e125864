"""The body of a loop with one iteration a lane: scalars that differ between iterations become
vectors, buffers of one iteration get an axis of lanes.

On entry: a loop whose iterations may run side by side, and what is known of it
(`analysis.lockstep`). An integer that grows evenly from lane to lane is kept as its first value and
its growth (`Even`): elements at such indices lie a constant number of elements apart.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dpc.compiler.ad.layout import extents_of
from dpc.compiler.analysis.accumulation import Accumulation
from dpc.compiler.analysis.constants import constant_of, literal
from dpc.compiler.analysis.lane_costs import LANES
from dpc.compiler.analysis.lockstep import Lockstep
from dpc.compiler.dialects import arith, cf, memref, vector
from dpc.compiler.dialects.numbers import REAL
from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Block, Function, Op, Value
from dpc.compiler.ir.rewrite import clone
from dpc.compiler.ir.types import (
    I1,
    INDEX,
    FloatType,
    IndexType,
    IntType,
    Type,
    VectorType,
)

Number = Value | int

Rule = Callable[["Lanes", Any], None]
Making = Callable[[Value, Value], Scalar]


@dataclass(frozen=True, slots=True)
class Even:
    """An integer that is `first` in lane 0 and grows by `growth` from lane to lane."""

    first: Value
    growth: Value


def vector_of(type_: Type) -> VectorType:
    """A scalar type in every lane."""
    assert isinstance(type_, FloatType | IntType | IndexType)
    return VectorType(LANES, type_)


@dataclass(frozen=True, slots=True)
class Places:
    """Where ops find the elements of shared buffers, other than in the buffer.

    own: loads and stores that go to a buffer which has the lanes as its last axis, with that
    buffer and the axes of the shared one that it has. across: stores whose lanes are added up
    first. ordered: stores that add lane by lane, as lanes may meet at an element.
    """

    own: Mapping[Op, tuple[Value, tuple[int, ...]]]
    across: Mapping[Op, Accumulation]
    ordered: Mapping[Op, Accumulation]


class Lanes:
    """Writes bodies for several iterations at once.

    `env`: what values from outside are now; `rules`: for ops that are not scalar ones.
    """

    def __init__(
        self,
        function: Function,
        facts: Lockstep,
        places: Places,
        env: dict[Value, Value],
        rules: Mapping[type[Op], Rule],
    ) -> None:
        self.rules = rules
        self.function = function
        self.facts = facts
        self.places = places
        self.env = env
        self.even: dict[Value, Even] = {}
        self.build = Builder()
        self.mask: Value | None = None  # the lanes that come here; None: all
        silent = (*places.across.values(), *places.ordered.values())
        self.silent: set[Op] = {op for s in silent for op in (s.load, s.combine)}
        self.silent.update(op for op in facts.checks if isinstance(op, cf.Assert))

    # values

    def index(self, number: int) -> Value:
        """An index constant."""
        return self.build.emit(literal(number, INDEX))

    def same(self, value: Value) -> Value:
        """The scalar that all lanes have."""
        return self.env.get(value, value)

    def lanes(self, value: Value) -> Value:
        """A vector of a value."""
        even = self.even.get(value)
        if even is not None:
            return self._spread(even, value.type)
        known = self.same(value)
        if isinstance(known.type, VectorType):
            return known
        return self.everywhere(known)

    def everywhere(self, scalar: Value) -> Value:
        """A scalar in all lanes."""
        return self.build.emit(vector.Broadcast(scalar, vector_of(scalar.type)))

    def _spread(self, even: Even, type_: Type) -> Value:
        steps = self.build.emit(vector.Step(vector_of(INDEX)))
        if type_ != INDEX:
            steps = self.build.emit(arith.IndexCast(steps, vector_of(type_)))
        grown = self.build.emit(arith.MulI(steps, self.everywhere(even.growth)))
        return self.build.emit(arith.AddI(self.everywhere(even.first), grown))

    def differs(self, value: Value) -> bool:
        """The value may be another in each lane."""
        return value in self.facts.different

    # ops

    def block(self, block: Block) -> None:
        """The ops of a block but for its terminator."""
        for op in block.ops[:-1]:
            if op not in self.silent:
                self.op(op)

    def op(self, op: Op) -> None:
        """One op."""
        with self.build.at(op.span):
            rule = self.rules.get(type(op))
            if rule is not None:
                rule(self, op)
            elif not any(self.differs(v) for v in op.results):
                self.build.ops.append(clone(op, self.env))
            else:
                self._scalar(op)

    def _scalar(self, op: Op) -> None:
        assert isinstance(op, Scalar)
        grows = EVEN.get(type(op))
        if grows is not None and (even := grows(self, op)) is not None:
            self.even[op.result] = even
            return
        operands = {v: self.lanes(v) for v in op.operands}
        if self.mask is not None and isinstance(op, arith.FloorDivSI | arith.FloorModSI):
            one = self.everywhere(self.build.emit(literal(1, op.rhs.type)))
            divisor = operands[op.rhs]
            operands[op.rhs] = self.build.emit(arith.Select(self.mask, divisor, one))
        changes = {"to": vector_of(op.result.type)} if "to" in op.kinds.attributes else {}
        new = op.rebuild(operands).with_attributes(**changes)
        self.bind(op.result, self.build.emit(new))

    def bind(self, old: Value, new: Value) -> None:
        """What an old value is now."""
        new.name = new.name or old.name
        self.env[old] = new

    # memory

    def strides(self, buffer: Value) -> list[Number]:
        """How many elements one step along each axis is, last axis first 1."""
        extents = extents_of(self.function, buffer)
        found: list[Number] = [1]
        for extent in reversed(extents[1:]):
            now = extent if isinstance(extent, int) else self.same(extent)
            found.append(self.product(found[-1], now))
        return found[::-1]

    def product(self, left: Number, right: Number) -> Number:
        """A product of sizes."""
        if isinstance(left, int) and isinstance(right, int):
            return left * right
        if 1 in (left, right):
            return right if left == 1 else left
        pair = (self.index(v) if isinstance(v, int) else v for v in (left, right))
        return self.build.emit(arith.MulI(*pair))

    def offsets(self, buffer: Value, indices: tuple[Value, ...], scale: int) -> list[Value] | None:
        """First indices, then as last the vector of how far behind them the lanes' elements lie;
        None where these lie one behind the other. `scale`: elements that stand for one.
        """
        bases: list[Value] = []
        apart: list[Value] = []
        strides = self.strides(buffer)
        last = len(indices) - 1
        follow = scale == 1
        for axis, (index, stride) in enumerate(zip(indices, strides, strict=True)):
            even = self.even.get(index)
            if not self.differs(index):
                bases.append(self.same(index))
                continue
            if even is not None:
                bases.append(even.first)
                follow = follow and axis == last and constant_of(even.growth) == 1
                steps = self.build.emit(vector.Step(vector_of(INDEX)))
                far = self.product(self.product(even.growth, stride), scale)
                apart.append(self._times(steps, far))
            else:
                follow = False
                bases.append(self.index(0))
                apart.append(self._times(self.lanes(index), self.product(stride, scale)))
        if follow and len(apart) == 1:
            return None
        total = apart[0]
        for more in apart[1:]:
            total = self.build.emit(arith.AddI(total, more))
        return [*bases, total]

    def _times(self, lanes: Value, factor: Number) -> Value:
        if factor == 1:
            return lanes
        scalar = self.index(factor) if isinstance(factor, int) else factor
        return self.build.emit(arith.MulI(lanes, self.everywhere(scalar)))

    def apart(self, buffer: Value, axis: int) -> Value | None:
        """How far the lanes' elements lie apart that are one step along an axis apart; None where
        they are neighbours.
        """
        stride = self.strides(buffer)[axis]
        if stride == 1:
            return None
        return self._times(self.build.emit(vector.Step(vector_of(INDEX))), stride)

    def active(self) -> Value:
        """The mask of the lanes that come here."""
        return self.mask or self.everywhere(self.build.emit(literal(True, I1)))

    def nothing(self, type_: Type) -> Value:
        """Zeros, for lanes that do not come here."""
        return self.everywhere(self.build.emit(literal(0, type_)))

    def firsts(self, indices: tuple[Value, ...]) -> tuple[Value, ...]:
        """The indices in lane 0."""
        return tuple(self.even[i].first if i in self.even else self.same(i) for i in indices)

    def place(
        self, op: memref.Load | memref.Store
    ) -> tuple[Value, tuple[Value, ...], Value | None]:
        """Buffer, indices, and offsets where the lanes' elements do not lie side by side."""
        if op in self.places.own:
            buffer, axes = self.places.own[op]
            chosen = tuple(op.indices[a] for a in axes)
            return buffer, (*(self.same(i) for i in chosen), self.index(0)), None
        buffer, private = self.same(op.buffer), op.buffer in self.facts.private
        if private and not any(self.differs(i) for i in op.indices):
            return buffer, (*(self.same(i) for i in op.indices), self.index(0)), None
        found = self.offsets(op.buffer, op.indices, LANES if private else 1)
        if found is None:
            return buffer, self.firsts(op.indices), None
        *bases, apart = found
        if not private:
            return buffer, tuple(bases), apart
        steps = self.build.emit(vector.Step(vector_of(INDEX)))
        return buffer, (*bases, self.index(0)), self.build.emit(arith.AddI(apart, steps))


def _sum(lanes: Lanes, op: arith.AddI | arith.SubI) -> Even | None:
    make = type(op)
    left, right = (lanes.even.get(v) for v in op.operands)
    flat = [not lanes.differs(v) for v in op.operands]
    if (left is None and right is None) or not all(
        e or f for e, f in zip((left, right), flat, strict=True)
    ):
        return None
    first = lanes.build.emit(
        make(
            left.first if left else lanes.same(op.lhs),
            right.first if right else lanes.same(op.rhs),
        )
    )
    if right is None:
        assert left is not None
        return Even(first, left.growth)
    growth = right.growth
    if left is not None:
        growth = _folded(lanes, make, left.growth, right.growth)
    elif make is arith.SubI:
        zero = lanes.build.emit(literal(0, growth.type))
        growth = _folded(lanes, make, zero, growth)
    return Even(first, growth)


def _folded(
    lanes: Lanes, make: Callable[[Value, Value], Scalar], left: Value, right: Value
) -> Value:
    """A sum, difference or product of growths; a constant where they are."""
    op = make(left, right)
    known = (constant_of(left), constant_of(right))
    if None in known:
        return lanes.build.emit(op)
    return lanes.build.emit(literal(op.evaluate(REAL, *known), left.type))


def _product(lanes: Lanes, op: arith.MulI) -> Even | None:
    for grown, other in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
        even = lanes.even.get(grown)
        if even is not None and not lanes.differs(other):
            factor = lanes.same(other)
            first = lanes.build.emit(arith.MulI(even.first, factor))
            return Even(first, _folded(lanes, arith.MulI, even.growth, factor))
    return None


def _cast(lanes: Lanes, op: arith.IndexCast) -> Even | None:
    even = lanes.even.get(op.operand)
    wide = all(isinstance(t, IndexType) or t == IntType(64) for t in (op.operand.type, op.to))
    if even is None or not wide:
        return None
    first = lanes.build.emit(arith.IndexCast(even.first, op.to))
    known = constant_of(even.growth)
    cast = arith.IndexCast(even.growth, op.to) if known is None else literal(known, op.to)
    return Even(first, lanes.build.emit(cast))


EVEN: dict[type[Op], Callable[[Lanes, Any], Even | None]] = {
    arith.AddI: _sum,
    arith.SubI: _sum,
    arith.MulI: _product,
    arith.IndexCast: _cast,
}
