"""Derivatives taken inside the language: values, and derivatives of what holds them."""

from typing import Any

import mpmath
import numpy as np
import pytest

import dpc
from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.printer import print_module

SOURCE = """
class Model:
    w: f64[d]
    b: f64

def f(x: f64[n], c: f64) -> f64:
    total = 0.0
    for i in range(n):
        total += x[i] ** 3 * sin(c * x[0])
    return total

def g(x: f64[n], c: f64) -> f64[n]:
    return x * x * c + sum(x)

def gradient(x: f64[n], c: f64) -> f64[n]:
    return grad(f)(x, c)

def both(x: f64[n], c: f64) -> (f64, f64[n], f64):
    value, (dx, dc) = value_and_grad(f, wrt=(x, c))(x, c)
    return value, dx, dc

def hessian_of(x: f64[n], c: f64) -> f64[n, n]:
    return hessian(f)(x, c)

def mixed(x: f64[n], c: f64) -> f64[n]:
    return jacobian(grad(f), wrt=c)(x, c)

def product(x: f64[n], c: f64, v: f64[n]) -> f64[n]:
    return hvp(f, wrt=x)(x, c, v)

def jacobian_of(x: f64[n], c: f64) -> f64[n, n]:
    return jacobian(g)(x, c)

def forward(x: f64[n], c: f64, v: f64[n]) -> (f64[n], f64[n]):
    return jvp(g, (x, c), (v, 1.0))

def backward(x: f64[n], c: f64, v: f64[n]) -> (f64[n], f64):
    _, (dx, dc) = vjp(g, (x, c), v)
    return dx, dc

def score(m: Model(d), x: f64[d]) -> f64:
    return softplus(dot(m.w, x) + m.b)

def fields(m: Model(d), x: f64[d]) -> (Model(d), f64[d]):
    return grad(score)(m, x), grad(score, wrt="m.w")(m, x)

def squared(h: Callable[[f64[n]], f64[n]], x: f64[n]) -> f64:
    return sum((jacobian(h)(x) @ h(x)) ** 2)

def through_callable(x: f64[n], c: f64) -> f64:
    return squared(lambda t: t * t * c + t[0], x)

def descent(x: f64[n], c: f64) -> f64[n]:
    step = grad(f)
    for k in range(3):
        x = x - 0.1 * step(x, c)
    return x

def confusion(x: f64) -> f64:
    return grad(lambda a: a * grad(lambda b: a + b)(1.0))(x)

def confusion_of_products(x: f64) -> f64:
    return grad(lambda a: a * grad(lambda b: a * b * b)(2.0))(x)

def third(x: f64) -> f64:
    return grad(grad(grad(lambda t: t ** 4 * sin(t))))(x)

def held(x: f64[n], c: f64) -> f64:
    return sum(x * stop_gradient(x)) + stop_gradient(c) * c

def strong(x: f64[n]) -> f64[n]:
    return grad(lambda v: sum(where(v > 0.0, sqrt(v), 0.0)))(x)
"""
MODULE = dpc.compile(SOURCE)
X, C, V = np.array([0.3, 0.5, 0.7]), 1.3, np.array([1.0, -2.0, 0.5])


def test_gradients_are_those_from_python() -> None:
    expected = dpc.grad(MODULE.f, wrt=("x", "c"))(X, C)
    value, dx, dc = MODULE.both(X, C)
    assert value == pytest.approx(MODULE.f(X, C))
    np.testing.assert_allclose(dx, expected[0])
    np.testing.assert_allclose(dc, expected[1])
    np.testing.assert_allclose(MODULE.gradient(X, C), expected[0])


def test_second_derivatives() -> None:
    rows = [dpc.jvp(dpc.grad(MODULE.f), wrt="x")(X, C, row)[1] for row in np.eye(3)]
    np.testing.assert_allclose(MODULE.hessian_of(X, C), rows)
    np.testing.assert_allclose(MODULE.product(X, C, V), np.array(rows) @ V)
    mixed = dpc.jvp(dpc.grad(MODULE.f), wrt="c")(X, C, 1.0)[1]
    np.testing.assert_allclose(MODULE.mixed(X, C), mixed)


def test_jacobians() -> None:
    expected = np.diag(2.0 * C * X) + 1.0
    np.testing.assert_allclose(MODULE.jacobian_of(X, C), expected)
    np.testing.assert_allclose(MODULE.forward(X, C, V)[1], expected @ V + X * X)
    dx, dc = MODULE.backward(X, C, V)
    np.testing.assert_allclose(dx, expected.T @ V)
    np.testing.assert_allclose(dc, np.dot(X * X, V))


def test_records_and_their_fields() -> None:
    whole, part = MODULE.fields({"w": X, "b": 0.1}, V)
    slope = 1.0 / (1.0 + np.exp(-(X @ V + 0.1)))
    np.testing.assert_allclose(whole.w, slope * V)
    assert whole.b == pytest.approx(slope)
    np.testing.assert_allclose(part, slope * V)


def test_derivatives_do_not_mix() -> None:
    assert MODULE.confusion(3.0) == 1.0
    assert MODULE.confusion_of_products(3.0) == 24.0


def test_third_derivative() -> None:
    expected = mpmath.diff(lambda t: t**4 * mpmath.sin(t), 0.7, 3)
    assert MODULE.third(0.7) == pytest.approx(float(expected), rel=1e-9)


def test_zeros_are_strong_inside() -> None:
    np.testing.assert_array_equal(MODULE.strong(np.array([-1.0, 4.0, 0.0])), [0.0, 0.25, 0.0])


CHECKED: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("gradient", (X, C)),
    ("both", (X, C)),
    ("hessian_of", (X, C)),
    ("mixed", (X, C)),
    ("product", (X, C, V)),
    ("jacobian_of", (X, C)),
    ("forward", (X, C, V)),
    ("backward", (X, C, V)),
    ("through_callable", (X, C)),
    ("descent", (X, C)),
    ("confusion_of_products", (3.0,)),
    ("third", (0.7,)),
)


@pytest.mark.parametrize(("name", "arguments"), CHECKED, ids=[name for name, _ in CHECKED])
def test_what_holds_derivatives_is_differentiable(name: str, arguments: tuple[Any, ...]) -> None:
    report = dpc.check_grad(getattr(MODULE, name), *arguments)
    assert report.ok, str(report)


@pytest.mark.parametrize("n", [0, 1])
def test_no_elements_and_one(n: int) -> None:
    x = np.full(n, 0.5)
    assert MODULE.jacobian_of(x, C).shape == (n, n)


def test_the_array_level_shows_the_derivative() -> None:
    text = MODULE.gradient.ir("array")
    assert "ad.derivative @f" in text
    assert print_module(parse_module(text)) == text


def test_stop_gradient_has_derivative_zero() -> None:
    assert MODULE.held(X, C) == pytest.approx(X @ X + C * C)
    dx, dc = dpc.grad(MODULE.held, wrt=("x", "c"))(X, C)
    np.testing.assert_array_equal(dx, X)
    assert dc == C
    np.testing.assert_array_equal(dpc.jvp(MODULE.held, wrt="x")(X, C, V)[1], X @ V)
