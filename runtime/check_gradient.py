"""`check_grad`: derivatives of a function at a point, against each other and against differences.

For each float parameter and a few random directions v and weights c:
- forward against reverse: <c, J v> = <J^T c, v> to rounding;
- Taylor: R(h) = |f(x + h v) - f(x) - h J v| falls with order 2. The verdict compares J v with
  central differences at several h, as R alone can't tell a small error from curvature.
At a kink the differences of both sides disagree. There J v must lie between them, element by
element (min, max, abs, relu and clip take one of them or their mean); across a jump any finite
derivative is accepted. Steps that leave the domain (a failed check, NaN) are left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from dpc.compiler.signature import Slot
from dpc.dsl.diagnostics import Error
from dpc.runtime import errors
from dpc.runtime.binding import Arguments
from dpc.runtime.function import Function
from dpc.runtime.gradient_report import GradientReport, ParameterReport
from dpc.runtime.transforms import jvp, vjp
from dpc.runtime.values import (
    Results,
    Vector,
    flatten,
    is_differentiable,
    single_precision,
    unflatten,
)

STEPS = tuple(4.0**-k for k in range(1, 13))
DIRECTIONS = 2


@dataclass(frozen=True, slots=True)
class Precision:
    """Rounding unit and tolerances of a floating-point type."""

    epsilon: float
    identity: float
    difference: float


DOUBLE = Precision(2.0**-52, 1e-9, 1e-6)
SINGLE = Precision(2.0**-23, 1e-3, 2e-2)


def check_grad(
    f: Function, /, *args: Any, wrt: str | Sequence[str] | None = None, seed: int = 0, **kwargs: Any
) -> GradientReport:
    """Check forward and reverse derivatives of `f` at a point; see the module for the tests.

    `wrt`: names of parameters, by default all that hold floats. The report is true when all is
    right and prints as a table.
    """
    return Checker(f).check(args, kwargs, wrt, np.random.default_rng(seed))


class Checker:
    """Gradient checks of one function at any number of points; its derivatives compile once."""

    def __init__(self, f: Function) -> None:
        self.function = f
        self.signature = f.signature
        self.results = Results(self.signature)
        self.active = [s for s in self.signature.inputs if is_differentiable(s)]
        types = [*self.results.types, *(s.type for s in self.active)]
        self.precision = SINGLE if single_precision(types) else DOUBLE
        self._arguments = Arguments(self.signature)
        self._jvp = jvp(f)
        self._vjp = vjp(f)

    def check(
        self,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        wrt: str | Sequence[str] | None,
        random: np.random.Generator,
        differences: bool = True,
    ) -> GradientReport:
        """The report at one point; without `differences` only forward against reverse."""
        values = list(self._arguments.bind(args, kwargs))
        value = self.function(*values)
        names = [s.name for s in self.active]
        chosen = names if wrt is None else [wrt] if isinstance(wrt, str) else list(wrt)
        for name in chosen:
            if name not in names:
                raise Error(
                    f"`{name}` is no float parameter of `{self.signature.name}`"
                    f" (these are: {', '.join(names) or 'none'})"
                )
        reports = tuple(self._parameter(n, values, value, random, differences) for n in chosen)
        return GradientReport(self.signature.name, reports)

    def _parameter(
        self,
        name: str,
        values: list[Any],
        value: Any,
        random: np.random.Generator,
        differences: bool,
    ) -> ParameterReport:
        index = next(i for i, s in enumerate(self.signature.inputs) if s.name == name)
        slot = self.signature.inputs[index]
        identity, error, kink, taylor_ok = 0.0, 0.0, False, True
        orders: list[float] = []
        finite = bool(np.isfinite(self.results.flatten(value)).all())
        for _ in range(DIRECTIONS):
            direction = _direction(flatten(slot.type, values[index]), random)
            tangent = self._forward(slot, values, direction)
            identity = max(
                identity, self._identity(slot, values, value, direction, tangent, random)
            )
            if finite and np.isnan(tangent).any():
                taylor_ok, error = False, np.inf
            if not differences:
                continue

            def shifted(h: float, direction: Vector = direction) -> Vector | None:
                return self._shifted(index, values, direction, h)

            outcome = _differences(self.results.flatten(value), tangent, shifted, self.precision)
            taylor_ok, kink = taylor_ok and outcome.ok, kink or outcome.kink
            error = max(error, outcome.error)
            orders = outcome.orders if len(outcome.orders) > len(orders) else orders
        identity_ok = identity <= self.precision.identity
        return ParameterReport(name, identity, tuple(orders), error, identity_ok, taylor_ok, kink)

    def _forward(self, slot: Slot, values: list[Any], direction: Vector) -> Vector:
        """J v for a direction in one parameter."""
        tangents = []
        for other in self.active:
            like = values[self._index(other)]
            zero = np.zeros_like(flatten(other.type, like))
            tangents.append(unflatten(other.type, like, direction if other is slot else zero))
        return self.results.flatten(self._jvp(*values, *tangents)[1])

    def _identity(
        self,
        slot: Slot,
        values: list[Any],
        value: Any,
        direction: Vector,
        tangent: Vector,
        random: np.random.Generator,
    ) -> float:
        """Relative difference of <c, J v> and <J^T c, v>; 0 where infinities decide nothing."""
        weights = random.standard_normal(tangent.size)
        cotangents = self._vjp(*values, self.results.unflatten(value, weights))[1]
        own = cotangents if len(self.active) == 1 else cotangents[self.active.index(slot)]
        gradient = flatten(slot.type, own)
        if not np.isfinite(self.results.flatten(value)).all():
            return 0.0
        if np.isnan(gradient).any() or np.isnan(tangent).any():
            return np.inf
        if not (np.isfinite(gradient).all() and np.isfinite(tangent).all()):
            return 0.0
        scale = float(np.abs(weights) @ np.abs(tangent) + np.abs(gradient) @ np.abs(direction))
        if scale == 0.0:
            return 0.0
        return abs(float(weights @ tangent - gradient @ direction)) / scale

    def _shifted(self, index: int, values: list[Any], direction: Vector, h: float) -> Vector | None:
        """f(x + h v), or None outside of the domain."""
        slot = self.signature.inputs[index]
        moved = flatten(slot.type, values[index]) + h * direction
        arguments = list(values)
        arguments[index] = unflatten(slot.type, values[index], moved)
        try:
            found = self.results.flatten(self.function(*arguments))
        except errors.RuntimeError:
            return None
        return found if np.isfinite(found).all() else None

    def _index(self, slot: Slot) -> int:
        return self.signature.inputs.index(slot)


def _direction(point: Vector, random: np.random.Generator) -> Vector:
    """A random direction whose elements have the magnitude of the point's."""
    size = np.abs(point)
    typical = float(np.sqrt(np.mean(size * size))) if point.size else 0.0
    size[size == 0.0] = typical if np.isfinite(typical) and typical > 0.0 else 1.0
    return random.standard_normal(point.size) * np.where(np.isfinite(size), size, 1.0)


