"""Derivatives to compare with: difference quotients in 60 digits, before any pass has run."""

from collections.abc import Iterator
from typing import Any

import numpy as np

import dpc
from dpc.compiler.dialects.numbers import mp_numbers
from dpc.compiler.interpret import run
from dpc.compiler.ir.core import Function, Module
from tests.conformance.reference import interpreted
from tests.generator.program import Program
from tests.generator.trial import Trial, flat

NUMBERS = mp_numbers(60)
STEP = NUMBERS.lift(10) ** -25


def check(text: str, arguments: dict[str, Any], rtol: float = 1e-12) -> None:
    """Both modes, natively in both builds and by the interpreter, against high precision; second
    derivatives by the symmetry of the Hessian and against the interpreter.
    """
    function = dpc.compile(text, name="regression").f
    expected = exact_gradient(text, arguments)
    names = tuple(n for n, v in arguments.items() if np.asarray(v).dtype.kind == "f")
    tangents = [_direction(arguments[n], seed) for seed, n in enumerate(names)]
    for build in (function, function.options(math="strict")):
        gradient = dpc.grad(build, wrt=names)
        found = flat(gradient(**arguments))
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol)
        # Elementary functions of fast code differ from the interpreter's in the last place.
        near, atol = (rtol, rtol) if build is function else (1e-13, 0.0)
        by_interpreter = flat(interpreted(gradient)(**arguments))
        np.testing.assert_allclose(by_interpreter, found, rtol=near, atol=atol)
        _, tangent = dpc.jvp(build, wrt=names)(*arguments.values(), *tangents)
        np.testing.assert_allclose(tangent, expected @ flat(tangents), rtol=rtol, atol=rtol)
    _check_second(function, names, list(arguments.values()), tangents)


def _check_second(
    function: dpc.Function, names: tuple[str, ...], values: list[Any], tangents: list[Any]
) -> None:
    """u^T H v = v^T H u, by forward over reverse."""
    gradient = dpc.grad(function, wrt=names)
    others = [_direction(t, 17 + at) for at, t in enumerate(tangents)]
    along = [
        flat(dpc.jvp(gradient, wrt=names)(*values, *direction)[1])
        for direction in (tangents, others)
    ]
    left, right = along[0] @ flat(others), along[1] @ flat(tangents)
    np.testing.assert_allclose(left, right, rtol=1e-10, atol=1e-11)


def exact_gradient(text: str, arguments: dict[str, Any]) -> Any:
    """The derivative of `f` by each float among the arguments, in their order."""
    trial = Trial(Program(text, "f", arguments))
    function, inputs = trial.unoptimised, trial.inputs
    return np.array([_slope(trial, function, inputs, at, k) for at, k in _places(inputs)])


def _places(inputs: list[Any]) -> Iterator[tuple[int, int]]:
    """All floats: the number of the input and of the element."""
    for at, value in enumerate(inputs):
        if np.asarray(value).dtype.kind == "f":
            yield from ((at, k) for k in range(np.size(value)))


def _slope(trial: Trial, function: Function, inputs: list[Any], at: int, k: int) -> float:
    ahead, behind = (_value(trial, function, inputs, at, k, sign * STEP) for sign in (1, -1))
    return float((ahead - behind) / (2 * STEP))


def _value(trial: Trial, function: Function, inputs: list[Any], at: int, k: int, step: Any) -> Any:
    """The value with one float moved by a step."""
    moved = [_lifted(value) for value in inputs]
    if np.ndim(inputs[at]):
        moved[at].reshape(-1)[k] += step
    else:
        moved[at] += step
    arguments = [*trial.sizes.values(), *moved]
    (value,) = run(Module((function,), function.name), function.name, arguments, NUMBERS)
    return value


def _lifted(value: Any) -> Any:
    if np.asarray(value).dtype.kind != "f":
        return value
    if not np.ndim(value):
        return NUMBERS.lift(float(value))
    lifted = np.empty(np.size(value), object)
    lifted[:] = [NUMBERS.lift(float(v)) for v in np.ravel(value)]
    return lifted.reshape(np.shape(value))


def _direction(value: Any, seed: int) -> Any:
    drawn = np.random.default_rng(seed).normal(size=np.shape(value))
    return drawn if drawn.ndim else float(drawn)
