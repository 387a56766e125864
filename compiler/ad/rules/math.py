"""Derivatives of `math`.

Where a partial would be inf - inf, 0/0 or 0*inf at a point the language defines, a select puts a
harmless operand in and the defined value out; the branch not taken contributes nothing.
"""

from math import inf, log, pi, sqrt

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.rules.vocabulary import (
    Operation,
    Rules,
    partials,
    partials_from_result,
    zero_derivative,
)
from dpc.compiler.dialects import arith
from dpc.compiler.dialects import math as mathd
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import I64, ScalarType


def _integer(emit: Emit, value: int, type_: ScalarType) -> Value:
    return emit.emit(arith.Constant(value, type_))


def _one_minus_square(emit: Emit, x: Value) -> Value:
    """(1 - x)(1 + x): exact factors near 1, no overflow."""
    one = emit.constant(1.0, x.type)
    return emit.mulf(emit.subf(one, x), emit.addf(one, x))


def _square(emit: Emit, x: Value) -> Value:
    return emit.mulf(x, x)


def _cbrt(emit: Emit, op: Operation) -> Value:
    """z = x^(1/3): z' = 1 / 3z^2; +inf at 0."""
    return emit.reciprocal(emit.scaled(3.0, _square(emit, op.result)))


def _rsqrt(emit: Emit, op: Operation) -> Value:
    """z = x^(-1/2): z' = -z / 2x."""
    return emit.scaled(-0.5, emit.divf(op.result, op.operand))


def _tan(emit: Emit, op: Operation) -> Value:
    """z = tan x: z' = 1 + z^2."""
    return emit.plus(_square(emit, op.result), 1.0)


def _asin(emit: Emit, op: Operation) -> Value:
    """z = asin x: z' = 1 / sqrt((1 - x)(1 + x)); +inf at both ends."""
    return emit.reciprocal(emit.math("sqrt", _one_minus_square(emit, op.operand)))


def _atan(emit: Emit, op: Operation) -> Value:
    """z = atan x: z' = 1 / (1 + x^2)."""
    return emit.reciprocal(emit.plus(_square(emit, op.operand), 1.0))


def _tanh(emit: Emit, op: Operation) -> Value:
    """z = tanh x: z' = (1 / cosh x)^2; 1 - z^2 would cancel for large x."""
    return _square(emit, emit.reciprocal(emit.math("cosh", op.operand)))


def _asinh(emit: Emit, op: Operation) -> Value:
    """z = asinh x: z' = 1 / hypot(1, x), which does not overflow."""
    one = emit.constant(1.0, op.operand.type)
    return emit.reciprocal(emit.math("hypot", one, op.operand))


def _acosh(emit: Emit, op: Operation) -> Value:
    """z = acosh x: z' = 1 / (sqrt(x - 1) sqrt(x + 1)); +inf at 1."""
    left = emit.math("sqrt", emit.plus(op.operand, -1.0))
    right = emit.math("sqrt", emit.plus(op.operand, 1.0))
    return emit.reciprocal(emit.mulf(left, right))


def _atanh(emit: Emit, op: Operation) -> Value:
    """z = atanh x: z' = 1 / ((1 - x)(1 + x))."""
    return emit.reciprocal(_one_minus_square(emit, op.operand))


def _gauss(emit: Emit, x: Value) -> Value:
    """2/sqrt(pi) exp(-x^2)."""
    return emit.scaled(2.0 / sqrt(pi), emit.math("exp", emit.negf(_square(emit, x))))


def _sigmoid(emit: Emit, op: Operation) -> Value:
    """z = s(x): z' = s(x) s(-x); 1 - s(x) would cancel for large x."""
    return emit.mulf(op.result, emit.math("sigmoid", emit.negf(op.operand)))


def _polygamma(emit: Emit, op: Operation) -> Value:
    """z = psi_k(x): z' = psi_(k+1)(x)."""
    one = _integer(emit, 1, op.order.type)
    return emit.math("polygamma", op.x, emit.addi(op.order, one))


