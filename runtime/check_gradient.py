"""`check_grad`: derivatives of a function at a point, against each other and against differences.

For each float parameter and a few random directions v and weights c:
- forward against reverse: <c, J v> = <J^T c, v> to rounding;
- Taylor: R(h) = |f(x + h v) - f(x) - h J v| falls with order 2. The verdict compares J v with
  central differences at several h, as R alone can't tell a small error from curvature.
At a kink the differences of both sides disagree. There J v must lie between them, element by
element (min, max, abs, relu and clip take one of them or their mean); across a jump any finite
derivative is accepted. Steps that leave the domain (a failed check, NaN) are left out. Where the
differences speak against a derivative, `referee` decides in high precision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from dpc.compiler.dialects.io import silenced
from dpc.compiler.signature import Slot
from dpc.dsl.diagnostics import Error
from dpc.runtime import errors
from dpc.runtime.binding import Arguments
from dpc.runtime.blame import blame
from dpc.runtime.differences import DOUBLE, SINGLE, Outcome, compare
from dpc.runtime.function import Function
from dpc.runtime.generic import GenericFunction
from dpc.runtime.gradient_report import GradientReport, ParameterReport
from dpc.runtime.interpreted import Interpreted
from dpc.runtime.referee import Referee
from dpc.runtime.transforms import jvp, vjp
from dpc.runtime.values import (
    Results,
    Vector,
    flatten,
    is_differentiable,
    single_precision,
    unflatten,
)

DIRECTIONS = 2
FINE = 1e-12  # rounding in high precision, relative to that of f64
PRECISE = 1e-12  # relative difference of a derivative and a quotient in high precision


@silenced()
def check_grad(
    f: Function, /, *args: Any, wrt: str | Sequence[str] | None = None, seed: int = 0, **kwargs: Any
) -> GradientReport:
    """Check forward and reverse derivatives of `f` at a point; see the module for the tests.

    `wrt`: names of parameters, by default all that hold floats. The report is true when all is
    right and prints as a table.
    """
    if isinstance(f, GenericFunction):
        f = f.of(*args, **kwargs)
    return Checker(f).check(args, kwargs, wrt, np.random.default_rng(seed))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Relative difference of <c, J v> and <J^T c, v>; appealed: high precision decided."""

    error: float
    appealed: bool = False


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
        self._referee = Referee(f, self._jvp, self._vjp)

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
        cause = "" if all(r.ok for r in reports) else self._cause(values)
        return GradientReport(self.signature.name, reports, cause)

    def _cause(self, values: list[Any]) -> str:
        """The statement where the derivative first goes wrong, for the report."""
        entry = self.function.reversible
        arguments = Interpreted(entry, self.function.origin.classes).arguments(values)
        try:
            found = blame(entry.function, arguments)
        except ImportError:
            return "with mpmath installed, the statement that is wrong would be named here"
        return str(found) if found else "every statement is right in high-precision arithmetic"

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
        agreements: list[Agreement] = []
        tangents: list[tuple[Vector, Vector]] = []
        defined = True
        outcomes: list[Outcome] = []
        finite = bool(np.isfinite(self.results.flatten(value)).all())
        for _ in range(DIRECTIONS):
            direction = _direction(flatten(slot.type, values[index]), random)
            tangent = self._forward(slot, values, direction)
            agreements.append(self._identity(slot, values, value, direction, tangent, random))
            tangents.append((direction, tangent))
            if finite and np.isnan(tangent).any():
                defined = False
            if not differences:
                continue
            shifted = partial(self._shifted, index, values, direction)
            outcome = compare(self.results.flatten(value), tangent, shifted, self.precision)
            if not outcome.ok:
                outcome = self._appeal(outcome, slot, values, direction, tangent)
            outcomes.append(outcome)
        return self._judged(name, agreements, outcomes, defined, values, tangents)

    def _judged(
        self,
        name: str,
        agreements: list[Agreement],
        outcomes: list[Outcome],
        defined: bool,
        values: list[Any],
        tangents: list[tuple[Vector, Vector]],
    ) -> ParameterReport:
        identity = max(a.error for a in agreements)
        error = max((o.error for o in outcomes), default=0.0)
        orders = max((o.orders for o in outcomes), key=lambda found: len(found), default=[])
        agree = identity <= self.precision.identity
        right = all(o.ok for o in outcomes)
        unstable = False
        if defined and not (agree and right):
            slot = next(s for s in self.active if s.name == name)
            unstable = self._spread(slot, values, tangents) > min(max(identity, error), 1.0) / 10
        appealed = [o.appealed for o in outcomes] + [a.appealed for a in agreements]
        return ParameterReport(
            name,
            identity,
            tuple(orders),
            error if defined else np.inf,
            agree or unstable,
            defined and (right or unstable),
            any(o.kink for o in outcomes),
            any(appealed),
            unstable,
        )

    def _spread(
        self, slot: Slot, values: list[Any], tangents: list[tuple[Vector, Vector]]
    ) -> float:
        """How much J v changes, relatively, when the arguments move by a few units of rounding."""
        random = np.random.default_rng(0)
        worst = 0.0
        for direction, tangent in tangents:
            moved = list(values)
            for other in self.active:
                flat = flatten(other.type, values[self._index(other)])
                flat = flat * (1 + 4 * self.precision.epsilon * random.standard_normal(flat.size))
                moved[self._index(other)] = unflatten(other.type, values[self._index(other)], flat)
            size = float(np.abs(tangent).max(initial=0.0))
            try:
                found = self._forward(slot, moved, direction)
            except errors.RuntimeError:
                continue
            if found.shape != tangent.shape:
                continue
            change = np.abs(found - tangent)
            worst = max(worst, float(change.max(initial=0.0)) / size if size else 0.0)
        return worst

    def _appeal(
        self, outcome: Outcome, slot: Slot, values: list[Any], direction: Vector, tangent: Vector
    ) -> Outcome:
        """The outcome, decided in high precision where f64 differences speak against J v.

        There the derivative must be exact, and `tangent` off by rounding at the most, whose size
        the same computation in f64 shows.
        """
        exact = self._referee.forward(values, self._tangents(slot, values, direction))
        quotient = self._referee.quotient(values, slot, direction)
        if exact is None or quotient is None:
            return outcome
        scale = np.maximum(np.abs(exact.exact), np.abs(quotient))
        scale = np.where(scale > 0.0, scale, 1.0)
        apart = np.abs(quotient - exact.exact)
        apart = np.where(apart <= FINE * exact.noise.max(initial=0.0), 0.0, apart)
        error = float((apart / scale).max(initial=0.0))
        rounding = 100 * exact.noise.max(initial=0.0) + self.precision.difference * scale
        away = np.abs(tangent - exact.exact)
        if not (away <= rounding).all():
            error = max(error, float((away / scale).max()))
        return Outcome(error <= PRECISE, error, outcome.kink, outcome.orders, appealed=True)

    def _tangents(self, slot: Slot, values: list[Any], direction: Vector) -> list[Any]:
        """Tangents of all float parameters: the direction in one, zero in the others."""
        tangents = []
        for other in self.active:
            like = values[self._index(other)]
            zero = np.zeros_like(flatten(other.type, like))
            tangents.append(unflatten(other.type, like, direction if other is slot else zero))
        return tangents

    def _forward(self, slot: Slot, values: list[Any], direction: Vector) -> Vector:
        """J v for a direction in one parameter."""
        tangents = self._tangents(slot, values, direction)
        return self.results.flatten(self._jvp(*values, *tangents)[1])

    def _identity(
        self,
        slot: Slot,
        values: list[Any],
        value: Any,
        direction: Vector,
        tangent: Vector,
        random: np.random.Generator,
    ) -> Agreement:
        """<c, J v> against <J^T c, v>; they agree where infinities decide nothing."""
        weights = random.standard_normal(tangent.size)
        cotangent = self.results.unflatten(value, weights)
        cotangents = self._vjp(*values, cotangent)[1]
        own = cotangents if len(self.active) == 1 else cotangents[self.active.index(slot)]
        gradient = flatten(slot.type, own)
        flat = self.results.flatten(value)
        if not np.isfinite(flat).all():
            return Agreement(0.0)
        if np.isnan(gradient).any() or np.isnan(tangent).any():
            return Agreement(np.inf)
        if not (np.isfinite(gradient).all() and np.isfinite(tangent).all()):
            return Agreement(0.0)
        # Where large parts cancel, both sides are rounding noise of the value's size.
        noise = 1e3 * self.precision.epsilon * float(np.abs(weights) @ np.abs(flat))
        error = relative(weights, tangent, gradient, direction, noise)
        if error <= self.precision.identity:
            return Agreement(error)
        return self._identity_appeal(
            error, slot, values, cotangent, (weights, tangent, gradient, direction)
        )

    def _identity_appeal(
        self,
        error: float,
        slot: Slot,
        values: list[Any],
        cotangent: Any,
        vectors: tuple[Vector, Vector, Vector, Vector],
    ) -> Agreement:
        """The identity in high precision, where that in f64 does not hold: there it must be exact,
        and both native derivatives off by rounding at the most, as the same in f64 shows.
        """
        weights, tangent, gradient, direction = vectors
        forward = self._referee.forward(values, self._tangents(slot, values, direction))
        reverse = self._referee.reverse(values, cotangent)
        if forward is None or reverse is None:
            return Agreement(error)
        sizes = [flatten(s.type, values[self._index(s)]).size for s in self.active]
        start = sum(sizes[: self.active.index(slot)])
        own = slice(start, start + gradient.size)
        noise = np.abs(weights) @ forward.noise + reverse.noise[own] @ np.abs(direction)
        exact = relative(weights, forward.exact, reverse.exact[own], direction, FINE * float(noise))
        near = _near(tangent, forward.exact, forward.noise) and _near(
            gradient, reverse.exact[own], reverse.noise[own]
        )
        return Agreement(exact if near else error, appealed=near)

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


def relative(c: Vector, jv: Vector, jtc: Vector, v: Vector, noise: float) -> float:
    """The difference of <c, J v> and <J^T c, v>, relative to their parts; 0 within the noise."""
    difference = abs(float(c @ jv - jtc @ v))
    scale = float(np.abs(c) @ np.abs(jv) + np.abs(jtc) @ np.abs(v))
    return 0.0 if difference <= noise or scale == 0.0 else difference / scale


def _near(native: Vector, exact: Vector, noise: Vector) -> bool:
    """True when a native derivative is as far from the exact one as rounding explains."""
    size = float(np.abs(exact).max(initial=0.0))
    slack = 100 * float(noise.max(initial=0.0)) + 1e-13 * size
    return bool((np.abs(native - exact) <= slack).all())


def _direction(point: Vector, random: np.random.Generator) -> Vector:
    """A random direction whose elements have the magnitude of the point's."""
    size = np.abs(point)
    typical = float(np.sqrt(np.mean(size * size))) if point.size else 0.0
    size[size == 0.0] = typical if np.isfinite(typical) and typical > 0.0 else 1.0
    return random.standard_normal(point.size) * np.where(np.isfinite(size), size, 1.0)
