"""Digamma and its derivatives for real arguments, to about 1e-14.

Euler-Maclaurin summation far out, after climbing there by the recurrence; negative arguments by
reflection, of which nothing cancels but at a zero. Formulas: NIST Digital Library of Mathematical
Functions, 5.5, 5.11, 5.15 and 25.11.
"""

import math
from functools import cache

# B_2, B_4, ..., B_24.
BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798,
    -174611 / 330, 854513 / 138, -236364091 / 2730,
)  # fmt: skip
_FAR = 10.0  # from here on twelve terms of the asymptotic series reach double precision
_REFLECTED_ORDER = 100  # up to here the polynomials of `_reflected` stay in range
_LARGE_ORDER = 150  # n! leaves the range of a double above 170


def digamma(x: float) -> float:
    """The logarithmic derivative of the gamma function; NaN at negative integers."""
    if math.isnan(x) or x == -math.inf:
        return math.nan
    if x == 0.0:
        return math.copysign(math.inf, -x)
    if x <= 0.0:
        distance = x - round(x)
        if distance == 0.0:
            return math.nan
        return digamma(1.0 - x) - math.pi / math.tan(math.pi * distance)
    total = 0.0
    while x < _FAR:
        total -= 1.0 / x
        x += 1.0
    inverse_square = 1.0 / (x * x)
    power = 1.0
    series = 0.0
    for k, number in enumerate(BERNOULLI, start=1):
        power *= inverse_square
        series += number * power / (2 * k)
    return total + math.log(x) - 0.5 / x - series


def polygamma(order: int, x: float) -> float:
    """The `order`-th derivative of digamma; NaN for a negative order."""
    if order <= 0:
        return digamma(x) if order == 0 else math.nan
    if math.isnan(x) or x == -math.inf:
        return math.nan
    s = order + 1
    if x > 0.0:
        series = hurwitz_zeta(s, x)
    elif order <= _REFLECTED_ORDER:
        return _reflected(order, x)
    else:
        # psi^(n)(x) = (-1)^(n+1) n! sum over k >= 0 of (x + k)^-s; the nearest pole is -nearest
        nearest = -round(x)
        distance = x + nearest
        if distance == 0.0 and s % 2:
            return math.nan
        left = hurwitz_zeta(s, 1.0 - distance) - hurwitz_zeta(s, 1.0 - x) if nearest else 0.0
        series = _power(distance, -s) + hurwitz_zeta(s, 1.0 + distance) + (-1) ** s * left
    sign = 1.0 if order % 2 else -1.0
    if order <= _LARGE_ORDER:
        return sign * math.factorial(order) * series
    if series == 0.0 or not math.isfinite(series):
        return sign * series
    exponent = math.lgamma(order + 1.0) + math.log(abs(series))
    magnitude = math.exp(exponent) if exponent < 709.0 else math.inf
    return sign * math.copysign(magnitude, series)


def _reflected(order: int, x: float) -> float:
    """psi^(n)(x) = (-1)^n psi^(n)(1 - x) - pi^(n+1) P_n(cot(pi x)) for x <= 0."""
    distance = x - round(x)
    if distance == 0.0:
        return math.inf if order % 2 else math.nan
    # tan of the distance to the zero of cot, so that it is exact there
    size = abs(distance)
    cot = math.tan(math.pi * (0.5 - size)) if size > 0.25 else 1.0 / math.tan(math.pi * size)
    cot = math.copysign(cot, distance)
    total = 0.0
    for coefficient in reversed(_cot_polynomial(order)):
        total = total * cot + coefficient
    mirrored = polygamma(order, 1.0 - x)
    return (-mirrored if order % 2 else mirrored) - math.pi ** (order + 1) * total


@cache
def _cot_polynomial(order: int) -> tuple[int, ...]:
    """The n-th derivative of cot as a polynomial in c = cot, from the constant up: (c^k)' is
    -k c^(k-1) (1 + c^2).
    """
    if order == 0:
        return (0, 1)
    slope = [k * a for k, a in enumerate(_cot_polynomial(order - 1))][1:]
    padded = [0, 0, *slope, 0, 0]
    return tuple(-(padded[k] + padded[k + 2]) for k in range(len(slope) + 2))


def hurwitz_zeta(s: int, x: float) -> float:
    """The sum over k >= 0 of (x + k)^-s, for x > 0 and s >= 2."""
    total = 0.0
    far = _FAR + s
    while x < far:
        term = _power(x, -s)
        total += term
        if term < 1e-18 * total or math.isinf(total):
            return total
        x += 1.0
    if math.isinf(x):
        return total
    tail = x / (s - 1.0) + 0.5
    factor = s / x  # s (s+1) ... (s+2j-2) / (2j)! * x^(1-2j), without 1/(2j)!
    factorial = 2.0
    for j, number in enumerate(BERNOULLI, start=1):
        tail += number * factor / factorial
        factor *= (s + 2 * j - 1) * (s + 2 * j) / (x * x)
        factorial *= (2 * j + 1) * (2 * j + 2)
    return total + tail * _power(x, -s)


def _power(base: float, exponent: int) -> float:
    """The power with infinities instead of exceptions."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 else math.inf
    except ValueError:
        return math.copysign(math.inf, base) if exponent % 2 else math.inf
