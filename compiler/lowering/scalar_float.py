"""Elementwise operations on floats: one builder for each name of the typed tree."""

from collections.abc import Callable

from dpc.compiler.dialects import ad, arith, math
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import FloatType
from dpc.compiler.lowering.scope import Scope

Build = Callable[..., Value]  # (scope, operands...) -> result


def operation(make: Callable[..., Op]) -> Build:
    """The builder that emits one op on the operands."""

    def build(scope: Scope, *operands: Value) -> Value:
        return scope.emit(make(*operands))

    return build


def comparison(predicate: str) -> Build:
    """The builder of a float comparison."""

    def build(scope: Scope, left: Value, right: Value) -> Value:
        return scope.emit(arith.CmpF(predicate, left, right))

    return build


def number(scope: Scope, value: float, like: Value) -> Value:
    """A constant of another value's float type."""
    assert isinstance(like.type, FloatType)
    return scope.constant(float(value), like.type)


def _relu(scope: Scope, x: Value) -> Value:
    """0 where x <= 0, else x: NaN stays, the derivative at 0 is 0."""
    zero = number(scope, 0.0, x)
    return scope.emit(arith.Select(scope.emit(arith.CmpF("ole", x, zero)), zero, x))


def clip_float(scope: Scope, x: Value, low: Value, high: Value) -> Value:
    """min(max(x, low), high); x comes first, so at a bound the derivative is x's."""
    return scope.emit(arith.MinimumF(scope.emit(arith.MaximumF(x, low)), high))


def _floordiv(scope: Scope, x: Value, y: Value) -> Value:
    """Python's float `//`: consistent with `%`, which floor(x / y) is not (1.0 // 0.1 is 9.0)."""
    zero, one = number(scope, 0.0, x), number(scope, 1.0, x)
    emit = scope.emit
    remainder = emit(arith.RemF(x, y))
    quotient = emit(arith.DivF(emit(arith.SubF(x, remainder)), y))
    signs = emit(
        arith.XOrI(
            emit(arith.CmpF("olt", remainder, zero)),
            emit(arith.CmpF("olt", y, zero)),
        )
    )
    below = emit(arith.AndI(emit(arith.CmpF("une", remainder, zero)), signs))
    quotient = emit(arith.Select(below, emit(arith.SubF(quotient, one)), quotient))
    rounded = emit(math.UNARY["roundeven"](quotient))
    # At zero divisors IEEE's x / 0; floor keeps the derivative zero there.
    at_zero = emit(math.UNARY["floor"](emit(arith.DivF(x, y))))
    return emit(arith.Select(emit(arith.CmpF("oeq", y, zero)), at_zero, rounded))


def _where(scope: Scope, condition: Value, then: Value, otherwise: Value) -> Value:
    return scope.emit(arith.Select(condition, then, otherwise))


def _polygamma(scope: Scope, order: Value, x: Value) -> Value:
    return scope.emit(math.PolyGamma(x, order))


def power_by_constant(scope: Scope, x: Value, exponent: int) -> Value:
    """A constant power by repeated squaring, low bits first; a negative one inverts at the end."""
    one = number(scope, 1.0, x)
    if exponent == 0:
        return one
    power = repeated_squaring(scope, arith.MulF, x, abs(exponent))
    return scope.emit(arith.DivF(one, power)) if exponent < 0 else power


def repeated_squaring(
    scope: Scope, multiply: Callable[[Value, Value], Op], x: Value, exponent: int
) -> Value:
    """The power for an exponent > 0, in the order in which `math.fpowi` multiplies."""
    result: Value | None = None
    while exponent:
        if exponent & 1:
            result = x if result is None else scope.emit(multiply(result, x))
        exponent >>= 1
        if exponent:
            x = scope.emit(multiply(x, x))
    assert result is not None
    return result


_BY_MNEMONIC = (
    "exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "rsqrt",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "erf", "erfc", "sigmoid", "softplus", "lgamma", "digamma", "sign", "floor", "ceil",
)  # fmt: skip

FLOAT: dict[str, Build] = {
    **{name: operation(math.UNARY[name]) for name in _BY_MNEMONIC},
    "abs": operation(math.UNARY["absf"]),
    "round": operation(math.UNARY["roundeven"]),
    "relu": _relu,
    "stop_gradient": operation(ad.StopGradient),
    "neg": operation(arith.NegF),
    "add": operation(arith.AddF),
    "sub": operation(arith.SubF),
    "mul": operation(arith.MulF),
    "div": operation(arith.DivF),
    "floordiv": _floordiv,
    "mod": operation(math.FloorMod),
    "pow": operation(math.PowF),
    "min": operation(arith.MinimumF),
    "max": operation(arith.MaximumF),
    "clip": clip_float,
    "where": _where,
    "atan2": operation(math.Atan2),
    "hypot": operation(math.Hypot),
    "copysign": operation(math.CopySign),
    "logaddexp": operation(math.LogAddExp),
    "polygamma": _polygamma,
    "isnan": operation(math.IsNan),
    "isinf": operation(math.IsInf),
    "isfinite": operation(math.IsFinite),
    "lt": comparison("olt"),
    "le": comparison("ole"),
    "gt": comparison("ogt"),
    "ge": comparison("oge"),
    "eq": comparison("oeq"),
    "ne": comparison("une"),
}

__all__ = ["FLOAT", "Build", "operation", "power_by_constant", "repeated_squaring"]
