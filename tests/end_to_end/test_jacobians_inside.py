"""Jacobians of tuples and by several parameters; derivatives of functions that take functions."""

from typing import Any

import numpy as np
import pytest

import dpc

SOURCE = """
class Model:
    w: f64[d]
    b: f64
    k: i64

def f(x: f64[n], y: f64[n]) -> f64[n]:
    return x ** 2 * y

def two(x: f64[n], s: f64) -> (f64, f64[n]):
    return s * sum(x ** 2), s ** 2 * x

def energy(x: f64[n], s: f64, m: f64) -> f64:
    return s * sum(x ** 3) + s ** 2 * m * x[0]

def scores(m: Model, x: f64[d]) -> f64[d]:
    return m.b * m.w * x

def by_both(x: f64[n], y: f64[n]) -> (f64[n, n], f64[n, n]):
    return jacobian(f, wrt=(x, y))(x, y)

def of_both(x: f64[n], s: f64) -> (f64[n], f64[n, n]):
    return jacobian(two)(x, s)

def of_both_by_both(x: f64[n], s: f64) -> ((f64[n], f64), (f64[n, n], f64[n])):
    return jacobian(two, wrt=(x, s))(x, s)

def second(x: f64[n], s: f64, m: f64) -> ((f64[n, n], f64[n]), (f64[n], f64)):
    return hessian(energy, wrt=(x, s))(x, s, m)

def along(x: f64[n], s: f64, m: f64, vx: f64[n], vs: f64) -> (f64[n], f64):
    return hvp(energy, wrt=(x, s))(x, s, m, vx, vs)

def fields(m: Model(d), x: f64[d]) -> (f64[d, d], f64[d]):
    return jacobian(scores, wrt=("m.w", "m.b"))(m, x)

def of_lambda(x: f64[n]) -> f64[n]:
    return jacobian(lambda v: (sum(v), sum(v * v)))(x)[1]

def integral(g: Callable[[f64], f64], a: f64, b: f64, n: i64 = 20) -> f64:
    h = (b - a) / n
    return h * sum(g(a + (i + 0.5) * h) for i in range(n))

def squared(g: Callable[[f64[n]], f64[m]], x: f64[n]) -> f64:
    return sum(g(x) ** 2)

def cube(t: f64) -> f64:
    return t ** 3

def upper(b: f64) -> f64:
    return grad(integral, wrt=b)(cube, 0.0, b)

def by_keywords(b: f64) -> f64:
    return grad(integral, wrt=b)(g=lambda t: t * b, a=0.0, n=10, b=b)

def with_capture(c: f64, x: f64[n]) -> (f64, f64[n]):
    return value_and_grad(squared)(lambda v: c * v, x)

def curvature(x: f64[n]) -> f64[n, n]:
    return hessian(squared)(lambda v: v ** 2, x)

def curved(x: f64[n], v: f64[n]) -> f64[n]:
    return hvp(squared)(lambda u: u ** 2, x, v)

def forward(x: f64, dx: f64) -> (f64, f64):
    return jvp(integral, (cube, 0.0, x), (0.0, dx))

def backward(x: f64) -> (f64, (f64, f64)):
    return vjp(integral, (cube, 0.5, x), 1.0)
"""
X, Y = np.array([0.5, 1.0, 2.0]), np.array([1.0, -1.0, 3.0])
MODEL = {"w": X, "b": 2.0, "k": 1}


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SOURCE)


def test_jacobians(module: dpc.Module) -> None:
    by_x, by_y = module.by_both(X, Y)
    np.testing.assert_allclose(by_x, np.diag(2 * X * Y))
    np.testing.assert_allclose(by_y, np.diag(X**2))
    (first, first_s), (second, second_s) = module.of_both_by_both(X, 2.0)
    np.testing.assert_allclose(first, 4 * X)
    np.testing.assert_allclose(first_s, X @ X)
    np.testing.assert_allclose(second, 4 * np.eye(3))
    np.testing.assert_allclose(second_s, 4 * X)
    for left, right in zip(module.of_both(X, 2.0), (first, second), strict=True):
        np.testing.assert_array_equal(left, right)
    by_w, by_b = module.fields(MODEL, Y)
    np.testing.assert_allclose(by_w, np.diag(2 * Y))
    np.testing.assert_allclose(by_b, X * Y)
    np.testing.assert_allclose(module.of_lambda(X), 2 * X)


