"""`vector`: registers of several lanes, after MLIR's dialect of that name.

Scalar operations of `arith` and `math` work on vectors lane by lane; here is what makes vectors,
moves them to and from memory, and takes them apart. Memory is addressed as in `memref`; the lanes
of a `load` lie one behind the other from the element at the indices, those of a `gather` as many
elements behind it as `offsets` says. Where a mask is false a lane touches no memory.
"""

import operator
from typing import ClassVar

from dpc.compiler.dialects.numbers import Number, Numbers
from dpc.compiler.dialects.scalar import wrap
from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import (
    I1,
    INDEX,
    FloatType,
    IndexType,
    MemRefType,
    Type,
    VectorType,
    lane_type,
    shape_of,
)
from dpc.compiler.ir.verify_error import require

SUM, ANY, ALL, LARGEST, LEAST = REDUCTIONS = ("add", "or", "and", "maximumf", "minimumf")


@operation("vector.broadcast")
class Broadcast(Op):
    """The scalar in every lane."""

    pure: ClassVar[bool] = True
    operand: Value
    to: Type

    def infer(self) -> tuple[Type, ...]:
        return (self.to,)

    def verify(self) -> None:
        fits = isinstance(self.to, VectorType) and self.to.element == self.operand.type
        require(self, fits, "a scalar becomes a vector of its type")


@operation("vector.step")
class Step(Op):
    """The lanes' numbers: 0, 1, ..."""

    pure: ClassVar[bool] = True
    type: VectorType

    def infer(self) -> tuple[Type, ...]:
        return (self.type,)

    def verify(self) -> None:
        require(self, isinstance(self.type.element, IndexType), "the lanes are index")


@operation("vector.extract")
class Extract(Op):
    """The scalar in one lane."""

    pure: ClassVar[bool] = True
    operand: Value
    position: int

    def infer(self) -> tuple[Type, ...]:
        return (lane_type(self.operand.type),)

    def verify(self) -> None:
        _require_lane(self, self.operand, self.position)


@operation("vector.insert")
class Insert(Op):
    """The vector with another scalar in one lane."""

    pure: ClassVar[bool] = True
    value: Value
    operand: Value
    position: int

    def infer(self) -> tuple[Type, ...]:
        return (self.operand.type,)

    def verify(self) -> None:
        _require_lane(self, self.operand, self.position)
        require(self, self.value.type == lane_type(self.operand.type), "the scalar fits the lane")


def _require_lane(op: Op, operand: Value, position: int) -> None:
    type_ = operand.type
    assert isinstance(type_, VectorType)
    require(op, 0 <= position < type_.lanes, "the vector has such a lane")


@operation("vector.reduction")
class Reduction(Op):
    """All lanes together, by `kind`.

    "add" (floats and integers): neighbours are added, then neighbours of these, until one is left:
    the lanes are a power of two. "or", "and" (i1). "maximumf", "minimumf" (floats), as `arith` has
    them.
    """

    pure: ClassVar[bool] = True
    operand: Value
    kind: str

    def infer(self) -> tuple[Type, ...]:
        return (lane_type(self.operand.type),)

    def verify(self) -> None:
        type_ = self.operand.type
        require(self, isinstance(type_, VectorType), "the operand is a vector")
        require(self, self.kind in REDUCTIONS, "a known kind")
        float_ = isinstance(lane_type(type_), FloatType)
        truth = lane_type(type_) == I1
        fits = truth if self.kind in (ANY, ALL) else float_ or (self.kind == SUM and not truth)
        require(self, fits, "the kind fits the lanes")
        assert isinstance(type_, VectorType)
        require(self, type_.lanes & (type_.lanes - 1) == 0, "the lanes are a power of two")

    def evaluate(self, numbers: Numbers, lanes: tuple[Number, ...]) -> Number:
        """What the lanes come to."""
        element = lane_type(self.operand.type)
        combine = {
            SUM: numbers.add if isinstance(element, FloatType) else operator.add,
            ANY: lambda a, b: a | b,
            ALL: lambda a, b: a & b,
            LARGEST: numbers.maximum,
            LEAST: numbers.minimum,
        }[self.kind]
        while len(lanes) > 1:
            pairs = zip(lanes[::2], lanes[1::2], strict=True)
            lanes = tuple(self._rounded(numbers, combine(a, b)) for a, b in pairs)
        return lanes[0]

    def _rounded(self, numbers: Numbers, value: Number) -> Number:
        type_ = lane_type(self.operand.type)
        if not isinstance(type_, FloatType):
            return wrap(value, type_)
        if type_.width != 64:
            return numbers.round_to(value, type_.width)
        return value