@dataclass(frozen=True, slots=True)
class _Outcome:
    ok: bool
    error: float
    kink: bool
    orders: list[float]


def _differences(
    value: Vector,
    tangent: Vector,
    shifted: Callable[[float], Vector | None],
    precision: Precision,
) -> _Outcome:
    """Compare J v with difference quotients at all steps."""
    if not (np.isfinite(value).all() and np.isfinite(tangent).all()) or not value.size:
        return _Outcome(True, 0.0, False, [])
    sides = [(h, shifted(h), shifted(-h)) for h in STEPS]
    ahead = [(h, (f - value) / h) for h, f, _ in sides if f is not None]
    behind = [(h, (value - f) / h) for h, _, f in sides if f is not None]
    both = [(h, (f - b) / (2 * h)) for h, f, b in sides if f is not None and b is not None]
    orders = _orders(value, tangent, ahead or behind, precision)
    if not ahead and not behind:
        return _Outcome(True, 0.0, False, orders)
    error, elements = _smallest(value, tangent, both or ahead or behind, precision)
    if elements.all():
        return _Outcome(True, error, False, orders)
    if not both:
        # One side only: first-order differences are good to the square root of the rest.
        return _Outcome(error <= np.sqrt(precision.difference), error, False, orders)
    kinks = _at_kink(tangent, ahead, behind, precision)
    return _Outcome(bool((elements | kinks).all()), error, bool((~elements & kinks).any()), orders)


def _smallest(
    value: Vector, tangent: Vector, quotients: list[tuple[float, Vector]], precision: Precision
) -> tuple[float, Any]:
    """The worst element's smallest relative error over the steps, and which elements are right."""
    best = np.full(value.size, np.inf)
    right = np.zeros(value.size, bool)
    typical = float(np.max(np.abs(tangent), initial=0.0))
    for h, quotient in quotients:
        scale = np.maximum(np.abs(tangent), np.abs(quotient)) + 1e-3 * typical
        noise = 64 * precision.epsilon * (np.abs(value) + h * scale) / h
        difference = np.abs(quotient - tangent)
        relative = np.where(difference <= noise, 0.0, difference / np.where(scale > 0, scale, 1))
        # Where rounding drowns the quotient it proves nothing.
        clear = noise <= 0.05 * scale
        right |= (relative <= precision.difference) & (clear | (h == quotients[-1][0]))
        best = np.where(clear, np.minimum(best, relative), best)
    best = np.where(np.isinf(best), 0.0, best)
    return float(best.max()), right | (best <= precision.difference)


def _orders(
    value: Vector, tangent: Vector, quotients: list[tuple[float, Vector]], precision: Precision
) -> list[float]:
    """Observed orders of the Taylor remainder between steps; nan where it is rounding noise."""
    noise = 64 * precision.epsilon * float(np.linalg.norm(value))
    remainders = [(h, h * float(np.linalg.norm(q - tangent))) for h, q in quotients]
    orders = []
    for (h, large), (smaller_h, small) in pairwise(remainders):
        clean = small > noise and large > noise
        orders.append(float(np.log(large / small) / np.log(h / smaller_h)) if clean else np.nan)
    return orders


def _at_kink(
    tangent: Vector,
    ahead: list[tuple[float, Vector]],
    behind: list[tuple[float, Vector]],
    precision: Precision,
) -> Any:
    """Elements where both sides disagree and J v lies between them, or the value jumps."""
    # A step in the middle of the range: small against the function, large against rounding.
    right, left = ahead[len(ahead) // 2][1], behind[len(behind) // 2][1]
    slack = np.sqrt(precision.difference) * (np.abs(right) + np.abs(left) + np.abs(tangent))
    low, high = np.minimum(left, right) - slack, np.maximum(left, right) + slack
    between = (np.abs(right - left) > 2 * slack) & (tangent >= low) & (tangent <= high)
    return between | _jumps(ahead) | _jumps(behind)


def _jumps(quotients: list[tuple[float, Vector]]) -> Any:
    """Elements whose change does not shrink with the step."""
    (first, wide), (h, narrow) = quotients[0], quotients[len(quotients) // 2]
    return (h < first) & (narrow != 0.0) & (h * np.abs(narrow) > 0.5 * first * np.abs(wide))