def test_second_derivatives(module: dpc.Module) -> None:
    (xx, xs), (sx, ss) = module.second(X, 2.0, 3.0)
    np.testing.assert_allclose(xx, np.diag(12 * X))
    np.testing.assert_allclose(xs, 3 * X**2 + np.array([12, 0, 0]))
    np.testing.assert_allclose(sx, xs)
    assert ss == pytest.approx(6 * X[0])
    along_x, along_s = module.along(X, 2.0, 3.0, Y, 0.5)
    np.testing.assert_allclose(along_x, xx @ Y + xs * 0.5)
    assert along_s == pytest.approx(sx @ Y + ss * 0.5)


def test_functions_that_take_functions(module: dpc.Module) -> None:
    assert module.upper(2.0) == pytest.approx(8.0, rel=2e-3)
    assert module.by_keywords(2.0) == pytest.approx(4.0, rel=1e-13)
    value, gradient = module.with_capture(3.0, X)
    assert value == pytest.approx(9 * X @ X)
    np.testing.assert_allclose(gradient, 18 * X)
    np.testing.assert_allclose(module.curvature(X), np.diag(12 * X**2))
    np.testing.assert_allclose(module.curved(X, Y), 12 * X**2 * Y)
    value, tangent = module.forward(2.0, 0.5)
    assert (value, tangent) == pytest.approx((4.0, 4.0), rel=2e-3)
    value, (_, by_b) = module.backward(2.0)
    assert by_b == pytest.approx(8.0, rel=2e-3)


CHECKED: dict[str, tuple[Any, ...]] = {
    "by_both": (X, Y), "of_both_by_both": (X, 2.0), "second": (X, 2.0, 3.0),
    "along": (X, 2.0, 3.0, Y, 0.5), "fields": (MODEL, Y), "upper": (2.0,), "by_keywords": (2.0,),
    "with_capture": (3.0, X), "curvature": (X,), "forward": (2.0, 0.5), "backward": (2.0,),
}  # fmt: skip


@pytest.mark.parametrize("name", CHECKED)
def test_derivatives_of_derivatives(module: dpc.Module, name: str) -> None:
    report = dpc.check_grad(getattr(module, name), *CHECKED[name])
    assert report.ok, str(report)


@pytest.mark.parametrize(
    ("expression", "code", "message"),
    [
        ("jacobian(scores)(m, x)", "E0100", "by a record"),
        ("jacobian(as_model)(x)", "E0100", "of a record"),
        ("hvp(energy, wrt=(x, s))(x, 1.0, 1.0, x)", "E0242", "called with 2 arguments"),
        ("hvp(energy)()", "E0224", "multiplied"),
        ("jacobian(energy, wrt=(x, x))(x, 1.0, 1.0)", "E0406", "twice"),
        ("jacobian(energy, wrt=())(x, 1.0, 1.0)", "E0224", "parameters of the function"),
        ("grad(integral)(x[0], 0.0, 1.0)", "E0241", "takes a function"),
        ("grad(integral)(cube, 0.0)", "E0224", "needs `b`"),
        ("grad(integral)(cube, 0.0, 1.0, 3, 4)", "E0224", "takes 4 arguments"),
        ("grad(integral)(cube, 0.0, 1.0, z=1)", "E0224", "no parameter `z`"),
        ("grad(integral, wrt=g)(cube, 0.0, 1.0)", "E0403", "no parameter `g`"),
        ("grad(integral)(lambda t, u: t, 0.0, 1.0)", "E0242", "called with 1 argument"),
    ],
)
def test_misuse(expression: str, code: str, message: str) -> None:
    text = "def as_model(x: f64[d]) -> Model(d):\n    return Model(w=x, b=1.0, k=2)\n"
    text += f"def wrong(m: Model, x: f64[n]) -> f64:\n    t = {expression}\n    return 0.0\n"
    with pytest.raises(dpc.CompileError) as caught:
        dpc.compile(SOURCE + text)
    errors = [d for d in caught.value.diagnostics if d.level == "error"]
    assert [d.code for d in errors] == [code], str(caught.value)
    assert message in errors[0].message
    assert errors[0].span.source.name == "inline"


def test_a_record_says_what_to_write() -> None:
    text = "def wrong(m: Model(d), x: f64[d]) -> f64[d, d]:\n    return jacobian(scores)(m, x)\n"
    with pytest.raises(dpc.CompileError, match=r'jacobian\(scores, wrt=\("m.w", "m.b"\)\)'):
        dpc.compile(SOURCE + text)
