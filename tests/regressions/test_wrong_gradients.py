"""Silent zeros and wrong gradients that other systems are known for: one program for each."""

import numpy as np
import pytest

import dpc
from tests.regressions.harness import check
from tests.regressions.programs import PROGRAMS

SHORT_WHILE = """
def f(x: f64[n], steps: i64) -> f64:
    y = 1.0 + x[0]
    t = 0
    while checkpoint(t < steps, slots=2):
        y = sin(y * x[t % n]) + y
        x[t % n] *= y
        t += 1
    return y * sum(x)
"""


@pytest.mark.parametrize("n", [1, 4])
@pytest.mark.parametrize("name", PROGRAMS)
def test_gradient(name: str, n: int) -> None:
    draw = np.random.default_rng(n)
    check(PROGRAMS[name], {"x": draw.normal(size=n), "w": draw.normal(size=(n, n)), "a": 0.37})


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 8])
def test_gradient_of_a_short_while_loop_with_few_slots(steps: int) -> None:
    check(SHORT_WHILE, {"x": np.array([0.4, -0.7, 0.9]), "steps": steps})


def test_both_ways_to_add_are_the_same() -> None:
    x, w, a = np.array([0.3, -0.8, 1.1]), np.ones((3, 3)), 0.37
    one, other = (
        dpc.grad(dpc.compile(PROGRAMS[name]).f)(x, w, a)
        for name in ("adding by an assignment", "adding in place")
    )
    np.testing.assert_allclose(one, other, rtol=1e-14)


def test_a_parallel_gradient_is_the_same_every_time() -> None:
    draw = np.random.default_rng(0)
    arguments = draw.normal(size=200), draw.normal(size=(200, 200)), 0.37
    gradient = dpc.grad(
        dpc.compile(PROGRAMS["adjoints of a parallel loop that collide"]).f, wrt=("x", "w", "a")
    )
    first = gradient(*arguments)
    for _ in range(3):
        for one, other in zip(gradient(*arguments), first, strict=True):
            np.testing.assert_array_equal(one, other)
