"""The conversions of `arith`."""

from dpc.compiler.dialects.numbers import Number, Numbers
from dpc.compiler.dialects.scalar import Scalar, wrap
from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import FloatType, IntType, Type, lane_type


class Cast(Scalar):
    """One operand, converted to the type in attribute `to`."""

    __slots__ = ()

    def infer(self) -> tuple[Type, ...]:
        return (self.to,)  # type: ignore[attr-defined]

    @property
    def width(self) -> int:
        """How many bits a float or integer of the result has."""
        type_ = lane_type(self.to)  # type: ignore[attr-defined]
        assert isinstance(type_, FloatType | IntType)
        return type_.width


@operation("arith.sitofp")
class SIToFP(Cast):
    """Signed integer to float, rounded to nearest."""

    operand: Value
    to: Type

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.from_int(operands[0], self.width)


@operation("arith.uitofp")
class UIToFP(Cast):
    """i1 to float: 0.0 or 1.0."""

    operand: Value
    to: Type

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.from_int(operands[0], self.width)


@operation("arith.fptosi")
class FPToSI(Cast):
    """Float to signed integer, truncating; the range is checked before by `cf.assert`. An operand
    out of range yields the least integer, so the op is total.
    """

    operand: Value
    to: Type

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.to_int(operands[0], self.width)


@operation("arith.extf")
class ExtF(Cast):
    """f32 to f64."""

    operand: Value
    to: Type

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return operands[0]


@operation("arith.truncf")
class TruncF(Cast):
    """f64 to f32, rounded to nearest."""

    operand: Value
    to: Type

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.round_to(operands[0], self.width)


@operation("arith.extsi")
class ExtSI(Cast):
    """i32 to i64."""

    operand: Value
    to: Type

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return operands[0]


@operation("arith.extui")
class ExtUI(Cast):
    """i1 to i32 or i64: 0 or 1."""

    operand: Value
    to: Type

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return int(operands[0])


@operation("arith.trunci")
class TruncI(Cast):
    """i64 to i32, wrapping."""

    operand: Value
    to: Type

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return wrap(operands[0], self.to)


@operation("arith.index_cast")
class IndexCast(Cast):
    """Between index and i64 or i32 (i32 to index sign-extends)."""

    operand: Value
    to: Type

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return wrap(operands[0], self.to)


OPS: tuple[type[Op], ...] = (
    SIToFP, UIToFP, FPToSI, ExtF, TruncF, ExtSI, ExtUI, TruncI, IndexCast,
)  # fmt: skip
