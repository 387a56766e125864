"""The field of real numbers: Python floats with the results of C's mathematics library.

Where Python's `math` raises, C returns: poles give infinities, domain errors NaN, overflow inf.
"""

import math
import operator
import struct
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from dpc.compiler.dialects import special_functions

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "oeq": operator.eq,
    "ogt": operator.gt,
    "oge": operator.ge,
    "olt": operator.lt,
    "ole": operator.le,
    "une": operator.ne,
}


def power_by_squaring(multiply: Callable[[Any, Any], Any], base: Any, exponent: int) -> Any:
    """The power for exponent >= 1, squaring from the least significant bit."""
    result = None
    while True:
        if exponent & 1:
            result = base if result is None else multiply(result, base)
        exponent >>= 1
        if not exponent:
            return result
        base = multiply(base, base)


def wrapped_power(base: int, exponent: int, width: int) -> int:
    """Integer base ** exponent modulo 2^width as a signed integer; 0 for a negative exponent."""
    if exponent < 0:
        return 0
    value = pow(base, exponent, 1 << width)
    return value - (1 << width) if value >> (width - 1) else value


def _total(
    function: Callable[[float], float], overflow: float = math.inf, pole: float | None = None
) -> Any:
    """A function of `math` as a method that returns where `function` raises.

    A domain error gives NaN, at the argument `pole` -inf; overflow gives `overflow`.
    """

    def method(self: "RealNumbers", x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return overflow
        except ValueError:
            return -math.inf if x == pole else math.nan

    return method


def _rounding(function: Callable[[float], int]) -> Any:
    """A function to the integers as a method that keeps infinities, NaN and the sign of zero."""

    def method(self: "RealNumbers", x: float) -> float:
        return math.copysign(float(function(x)), x) if math.isfinite(x) else x

    return method


class RealNumbers:
    """Python floats, IEEE 754 double precision."""

    def lift(self, value: float) -> float:
        return float(value)

    def add(self, left: float, right: float) -> float:
        return left + right

    def sub(self, left: float, right: float) -> float:
        return left - right

    def mul(self, left: float, right: float) -> float:
        return left * right

    def mulz(self, left: float, right: float) -> float:
        return 0.0 if left == 0.0 or right == 0.0 else left * right

    def div(self, left: float, right: float) -> float:
        if right != 0.0:
            return left / right
        if left == 0.0 or math.isnan(left):
            return math.nan
        return math.copysign(math.inf, left) * math.copysign(1.0, right)

    def fma(self, a: float, b: float, c: float) -> float:
        if not (math.isfinite(a) and math.isfinite(b)):
            return a * b + c
        if not math.isfinite(c):
            return c  # a * b is finite, though it may not round to a finite number
        exact = Fraction(a) * Fraction(b) + Fraction(c)
        if not exact:
            return a * b + c  # only the sign of zero is left to decide
        try:
            return float(exact)
        except OverflowError:
            return math.inf if exact > 0 else -math.inf

    def fmod(self, left: float, right: float) -> float:
        try:
            return math.fmod(left, right)
        except ValueError:
            return math.nan

    def floormod(self, left: float, right: float) -> float:
        return left % right if right != 0.0 else math.nan

    def maximum(self, left: float, right: float) -> float:
        if math.isnan(left) or math.isnan(right):
            return math.nan
        if left == right:
            return right if math.copysign(1.0, left) < 0.0 else left
        return left if left > right else right

    def minimum(self, left: float, right: float) -> float:
        if math.isnan(left) or math.isnan(right):
            return math.nan
        if left == right:
            return left if math.copysign(1.0, left) < 0.0 else right
        return left if left < right else right

    def compare(self, predicate: str, left: float, right: float) -> int:
        return int(COMPARISONS[predicate](left, right))

    def from_int(self, value: int, width: int) -> float:
        if width == 32 and abs(value) >> 53:
            # A sticky bit in place of the low bits, so that rounding twice equals rounding once.
            magnitude = abs(value)
            magnitude = (magnitude & ~0x7FF) | (0x800 if magnitude & 0x7FF else 0)
            value = magnitude if value > 0 else -magnitude
        return self.round_to(float(value), width)

    def to_int(self, value: float, width: int) -> int:
        limit = 1 << (width - 1)
        if math.isfinite(value) and -limit <= (whole := math.trunc(value)) < limit:
            return whole
        return -limit

    def round_to(self, value: float, width: int) -> float:
        if width == 64 or not math.isfinite(value):
            return value
        try:
            (rounded,) = struct.unpack("f", struct.pack("f", value))
        except OverflowError:
            return math.copysign(math.inf, value)
        return float(rounded)

    def stop_gradient(self, value: Any) -> Any:
        return value

    def powf(self, left: float, right: float) -> float:
        odd = right % 2.0 == 1.0 if math.isfinite(right) else False
        try:
            return math.pow(left, right)
        except OverflowError:
            return -math.inf if left < 0.0 and odd else math.inf
        except ValueError:
            if left == 0.0:
                return math.copysign(math.inf, left) if odd else math.inf
            return math.nan

    def fpowi(self, left: float, right: int) -> float:
        if right == 0:
            return 1.0
        power: float = power_by_squaring(operator.mul, left, abs(right))
        return power if right > 0 else self.div(1.0, power)

    def ipowi(self, left: int, right: int, width: int) -> int:
        return wrapped_power(left, right, width)

    def rsqrt(self, x: float) -> float:
        return self.div(1.0, self.sqrt(x))

    def hypot(self, left: float, right: float) -> float:
        return math.hypot(left, right)

    def sigmoid(self, x: float) -> float:
        if x >= 0.0:
            return 1.0 / (1.0 + math.exp(-x))
        e = math.exp(x)
        return e / (1.0 + e)

    def softplus(self, x: float) -> float:
        return max(x, 0.0) + math.log1p(math.exp(-abs(x))) if x == x else x

    def logaddexp(self, left: float, right: float) -> float:
        larger = self.maximum(left, right)
        if not math.isfinite(larger):
            return larger
        return larger + math.log1p(math.exp(-abs(left - right)))

    def sinh(self, x: float) -> float:
        try:
            return math.sinh(x)
        except OverflowError:
            return math.copysign(math.inf, x)

    def atanh(self, x: float) -> float:
        if abs(x) < 1.0:
            return math.atanh(x)
        return math.copysign(math.inf, x) if abs(x) == 1.0 else math.nan

    def atan2(self, y: float, x: float) -> float:
        return math.atan2(y, x)

    def lgamma(self, x: float) -> float:
        try:
            return math.lgamma(x)
        except (OverflowError, ValueError):
            return math.inf

    def digamma(self, x: float) -> float:
        return special_functions.digamma(x)

    def polygamma(self, order: int, x: float) -> float:
        return special_functions.polygamma(order, x)

    def sign(self, x: float) -> float:
        if x > 0.0:
            return 1.0
        return -1.0 if x < 0.0 else x

    def copysign(self, left: float, right: float) -> float:
        return math.copysign(left, right)

    def absf(self, x: float) -> float:
        return math.fabs(x)

    def isnan(self, x: float) -> int:
        return int(math.isnan(x))

    def isinf(self, x: float) -> int:
        return int(math.isinf(x))

    def isfinite(self, x: float) -> int:
        return int(math.isfinite(x))

    sqrt = _total(math.sqrt)
    cbrt = _total(math.cbrt)
    exp = _total(math.exp)
    exp2 = _total(math.exp2)
    expm1 = _total(math.expm1)
    log = _total(math.log, pole=0.0)
    log1p = _total(math.log1p, pole=-1.0)
    log2 = _total(math.log2, pole=0.0)
    log10 = _total(math.log10, pole=0.0)
    sin = _total(math.sin)
    cos = _total(math.cos)
    tan = _total(math.tan)
    asin = _total(math.asin)
    acos = _total(math.acos)
    atan = _total(math.atan)
    cosh = _total(math.cosh)
    tanh = _total(math.tanh)
    asinh = _total(math.asinh)
    acosh = _total(math.acosh)
    erf = _total(math.erf)
    erfc = _total(math.erfc)
    floor = _rounding(math.floor)
    ceil = _rounding(math.ceil)
    trunc = _rounding(math.trunc)
    roundeven = _rounding(round)