@operation("vector.load")
class Load(Op):
    """The elements from the one at the indices on, all in bounds."""

    buffer: Value
    indices: tuple[Value, ...]
    type: VectorType

    def infer(self) -> tuple[Type, ...]:
        return (self.type,)

    def verify(self) -> None:
        _require_place(self, self.buffer, self.indices, self.type)


@operation("vector.store")
class Store(Op):
    """Write the elements from the one at the indices on, all in bounds."""

    value: Value
    buffer: Value
    indices: tuple[Value, ...]

    def verify(self) -> None:
        _require_place(self, self.buffer, self.indices, self.value.type)


@operation("vector.maskedload")
class MaskedLoad(Op):
    """As `load` where the mask holds, else the lane of `otherwise`."""

    buffer: Value
    indices: tuple[Value, ...]
    mask: Value
    otherwise: Value

    def infer(self) -> tuple[Type, ...]:
        return (self.otherwise.type,)

    def verify(self) -> None:
        _require_place(self, self.buffer, self.indices, self.otherwise.type)
        _require_lanes(self, self.mask, I1, self.otherwise.type)


@operation("vector.maskedstore")
class MaskedStore(Op):
    """As `store` where the mask holds."""

    buffer: Value
    indices: tuple[Value, ...]
    mask: Value
    value: Value

    def verify(self) -> None:
        _require_place(self, self.buffer, self.indices, self.value.type)
        _require_lanes(self, self.mask, I1, self.value.type)


@operation("vector.gather")
class Gather(Op):
    """Where the mask holds, the element `offsets` behind the one at the indices, else the lane of
    `otherwise`.
    """

    buffer: Value
    indices: tuple[Value, ...]
    offsets: Value
    mask: Value
    otherwise: Value

    def infer(self) -> tuple[Type, ...]:
        return (self.otherwise.type,)

    def verify(self) -> None:
        _require_place(self, self.buffer, self.indices, self.otherwise.type)
        _require_lanes(self, self.offsets, INDEX, self.otherwise.type)
        _require_lanes(self, self.mask, I1, self.otherwise.type)


@operation("vector.scatter")
class Scatter(Op):
    """Write a gather's elements where the mask holds, lane 0 first."""

    buffer: Value
    indices: tuple[Value, ...]
    offsets: Value
    mask: Value
    value: Value

    def verify(self) -> None:
        _require_place(self, self.buffer, self.indices, self.value.type)
        _require_lanes(self, self.offsets, INDEX, self.value.type)
        _require_lanes(self, self.mask, I1, self.value.type)


def _require_place(op: Op, buffer: Value, indices: tuple[Value, ...], vector: Type) -> None:
    type_ = buffer.type
    require(op, isinstance(type_, MemRefType), "the base is a memref")
    require(op, len(shape_of(type_)) == len(indices), "one index for each axis")
    require(op, all(i.type == INDEX for i in indices), "indices are index")
    assert isinstance(type_, MemRefType)
    fits = isinstance(vector, VectorType) and vector.element == type_.element
    require(op, fits, "the lanes have the element type")


def _require_lanes(op: Op, value: Value, element: Type, like: Type) -> None:
    type_ = value.type
    fits = isinstance(type_, VectorType) and isinstance(like, VectorType)
    require(op, fits, "offsets and masks are vectors")
    assert isinstance(type_, VectorType) and isinstance(like, VectorType)  # noqa: PT018
    require(op, type_.lanes == like.lanes, "vectors have as many lanes")
    require(op, type_.element == element, "offsets are index, masks i1")


LOADING: tuple[type[Op], ...] = (Load, MaskedLoad, Gather)
STORING: tuple[type[Op], ...] = (Store, MaskedStore, Scatter)
OPS: tuple[type[Op], ...] = (Broadcast, Step, Extract, Insert, Reduction, *LOADING, *STORING)

__all__ = [
    "ALL", "ANY", "LARGEST", "LEAST", "LOADING", "OPS", "REDUCTIONS", "STORING", "SUM",
    "Broadcast", "Extract", "Gather", "Insert", "Load", "MaskedLoad", "MaskedStore", "Reduction",
    "Scatter", "Step", "Store",
]  # fmt: skip
