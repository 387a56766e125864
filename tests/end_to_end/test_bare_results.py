"""A bare record as a result takes the dimensions of the value returned."""

import numpy as np
import pytest

import dpc

SOURCE = """
class Model:
    w: f64[d]
    b: f64

def make(x: f64[n]) -> Model:
    return Model(w=x[1:] * 2.0, b=sum(x))

def step(m: Model, t: f64) -> Model:
    m -= t * m * m
    return m

def use(x: f64[n]) -> f64:
    m = step(make(x), 0.1)
    return sum(m.w) * m.b

def two(x: f64[n]) -> (Model, Model):
    return make(x), make(x[1:])

def either(x: f64[n], short: bool) -> Model:
    if short:
        return Model(w=x[:1], b=x[0])
    return Model(w=x, b=1.0)
"""
X = np.array([0.1, 0.2, 0.3])


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SOURCE)


def test_values(module: dpc.Module) -> None:
    np.testing.assert_allclose(module.make(X).w, 2 * X[1:], rtol=1e-15)
    w, b = 2 * X[1:], X.sum()
    np.testing.assert_allclose(module.use(X), (w - 0.1 * w * w).sum() * (b - 0.1 * b * b))
    first, second = module.two(X)
    assert (first.w.shape, second.w.shape) == ((2,), (1,))
    assert module.either(X, True).w.tolist() == [0.1]
    assert module.either(X, False).w.shape == (3,)


def test_gradients(module: dpc.Module) -> None:
    assert dpc.check_grad(module.make, x=X).ok
    assert dpc.check_grad(module.step, m=module.make(X), t=0.1).ok
    assert dpc.check_grad(module.use, x=X).ok


def test_another_record_is_refused() -> None:
    text = "class A:\n    w: f64[d]\nclass B:\n    w: f64[d]\n"
    text += "def f(a: A) -> B:\n    return a\n"
    with pytest.raises(dpc.CompileError, match="E0220"):
        dpc.compile(text)
