"""log and what is made of it.

log(x) = k log 2 + log(m), m in [sqrt(1/2), sqrt(2)), with f = m - 1 and s = f / (2 + f):
log(m) = 2s + s^3 p(s^2), written as f - (f^2/2 - s (f^2/2 + s^2 p)), whose leading term is exact
(as FreeBSD's e_log.c does it).
`precise` gives log(x) to about 2^-66 as a pair, for powers and for exact decimal logarithms.
"""

from dataclasses import dataclass

from dpc.compiler.codegen.kernels.coefficients import (
    LOG,
    LOG2_E_PARTS,
    LOG10_2_PARTS,
    LOG10_E_PARTS,
    LOG_2_PARTS,
    LOG_PRECISE,
    TWO_THIRDS_PARTS,
)
from dpc.compiler.codegen.kernels.exponential import exp
from dpc.compiler.codegen.kernels.writer import KernelWriter, Pair

ROOT_HALF_BITS = 0x3FE6A09E667F3BCD
ONE_BITS = 1023 << 52
MANTISSA = (1 << 52) - 1
EXPONENT_BITS = 0x4330000000000000  # of 2^52, whose low bits count units
EXPONENT_BIAS = 4503599627371519.0  # 2^52 + 1023
LEAST_NORMAL = 2.2250738585072014e-308
TWO_54 = 18014398509481984.0
INFINITY = float("inf")
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Split:
    """x = 2^exponent (1 + f); `biased` is the exponent + 1023 as an integer."""

    exponent: str
    biased: str
    f: str


def split(k: KernelWriter, x: str, subnormal: bool = True) -> Split:
    """The parts of a positive finite number; `subnormal`: it may be below 2^-1022."""
    small = ""
    if subnormal:
        small = k.compare("olt", x, LEAST_NORMAL)
        x = k.select(small, k.mul(x, TWO_54), x)
    raised = k.whole("add", k.bits(x), ONE_BITS - ROOT_HALF_BITS)
    biased = k.whole("lshr", raised, 52)
    mantissa = k.whole("add", k.whole("and", raised, MANTISSA), ROOT_HALF_BITS)
    counted = k.number(k.whole("or", biased, EXPONENT_BITS))
    bias: str | float = EXPONENT_BIAS
    if subnormal:
        bias = k.select(small, EXPONENT_BIAS + 54.0, EXPONENT_BIAS)
    return Split(k.sub(counted, bias), biased, k.sub(k.number(mantissa), 1.0))


def special(k: KernelWriter, x: str, result: str) -> str:
    """The result for a positive finite x; -inf at 0, NaN below it, inf and NaN as they are."""
    outside = k.select(k.compare("oeq", x, 0.0), -INFINITY, NAN)
    result = k.select(k.compare("ogt", x, 0.0), result, outside)
    return k.select(k.compare("oeq", x, INFINITY), INFINITY, result)


def _tail(k: KernelWriter, f: str) -> tuple[str, str, str]:
    """s, f^2/2, and s (f^2/2 + s^2 p(s^2))."""
    s = k.div(f, k.add(f, 2.0))
    z = k.mul(s, s)
    half_square = k.mul(k.mul(f, 0.5), f)
    return s, half_square, k.mul(s, k.fma(z, k.polynomial(z, LOG), half_square))


def log(k: KernelWriter, x: str) -> str:
    """The natural logarithm."""
    parts = split(k, x)
    _, half_square, tail = _tail(k, parts.f)
    low = k.fma(parts.exponent, LOG_2_PARTS[1], tail)
    rest = k.sub(parts.f, k.sub(half_square, low))
    return special(k, x, k.fma(parts.exponent, LOG_2_PARTS[0], rest))


