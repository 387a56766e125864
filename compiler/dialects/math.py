"""`math`: elementary and special functions of float scalars.

Those MLIR's `math` dialect has carry its names; the others (marked below) are declared functions in
exported text. What each means is `Numbers.<mnemonic>`; derivatives are in `ad/rules/math.py`.
"""

from dpc.compiler.dialects.numbers import Number, Numbers
from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import I1, FloatType, IntType, Type, lane_type, with_lanes
from dpc.compiler.ir.verify_error import require


class MathOp(Scalar):
    """A float function; evaluates to the function of its mnemonic in the field of numbers."""

    __slots__ = ()

    def infer(self) -> tuple[Type, ...]:
        return (self.operands[0].type,)

    def verify(self) -> None:
        first = self.operands[0].type
        require(self, isinstance(lane_type(first), FloatType), "the first operand is a float")
        for operand in self.operands[1:]:
            if isinstance(lane_type(operand.type), FloatType):
                require(self, operand.type == first, "float operands have one type")

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return getattr(numbers, self.name.removeprefix("math."))(*operands)


UNARY_NAMES = (
    "exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "rsqrt",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "erf", "absf", "floor", "ceil", "roundeven", "trunc",
    # not in MLIR 19:
    "erfc", "sigmoid", "softplus", "lgamma", "digamma", "sign",
)  # fmt: skip
NOT_IN_MLIR = frozenset(
    {
        "math.erfc", "math.sigmoid", "math.softplus", "math.lgamma", "math.digamma", "math.sign",
        "math.polygamma", "math.hypot", "math.logaddexp", "math.floormod",
        "math.isnan", "math.isinf", "math.isfinite",
    }
)  # fmt: skip


@operation("")
class Unary(MathOp):
    """A function of one float: the base of the classes in `UNARY`."""

    operand: Value


def _unary(mnemonic: str) -> type[Unary]:
    """The op class of a function of one float: `math.<mnemonic>`."""
    class_name = mnemonic.capitalize()
    body = {
        "__doc__": f"{mnemonic} of one float.",
        "__module__": __name__,
        "__qualname__": class_name,
    }
    return operation(f"math.{mnemonic}")(type(class_name, (Unary,), body))


UNARY: dict[str, type[Unary]] = {name: _unary(name) for name in UNARY_NAMES}


@operation("math.atan2")
class Atan2(MathOp):
    """The angle of the point (x, y) = (rhs, lhs)."""

    lhs: Value
    rhs: Value


@operation("math.copysign")
class CopySign(MathOp):
    """|lhs| with the sign of rhs."""

    lhs: Value
    rhs: Value


@operation("math.powf")
class PowF(MathOp):
    """lhs ** rhs, C's pow."""

    lhs: Value
    rhs: Value


@operation("math.hypot")
class Hypot(MathOp):
    """sqrt(lhs^2 + rhs^2) without overflow."""

    lhs: Value
    rhs: Value


@operation("math.logaddexp")
class LogAddExp(MathOp):
    """log(exp(lhs) + exp(rhs)) without overflow; -inf of two -inf."""

    lhs: Value
    rhs: Value


@operation("math.floormod")
class FloorMod(MathOp):
    """lhs % rhs with the sign of rhs, as Python's float %."""

    lhs: Value
    rhs: Value


@operation("math.polygamma")
class PolyGamma(MathOp):
    """The `order`-th derivative (an i64 >= 0) of digamma at x; NaN for a negative order."""

    x: Value
    order: Value

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.polygamma(operands[1], operands[0])


@operation("math.fpowi")
class FPowI(MathOp):
    """lhs ** rhs with an i64 exponent: repeated squaring in fixed order; x ** 0 is 1; a negative
    exponent is the reciprocal of the positive power.
    """

    lhs: Value
    rhs: Value


@operation("math.ipowi")
class IPowI(Scalar):
    """Integer lhs ** rhs, wrapping; rhs >= 0 is checked before (0 for a negative exponent here)."""

    lhs: Value
    rhs: Value

    def infer(self) -> tuple[Type, ...]:
        return (self.lhs.type,)

    def verify(self) -> None:
        require(self, isinstance(lane_type(self.lhs.type), IntType), "operands are integers")
        require(self, self.lhs.type == self.rhs.type, "operands have one type")

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        type_ = lane_type(self.lhs.type)
        assert isinstance(type_, IntType)
        return numbers.ipowi(operands[0], operands[1], type_.width)


@operation("math.fma")
class Fma(MathOp):
    """a * b + c rounded once."""

    a: Value
    b: Value
    c: Value


class Classify(MathOp):
    """A predicate on one float."""

    __slots__ = ()

    def infer(self) -> tuple[Type, ...]:
        return (with_lanes(I1, self.operands[0].type),)


@operation("math.isnan")
class IsNan(Classify):
    """operand is NaN."""

    operand: Value


@operation("math.isinf")
class IsInf(Classify):
    """operand is an infinity."""

    operand: Value


@operation("math.isfinite")
class IsFinite(Classify):
    """operand is neither NaN nor an infinity."""

    operand: Value


OPS: tuple[type[Op], ...] = (
    *UNARY.values(),
    Atan2, CopySign, PowF, Hypot, LogAddExp, FloorMod, PolyGamma, FPowI, IPowI, Fma,
    IsNan, IsInf, IsFinite,
)  # fmt: skip
