"""The field of complex numbers, for complex-step differentiation: f'(x) = Im f(x + ih) / h.

Each function is the analytic continuation of the real one around the real axis: comparisons and
branches look at the real part, |x| is x or -x. Where the real function has no derivative the value
follows the language (|x| at 0 has derivative 0, sqrt at 0 has inf). Outside the real domain: NaN.
The special functions go through mpmath with enough digits for a step of 1e-30.
"""

import cmath
import math
import operator
from collections.abc import Callable
from functools import cache
from typing import Any

from dpc.compiler.dialects.numbers_real import RealNumbers, power_by_squaring, wrapped_power

REAL = RealNumbers()
NAN = complex(math.nan, math.nan)
_DIGITS = 60  # twice the 30 decimal places at which the derivative stands, for h = 1e-30


@cache
def _mpmath() -> Any:
    """An mpmath context of our own."""
    # mpmath is a test dependency, absent from an ordinary installation.
    import mpmath

    context = mpmath.mp.clone()
    context.dps = _DIGITS
    return context


def _elementary(
    function: Callable[[complex], complex],
    domain: Callable[[float], bool] | None = None,
    overflow: Callable[[float], float] | None = None,
) -> Any:
    """A function of `cmath` as a method: NaN outside the real domain, `overflow` where too large.

    The derivative of a value that overflowed is inf.
    """

    def method(self: "ComplexNumbers", x: complex) -> complex:
        z = complex(x)
        if z.real != z.real or (domain is not None and not domain(z.real)):
            return NAN
        try:
            return function(z)
        except OverflowError:
            real = overflow(z.real) if overflow else math.inf
            return complex(real, math.inf * z.imag if z.imag else 0.0)
        except ValueError:
            return NAN

    return method


def _locally_constant(function: Callable[[float], float]) -> Any:
    """A step function: its value at the real part, derivative 0."""

    def method(self: "ComplexNumbers", x: complex) -> complex:
        return complex(function(complex(x).real), 0.0)

    return method


def _special(evaluate: Callable[[Any, Any], Any], real: Callable[[float], float]) -> Any:
    """A function through mpmath; the real one where mpmath has no value."""

    def method(self: "ComplexNumbers", x: complex) -> complex:
        z = complex(x)
        if not cmath.isfinite(z):
            return complex(real(z.real), 0.0)
        context = _mpmath()
        try:
            return complex(evaluate(context, context.mpc(z.real, z.imag)))
        except (ValueError, ZeroDivisionError, OverflowError):
            return complex(real(z.real), 0.0)

    return method


def _infinite_slope(value: float, z: complex) -> complex:
    """`value` with derivative +inf."""
    return complex(value, math.copysign(math.inf, z.imag) if z.imag else 0.0)


def _turns(value: float, rest: float, modulus: float) -> float:
    """How often the modulus was taken off; 3.0 / 0.1 rounds to 30 but the rest is that of 29."""
    turns: float = REAL.roundeven(REAL.div(value - rest, modulus))
    return turns


def _lgamma(context: Any, z: Any) -> Any:
    """The continuation of log|gamma(x)|: by reflection on the left, where gamma changes sign."""
    if z.real > 0:
        return context.loggamma(z)
    sine = context.sinpi(z)
    if sine.real < 0:
        sine = -sine
    return context.log(context.pi / sine) - context.loggamma(1 - z)


