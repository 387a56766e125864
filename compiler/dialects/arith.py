"""`arith`: arithmetic on scalars, after MLIR's dialect of that name.

`mulz` is ours: the product of a derivative and a partial, 0 when either factor is 0 (strong zero).
Evaluation takes a field of numbers (`dialects/numbers.py`: real, complex, mpmath).
"""

from typing import ClassVar

from dpc.compiler.dialects.casts import (
    Cast,
    ExtF,
    ExtSI,
    ExtUI,
    FPToSI,
    IndexCast,
    SIToFP,
    TruncF,
    TruncI,
    UIToFP,
)
from dpc.compiler.dialects.numbers import Number, Numbers
from dpc.compiler.dialects.scalar import Scalar, evaluate, wrap
from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import (
    I1,
    FloatType,
    IndexType,
    IntType,
    ScalarType,
    Type,
    lane_type,
    with_lanes,
)
from dpc.compiler.ir.verify_error import require

CompareName = str  # arith.cmpf: oeq ogt oge olt ole une; arith.cmpi: eq ne slt sle sgt sge


@operation("arith.constant")
class Constant(Scalar):
    """A constant; `value` is a Python bool, int or float of the type."""

    value: bool | int | float
    type: ScalarType

    def infer(self) -> tuple[Type, ...]:
        return (self.type,)

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.lift(self.value) if isinstance(self.type, FloatType) else self.value


class BinaryFloat(Scalar):
    """Two operands and a result of one float type."""

    __slots__ = ()

    def infer(self) -> tuple[Type, ...]:
        return (self.operands[0].type,)

    def verify(self) -> None:
        left, right = self.operands
        require(self, isinstance(lane_type(left.type), FloatType), "operands are floats")
        require(self, left.type == right.type, "operands have one type")


class BinaryInt(Scalar):
    """Two operands and a result of one integer or index type; wraps."""

    __slots__ = ()

    def infer(self) -> tuple[Type, ...]:
        return (self.operands[0].type,)

    def verify(self) -> None:
        left, right = self.operands
        integer = isinstance(lane_type(left.type), IntType | IndexType)
        require(self, integer, "operands are integers")
        require(self, left.type == right.type, "operands have one type")

    def wrap(self, value: int) -> int:
        """The value modulo 2^w as a signed integer (unsigned for i1)."""
        return wrap(value, self.operands[0].type)


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
        return (with_lanes(I1, self.lhs.type),)

    def verify(self) -> None:
        require(self, self.lhs.type == self.rhs.type, "operands have one type")
        require(self, isinstance(lane_type(self.lhs.type), FloatType), "operands are floats")

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.compare(self.predicate, operands[0], operands[1])


@operation("arith.cmpi")
class CmpI(Scalar):
    """Signed comparison of integers or indices; predicate eq ne slt sle sgt sge."""

    predicate: CompareName
    lhs: Value
    rhs: Value

    def infer(self) -> tuple[Type, ...]:
        return (with_lanes(I1, self.lhs.type),)

    def verify(self) -> None:
        require(self, self.lhs.type == self.rhs.type, "operands have one type")
        integer = isinstance(lane_type(self.lhs.type), IntType | IndexType)
        require(self, integer, "operands are integers")

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
        wanted = with_lanes(I1, self.true_value.type)
        require(self, self.condition.type == wanted, "the condition is i1")
        require(self, self.true_value.type == self.false_value.type, "the values have one type")

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return operands[1] if operands[0] else operands[2]


OPS: tuple[type[Op], ...] = (
    Constant, AddF, SubF, MulF, DivF, RemF, MaximumF, MinimumF, MulZ, NegF,
    AddI, SubI, MulI, FloorDivSI, FloorModSI, MaxSI, MinSI, AndI, OrI, XOrI,
    CmpF, CmpI, Select, SIToFP, UIToFP, FPToSI, ExtF, TruncF, ExtSI, ExtUI, TruncI, IndexCast,
)  # fmt: skip

__all__ = [
    "OPS", "AddF", "AddI", "AndI", "BinaryFloat", "BinaryInt", "Cast", "CmpF", "CmpI",
    "CompareName", "Constant", "DivF", "ExtF", "ExtSI", "ExtUI", "FPToSI", "FloorDivSI",
    "FloorModSI", "IndexCast", "MaxSI", "MaximumF", "MinSI", "MinimumF", "MulF", "MulI", "MulZ",
    "NegF", "OrI", "RemF", "SIToFP", "Scalar", "Select", "SubF", "SubI", "TruncF", "TruncI",
    "UIToFP", "XOrI", "evaluate", "wrap",
]  # fmt: skip
