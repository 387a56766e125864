"""Roots and fixed points, their derivatives by the implicit function theorem."""

import numpy as np
import pytest

import dpc
from tests.std.library import check_derivatives

TEXT = """
from implicit import fixed_point, root

def power(a: f64, start: f64) -> f64:
    x = root(lambda x: x ** 3 - a, [start])
    return x[0]

def crossing(a: f64, b: f64[2]) -> f64[2]:
    return root(
        lambda x: [x[0] ** 2 + x[1] ** 2 - a, b[0] * x[0] + b[1] * x[1] ** 3], [1.0, 0.5]
    )

def kepler(mean: f64, eccentricity: f64) -> f64:
    e = fixed_point(lambda e: [mean + eccentricity * sin(e[0])], [mean])
    return e[0]

def stationary(p: f64[n, n], rate: f64) -> f64[n]:
    return fixed_point(lambda x: rate * (p @ x) + 1.0, zeros(n))

def never(steps: i64) -> f64:
    x = fixed_point(lambda x: 2.0 * x + 1.0, [1.0], max_steps=steps)
    return x[0]

def nowhere(start: f64) -> f64:
    x = root(lambda x: x * x, [start])
    y = root(lambda y: y * y + 1.0, [0.3])
    return x[0] + y[0]

def undefined(a: f64) -> f64:
    x = root(lambda x: log(a) * x, [1.0])
    return x[0]
"""
MODULE = dpc.compile(TEXT, name="implicit_test")


def test_root() -> None:
    f = MODULE.power
    assert f(8.0, 1.0) == pytest.approx(2.0, rel=1e-15)
    assert dpc.grad(f)(8.0, 1.0) == pytest.approx(1.0 / 12.0, rel=1e-12)
    assert dpc.grad(f, wrt="start")(8.0, 1.0) == pytest.approx(0.0, abs=1e-12)
    second = dpc.grad(dpc.grad(f))
    assert second(8.0, 1.0) == pytest.approx(-2.0 / 9.0 * 8.0 ** (-5.0 / 3.0), rel=1e-10)


def test_root_of_two_equations() -> None:
    b = np.array([1.0, -2.0])
    x = MODULE.crossing(2.0, b)
    np.testing.assert_allclose([x @ x, x[0] - 2.0 * x[1] ** 3], [2.0, 0.0], atol=1e-14)
    jacobian = np.array([[2.0 * x[0], 2.0 * x[1]], [1.0, -6.0 * x[1] ** 2]])
    _, tangent = dpc.jvp(MODULE.crossing, wrt="a")(2.0, b, 1.0)
    np.testing.assert_allclose(tangent, np.linalg.solve(jacobian, [1.0, 0.0]), rtol=1e-10)
    check_derivatives(MODULE.crossing, (2.0, b))


def test_fixed_point() -> None:
    e = MODULE.kepler(1.0, 0.4)
    assert e - 0.4 * np.sin(e) == pytest.approx(1.0, rel=1e-15)
    exact = 1.0 / (1.0 - 0.4 * np.cos(e))
    assert dpc.grad(MODULE.kepler)(1.0, 0.4) == pytest.approx(exact, rel=1e-12)
    check_derivatives(MODULE.kepler, (1.0, 0.4))


def test_linear_fixed_point() -> None:
    p = np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5], [0.0, 0.1, 0.9]])
    exact = np.linalg.solve(np.eye(3) - 0.7 * p, np.ones(3))
    np.testing.assert_allclose(MODULE.stationary(p, 0.7), exact, rtol=1e-12)
    check_derivatives(MODULE.stationary, (p, 0.7))
    assert MODULE.stationary(np.zeros((0, 0)), 0.7).shape == (0,)


def test_errors() -> None:
    with pytest.raises(dpc.RuntimeError, match="fixed_point: no fixed point after 30 steps"):
        MODULE.never(30)
    with pytest.raises(dpc.RuntimeError, match="root: no root after 100 steps"):
        MODULE.nowhere(1.0)
    with pytest.raises(dpc.RuntimeError, match="singular"):
        MODULE.nowhere(0.0)
    with pytest.raises(dpc.RuntimeError, match="no root after"):
        MODULE.undefined(-1.0)
