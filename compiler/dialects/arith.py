"""`arith`: arithmetic on scalars, after MLIR's dialect of that name.

`mulz` is ours: the product of a derivative and a partial, 0 when either factor is 0 (strong zero).
Evaluation takes a field of numbers (`dialects/numbers.py`: real, complex, mpmath).
"""

from collections.abc import Sequence
from typing import ClassVar

from dpc.compiler.dialects.numbers import Number, Numbers
from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import I1, FloatType, IndexType, IntType, ScalarType, Type
from dpc.compiler.ir.verify_error import require

CompareName = str  # arith.cmpf: oeq ogt oge olt ole une; arith.cmpi: eq ne slt sle sgt sge


class Scalar(Op):
    """A pure, total operation on scalars; `evaluate` is its meaning."""

    __slots__ = ()
    pure: ClassVar[bool] = True

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        """The result for given operand values."""
        raise NotImplementedError(self.name)


@operation("arith.constant")
class Constant(Scalar):
    """A constant; `value` is a Python bool, int or float of the type."""

    value: bool | int | float
    type: ScalarType

    def infer(self) -> tuple[Type, ...]:
        return (self.type,)

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return self.value


class BinaryFloat(Scalar):
    """Two operands and a result of one float type."""

    __slots__ = ()

    def infer(self) -> tuple[Type, ...]:
        return (self.operands[0].type,)

    def verify(self) -> None:
        left, right = self.operands
        require(self, isinstance(left.type, FloatType), "operands are floats")
        require(self, left.type == right.type, "operands have one type")


class BinaryInt(Scalar):
    """Two operands and a result of one integer or index type; wraps."""

    __slots__ = ()

    def infer(self) -> tuple[Type, ...]:
        return (self.operands[0].type,)

    def verify(self) -> None:
        left, right = self.operands
        require(self, isinstance(left.type, IntType | IndexType), "operands are integers")
        require(self, left.type == right.type, "operands have one type")

    def wrap(self, value: int) -> int:
        """The value modulo 2^w as a signed integer (unsigned for i1)."""
        return wrap(value, self.operands[0].type)


def evaluate(op: Scalar, numbers: Numbers, operands: Sequence[Number]) -> Number:
    """The result of `op` in a field of numbers, rounded to the type of its result."""
    value = op.evaluate(numbers, *operands)
    type_ = op.results[0].type
    if isinstance(type_, FloatType):
        return numbers.round_to(numbers.lift(value), type_.width)
    return value


def wrap(value: int, type_: Type) -> int:
    """An integer reduced to the range of a type: two's complement; i1 is 0 or 1."""
    width = type_.width if isinstance(type_, IntType) else 64
    if width == 1:
        return value & 1
    value &= (1 << width) - 1
    return value - (1 << width) if value >> (width - 1) else value


@operation("arith.addf")
class AddF(BinaryFloat):
    """lhs + rhs."""

    commutative: ClassVar[bool] = True
    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.add(operands[0], operands[1])


@operation("arith.subf")
class SubF(BinaryFloat):
    """lhs - rhs."""

    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.sub(operands[0], operands[1])


@operation("arith.mulf")
class MulF(BinaryFloat):
    """lhs * rhs."""

    commutative: ClassVar[bool] = True
    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.mul(operands[0], operands[1])


@operation("arith.divf")
class DivF(BinaryFloat):
    """lhs / rhs, IEEE at zero."""

    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.div(operands[0], operands[1])


@operation("arith.remf")
class RemF(BinaryFloat):
    """C's fmod: the sign of lhs."""

    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.fmod(operands[0], operands[1])


@operation("arith.maximumf")
class MaximumF(BinaryFloat):
    """IEEE 754-2019 maximum: NaN if either is NaN, +0 above -0."""

    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.maximum(operands[0], operands[1])


@operation("arith.minimumf")
class MinimumF(BinaryFloat):
    """IEEE 754-2019 minimum: NaN if either is NaN, -0 below +0."""

    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.minimum(operands[0], operands[1])


@operation("arith.mulz")
class MulZ(BinaryFloat):
    """derivative x partial: 0 when either factor is 0, else lhs * rhs (never 0*inf = NaN)."""

    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.mulz(operands[0], operands[1])


@operation("arith.negf")
class NegF(Scalar):
    """-operand (flips the sign bit)."""

    operand: Value

    def infer(self) -> tuple[Type, ...]:
        return (self.operand.type,)

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return -operands[0]


@operation("arith.addi")
class AddI(BinaryInt):
    """lhs + rhs."""

    commutative: ClassVar[bool] = True
    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return self.wrap(operands[0] + operands[1])


@operation("arith.subi")
class SubI(BinaryInt):
    """lhs - rhs."""

    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return self.wrap(operands[0] - operands[1])


@operation("arith.muli")
class MulI(BinaryInt):
    """lhs * rhs."""

    commutative: ClassVar[bool] = True
    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return self.wrap(operands[0] * operands[1])


