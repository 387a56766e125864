"""Minimisation against known minima and their derivatives by the implicit function theorem."""

import numpy as np
import pytest

import dpc
from tests.std.library import check_derivatives

TEXT = """
from optim import gradient_descent, lbfgs, newton

def descended(a: f64[n], b: f64[n], steps: i64, momentum: f64) -> f64[n]:
    return gradient_descent(
        lambda x: sum(0.5 * a * x * x - b * x), zeros(n), 0.1, steps, momentum
    )

def ridge(x: f64[n, d], y: f64[n], weight: f64) -> f64[d]:
    return newton(
        lambda w: 0.5 * sum((x @ w - y) ** 2) + 0.5 * weight * sum(w ** 2), zeros(d)
    )

def logistic(x: f64[n, d], y: f64[n], weight: f64) -> f64[d]:
    return lbfgs(
        lambda w: sum(softplus(-y * (x @ w))) + 0.5 * weight * dot(w, w), zeros(d)
    )

def valley(start: f64[n], a: f64) -> f64[n]:
    return lbfgs(
        lambda x: sum(100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (a - x[i]) ** 2 for i in range(n - 1)),
        start,
    )

def root_of_two(a: f64, start: f64, max_steps: i64) -> f64:
    x = newton(lambda x: x[0] ** 3 / 3.0 - a * x[0], [start], max_steps=max_steps)
    return x[0]

def endless(start: f64, steps: i64) -> f64:
    x = lbfgs(lambda x: -x[0], [start], max_steps=steps)
    return x[0]
"""
MODULE = dpc.compile(TEXT, name="optim_test")
RANDOM = np.random.default_rng(2)
X, Y = RANDOM.normal(size=(6, 2)), np.array([1.0, -1.0, 1.0, 1.0, -1.0, -1.0])
A, B = np.array([1.0, 4.0, 0.5]), np.array([1.0, 2.0, 3.0])


def test_gradient_descent() -> None:
    np.testing.assert_allclose(MODULE.descended(A, B, 2000, 0.0), B / A, rtol=1e-12)
    np.testing.assert_allclose(MODULE.descended(A, B, 400, 0.5), B / A, rtol=1e-12)
    np.testing.assert_allclose(MODULE.descended(A, B, 1, 0.5), 0.1 * B)
    assert not MODULE.descended(A, B, 0, 0.5).any()
    assert MODULE.descended(np.zeros(0), np.zeros(0), 3, 0.0).shape == (0,)
    check_derivatives(MODULE.descended, (A, B, 7, 0.5))


def test_newton_of_a_quadratic() -> None:
    exact = np.linalg.solve(X.T @ X + 0.3 * np.eye(2), X.T @ Y)
    np.testing.assert_allclose(MODULE.ridge(X, Y, 0.3), exact, rtol=1e-12)
    check_derivatives(MODULE.ridge, (X, Y, 0.3))


def test_lbfgs_of_a_convex_function() -> None:
    w = MODULE.logistic(X, Y, 0.5)
    s = 1.0 / (1.0 + np.exp(Y * (X @ w)))
    np.testing.assert_allclose(0.5 * w, X.T @ (Y * s), atol=1e-14)
    hessian = 0.5 * np.eye(2) + X.T @ ((s * (1.0 - s))[:, None] * X)
    _, tangent = dpc.jvp(MODULE.logistic, wrt="weight")(X, Y, 0.5, 1.0)
    np.testing.assert_allclose(tangent, -np.linalg.solve(hessian, w), rtol=1e-9)
    check_derivatives(MODULE.logistic, (X, Y, 0.5))


@pytest.mark.parametrize("start", [(-1.2, 1.0), (0.0, 0.0), (0.5, 0.2, 0.5, 0.9)])
def test_lbfgs_in_a_curved_valley(start: tuple[float, ...]) -> None:
    np.testing.assert_allclose(MODULE.valley(np.array(start), 1.0), 1.0, rtol=1e-8)


def test_derivatives_in_a_curved_valley() -> None:
    start = np.array([-1.2, 1.0])
    value, tangent = dpc.jvp(MODULE.valley, wrt="a")(start, 1.5, 1.0)
    np.testing.assert_allclose(value, [1.5, 2.25], rtol=1e-8)
    np.testing.assert_allclose(tangent, [1.0, 3.0], rtol=1e-6)


def test_derivatives_of_a_root() -> None:
    f, a = MODULE.root_of_two, 2.0
    assert f(a, 1.0, 100) == pytest.approx(np.sqrt(a), rel=1e-15)
    assert dpc.grad(f)(a, 1.0, 100) == pytest.approx(0.5 / np.sqrt(a), rel=1e-12)
    assert dpc.grad(f, wrt="start")(a, 1.0, 100) == pytest.approx(0.0, abs=1e-12)
    assert dpc.grad(dpc.grad(f))(a, 1.0, 100) == pytest.approx(-0.25 * a**-1.5, rel=1e-8)


def test_errors() -> None:
    with pytest.raises(dpc.RuntimeError, match="newton: no minimum after 3 steps"):
        MODULE.root_of_two(2.0, 1e6, 3)
    with pytest.raises(dpc.RuntimeError, match="not positive definite"):
        MODULE.root_of_two(2.0, -1.0, 100)
    with pytest.raises(dpc.RuntimeError, match="lbfgs: "):
        MODULE.endless(0.0, 5)