def log1p(k: KernelWriter, x: str) -> str:
    """log(1 + x): that of the rounded sum, corrected by its rounding error over the sum."""
    total, lost = k.two_sum(1.0, x)
    parts = split(k, total, subnormal=False)
    s, half_square, tail = _tail(k, parts.f)
    # 1 / (1 + f) = (1 - s) / (1 + s), of which two or three digits suffice.
    inverse = k.fma(k.fma(s, 2.0, -2.0), s, 1.0)
    unit = k.number(k.whole("shl", k.whole("sub", 2046, parts.biased), 52))
    correction = k.mul(k.mul(lost, unit), inverse)
    low = k.add(k.fma(parts.exponent, LOG_2_PARTS[1], tail), correction)
    rest = k.sub(parts.f, k.sub(half_square, low))
    result = special(k, total, k.fma(parts.exponent, LOG_2_PARTS[0], rest))
    return k.select(k.compare("olt", k.abs(x), 1e-17), x, result)


def precise(k: KernelWriter, parts: Split) -> Pair:
    """log(1 + f) as a pair."""
    f = parts.f
    divisor = k.fast_two_sum(2.0, f)
    inverse = k.div(1.0, divisor[0])
    s = k.mul(f, inverse)
    product = k.two_product(s, divisor[0])
    rest = k.sub(k.sub(k.sub(f, product[0]), product[1]), k.mul(s, divisor[1]))
    quotient = k.fast_two_sum(s, k.mul(rest, inverse))
    square = k.product(quotient, quotient)
    second = k.mul(square[0], k.polynomial(square[0], LOG_PRECISE))
    factor = k.fast_two_sum(TWO_THIRDS_PARTS[0], second)
    factor = (factor[0], k.add(factor[1], TWO_THIRDS_PARTS[1]))
    cube = k.product(quotient, square)
    high, low = k.product(cube, factor)
    total, lost = k.fast_two_sum(k.mul(quotient[0], 2.0), high)
    return k.fast_two_sum(total, k.add(lost, k.fma(quotient[1], 2.0, low)))


def precise_log(k: KernelWriter, x: str) -> Pair:
    """log(x) of a positive finite number as a pair."""
    parts = split(k, x)
    return _plus_multiple(k, precise(k, parts), parts.exponent, LOG_2_PARTS[:2])


def _plus_multiple(k: KernelWriter, x: Pair, n: str, unit: tuple[float, ...]) -> Pair:
    """x + n unit; n times the first part of the unit is exact."""
    total, lost = k.two_sum(k.mul(n, unit[0]), x[0])
    return k.fast_two_sum(total, k.add(lost, k.fma(n, unit[1], x[1])))


def log2(k: KernelWriter, x: str) -> str:
    """The logarithm to base 2, exact for powers of two."""
    parts = split(k, x)
    scaled = k.product(
        precise(k, parts), (k.constant(LOG2_E_PARTS[0]), k.constant(LOG2_E_PARTS[1]))
    )
    total, lost = k.two_sum(parts.exponent, scaled[0])
    return special(k, x, k.add(total, k.add(lost, scaled[1])))


def log10(k: KernelWriter, x: str) -> str:
    """The logarithm to base 10, exact for powers of ten."""
    parts = split(k, x)
    unit = (k.constant(LOG10_E_PARTS[0]), k.constant(LOG10_E_PARTS[1]))
    scaled = k.product(precise(k, parts), unit)
    total = _plus_multiple(k, scaled, parts.exponent, LOG10_2_PARTS)
    return special(k, x, k.add(*total))


def softplus(k: KernelWriter, x: str) -> str:
    """log(1 + e^x) = max(x, 0) + log1p(e^-|x|)."""
    ramp = k.select(k.compare("olt", x, 0.0), 0.0, x)
    return k.add(ramp, log1p(k, exp(k, k.neg(k.abs(x)))))


def logaddexp(k: KernelWriter, a: str, b: str) -> str:
    """log(e^a + e^b) = max(a, b) + log1p(e^-|a-b|); where a = b, a + log 2, infinities too."""
    e = exp(k, k.neg(k.abs(k.sub(a, b))))
    larger = k.select(k.compare("ogt", a, b), a, b)
    general = k.add(larger, log1p(k, e))
    return k.select(k.compare("oeq", a, b), k.add(a, 0.6931471805599453), general)
