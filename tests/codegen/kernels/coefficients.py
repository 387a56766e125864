"""The coefficients of the elementary functions' polynomials, computed in 60 digits.

`python -m tests.codegen.kernels.coefficients` writes compiler/codegen/kernels/coefficients.py.
Each polynomial interpolates its function at the Chebyshev nodes of an interval, which is within a
small factor of the best approximation; its coefficients are rounded to doubles, lowest first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpmath

TARGET = Path(__file__).parents[3] / "compiler" / "codegen" / "kernels" / "coefficients.py"
DIGITS = 60
HEADER = '''\
"""Coefficients of polynomials, lowest first, and constants in parts.

Written by `python -m tests.codegen.kernels.coefficients`, which says what each one approximates.
"""
'''


@dataclass(frozen=True, slots=True)
class Fit:
    """A polynomial of `count` coefficients for `function` on [low, high]."""

    name: str
    formula: str
    function: Callable[[Any], Any]
    low: Any
    high: Any
    count: int


def _series(*terms: Any) -> Callable[[Any], Any]:
    """A short power series, lowest term first."""
    return lambda x: sum(c * x**k for k, c in enumerate(terms))


def _near_zero(function: Callable[[Any], Any], *terms: Any) -> Callable[[Any], Any]:
    """A function that cancels at 0, where its series stands in."""
    series = _series(*terms)
    return lambda x: series(x) if abs(x) < mpmath.mpf(10) ** -30 else function(x)


def _odd_tail(function: Callable[[Any], Any], first: Any) -> Callable[[Any], Any]:
    """(f(x) - x) / x^3 as a function of z = x^2, whose value at 0 is `first`."""

    def tail(z: Any) -> Any:
        x = mpmath.sqrt(z)
        return (function(x) - x) / x**3

    return _near_zero(tail, first)


def _log_tail(z: Any) -> Any:
    s = mpmath.sqrt(z)
    return (mpmath.log((1 + s) / (1 - s)) - 2 * s) / (s * z)


def _log_second(z: Any) -> Any:
    return (_log_tail(z) - mpmath.mpf(2) / 3) / z


def _cos_tail(z: Any) -> Any:
    return (mpmath.cos(mpmath.sqrt(z)) - 1 + z / 2) / z**2


def _erf_ratio(z: Any) -> Any:
    return mpmath.erf(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1


def _erfc_scaled(t: Any) -> Any:
    x = ERFC_CENTRE * (1 + t) / (1 - t)
    return mpmath.erfc(x) * mpmath.exp(x * x) * (1 + 2 * x)


ERFC_CENTRE = 4


def fits() -> tuple[Fit, ...]:
    """Every polynomial."""
    third = mpmath.mpf(1) / 3
    half_log_2 = mpmath.mpf("0.3467")
    eighth_turn = mpmath.mpf("0.7860") ** 2
    log_end = mpmath.mpf("0.02945")
    return (
        Fit("EXP", "(e^r - 1 - r) / r^2",
            _near_zero(lambda r: (mpmath.exp(r) - 1 - r) / r**2, mpmath.mpf(1) / 2),
            -half_log_2, half_log_2, 10),
        Fit("EXP2", "(2^r - 1) / r",
            _near_zero(lambda r: (2**r - 1) / r, mpmath.log(2)), -0.5, 0.5, 12),
        Fit("LOG", "(log((1+s)/(1-s)) - 2s) / s^3, z = s^2",
            _near_zero(_log_tail, 2 * third), 0, log_end, 7),
        Fit("LOG_PRECISE", "(LOG - 2/3) / z",
            _near_zero(_log_second, mpmath.mpf(2) / 5), 0, log_end, 8),
        Fit("SIN", "(sin r - r) / r^3, z = r^2",
            _odd_tail(mpmath.sin, -third / 2), 0, eighth_turn, 6),
        Fit("COS", "(cos r - 1 + z/2) / z^2, z = r^2",
            _near_zero(_cos_tail, mpmath.mpf(1) / 24), 0, eighth_turn, 6),
        Fit("SINH", "(sinh x - x) / x^3, z = x^2", _odd_tail(mpmath.sinh, third / 2), 0, 1, 8),
        Fit("ATAN", "(atan t - t) / t^3, z = t^2",
            _odd_tail(mpmath.atan, -third), 0, mpmath.mpf("0.1717"), 12),
        Fit("ASIN", "(asin t - t) / t^3, z = t^2",
            _odd_tail(mpmath.asin, third / 2), 0, mpmath.mpf("0.2501"), 14),
        Fit("ERF", "erf(x) / x - 1, z = x^2",
            _near_zero(_erf_ratio, 2 / mpmath.sqrt(mpmath.pi) - 1), 0, 1, 12),
        Fit("ERFC", f"erfc(x) e^(x^2) (1 + 2x), x = {ERFC_CENTRE} (1+t) / (1-t)",
            _erfc_scaled, mpmath.mpf("-0.6668"), mpmath.mpf("0.7501"), 24),
    )  # fmt: skip


def coefficients(fit: Fit) -> tuple[float, ...]:
    """The rounded coefficients of the interpolating polynomial."""
    low, high, n = mpmath.mpf(fit.low), mpmath.mpf(fit.high), fit.count
    angles = [mpmath.pi * (2 * k + 1) / (2 * n) for k in range(n)]
    nodes = [(low + high) / 2 + (high - low) / 2 * mpmath.cos(a) for a in angles]
    matrix = mpmath.matrix([[x**j for j in range(n)] for x in nodes])
    values = mpmath.matrix([fit.function(x) for x in nodes])
    return tuple(float(c) for c in mpmath.lu_solve(matrix, values))


def parts(value: Any, widths: tuple[int, ...]) -> tuple[float, ...]:
    """A constant as a sum of doubles, each but the last of so many bits, rounded towards 0."""
    found = []
    for width in widths:
        exponent = int(mpmath.floor(mpmath.log(abs(value), 2)))
        unit = mpmath.mpf(2) ** (exponent - width + 1)
        part = float(mpmath.floor(value / unit) * unit) if width < 53 else float(value)
        found.append(part)
        value -= mpmath.mpf(part)
    return tuple(found)


def constants() -> dict[str, tuple[float, ...]]:
    """Constants that products need in parts; a part of 32 bits times 21 is exact."""
    log_2, half_pi = mpmath.log(2), mpmath.pi / 2
    return {
        "LOG_2_PARTS": parts(log_2, (32, 53)),
        "LOG2_E_PARTS": parts(1 / log_2, (53, 53)),
        "LOG10_E_PARTS": parts(1 / mpmath.log(10), (53, 53)),
        "LOG10_2_PARTS": parts(mpmath.log10(2), (32, 53)),
        "HALF_PI_PARTS": parts(half_pi, (53, 53, 53)),
        "HALF_PI_SHORT_PARTS": parts(half_pi, (30, 30, 30, 53)),
        "TWO_THIRDS_PARTS": parts(mpmath.mpf(2) / 3, (53, 53)),
    }


def generated() -> str:
    """The text of the module."""
    with mpmath.workdps(DIGITS):
        lines = [HEADER]
        for fit in fits():
            lines.append(f"# {fit.formula}")
            lines.append(_tuple(fit.name, coefficients(fit)))
        lines.append("# Sums of parts, largest first.")
        lines += [_tuple(name, values) for name, values in constants().items()]
    return "\n".join(lines) + "\n"


def _tuple(name: str, values: tuple[float, ...]) -> str:
    return f"{name} = (\n" + "".join(f"    {value!r},\n" for value in values) + ")"


if __name__ == "__main__":
    TARGET.write_text(generated())