class ComplexNumbers:
    """Python complex numbers; floats are accepted as their real line."""

    def lift(self, value: float) -> complex:
        return complex(value)

    def add(self, left: complex, right: complex) -> complex:
        return left + right

    def sub(self, left: complex, right: complex) -> complex:
        return left - right

    def mul(self, left: complex, right: complex) -> complex:
        return left * right

    def mulz(self, left: complex, right: complex) -> complex:
        a, b, product = complex(left), complex(right), REAL.mulz
        return complex(
            product(a.real, b.real) - product(a.imag, b.imag),
            product(a.real, b.imag) + product(a.imag, b.real),
        )

    def div(self, left: complex, right: complex) -> complex:
        a, b = complex(left), complex(right)
        if b.real == 0.0:
            quotient = REAL.div(a.real, b.real)
            return complex(quotient, REAL.div(a.imag - quotient * b.imag, b.real))
        return a / b

    def fma(self, a: complex, b: complex, c: complex) -> complex:
        x, y, z = complex(a), complex(b), complex(c)
        real = REAL.fma(x.real, y.real, z.real - x.imag * y.imag)
        return complex(real, x.real * y.imag + x.imag * y.real + z.imag)

    def fmod(self, left: complex, right: complex) -> complex:
        a, b = complex(left), complex(right)
        rest = REAL.fmod(a.real, b.real)
        return complex(rest, a.imag - _turns(a.real, rest, b.real) * b.imag)

    def floormod(self, left: complex, right: complex) -> complex:
        a, b = complex(left), complex(right)
        rest = REAL.floormod(a.real, b.real)
        return complex(rest, a.imag - _turns(a.real, rest, b.real) * b.imag)

    def maximum(self, left: complex, right: complex) -> complex:
        a, b = complex(left), complex(right)
        if a.real != a.real or b.real != b.real:
            return NAN
        return a if a.real >= b.real else b

    def minimum(self, left: complex, right: complex) -> complex:
        a, b = complex(left), complex(right)
        if a.real != a.real or b.real != b.real:
            return NAN
        return a if a.real <= b.real else b

    def compare(self, predicate: str, left: complex, right: complex) -> int:
        return REAL.compare(predicate, complex(left).real, complex(right).real)

    def from_int(self, value: int, width: int) -> complex:
        return complex(REAL.from_int(value, width))

    def to_int(self, value: complex, width: int) -> int:
        return REAL.to_int(complex(value).real, width)

    def round_to(self, value: complex, width: int) -> complex:
        """The value itself: rounding would hide the derivative in noise."""
        return value

    def stop_gradient(self, value: Any) -> Any:
        return complex(value.real, 0.0) if isinstance(value, complex) else value

    def powf(self, left: complex, right: complex) -> complex:
        base, exponent = complex(left), complex(right)
        real = REAL.powf(base.real, exponent.real)
        if base == 0 or not (cmath.isfinite(base) and cmath.isfinite(exponent)):
            return complex(real, 0.0)
        if not math.isfinite(real):
            return complex(real, 0.0)
        if base.real < 0.0:  # an integer exponent, else the power were NaN
            sign = -1.0 if exponent.real % 2.0 else 1.0
            return sign * self._polar_power(-base, complex(exponent.real, 0.0))
        return self._polar_power(base, exponent)

    def _polar_power(self, base: complex, exponent: complex) -> complex:
        """The power through modulus and angle, accurate in both."""
        modulus, angle = abs(base), cmath.phase(base)
        size = REAL.powf(modulus, exponent.real) * REAL.exp(-exponent.imag * angle)
        turn = exponent.imag * math.log(modulus) + exponent.real * angle
        return complex(size * math.cos(turn), size * math.sin(turn))

    def fpowi(self, left: complex, right: int) -> complex:
        if right == 0:
            return complex(1.0)
        power: complex = power_by_squaring(operator.mul, complex(left), abs(right))
        return power if right > 0 else self.div(1.0, power)

    def ipowi(self, left: int, right: int, width: int) -> int:
        return wrapped_power(left, right, width)

    def sqrt(self, x: complex) -> complex:
        z = complex(x)
        if z.real == 0.0:
            return _infinite_slope(z.real, z)
        return cmath.sqrt(z) if z.real > 0.0 else NAN

    def rsqrt(self, x: complex) -> complex:
        z = complex(x)
        return self.div(1.0, self.sqrt(z))

    def cbrt(self, x: complex) -> complex:
        z = complex(x)
        if z.real == 0.0:
            return _infinite_slope(z.real, z)
        if z.real < 0.0:
            return -self.cbrt(-z)
        if math.isinf(z.real):
            return z
        return cmath.rect(math.cbrt(abs(z)), cmath.phase(z) / 3.0)

    def hypot(self, left: complex, right: complex) -> complex:
        a, b = complex(left), complex(right)
        scale = max(abs(a.real), abs(b.real))
        if scale == 0.0 or not math.isfinite(scale):
            return complex(math.hypot(a.real, b.real), 0.0)
        return scale * cmath.sqrt((a / scale) ** 2 + (b / scale) ** 2)

    def exp2(self, x: complex) -> complex:
        z = complex(x)
        return cmath.rect(REAL.exp2(z.real), z.imag * math.log(2.0))

    def expm1(self, x: complex) -> complex:
        z = complex(x)
        grown, half = REAL.expm1(z.real), math.sin(z.imag / 2.0)
        real = grown * math.cos(z.imag) - 2.0 * half * half
        return complex(real, REAL.mulz(math.sin(z.imag), REAL.exp(z.real)))

    def _logarithm(self, x: complex, real: Callable[[float], float], base: float) -> complex:
        z = complex(x)
        if z.real == 0.0:
            return _infinite_slope(-math.inf, z)
        if not z.real > 0.0:
            return NAN
        return complex(real(abs(z)), cmath.phase(z) / base)

    def log(self, x: complex) -> complex:
        return self._logarithm(x, math.log, 1.0)

    def log2(self, x: complex) -> complex:
        return self._logarithm(x, math.log2, math.log(2.0))

    def log10(self, x: complex) -> complex:
        return self._logarithm(x, math.log10, math.log(10.0))

    def log1p(self, x: complex) -> complex:
        z = complex(x)
        if z.real == -1.0:
            return _infinite_slope(-math.inf, z)
        if not z.real > -1.0:
            return NAN
        slope = z.imag / (1.0 + z.real)
        return complex(math.log1p(z.real) + 0.5 * math.log1p(slope * slope), math.atan(slope))

    def sigmoid(self, x: complex) -> complex:
        z = complex(x)
        if z.real >= 0.0:
            return 1.0 / (1.0 + cmath.exp(-z))
        e = cmath.exp(z)
        return e / (1.0 + e)

    def softplus(self, x: complex) -> complex:
        z = complex(x)
        if z.real > 0.0:
            return z + self.log1p(cmath.exp(-z))
        return self.log1p(cmath.exp(z))

    def logaddexp(self, left: complex, right: complex) -> complex:
        a, b = complex(left), complex(right)
        larger, smaller = (a, b) if a.real >= b.real else (b, a)
        if a.real != a.real or b.real != b.real:
            return NAN
        if math.isinf(larger.real) or math.isinf(smaller.real):
            return larger
        return larger + self.log1p(cmath.exp(smaller - larger))

    def atan2(self, y: complex, x: complex) -> complex:
        """The angle at the real parts plus the small complex angle that is left."""
        b, a = complex(y), complex(x)
        angle = math.atan2(b.real, a.real)
        if (b.real == 0.0 and a.real == 0.0) or math.isinf(a.real) or math.isinf(b.real):
            return complex(angle, 0.0)
        cosine, sine = math.cos(angle), math.sin(angle)
        return angle + cmath.atan((b * cosine - a * sine) / (a * cosine + b * sine))

    def atanh(self, x: complex) -> complex:
        z = complex(x)
        if abs(z.real) == 1.0:
            return _infinite_slope(math.copysign(math.inf, z.real), z)
        return cmath.atanh(z) if abs(z.real) < 1.0 else NAN

    def polygamma(self, order: int, x: complex) -> complex:
        if order < 0:
            return NAN
        method = _special(
            lambda context, z: context.psi(order, z), lambda v: REAL.polygamma(order, v)
        )
        result: complex = method(self, x)
        return result

    def absf(self, x: complex) -> complex:
        z = complex(x)
        if z.real == 0.0:
            return complex(0.0)
        return -z if z.real < 0.0 else z

    def copysign(self, left: complex, right: complex) -> complex:
        size = self.absf(left)
        return -size if math.copysign(1.0, complex(right).real) < 0.0 else size

    def isnan(self, x: complex) -> int:
        return REAL.isnan(complex(x).real)

    def isinf(self, x: complex) -> int:
        return REAL.isinf(complex(x).real)

    def isfinite(self, x: complex) -> int:
        return REAL.isfinite(complex(x).real)

    exp = _elementary(cmath.exp)
    sin = _elementary(cmath.sin)
    cos = _elementary(cmath.cos)
    tan = _elementary(cmath.tan)
    asin = _elementary(cmath.asin, lambda x: abs(x) <= 1.0)
    acos = _elementary(cmath.acos, lambda x: abs(x) <= 1.0)
    atan = _elementary(cmath.atan)
    sinh = _elementary(cmath.sinh, overflow=REAL.sinh)
    cosh = _elementary(cmath.cosh)
    tanh = _elementary(cmath.tanh)
    asinh = _elementary(cmath.asinh)
    acosh = _elementary(cmath.acosh, lambda x: x >= 1.0)
    erf = _special(lambda context, z: context.erf(z), math.erf)
    erfc = _special(lambda context, z: context.erfc(z), math.erfc)
    lgamma = _special(_lgamma, REAL.lgamma)
    digamma = _special(lambda context, z: context.psi(0, z), REAL.digamma)
    sign = _locally_constant(REAL.sign)
    floor = _locally_constant(REAL.floor)
    ceil = _locally_constant(REAL.ceil)
    trunc = _locally_constant(REAL.trunc)
    roundeven = _locally_constant(REAL.roundeven)
