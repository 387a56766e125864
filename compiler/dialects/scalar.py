"""What scalar operations have in common: they are pure, and `evaluate` is their meaning.

On vectors they work lane by lane, as in MLIR: all operands and the result have as many lanes.
"""

from collections.abc import Sequence
from typing import ClassVar

from dpc.compiler.dialects.numbers import Number, Numbers
from dpc.compiler.ir.core import Op
from dpc.compiler.ir.types import FloatType, IntType, Type, VectorType, lane_type


class Scalar(Op):
    """A pure, total operation on scalars; `evaluate` is its meaning."""

    __slots__ = ()
    pure: ClassVar[bool] = True

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        """The result for given operand values."""
        raise NotImplementedError(self.name)


def evaluate(op: Scalar, numbers: Numbers, operands: Sequence[Number]) -> Number:
    """The result of `op` in a field of numbers, rounded to the type of its result."""
    type_ = op.results[0].type
    if isinstance(type_, VectorType):
        return tuple(
            _rounded(op, numbers, type_.element, lane) for lane in zip(*operands, strict=True)
        )
    return _rounded(op, numbers, type_, operands)


def _rounded(op: Scalar, numbers: Numbers, type_: Type, operands: Sequence[Number]) -> Number:
    value = op.evaluate(numbers, *operands)
    if isinstance(type_, FloatType) and type_.width != 64:
        return numbers.round_to(value, type_.width)
    return value


def wrap(value: int, type_: Type) -> int:
    """An integer reduced to the range of a type (of a lane): two's complement; i1 is 0 or 1."""
    type_ = lane_type(type_)
    width = type_.width if isinstance(type_, IntType) else 64
    if width == 1:
        return value & 1
    value &= (1 << width) - 1
    return value - (1 << width) if value >> (width - 1) else value