@operation("arith.floordivsi")
class FloorDivSI(BinaryInt):
    """lhs // rhs rounding down. rhs != 0 is checked before, and min // -1 wraps; so not pure:
    it may not be moved above its check. MLIR's op of the same name.
    """

    pure: ClassVar[bool] = False
    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return self.wrap(operands[0] // operands[1])


@operation("arith.floormodsi")
class FloorModSI(BinaryInt):
    """lhs % rhs with the sign of rhs, as in Python; the same caution as `floordivsi`."""

    pure: ClassVar[bool] = False
    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return self.wrap(operands[0] % operands[1])


@operation("arith.maxsi")
class MaxSI(BinaryInt):
    """The larger, signed."""

    commutative: ClassVar[bool] = True
    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return max(operands[0], operands[1])


@operation("arith.minsi")
class MinSI(BinaryInt):
    """The smaller, signed."""

    commutative: ClassVar[bool] = True
    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return min(operands[0], operands[1])


@operation("arith.andi")
class AndI(BinaryInt):
    """Bitwise and; logical on i1."""

    commutative: ClassVar[bool] = True
    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return operands[0] & operands[1]


@operation("arith.ori")
class OrI(BinaryInt):
    """Bitwise or; logical on i1."""

    commutative: ClassVar[bool] = True
    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return operands[0] | operands[1]


@operation("arith.xori")
class XOrI(BinaryInt):
    """Bitwise exclusive or; `xori x, true` is logical not."""

    commutative: ClassVar[bool] = True
    lhs: Value
    rhs: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return operands[0] ^ operands[1]


@operation("arith.cmpf")
class CmpF(Scalar):
    """Ordered comparison (`une` is true on NaN); predicate oeq ogt oge olt ole une."""

    predicate: CompareName
    lhs: Value
    rhs: Value

    def infer(self) -> tuple[Type, ...]:
        return (I1,)

    def verify(self) -> None:
        require(self, self.lhs.type == self.rhs.type, "operands have one type")
        require(self, isinstance(self.lhs.type, FloatType), "operands are floats")

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.compare(self.predicate, operands[0], operands[1])


@operation("arith.cmpi")
class CmpI(Scalar):
    """Signed comparison of integers or indices; predicate eq ne slt sle sgt sge."""

    predicate: CompareName
    lhs: Value
    rhs: Value

    def infer(self) -> tuple[Type, ...]:
        return (I1,)

    def verify(self) -> None:
        require(self, self.lhs.type == self.rhs.type, "operands have one type")
        require(self, isinstance(self.lhs.type, IntType | IndexType), "operands are integers")

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        left, right = operands
        outcome = {
            "eq": left == right,
            "ne": left != right,
            "slt": left < right,
            "sle": left <= right,
            "sgt": left > right,
            "sge": left >= right,
        }
        return int(outcome[self.predicate])


@operation("arith.select")
class Select(Scalar):
    """true_value if condition else false_value; both are evaluated."""

    condition: Value
    true_value: Value
    false_value: Value

    def infer(self) -> tuple[Type, ...]:
        return (self.true_value.type,)

    def verify(self) -> None:
        require(self, self.condition.type == I1, "the condition is i1")
        require(self, self.true_value.type == self.false_value.type, "the values have one type")

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return operands[1] if operands[0] else operands[2]


class Cast(Scalar):
    """One operand, converted to the type in attribute `to`."""

    __slots__ = ()

    def infer(self) -> tuple[Type, ...]:
        return (self.to,)  # type: ignore[attr-defined]


@operation("arith.sitofp")
class SIToFP(Cast):
    """Signed integer to float, rounded to nearest."""

    operand: Value
    to: FloatType

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.from_int(operands[0], self.to.width)


@operation("arith.uitofp")
class UIToFP(Cast):
    """i1 to float: 0.0 or 1.0."""

    operand: Value
    to: FloatType

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.from_int(operands[0], self.to.width)


@operation("arith.fptosi")
class FPToSI(Cast):
    """Float to signed integer, truncating; the range is checked before by `cf.assert`. An operand
    out of range yields the least integer, so the op is total.
    """

    operand: Value
    to: IntType

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.to_int(operands[0], self.to.width)


@operation("arith.extf")
class ExtF(Cast):
    """f32 to f64."""

    operand: Value
    to: FloatType

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return operands[0]


@operation("arith.truncf")
class TruncF(Cast):
    """f64 to f32, rounded to nearest."""

    operand: Value
    to: FloatType

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.round_to(operands[0], self.to.width)


@operation("arith.extsi")
class ExtSI(Cast):
    """i32 to i64."""

    operand: Value
    to: IntType

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return operands[0]


@operation("arith.extui")
class ExtUI(Cast):
    """i1 to i32 or i64: 0 or 1."""

    operand: Value
    to: IntType

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return int(operands[0])


@operation("arith.trunci")
class TruncI(Cast):
    """i64 to i32, wrapping."""

    operand: Value
    to: IntType

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return wrap(operands[0], self.to)


@operation("arith.index_cast")
class IndexCast(Cast):
    """Between index and i64 or i32 (i32 to index sign-extends)."""

    operand: Value
    to: ScalarType

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return wrap(operands[0], self.to)


OPS: tuple[type[Op], ...] = (
    Constant, AddF, SubF, MulF, DivF, RemF, MaximumF, MinimumF, MulZ, NegF,
    AddI, SubI, MulI, FloorDivSI, FloorModSI, MaxSI, MinSI, AndI, OrI, XOrI,
    CmpF, CmpI, Select, SIToFP, UIToFP, FPToSI, ExtF, TruncF, ExtSI, ExtUI, TruncI, IndexCast,
)  # fmt: skip
