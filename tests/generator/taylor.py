"""The Taylor test of order 2: R(h) = |phi(x + h v) - phi(x) - h <J^T c, v>| falls as h^2.

phi = <c, f> is evaluated in 60 digits by the interpreter, of the program before any pass; J^T c is
that of native code. Where rounding of J^T c, or a kink within the range of h, leaves that open, the
reverse sweep too is run in 60 digits and h can be tiny: there R must fall as h^2, down to what the
rounding of constants in rules such as 2 / sqrt(pi) explains, and the native J^T c be as far from
it as the same sweep in f64 explains.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from dpc.compiler.ad.reverse import vjp
from dpc.compiler.dialects.numbers import REAL, Numbers, mp_numbers
from dpc.compiler.interpret import CheckFailed, run, uninitialised
from dpc.compiler.ir.core import Function, Module
from tests.ad.harness import float_inputs, split_vjp
from tests.generator.trial import Trial, flat

DIGITS = 60
STEPS = (5, 7, 9)  # h = 10 ** -STEP
TINY = (8, 10, 12)
KINK = 25
ORDER = 1.9
ROUNDING = 1e-13  # of J^T c, where nothing amplifies it
CONSTANTS = 1e-15  # relative rounding of rules' constants


class UndecidedError(Exception):
    """The test has no answer here, for a reason that is counted."""


@dataclass
class Expansion:
    """phi around the arguments of a trial, along its tangents, in high precision."""

    trial: Trial
    numbers: Numbers

    def __post_init__(self) -> None:
        self.lift: Any = self.numbers.lift

    def at(self, h: Any) -> Any:
        """phi(x + h v)."""
        trial = self.trial
        places = iter(trial.directions)
        moved = [self._moved(x, places, h) for x in trial.inputs]
        values = _results(trial.unoptimised, trial.sizes, moved, self.numbers)
        return self.total(np.ravel(trial.cotangent), _numbers(values))

    def total(self, weights: Any, values: Sequence[Any]) -> Any:
        """The inner product, exactly."""
        return sum(
            (self.lift(float(w)) * v for w, v in zip(weights, values, strict=True)), self.lift(0)
        )

    @cached_property
    def start(self) -> Any:
        return self.at(0)

    def orders(self, slope: Any, exponents: Sequence[int], rounding: Any) -> list[float]:
        """How fast R falls from each step to the next; inf where it is rounding of the slope."""
        steps = [self.lift(10) ** -e for e in exponents]
        rests = [abs(self.at(h) - self.start - h * slope) for h in steps]
        found = []
        for (big, before), (small, after) in pairwise(zip(steps, rests, strict=True)):
            if not before >= 0 or not after >= 0:
                found.append(np.nan)
            elif after <= small * rounding:
                found.append(np.inf)
            else:
                ratio = before / after
                found.append(float(np.log(float(ratio)) / np.log(float(big / small))))
        return found

    def kink(self) -> bool:
        """The derivative to the left is not that to the right."""
        h = self.lift(10) ** -KINK
        bend = abs(self.at(h) - 2 * self.start + self.at(-h)) / h
        return not bend <= self.lift(10) ** -10

    def _moved(self, value: Any, places: Any, h: Any) -> Any:
        if np.asarray(value).dtype.kind != "f":
            return value
        direction = next(places)
        if not np.ndim(value):
            return self.lift(float(value)) + h * self.lift(float(direction))
        made = np.empty(np.shape(value), dtype=object)
        for at in np.ndindex(made.shape):
            made[at] = self.lift(float(value[at])) + h * self.lift(float(direction[at]))
        return made


def taylor_remainder_is_of_order_two(trial: Trial) -> None:
    """See the module."""
    if trial.raises:
        raise UndecidedError("the program raises")
    if trial.program.cut:
        raise UndecidedError("stop_gradient")
    if not np.isfinite(flat(trial.value)).all():
        raise UndecidedError("the value is not finite")
    around = Expansion(trial, mp_numbers(DIGITS))
    gradient, direction = flat(trial.backward[1]), flat(trial.tangents)
    size = float(np.abs(gradient) @ np.abs(direction))
    slope = around.total(list(direction), [around.lift(float(g)) for g in gradient])
    orders = around.orders(slope, STEPS, ROUNDING * size)
    if not min(orders) >= ORDER:
        _appeal(trial, around, gradient, direction, orders)


def _appeal(
    trial: Trial, around: Expansion, gradient: Any, direction: Any, orders: list[float]
) -> None:
    """The same with J^T c in high precision and tiny steps."""
    value = around.total(np.ravel(trial.cotangent), [around.lift(v) for v in flat(trial.value)])
    off = float(abs(value - around.start))
    if not off <= 1e-6 * max(1.0, float(np.abs(flat(trial.value)).max(initial=0.0))):
        raise UndecidedError("rounding decides a branch")
    exact, rounded = (_gradient(trial, numbers) for numbers in (around.numbers, REAL))
    slope = around.total(list(direction), exact)
    size = sum((abs(v) for v in exact), around.lift(0))
    finer = around.orders(slope, TINY, CONSTANTS * size)
    if not min(finer) >= ORDER:
        if around.kink():
            raise UndecidedError("a kink at the point")
        raise AssertionError(f"orders {finer} in high precision, {orders} of native code")
    off = max((float(abs(a - b)) for a, b in zip(rounded, exact, strict=True)), default=0.0)
    slack = 100 * off + trial.program.tolerance * (1e-3 + 1e-3 * float(size))
    away = [float(abs(around.lift(float(g)) - e)) for g, e in zip(gradient, exact, strict=True)]
    assert max(away, default=0.0) <= slack, (away, slack, orders)


def _gradient(trial: Trial, numbers: Numbers) -> list[Any]:
    """J^T c of the program before any pass: what passes fold is rounded to f64."""
    function = trial.unoptimised
    reverse = vjp(function, float_inputs(function))
    found = _results(reverse, trial.sizes, [*trial.inputs, trial.cotangent], numbers)
    return [numbers.lift(v) for v in _numbers(split_vjp(function, trial.inputs, found)[1])]


def _numbers(values: Sequence[Any]) -> list[Any]:
    return [v for value in values for v in (np.ravel(value) if np.ndim(value) else [value])]


def _results(
    function: Function, sizes: dict[str, int], inputs: Sequence[Any], numbers: Numbers
) -> list[Any]:
    """Scalar results, then outputs; as `evaluate` of tests/ad/harness, in any field."""
    given, outputs = iter(inputs), list[Any]()
    arguments: list[Any] = []
    for parameter in function.parameters:
        if parameter.role == "output":
            shape = [e if isinstance(e, int) else sizes[e] for e in parameter.extents]
            outputs.append(uninitialised(shape))
            arguments.append(outputs[-1])
        else:
            known = parameter.role == "dimension"
            arguments.append(sizes[parameter.name] if known else next(given))
    try:
        scalars = run(Module((function,)), function.name, arguments, numbers)
    except CheckFailed as failure:
        raise UndecidedError("a check fails beside the point") from failure
    return [*scalars, *outputs]
