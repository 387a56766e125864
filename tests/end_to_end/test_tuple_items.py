"""Items of tuples that are no variables."""

import numpy as np
import pytest

import dpc

TWO = "def two(x: f64[n]) -> (f64, (f64[n], i64)):\n    return sum(x), (2.0 * x, n)\n"
SOURCE = (
    TWO
    + """
def spectral(a: f64[n, n]) -> f64:
    return eigh(a)[0][0] + eigh(a)[-1][0, 0]

def slope(x: f64[n]) -> f64[n]:
    return value_and_grad(lambda v: sum(v ** 3))(x)[1]

def nested(x: f64[n]) -> f64:
    return sum(two(x[:i])[1][0][-1] * two(x)[0] for i in range(1, n)) + two(x)[1][1]

def choice(x: f64[n], c: bool) -> f64:
    return (two(x) if c else (1.0, (x, 4)))[0]

def extent(x: f64[n]) -> f64[n]:
    return ones(two(x)[1][1]) + x

def condition(x: f64[n]) -> f64:
    t = 0.0
    while two(x)[0] > t:
        t += 1.0
    return t
"""
)
X = np.array([1.0, 2.0, 3.5])
A = np.array([[2.0, 1.0], [1.0, 3.0]])


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SOURCE)


def test_values(module: dpc.Module) -> None:
    w, v = np.linalg.eigh(A)
    largest = np.abs(v[:, 0]).argmax()
    expected = w[0] + v[0, 0] * np.sign(v[largest, 0])
    np.testing.assert_allclose(module.spectral(A), expected, rtol=1e-13)
    np.testing.assert_allclose(module.slope(X), 3 * X**2)
    assert module.nested(X) == (2.0 + 4.0) * 6.5 + 3
    assert (module.choice(X, True), module.choice(X, False)) == (6.5, 1.0)
    np.testing.assert_array_equal(module.extent(X), X + 1)
    assert module.condition(X) == 7.0


def test_gradients(module: dpc.Module) -> None:
    assert dpc.check_grad(module.spectral, a=A).ok
    assert dpc.check_grad(module.nested, x=X).ok
    assert dpc.check_grad(dpc.grad(module.nested), x=X).ok
    assert dpc.check_grad(module.choice, x=X, c=True).ok


@pytest.mark.parametrize(
    ("index", "code", "text"),
    [
        ("2", "E0303", "2"),
        ("-3", "E0303", "-3"),
        ("0, 1", "E0305", "two(x)[0, 1]"),
        ("n", "E0225", "n"),
        ("0:1", "E0225", "0:1"),
    ],
)
def test_misuse(index: str, code: str, text: str) -> None:
    with pytest.raises(dpc.CompileError) as caught:
        dpc.compile(f"{TWO}def f(x: f64[n]) -> f64:\n    return two(x)[{index}]\n")
    assert [(d.code, d.span.text) for d in caught.value.diagnostics] == [(code, text)]