def _trigamma(emit: Emit, op: Operation) -> Value:
    """z = psi(x): z' = psi_1(x)."""
    return emit.math("polygamma", op.operand, _integer(emit, 1, I64))


def _over_radius_squared(emit: Emit, op: Operation, numerator: Value) -> Value:
    """numerator / (x^2 + y^2), without overflow; 0 at the origin and at infinity."""
    zero, one = emit.constant(0.0, numerator.type), emit.constant(1.0, numerator.type)
    radius = emit.math("hypot", op.lhs, op.rhs)
    infinite = emit.compare("oeq", radius, emit.constant(inf, radius.type))
    singular = emit.either(emit.compare("oeq", radius, zero), infinite)
    safe = emit.select(singular, one, radius)
    return emit.select(singular, zero, emit.divf(emit.divf(numerator, safe), safe))


def _over_radius(emit: Emit, op: Operation, numerator: Value) -> Value:
    """z = hypot(x, y): dz/dx = x/z; 0 at the origin."""
    zero, one = emit.constant(0.0, numerator.type), emit.constant(1.0, numerator.type)
    origin = emit.compare("oeq", op.result, zero)
    safe = emit.select(origin, one, op.result)
    return emit.select(origin, zero, emit.divf(numerator, safe))


def _pow_base(emit: Emit, op: Operation) -> Value:
    """z = x^y: dz/dx = y (*) x^(y-1): 0 for y = 0, also at x = 0.

    The strong product keeps the mixed derivative d/dy (y x^(y-1)) = x^(y-1) + ... right at y = 0.
    """
    return emit.mulz(op.rhs, emit.math("powf", op.lhs, emit.plus(op.rhs, -1.0)))


def _pow_exponent(emit: Emit, op: Operation) -> Value:
    """z = x^y: dz/dy = z log x; 0 for x <= 0."""
    zero, one = emit.constant(0.0, op.lhs.type), emit.constant(1.0, op.lhs.type)
    safe = emit.select(emit.compare("ole", op.lhs, zero), one, op.lhs)
    return emit.mulz(emit.math("log", safe), op.result)


def _fpowi(emit: Emit, op: Operation) -> Value:
    """z = x^k: z' = k x^(k-1); 0 for k = 0, where x^0 stands in for x^(-1)."""
    zero, one = _integer(emit, 0, op.rhs.type), _integer(emit, 1, op.rhs.type)
    is_zero = emit.emit(arith.CmpI("eq", op.rhs, zero))
    exponent = emit.select(is_zero, zero, emit.subi(op.rhs, one))
    factor = emit.emit(arith.SIToFP(op.rhs, op.lhs.type))
    return emit.mulf(factor, emit.math("fpowi", op.lhs, exponent))


def _share(emit: Emit, op: Operation, own: Value, other: Value) -> Value:
    """z = log(e^x + e^y): dz/dx = s(x - y), which does not cancel as e^(x - z) would.

    Where both are +inf the share is 1/2; where both are -inf it is 0.
    """
    zero, limit = emit.constant(0.0, own.type), emit.constant(inf, own.type)
    equal = emit.compare("oeq", own, other)
    infinite = emit.compare("oeq", emit.math("absf", own), limit)
    both = emit.emit(arith.AndI(equal, infinite))
    difference = emit.select(both, zero, emit.subf(own, other))
    nothing = emit.compare("oeq", op.result, emit.constant(-inf, own.type))
    return emit.select(nothing, zero, emit.math("sigmoid", difference))


def _floormod_divisor(emit: Emit, op: Operation) -> Value:
    """z = x mod y: dz/dy = -floor(x/y)."""
    return emit.negf(emit.math("floor", emit.divf(op.lhs, op.rhs)))


def _copysign(emit: Emit, op: Operation) -> Value:
    """z = |x| sign(y): dz/dx = sign(x) sign(y), with the sign of a zero y counting."""
    one = emit.constant(1.0, op.lhs.type)
    return emit.mulf(emit.math("sign", op.lhs), emit.math("copysign", one, op.rhs))


