"""What a gradient allocates, counted by the native allocator, and in which order it runs."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.runtime.peak_memory import peak_bytes

ROOT = Path(__file__).resolve().parents[2]
FIRST_CHUNK = 65536

FORCES = """
def potential(position: f64[n, 3], softening: f64) -> f64:
    total = 0.0
    for i in range(n):
        field = 0.0
        for j in range(n):
            square = softening
            for c in range(3):
                square += (position[i, c] - position[j, c]) ** 2
            field += exp(-sqrt(square)) / square ** 1.3
        total += tanh(field) * field
    return total
"""
SEQUENCE = """
def f(x: f64[n]) -> f64:
    y = 1.0
    for i in range(n):
        y = sin(exp(y * x[i]))
    return y
"""


def gmm(n: int) -> dict[str, Any]:
    draw, d, k = np.random.default_rng(n), 4, 5
    return {
        "alphas": draw.normal(size=k), "means": draw.normal(size=(k, d)),
        "icf": draw.normal(size=(k, d * (d + 1) // 2)), "x": draw.normal(size=(n, d)),
        "gamma": 1.0, "m": 0,
    }  # fmt: skip


def logistic(n: int) -> dict[str, Any]:
    draw = np.random.default_rng(n)
    x, y = draw.normal(size=(n, 6)), np.sign(draw.normal(size=n))
    return {"m": {"w": draw.normal(size=6), "b": 0.1}, "x": x, "y": y}


EXAMPLES = {
    "gmm": ("gmm_objective", gmm, ("alphas", "means", "icf")),
    "logistic": ("loss", logistic, ("m",)),
}


@pytest.mark.parametrize("transform", [dpc.grad, dpc.value_and_grad])
@pytest.mark.parametrize("name", EXAMPLES)
def test_memory_of_a_gradient_over_independent_points_is_constant(
    name: str, transform: Callable[..., Any]
) -> None:
    function, data, wrt = EXAMPLES[name]
    module = dpc.load(ROOT / "examples" / name / f"{name}.dp")
    gradient = transform(getattr(module, function), wrt=wrt)
    for n in (10, 20_000):
        assert peak_bytes(partial(gradient, **data(n))) <= FIRST_CHUNK


def test_memory_of_pairwise_forces_is_that_of_one_row() -> None:
    gradient = dpc.grad(dpc.compile(FORCES).potential)
    given = np.random.default_rng(0).normal(size=(1000, 3))
    # One iteration's tape: some values for each of the 1000 pairs, not for each of a million; or
    # that of the eight iterations that run side by side.
    assert peak_bytes(lambda: gradient(given, 0.3)) <= FIRST_CHUNK + 8 * 1000 * 8 * 8


def test_a_sequence_is_stored() -> None:
    gradient = dpc.grad(dpc.compile(SEQUENCE).f)
    assert peak_bytes(lambda: gradient(np.zeros(50_000))) >= 50_000 * 8


PRINTS = """
def inside(x: f64[n]) -> f64:
    total = 0.0
    for i in range(n):
        print("point", i)
        total += sin(exp(x[i]))
    print("sum", total > 0.0)
    return total

def behind(x: f64[n]) -> f64:
    total = 0.0
    for i in range(n):
        print("point", i)
        total += sin(exp(x[i]))
    print("behind")
    return 2.0 * total
"""


@pytest.mark.parametrize(("name", "last"), [("inside", "sum True"), ("behind", "behind")])
def test_prints_keep_their_order_and_come_once(
    name: str, last: str, capsys: pytest.CaptureFixture[str]
) -> None:
    function = getattr(dpc.compile(PRINTS), name)
    given = np.linspace(-1.0, 0.5, 3)
    for transform in (dpc.grad, dpc.value_and_grad):
        transform(function)(given)
        assert capsys.readouterr().out.splitlines() == ["point 0", "point 1", "point 2", last]


CHECKS = """
def f(x: f64[n]) -> f64:
    total = 0.0
    for i in range(n):
        assert x[i] < 1.0, "too large"
        total += sin(exp(x[i]))
    for i in range(n):
        assert x[i] > 0.0, "too small"
    return total
"""


def test_the_first_check_that_fails_is_the_one_reported() -> None:
    function = dpc.compile(CHECKS).f
    both = np.array([0.5, -1.0, 2.0])
    for call in (function, dpc.grad(function), dpc.value_and_grad(function)):
        with pytest.raises(dpc.RuntimeError, match="too large"):
            call(both)
        with pytest.raises(dpc.RuntimeError, match="too small"):
            call(both[:2])


ZEROS = """
def f(x: f64[n]) -> f64:
    total = 0.0
    for i in range(n):
        total += where(x[i] > 0.0, sqrt(x[i]), exp(sin(x[i])))
    return total
"""


def test_zero_times_infinity_is_zero_in_a_loop_that_runs_once() -> None:
    value, gradient = dpc.value_and_grad(dpc.compile(ZEROS).f)(np.array([0.0, 4.0, -1.0]))
    inner = np.exp(np.sin(-1.0))
    np.testing.assert_allclose(value, 1.0 + 2.0 + inner, rtol=1e-14)
    np.testing.assert_allclose(gradient, [1.0, 0.25, np.cos(-1.0) * inner], rtol=1e-14)


def test_the_bits_are_the_same_each_time() -> None:
    gradient = dpc.value_and_grad(dpc.compile(FORCES).potential)
    given = np.random.default_rng(1).normal(size=(37, 3))
    first = gradient(given, 0.3)
    for _ in range(3):
        value, again = gradient(given.copy(), 0.3)
        assert value == first[0]
        assert again.tobytes() == first[1].tobytes()
