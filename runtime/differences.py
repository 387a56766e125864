"""A directional derivative against difference quotients of the function at many steps.

R(h) = |f(x + h v) - f(x) - h J v| falls with order 2 where J v is right. The verdict compares J v
with central differences at several h instead, as R alone can't tell a small error from curvature.
Where the differences of both sides disagree there is a kink: J v must lie between them, element by
element (min, max, abs, relu and clip take one of them or a mean). Across a jump any finite
derivative is accepted. Rounding is allowed for at every step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from dpc.runtime.values import Vector

Step = tuple[float, Vector]  # a step h and the difference quotients there
FAINT = 1e-2  # tolerance where f is nearly flat
STEPS = tuple(4.0**-k for k in range(1, 13))


@dataclass(frozen=True, slots=True)
class Precision:
    """Rounding unit and tolerances of a floating-point type."""

    epsilon: float
    identity: float
    difference: float


DOUBLE = Precision(2.0**-52, 1e-9, 1e-6)
SINGLE = Precision(2.0**-23, 1e-3, 2e-2)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`error` is the worst element's, relative; `orders` are nan where R is rounding noise."""

    ok: bool
    error: float
    kink: bool
    orders: list[float]
    appealed: bool = False  # decided in high precision


def compare(
    value: Vector,
    tangent: Vector,
    shifted: Callable[[float], Vector | None],
    precision: Precision,
) -> Outcome:
    """Compare J v = `tangent` with differences; `shifted(h)` is f(x + h v), None out of domain.

    Where the result has other extents the function jumps; differences tell nothing.
    """
    if not (np.isfinite(value).all() and np.isfinite(tangent).all()) or not value.size:
        return Outcome(True, 0.0, False, [])

    def at(h: float) -> Vector | None:
        found = shifted(h)
        return found if found is not None and found.shape == value.shape else None

    moved = [(h, at(h), at(-h)) for h in STEPS]
    ahead = [(h, (f - value) / h) for h, f, _ in moved if f is not None]
    behind = [(h, (value - f) / h) for h, _, f in moved if f is not None]
    central = [(h, (f - b) / (2 * h)) for h, f, b in moved if f is not None and b is not None]
    orders = _orders(value, tangent, ahead or behind, precision)
    if not ahead and not behind:
        return Outcome(True, 0.0, False, orders)
    quotients = _Quotients(value, tangent, precision)
    # One side alone is only good to first order.
    tolerance = precision.difference if central else np.sqrt(precision.difference)
    chosen = central or (ahead or behind)[len(STEPS) // 2 :]
    errors, right = quotients.agreement(chosen, tolerance)
    kinks = quotients.kinks(ahead, behind) if ahead and behind else np.zeros(value.size, bool)
    kinks &= ~right
    error = float(np.where(kinks, 0.0, errors).max())
    return Outcome(bool((right | kinks).all()), error, bool(kinks.any()), orders)


@dataclass(frozen=True, slots=True)
class _Quotients:
    """Difference quotients at falling steps, judged element by element."""

    value: Vector
    tangent: Vector
    precision: Precision

    def _scale(self, quotient: Vector) -> Vector:
        typical = float(np.max(np.abs(self.tangent), initial=0.0))
        scale: Vector = np.maximum(np.abs(self.tangent), np.abs(quotient)) + 1e-3 * typical
        return scale

    def _faint(self, scale: Vector) -> Any:
        """Elements so flat that rounding of quantities of size one inside of f may show."""
        return scale < 8e3 * self.precision.epsilon / self.precision.difference

    def _noise(self, h: float, scale: Vector) -> Vector:
        """How far rounding may move the quotients at a step."""
        size = np.where(self._faint(scale), np.maximum(np.abs(self.value), 0.125), self.value)
        noise: Vector = 64 * self.precision.epsilon * np.abs(size) / h
        return noise

    def _clear(self, h: float, quotient: Vector) -> Any:
        """Elements whose quotient at a step is not drowned by rounding."""
        scale = self._scale(quotient)
        limit = np.where(self._faint(scale), FAINT, 0.1 * np.sqrt(self.precision.difference))
        return self._noise(h, scale) <= limit * scale

    def agreement(self, quotients: list[Step], tolerance: float) -> tuple[Vector, Any]:
        """The smallest relative error of each element, and which are right.

        An element that rounding drowns at every step proves nothing and passes.
        """
        best = np.full(self.value.size, np.inf)
        right = np.zeros(self.value.size, bool)
        tested = np.zeros(self.value.size, bool)
        for h, quotient in quotients:
            scale, clear = self._scale(quotient), self._clear(h, quotient)
            difference, noise = np.abs(quotient - self.tangent), self._noise(h, scale)
            allowed = np.where(self._faint(scale), max(tolerance, FAINT), tolerance) * scale
            excess = np.maximum(difference - noise, 0.0)
            shown = np.where(noise <= allowed, difference, excess)
            relative = shown / np.where(scale > 0.0, scale, 1.0)
            best = np.where(clear, np.minimum(best, relative), best)
            right |= clear & (excess <= allowed)
            tested |= clear
        return np.where(tested, best, 0.0), right | ~tested

    def kinks(self, ahead: list[Step], behind: list[Step]) -> Any:
        """Elements where both sides disagree and J v lies between them, or the value jumps."""
        right, left = self._limit(ahead), self._limit(behind)
        slack = np.abs(right) + np.abs(left) + np.abs(self.tangent)
        slack *= np.sqrt(self.precision.difference)
        low, high = np.minimum(left, right) - slack, np.maximum(left, right) + slack
        between = (self.tangent >= low) & (self.tangent <= high)
        return ((high - low > 4 * slack) & between) | self._jumps(ahead) | self._jumps(behind)

    def _limit(self, quotients: list[Step]) -> Vector:
        """The quotients at the smallest step that is clear of rounding."""
        limit = quotients[0][1]
        for h, quotient in quotients[1:]:
            limit = np.where(self._clear(h, quotient), quotient, limit)
        return limit

    def _jumps(self, quotients: list[Step]) -> Any:
        """Elements whose change does not shrink with the step."""
        (first, wide), (h, narrow) = quotients[0], quotients[len(quotients) // 2]
        change = h * np.abs(narrow)
        rounding = h * self._noise(h, self._scale(narrow))
        return (h < first) & (change > rounding) & (change > 0.5 * first * np.abs(wide))


def _orders(
    value: Vector, tangent: Vector, quotients: list[Step], precision: Precision
) -> list[float]:
    """Observed orders of the Taylor remainder between steps; nan where it is rounding noise."""
    noise = 64 * precision.epsilon * float(np.linalg.norm(value))
    remainders = [(h, h * float(np.linalg.norm(q - tangent))) for h, q in quotients]
    orders = []
    for (h, large), (smaller_h, small) in pairwise(remainders):
        clean = small > noise and large > noise
        orders.append(float(np.log(large / small) / np.log(h / smaller_h)) if clean else np.nan)
    return orders
