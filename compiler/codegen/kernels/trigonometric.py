"""sin, cos and tan.

x = n pi/2 + r with r as a pair. With a fused multiply-add pi/2 has three parts of 53 bits, and the
first difference is exact below LIMIT, because n is within 1 of x / (pi/2); without one the parts
have 30 bits, so that their products with n are exact below SHORT_LIMIT. Larger numbers (and
infinities) are for C's library, which `far` says.
sin r = r + r^3 S(r^2), cos r = 1 - r^2/2 + r^4 C(r^2); the quadrant says which one, and the sign.
"""

from dpc.compiler.codegen.kernels.coefficients import (
    COS,
    HALF_PI_PARTS,
    HALF_PI_SHORT_PARTS,
    SIN,
)
from dpc.compiler.codegen.kernels.writer import MAGIC, KernelWriter, Pair

TWO_OVER_PI = 0.6366197723675814
LIMIT = 2.0**44
SHORT_LIMIT = 2.0**22


def far(k: KernelWriter, x: str) -> str:
    """Whether the argument is too large for the reduction."""
    return k.compare("oge", k.abs(x), LIMIT if k.fuses else SHORT_LIMIT)


def _reduced(k: KernelWriter, x: str) -> tuple[str, Pair]:
    """The number of quarter turns in the low bits of an integer, and the rest."""
    shifted = k.fma(x, TWO_OVER_PI, MAGIC)
    n = k.sub(shifted, MAGIC)
    parts = HALF_PI_PARTS if k.fuses else HALF_PI_SHORT_PARTS
    high = k.fma(n, -parts[0], x)
    low: str | float = 0.0
    for part in parts[1:-1]:
        product, lost = k.two_product(n, -part) if k.fuses else (k.mul(n, -part), "")
        high, rest = k.two_sum(high, product)
        low = rest if low == 0.0 else k.add(low, rest)
        low = k.add(low, lost) if lost else low
    low = k.fma(n, -parts[-1], low)
    return k.bits(shifted), k.fast_two_sum(high, low)


def _sine(k: KernelWriter, r: Pair, square: str) -> str:
    """sin(r0 + r1) = r0 + (r0^3 S + r1 (1 - r0^2 / 2))."""
    cube = k.mul(k.mul(square, r[0]), k.polynomial(square, SIN))
    turned = k.fma(k.mul(square, -0.5), r[1], r[1])
    return k.add(r[0], k.add(cube, turned))


def _cosine(k: KernelWriter, r: Pair, square: str) -> str:
    """cos(r0 + r1) = w + ((1 - w - r0^2 / 2) + (r0^4 C - r0 r1)), w = 1 - r0^2 / 2 rounded."""
    half = k.mul(square, 0.5)
    most = k.sub(1.0, half)
    lost = k.sub(k.sub(1.0, most), half)
    fourth = k.mul(k.mul(square, square), k.polynomial(square, COS))
    return k.add(most, k.add(lost, k.sub(fourth, k.mul(r[0], r[1]))))


def _both(k: KernelWriter, x: str) -> tuple[str, str, str]:
    """The quarter turns, and sine and cosine of the rest."""
    turns, r = _reduced(k, x)
    square = k.mul(r[0], r[0])
    return turns, _sine(k, r, square), _cosine(k, r, square)


def _odd(k: KernelWriter, turns: str) -> str:
    return k.emit(f"trunc {k.int} {turns} to {k.bit}")


def _turned(k: KernelWriter, turns: str, even: str, odd: str) -> str:
    """One of two values by the lowest bit of the turns, negated by the second lowest."""
    value = k.select(_odd(k, turns), odd, even)
    sign = k.whole("shl", k.whole("lshr", turns, 1), 63)
    return k.number(k.whole("xor", k.bits(value), sign))


def sin(k: KernelWriter, x: str) -> str:
    """The sine."""
    turns, sine, cosine = _both(k, x)
    return k.select(k.compare("oeq", x, 0.0), x, _turned(k, turns, sine, cosine))


def cos(k: KernelWriter, x: str) -> str:
    """The cosine."""
    turns, sine, cosine = _both(k, x)
    return _turned(k, k.whole("add", turns, 1), sine, cosine)


def tan(k: KernelWriter, x: str) -> str:
    """The tangent: sin / cos, or -cos / sin after an odd number of quarter turns."""
    turns, sine, cosine = _both(k, x)
    odd = _odd(k, turns)
    above = k.select(odd, k.neg(cosine), sine)
    quotient = k.div(above, k.select(odd, sine, cosine))
    return k.select(k.compare("oeq", x, 0.0), x, quotient)
