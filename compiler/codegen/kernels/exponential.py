"""exp, exp2, expm1 and what is made of them.

exp(x) = 2^k e^r with k = round(x / log 2), |r| <= log(2) / 2 and e^r = 1 + (r + r^2 q(r)); the
power of two is applied as two factors, so that results below 2^-1022 are rounded once.
expm1(x) = 2^k (expm1(r) + (1 - 2^-k)).
tanh(x) = m / (m + 2) with m = expm1(2|x|). sinh(x) = h - 1/(4h), cosh(x) = h + 1/(4h) with
h = e^|x| / 2; sinh by its series below 1.
"""

from dpc.compiler.codegen.kernels.coefficients import EXP, EXP2, LOG_2_PARTS, SINH
from dpc.compiler.codegen.kernels.writer import MAGIC, MAGIC_BITS, KernelWriter, Pair

LOG2_E = 1.4426950408889634
OVERFLOW = 711.0  # both e^x and e^x / 2 are infinite here
UNDERFLOW = -746.0  # e^x is 0 here
ONE_BITS = 1023 << 52


def scales(k: KernelWriter, shifted: str, less: int = 0) -> tuple[str, str]:
    """Two powers of two, as bits, whose product is 2^(n - less); `shifted` holds n."""
    total = k.whole("sub", k.bits(shifted), MAGIC_BITS - 2046 + less)
    half = k.whole("lshr", total, 1)
    rest = k.whole("sub", total, half)
    return k.whole("shl", half, 52), k.whole("shl", rest, 52)


def scaled(k: KernelWriter, value: str, powers: tuple[str, str]) -> str:
    """A number of about 1 times both powers of two."""
    first, second = powers
    return k.mul(k.mul(value, k.number(first)), k.number(second))


def reduced(k: KernelWriter, x: str) -> tuple[str, str]:
    """A float that holds n = round(x / log 2) in its low bits, and x - n log 2."""
    shifted = k.fma(x, LOG2_E, MAGIC)
    n = k.sub(shifted, MAGIC)
    r = k.fma(n, -LOG_2_PARTS[0], x)
    return shifted, k.fma(n, -LOG_2_PARTS[1], r)


def small_expm1(k: KernelWriter, r: str) -> str:
    """e^r - 1 for |r| <= log(2) / 2."""
    return k.fma(k.mul(r, r), k.polynomial(r, EXP), r)


def exp(k: KernelWriter, x: str, less: int = 0) -> str:
    """e^x 2^-less."""
    x = k.most(UNDERFLOW, k.least(OVERFLOW, x))
    shifted, r = reduced(k, x)
    return scaled(k, k.add(small_expm1(k, r), 1.0), scales(k, shifted, less))


def exp_of_pair(k: KernelWriter, x: Pair) -> str:
    """e^(x0 + x1), |x1| much smaller than x0 or both infinite."""
    high = k.most(UNDERFLOW, k.least(OVERFLOW, x[0]))
    shifted, r = reduced_pair(k, high, x[1])
    tail = k.fma(k.mul(r[0], r[0]), k.polynomial(r[0], EXP), r[1])
    return scaled(k, k.add(k.add(tail, r[0]), 1.0), scales(k, shifted))


def reduced_pair(k: KernelWriter, high: str, low: str) -> tuple[str, Pair]:
    """A float that holds n in its low bits, and x - n log 2 as a pair."""
    shifted = k.fma(high, LOG2_E, MAGIC)
    n = k.sub(shifted, MAGIC)
    r = k.fma(n, -LOG_2_PARTS[0], high)  # exact
    product, lost = k.two_product(n, -LOG_2_PARTS[1])
    total, rest = k.two_sum(r, product)
    return shifted, k.two_sum(total, k.add(k.add(rest, lost), low))


def exp2(k: KernelWriter, x: str) -> str:
    """2^x."""
    x = k.most(-1077.0, k.least(1026.0, x))
    n, shifted = k.nearest(x)
    r = k.sub(x, n)
    return scaled(k, k.fma(r, k.polynomial(r, EXP2), 1.0), scales(k, shifted))


def expm1(k: KernelWriter, x: str) -> str:
    """e^x - 1."""
    inside = k.most(-40.0, k.least(OVERFLOW, x))
    shifted, r = reduced(k, inside)
    first, second = scales(k, shifted)
    inverses = (k.number(k.whole("sub", 2 * ONE_BITS, power)) for power in (first, second))
    less = k.sub(1.0, k.mul(*inverses))
    return k.copysign(scaled(k, k.add(small_expm1(k, r), less), (first, second)), x)


def tanh(k: KernelWriter, x: str) -> str:
    """The hyperbolic tangent."""
    size = k.least(20.0, k.abs(x))
    shifted, r = reduced(k, k.add(size, size))
    power = k.whole("shl", k.whole("sub", k.bits(shifted), MAGIC_BITS - 1023), 52)
    inverse = k.number(k.whole("sub", 2 * ONE_BITS, power))
    m = k.mul(k.add(small_expm1(k, r), k.sub(1.0, inverse)), k.number(power))
    return k.copysign(k.div(m, k.add(m, 2.0)), x)


def _halves(k: KernelWriter, size: str) -> Pair:
    """e^size / 2 and e^-size / 2, for size >= 0."""
    half = exp(k, size, less=1)
    return half, k.div(0.25, half)


def cosh(k: KernelWriter, x: str) -> str:
    """The hyperbolic cosine."""
    return k.add(*_halves(k, k.abs(x)))


def sinh(k: KernelWriter, x: str) -> str:
    """The hyperbolic sine."""
    size = k.abs(x)
    large = k.sub(*_halves(k, size))
    square = k.mul(size, size)
    small = k.fma(k.mul(size, square), k.polynomial(square, SINH), size)
    return k.copysign(k.select(k.compare("olt", size, 1.0), small, large), x)


def sigmoid(k: KernelWriter, x: str) -> str:
    """1 / (1 + e^-x); e^x / (1 + e^x) below 0."""
    e = exp(k, k.neg(k.abs(x)))
    above = k.select(k.compare("oge", x, 0.0), 1.0, e)
    return k.div(above, k.add(e, 1.0))