_U = mathd.UNARY
RULES: Rules = {
    _U["exp"]: partials_from_result(lambda e, op: op.result),
    # expm1 x + 1 would cancel for very negative x
    _U["expm1"]: partials(lambda e, op: e.math("exp", op.operand)),
    _U["exp2"]: partials_from_result(lambda e, op: e.scaled(log(2.0), op.result)),
    _U["log"]: partials(lambda e, op: e.reciprocal(op.operand)),
    _U["log1p"]: partials(lambda e, op: e.reciprocal(e.plus(op.operand, 1.0))),
    _U["log2"]: partials(lambda e, op: e.reciprocal(e.scaled(log(2.0), op.operand))),
    _U["log10"]: partials(lambda e, op: e.reciprocal(e.scaled(log(10.0), op.operand))),
    # 1/(2z): +inf at 0
    _U["sqrt"]: partials_from_result(
        lambda e, op: e.divf(e.constant(0.5, op.result.type), op.result)
    ),
    _U["cbrt"]: partials_from_result(_cbrt),
    _U["rsqrt"]: partials_from_result(_rsqrt),
    _U["sin"]: partials(lambda e, op: e.math("cos", op.operand)),
    _U["cos"]: partials(lambda e, op: e.negf(e.math("sin", op.operand))),
    _U["tan"]: partials_from_result(_tan),
    _U["asin"]: partials(_asin),
    _U["acos"]: partials(lambda e, op: e.negf(_asin(e, op))),
    _U["atan"]: partials(_atan),
    _U["sinh"]: partials(lambda e, op: e.math("cosh", op.operand)),
    _U["cosh"]: partials(lambda e, op: e.math("sinh", op.operand)),
    _U["tanh"]: partials(_tanh),
    _U["asinh"]: partials(_asinh),
    _U["acosh"]: partials(_acosh),
    _U["atanh"]: partials(_atanh),
    _U["erf"]: partials(lambda e, op: _gauss(e, op.operand)),
    _U["erfc"]: partials(lambda e, op: e.negf(_gauss(e, op.operand))),
    _U["absf"]: partials(lambda e, op: e.math("sign", op.operand)),  # 0 at 0
    _U["floor"]: zero_derivative(),
    _U["ceil"]: zero_derivative(),
    _U["roundeven"]: zero_derivative(),
    _U["trunc"]: zero_derivative(),
    _U["sign"]: zero_derivative(),
    _U["sigmoid"]: partials_from_result(_sigmoid),
    _U["softplus"]: partials(lambda e, op: e.math("sigmoid", op.operand)),
    _U["lgamma"]: partials(lambda e, op: e.math("digamma", op.operand)),
    _U["digamma"]: partials(_trigamma),
    mathd.PolyGamma: partials(_polygamma),
    # z = angle of (x, y) = (rhs, lhs): dz/dy = x/r^2, dz/dx = -y/r^2
    mathd.Atan2: partials(
        lambda e, op: _over_radius_squared(e, op, op.rhs),
        lambda e, op: e.negf(_over_radius_squared(e, op, op.lhs)),
    ),
    mathd.Hypot: partials_from_result(
        lambda e, op: _over_radius(e, op, op.lhs), lambda e, op: _over_radius(e, op, op.rhs)
    ),
    mathd.PowF: partials_from_result(_pow_base, _pow_exponent),
    mathd.FPowI: partials(_fpowi),
    mathd.IPowI: zero_derivative(),
    mathd.LogAddExp: partials_from_result(
        lambda e, op: _share(e, op, op.lhs, op.rhs), lambda e, op: _share(e, op, op.rhs, op.lhs)
    ),
    mathd.FloorMod: partials(1, _floormod_divisor),
    mathd.CopySign: partials(_copysign),
    # z = a*b + c
    mathd.Fma: partials(lambda e, op: op.b, lambda e, op: op.a, 1),
    mathd.IsNan: zero_derivative(),
    mathd.IsInf: zero_derivative(),
    mathd.IsFinite: zero_derivative(),
}
