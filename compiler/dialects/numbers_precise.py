"""The field of real numbers with many digits (mpmath): the oracle for accuracy.

There is no negative zero and no overflow here; infinities and NaN are mpmath's.
"""

import operator
from collections.abc import Callable
from typing import Any

import mpmath

from dpc.compiler.dialects.numbers_real import COMPARISONS, power_by_squaring, wrapped_power


def _through(name: str) -> Any:
    """A function of the mpmath context as a method; NaN where it raises or leaves the reals."""

    def method(self: "PreciseNumbers", x: Any) -> Any:
        return self.real(getattr(self.context, name), x)

    return method


class PreciseNumbers:
    """mpmath floats of a given number of decimal digits; Python floats are taken as exact."""

    def __init__(self, digits: int) -> None:
        self.context = mpmath.mp.clone()
        self.context.dps = digits

    def lift(self, value: Any) -> Any:
        return self.context.mpf(value)

    def real(self, function: Callable[..., Any], *operands: Any) -> Any:
        """A function's value at real operands, NaN for none."""
        try:
            value = function(*(self.context.mpf(x) for x in operands))
        except (ValueError, ZeroDivisionError, TypeError):
            return self.context.nan
        if isinstance(value, self.context.mpc):
            return self.context.nan
        return self.context.mpf(value)

    def add(self, left: Any, right: Any) -> Any:
        return self.real(operator.add, left, right)

    def sub(self, left: Any, right: Any) -> Any:
        return self.real(operator.sub, left, right)

    def mul(self, left: Any, right: Any) -> Any:
        return self.real(operator.mul, left, right)

    def mulz(self, left: Any, right: Any) -> Any:
        return self.lift(0) if left == 0 or right == 0 else self.mul(left, right)

    def div(self, left: Any, right: Any) -> Any:
        if right == 0:
            return self.sign(left) * self.context.inf
        return self.real(operator.truediv, left, right)

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        return self.add(self.mul(a, b), c)

    def fmod(self, left: Any, right: Any) -> Any:
        rest = self.real(self.context.fmod, abs(left), abs(right))
        return -rest if left < 0 else rest

    def floormod(self, left: Any, right: Any) -> Any:
        rest = self.fmod(left, right)
        return rest + right if rest and (rest < 0) != (right < 0) else rest

    def maximum(self, left: Any, right: Any) -> Any:
        if left != left or right != right:
            return self.context.nan
        return left if left >= right else right

    def minimum(self, left: Any, right: Any) -> Any:
        if left != left or right != right:
            return self.context.nan
        return left if left <= right else right

    def compare(self, predicate: str, left: Any, right: Any) -> int:
        return int(COMPARISONS[predicate](left, right))

    def from_int(self, value: int, width: int) -> Any:
        return self.lift(value)

    def to_int(self, value: Any, width: int) -> int:
        limit = 1 << (width - 1)
        if self.isfinite(value) and -limit <= (whole := int(value)) < limit:
            return whole
        return -limit

    def round_to(self, value: Any, width: int) -> Any:
        """The value itself: this field has one precision."""
        return value

    def stop_gradient(self, value: Any) -> Any:
        return value

    def powf(self, left: Any, right: Any) -> Any:
        if left == 0 and right < 0:
            return self.context.inf
        return self.real(self.context.power, left, right)

    def fpowi(self, left: Any, right: int) -> Any:
        if right == 0:
            return self.lift(1)
        power = power_by_squaring(self.mul, self.lift(left), abs(right))
        return power if right > 0 else self.div(1, power)

    def ipowi(self, left: int, right: int, width: int) -> int:
        return wrapped_power(left, right, width)

    def rsqrt(self, x: Any) -> Any:
        return self.div(1, self.sqrt(x))

    def cbrt(self, x: Any) -> Any:
        return self.sign(x) * self.real(self.context.cbrt, abs(x))

    def hypot(self, left: Any, right: Any) -> Any:
        return self.real(self.context.hypot, left, right)

    def exp2(self, x: Any) -> Any:
        return self.real(self.context.power, 2, x)

    def log2(self, x: Any) -> Any:
        return self.real(lambda v: self.context.log(v, 2), x)

    def sigmoid(self, x: Any) -> Any:
        return self.div(1, 1 + self.exp(-self.lift(x)))

    def softplus(self, x: Any) -> Any:
        return self.maximum(self.lift(x), self.lift(0)) + self.log1p(self.exp(-abs(x)))

    def logaddexp(self, left: Any, right: Any) -> Any:
        larger = self.maximum(left, right)
        if not self.isfinite(larger):
            return larger
        return larger + self.log1p(self.exp(-abs(self.sub(left, right))))

    def atan2(self, y: Any, x: Any) -> Any:
        return self.real(self.context.atan2, y, x)

    def lgamma(self, x: Any) -> Any:
        if x <= 0 and self.floor(x) == x:
            return self.context.inf
        if x < 0:
            sine = abs(self.context.sinpi(x))
            return self.context.log(self.context.pi / sine) - self.lgamma(1 - x)
        return self.real(self.context.loggamma, x)

    def digamma(self, x: Any) -> Any:
        return self.real(self.context.digamma, x)

    def polygamma(self, order: int, x: Any) -> Any:
        if order < 0:
            return self.context.nan
        return self.real(lambda v: self.context.psi(order, v), x)

    def absf(self, x: Any) -> Any:
        return self.lift(abs(x))

    def copysign(self, left: Any, right: Any) -> Any:
        return -self.absf(left) if right < 0 else self.absf(left)

    def trunc(self, x: Any) -> Any:
        return self.ceil(x) if x < 0 else self.floor(x)

    def isnan(self, x: Any) -> int:
        return int(self.context.isnan(x))

    def isinf(self, x: Any) -> int:
        return int(self.context.isinf(x))

    def isfinite(self, x: Any) -> int:
        return int(self.context.isfinite(x))

    sqrt = _through("sqrt")
    exp = _through("exp")
    expm1 = _through("expm1")
    log = _through("log")
    log1p = _through("log1p")
    log10 = _through("log10")
    sin = _through("sin")
    cos = _through("cos")
    tan = _through("tan")
    asin = _through("asin")
    acos = _through("acos")
    atan = _through("atan")
    sinh = _through("sinh")
    cosh = _through("cosh")
    tanh = _through("tanh")
    asinh = _through("asinh")
    acosh = _through("acosh")
    atanh = _through("atanh")
    erf = _through("erf")
    erfc = _through("erfc")
    sign = _through("sign")
    floor = _through("floor")
    ceil = _through("ceil")
    roundeven = _through("nint")
