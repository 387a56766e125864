"""For each kernel: the exact function, arguments all over its domain, and its special values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

Array = np.ndarray[Any, Any]
INF, NAN = float("inf"), float("nan")
TINY = 5e-324
POINTS = 400
_random = np.random.default_rng(20)


def _even(low: float, high: float) -> Array:
    return _random.uniform(low, high, POINTS)


def _sizes(low: float, high: float) -> Array:
    """Numbers of both signs, their decimal exponents even."""
    return _random.choice([-1.0, 1.0], POINTS) * _positive(low, high)


def _positive(low: float, high: float) -> Array:
    whole = _random.uniform(low, high, POINTS)
    return np.asarray(10.0 ** (whole / 2) * 10.0 ** (whole / 2))


def _near(centre: float) -> Array:
    """Numbers around a point, at all distances."""
    return centre + _sizes(-16, -1)


@dataclass(frozen=True, slots=True)
class Domain:
    """Of one function of one argument: arguments, and (argument, result) pairs that are exact."""

    exact: Callable[[Any], Any]
    arguments: tuple[Array, ...]
    specials: tuple[tuple[float, float], ...]


QUARTER_TURNS = np.arange(-300, 300) * (np.pi / 2)
ODD_ZERO = ((0.0, 0.0), (-0.0, -0.0), (NAN, NAN), (TINY, TINY), (-TINY, -TINY))
LOGARITHM = ((0.0, -INF), (-0.0, -INF), (-1.0, NAN), (-TINY, NAN), (-INF, NAN), (INF, INF),
             (1.0, 0.0), (NAN, NAN))  # fmt: skip
POWERS = np.ldexp(1.0, np.arange(-1074, 1024))

DOMAINS: dict[str, Domain] = {
    "exp": Domain(
        mpmath.exp,
        (_even(-745.2, 709.78), _even(-1, 1), _sizes(-20, 0), _even(-745.1, -708.0)),
        ((0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (NAN, NAN), (709.79, INF),
         (-745.2, 0.0), (1e300, INF), (-1e300, 0.0)),
    ),
    "exp2": Domain(
        lambda x: mpmath.mpf(2) ** x,
        (_even(-1074, 1023.99), _even(-1, 1), _sizes(-20, 0)),
        ((0.0, 1.0), (10.0, 1024.0), (-1074.0, TINY), (1023.0, 2.0**1023), (1024.0, INF),
         (-1076.0, 0.0), (INF, INF), (-INF, 0.0), (NAN, NAN)),
    ),
    "expm1": Domain(
        mpmath.expm1,
        (_even(-50, 709.78), _even(-2, 2), _sizes(-300, 0)),
        (*ODD_ZERO, (INF, INF), (-INF, -1.0), (-100.0, -1.0), (710.0, INF)),
    ),
    "sinh": Domain(
        mpmath.sinh,
        (_even(-710.4, 710.4), _even(-3, 3), _sizes(-300, 0)),
        (*ODD_ZERO, (INF, INF), (-INF, -INF), (711.0, INF), (-711.0, -INF)),
    ),
    "cosh": Domain(
        mpmath.cosh,
        (_even(-710.4, 710.4), _even(-3, 3), _sizes(-20, 0)),
        ((0.0, 1.0), (INF, INF), (-INF, INF), (711.0, INF), (NAN, NAN)),
    ),
    "tanh": Domain(
        mpmath.tanh,
        (_even(-25, 25), _even(-2, 2), _sizes(-300, 0)),
        (*ODD_ZERO, (INF, 1.0), (-INF, -1.0), (300.0, 1.0)),
    ),
    "sigmoid": Domain(
        lambda x: 1 / (1 + mpmath.exp(-x)),
        (_even(-740, 50), _even(-5, 5), _sizes(-20, 0)),
        ((0.0, 0.5), (INF, 1.0), (-INF, 0.0), (NAN, NAN), (800.0, 1.0), (-800.0, 0.0)),
    ),
    "log": Domain(
        mpmath.log,
        (_positive(-320, 308), _even(0.5, 2), _near(1.0), _near(2.0**-0.5), _near(2.0**0.5)),
        LOGARITHM,
    ),
    "log1p": Domain(
        mpmath.log1p,
        (_positive(-320, 308), _even(-0.999, 2), _sizes(-18, -0.1), -1 + _positive(-16, -1)),
        (*ODD_ZERO, (-1.0, -INF), (-1.5, NAN), (-INF, NAN), (INF, INF)),
    ),
    "log2": Domain(
        lambda x: mpmath.log(x, 2),
        (_positive(-320, 308), _even(0.5, 2), _near(1.0)),
        (*LOGARITHM, *((float(p), float(k)) for k, p in enumerate(POWERS, -1074))),
    ),
    "log10": Domain(
        mpmath.log10,
        (_positive(-320, 308), _even(0.5, 2), _near(1.0)),
        (*LOGARITHM, *((float(f"1e{k}"), float(k)) for k in range(23))),
    ),
    "asinh": Domain(
        mpmath.asinh,
        (_even(-5, 5), _sizes(-300, 308), _sizes(-3, 1)),
        (*ODD_ZERO, (INF, INF), (-INF, -INF)),
    ),
    "acosh": Domain(
        mpmath.acosh,
        (_even(1, 5), 1 + _positive(-16, 0), _positive(0, 308)),
        ((1.0, 0.0), (0.5, NAN), (-2.0, NAN), (INF, INF), (-INF, NAN), (NAN, NAN)),
    ),
    "atanh": Domain(
        mpmath.atanh,
        (_even(-1, 1), _sizes(-300, -0.1), 1 - _positive(-15, -1)),
        (*ODD_ZERO, (1.0, INF), (-1.0, -INF), (1.5, NAN), (-1.5, NAN), (INF, NAN)),
    ),
    "softplus": Domain(
        lambda x: mpmath.log1p(mpmath.exp(x)),
        (_even(-740, 50), _even(-5, 5), _sizes(-20, 0)),
        ((INF, INF), (-INF, 0.0), (NAN, NAN), (800.0, 800.0)),
    ),
    "sin": Domain(
        mpmath.sin,
        (_even(-10, 10), _sizes(-300, 6), _sizes(6, 14), _sizes(14, 300), QUARTER_TURNS),
        (*ODD_ZERO, (INF, NAN), (-INF, NAN)),
    ),
    "cos": Domain(
        mpmath.cos,
        (_even(-10, 10), _sizes(-300, 6), _sizes(6, 14), _sizes(14, 300), QUARTER_TURNS),
        ((0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN), (NAN, NAN)),
    ),
    "tan": Domain(
        mpmath.tan,
        (_even(-10, 10), _sizes(-300, 6), _sizes(6, 14), _sizes(14, 300), QUARTER_TURNS),
        (*ODD_ZERO, (INF, NAN), (-INF, NAN)),
    ),
    "atan": Domain(
        mpmath.atan,
        (_even(-5, 5), _sizes(-300, 300)),
        (*ODD_ZERO, (INF, np.pi / 2), (-INF, -np.pi / 2)),
    ),
    "asin": Domain(
        mpmath.asin,
        (_even(-1, 1), _sizes(-300, 0), 1 - _positive(-16, -1), -1 + _positive(-16, -1)),
        (*ODD_ZERO, (1.0, np.pi / 2), (-1.0, -np.pi / 2), (1.1, NAN), (-INF, NAN), (INF, NAN)),
    ),
    "acos": Domain(
        mpmath.acos,
        (_even(-1, 1), _sizes(-300, 0), 1 - _positive(-16, -1), -1 + _positive(-16, -1)),
        ((1.0, 0.0), (-1.0, np.pi), (0.0, np.pi / 2), (1.1, NAN), (-1.1, NAN), (NAN, NAN)),
    ),
    "erf": Domain(
        mpmath.erf,
        (_even(-6.5, 6.5), _even(-1.2, 1.2), _sizes(-300, 0)),
        ((0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (7.0, 1.0), (NAN, NAN)),
    ),
    "erfc": Domain(
        mpmath.erfc,
        (_even(-6, 26.5), _even(-2, 2), _sizes(-300, 0), _near(0.8)),
        ((0.0, 1.0), (INF, 0.0), (-INF, 2.0), (28.0, 0.0), (NAN, NAN)),
    ),
}  # fmt: skip
