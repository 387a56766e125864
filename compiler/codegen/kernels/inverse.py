"""atan, atan2, asin and acos.

atan(a / b) for a, b >= 0: with t = a/b, (a-b)/(a+b) or -b/a, whichever is below tan(pi/8) in size,
it is 0, pi/4 or pi/2 plus t + t^3 p(t^2).
asin(x) = t + t^3 p(t^2) for x below 1/2; above, pi/2 - 2 asin(sqrt((1-x)/2)).
"""

from dpc.compiler.codegen.kernels.coefficients import ASIN, ATAN
from dpc.compiler.codegen.kernels.writer import KernelWriter, Pair

INFINITY = float("inf")
NAN = float("nan")
LARGE = 2.0**1000
TAN_EIGHTH = 0.41421356237309503
TAN_THREE_EIGHTHS = 2.414213562373095
QUARTER = (0.7853981633974483, 3.061616997868383e-17)
HALF = (1.5707963267948966, 6.123233995736766e-17)
WHOLE = (3.141592653589793, 1.2246467991473532e-16)


def _odd_series(k: KernelWriter, t: str, coefficients: tuple[float, ...]) -> str:
    """t^3 p(t^2)."""
    square = k.mul(t, t)
    return k.mul(k.mul(t, square), k.polynomial(square, coefficients))


def _angle(k: KernelWriter, a: str, b: str) -> Pair:
    """atan(a / b) for a, b >= 0, not both 0, not both infinite, as a pair."""
    above = k.compare("ogt", a, k.mul(b, TAN_THREE_EIGHTHS))
    beside = k.compare("ogt", a, k.mul(b, TAN_EIGHTH))
    top = k.select(above, k.neg(b), k.select(beside, k.sub(a, b), a))
    bottom = k.select(above, a, k.select(beside, k.add(a, b), b))
    t = k.div(top, bottom)
    high, low = (
        k.select(above, half, k.select(beside, quarter, 0.0))
        for half, quarter in zip(HALF, QUARTER, strict=True)
    )
    total, rest = k.two_sum(high, t)
    return total, k.add(rest, k.add(low, _odd_series(k, t, ATAN)))


def atan(k: KernelWriter, x: str) -> str:
    """The angle whose tangent is x."""
    return k.copysign(k.add(*_angle(k, k.abs(x), k.constant(1.0))), x)


def atan2(k: KernelWriter, y: str, x: str) -> str:
    """The angle of the point (x, y), with C99's values for zeros and infinities."""
    a, b = k.abs(y), k.abs(x)
    # Their sum must not overflow; of two infinities, or two zeros, other numbers have the angle.
    large = k.either(k.compare("ogt", a, LARGE), k.compare("ogt", b, LARGE))
    endless = k.both(k.compare("oeq", a, INFINITY), k.compare("oeq", b, INFINITY))
    nowhere = k.both(k.compare("oeq", a, 0.0), k.compare("oeq", b, 0.0))
    one = k.either(endless, nowhere)
    a = k.select(endless, 1.0, k.select(large, k.mul(a, 0.25), a))
    b = k.select(one, 1.0, k.select(large, k.mul(b, 0.25), b))
    total, low = _angle(k, a, b)
    high, lost = k.fast_two_sum(WHOLE[0], k.neg(total))
    behind = k.add(high, k.add(lost, k.sub(WHOLE[1], low)))
    zero = "0" if k.width == 1 else "zeroinitializer"
    left = k.emit(f"icmp slt {k.int} {k.bits(x)}, {zero}")
    angle = k.select(left, behind, k.add(total, low))
    return k.copysign(k.select(k.compare("uno", x, y), NAN, angle), y)


def asin(k: KernelWriter, x: str) -> str:
    """The angle whose sine is x."""
    size = k.abs(x)
    t, square, large = _half_angle(k, size)
    tail = k.mul(k.mul(t, square), k.polynomial(square, ASIN))
    small = k.add(t, tail)
    root_low = _root_error(k, t, square)
    rest = k.sub(HALF[1], k.mul(k.add(tail, root_low), 2.0))
    total, lost = k.fast_two_sum(HALF[0], k.mul(t, -2.0))
    result = k.select(large, k.add(total, k.add(lost, rest)), small)
    return k.copysign(result, x)


def acos(k: KernelWriter, x: str) -> str:
    """The angle whose cosine is x."""
    size = k.abs(x)
    t, square, large = _half_angle(k, size)
    tail = k.mul(k.mul(t, square), k.polynomial(square, ASIN))
    below = k.compare("olt", x, 0.0)
    # Near 0: pi/2 - asin(x). Near 1: 2 asin(root); near -1: pi - 2 asin(root).
    signed = k.copysign(t, x)
    total, lost = k.fast_two_sum(HALF[0], k.neg(signed))
    near_zero = k.add(total, k.add(lost, k.sub(HALF[1], k.copysign(tail, x))))
    rest = k.mul(k.add(tail, _root_error(k, t, square)), 2.0)
    twice = k.mul(t, 2.0)
    near_one = k.add(twice, rest)
    total, lost = k.fast_two_sum(WHOLE[0], k.neg(twice))
    near_minus = k.add(total, k.add(lost, k.sub(WHOLE[1], rest)))
    return k.select(large, k.select(below, near_minus, near_one), near_zero)


def _half_angle(k: KernelWriter, size: str) -> tuple[str, str, str]:
    """The argument of the series, its square, and whether it is sqrt((1 - size) / 2)."""
    large = k.compare("oge", size, 0.5)
    half = k.fma(size, -0.5, 0.5)
    square = k.select(large, half, k.mul(size, size))
    return k.select(large, k.sqrt(half), size), square, large


def _root_error(k: KernelWriter, root: str, square: str) -> str:
    """What a rounded square root lacks, 0 for a root of 0."""
    high, low = k.two_product(root, root)
    lost = k.sub(k.sub(square, high), low)
    quotient = k.div(lost, k.add(root, root))
    return k.select(k.compare("ogt", root, 0.0), quotient, 0.0)
