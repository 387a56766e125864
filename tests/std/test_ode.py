"""Differential equations against exact solutions and SciPy's DOP853."""

from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import dpc
from tests.std.library import check_derivatives

TEXT = """
from ode import dopri5, rk4, rk4_path

def roughly(y0: f64[n], rate: f64, t: f64[m], rtol: f64) -> f64[m, n]:
    return dopri5(lambda s, y: -rate * y, y0, t, rtol, 1e-12)

def decay(y0: f64[n], rate: f64, t: f64[m]) -> f64[m, n]:
    return roughly(y0, rate, t, 1e-9)

def oscillator(y0: f64[2], mu: f64, t: f64[m]) -> f64[m, 2]:
    return dopri5(
        lambda s, y: [y[1], mu * (1.0 - y[0] ** 2) * y[1] - y[0]], y0, t, 1e-8, 1e-10
    )

def last_of_driven(y0: f64[1], rate: f64, t1: f64) -> f64:
    y = rk4(lambda s, y: rate * cos(rate * s) * y, y0, 0.0, t1, 50)
    return y[0]

def last_of_decay(rate: f64) -> f64:
    y = dopri5(lambda s, y: -rate * y, [1.0], [0.0, 1.0], 1e-9, 1e-12)
    return y[1, 0]

def driven_path(y0: f64[n], t: f64[m]) -> f64[m, n]:
    return rk4_path(lambda s, y: cos(s) * y, y0, t, 40)

def few(t: f64[m], steps: i64, max_steps: i64) -> f64[m, 1]:
    y = rk4(lambda s, y: y, [1.0], 0.0, 1.0, steps)
    return dopri5(lambda s, y: y * y, y, t, max_steps=max_steps)
"""
START = np.array([2.0, 0.0])
MODULE = dpc.compile(TEXT, name="ode_test")


def reference(mu: float, t: Any) -> Any:
    def f(_: float, y: Any) -> Any:
        return [y[1], mu * (1.0 - y[0] ** 2) * y[1] - y[0]]

    span = (t[0], t[-1])
    return solve_ivp(f, span, START, method="DOP853", rtol=1e-12, atol=1e-12, t_eval=t).y.T


@pytest.mark.parametrize("t", [(0.0, 0.5, 2.0), (1.0, 0.2, -0.5), (0.0, 0.0, 1.0, 1.0), (3.0,)])
def test_exponential_decay(t: tuple[float, ...]) -> None:
    times, start = np.array(t), np.array([1.0, -2.0])
    exact = np.exp(-1.3 * (times - times[0]))[:, None] * start
    np.testing.assert_allclose(MODULE.decay(start, 1.3, times), exact, rtol=1e-7)


@pytest.mark.parametrize("count", [2, 40])
def test_oscillator_with_many_and_few_output_times(count: int) -> None:
    t = np.linspace(0.0, 5.0, count)
    np.testing.assert_allclose(MODULE.oscillator(START, 2.0, t), reference(2.0, t), atol=2e-6)


def test_errors_follow_the_tolerance() -> None:
    t = np.array([0.0, 1.0])
    exact = np.exp(-1.3)
    errors = [
        abs(MODULE.roughly(np.ones(1), 1.3, t, rtol)[1, 0] - exact) for rtol in (1e-4, 1e-6, 1e-8)
    ]
    assert errors[0] > errors[1] > errors[2]
    assert all(e < 10 * rtol for e, rtol in zip(errors, (1e-4, 1e-6, 1e-8), strict=True))


def test_fixed_steps() -> None:
    exact = np.exp(np.sin(1.3 * 2.0))
    assert MODULE.last_of_driven(np.ones(1), 1.3, 2.0) == pytest.approx(exact, rel=1e-6)
    t = np.array([0.0, 1.0, 3.0, 2.0])
    path = MODULE.driven_path(np.array([1.0, 2.0]), t)
    np.testing.assert_allclose(path, np.exp(np.sin(t))[:, None] * [1.0, 2.0], rtol=1e-6)


def test_nothing_to_solve_for() -> None:
    assert MODULE.decay(np.zeros(0), 1.0, np.array([0.0, 1.0])).shape == (2, 0)
    assert MODULE.driven_path(np.zeros(2), np.zeros(0)).shape == (0, 2)
    assert not MODULE.decay(np.zeros(2), 1.0, np.array([0.0, 1.0])).any()


def test_derivatives() -> None:
    t = np.array([0.0, 0.7, 2.0])
    check_derivatives(MODULE.oscillator, (START, 2.0, t))
    check_derivatives(MODULE.decay, (np.array([1.0, 2.0]), 1.3, t))
    check_derivatives(MODULE.driven_path, (np.array([1.0, 2.0]), t))
    check_derivatives(MODULE.last_of_driven, (np.ones(1), 1.3, 2.0))


def test_derivatives_are_those_of_the_solution() -> None:
    exact = np.exp(-1.3)
    first, second = dpc.grad(MODULE.last_of_decay), dpc.grad(dpc.grad(MODULE.last_of_decay))
    assert first(1.3) == pytest.approx(-exact, rel=1e-6)
    assert second(1.3) == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.array([0.0, 1.0, 0.5]), 10, 100), r"dopri5: t\[2\] is out of order"),
        ((np.array([0.0, 0.3]), 0, 100), "rk4: steps is 0, not positive"),
        ((np.zeros(0), 10, 100), "there are no times"),
        ((np.array([0.0, 0.3]), 10, 2), "2 steps only reach t = "),
        ((np.array([0.0, 0.5]), 10, 100000), "the step size vanishes at t = 0.367"),
    ],
)
def test_errors(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(dpc.RuntimeError, match=message):
        MODULE.few(*arguments)
