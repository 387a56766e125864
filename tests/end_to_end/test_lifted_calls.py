"""Functions of scalars called with arrays: the value of each element, derivatives, errors."""

import numpy as np
import pytest

import dpc

SOURCE = """
def wave(x: f64, k: i64, limit: f64 = 2.0) -> f64:
    if x > limit:
        return x * x
    total = 0.0
    for i in range(k):
        total += sin(x * i)
    return total

def each(x: f64[n], k: i64[n]) -> f64[n]:
    return wave(x, k)

def table(x: f64[n], y: f64[m, 1], k: i64) -> f64[m, n]:
    return wave(x * y, 1 + k, limit=exp(x)) * wave(y, 3)

def total(x: f64[n], y: f64[m, 1], k: i64) -> f64:
    return sum(table(x, y, k) ** 2)

def inverse(k: i64) -> i64:
    assert k != 0, f"no inverse of {k}"
    return 100 // k

def inverses(k: i64[n]) -> i64[n]:
    return inverse(k)

def single(x: f32) -> f32:
    return x * x

def squares(n: i64) -> f32[3]:
    return single([1.0, 2.0, 3.0]) * single(2)
"""


def wave(x: float, k: int, limit: float = 2.0) -> float:
    """The same in Python."""
    return x * x if x > limit else sum(np.sin(x * i) for i in range(k))


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SOURCE)


X = np.array([0.3, 1.1, -0.4, 3.0])
Y = np.array([[0.5], [1.7], [2.5]])


def test_each_element_is_a_call(module: dpc.Module) -> None:
    k = np.array([0, 1, 2, 3])
    expected = [wave(x, count) for x, count in zip(X, k, strict=True)]
    np.testing.assert_allclose(module.each(X, k), expected, rtol=1e-14)


def test_arguments_broadcast(module: dpc.Module) -> None:
    first = np.vectorize(wave)(X * Y, 3, np.exp(X) * np.ones_like(Y))
    expected = first * np.vectorize(wave)(Y, 3)
    np.testing.assert_allclose(module.table(X, Y, 2), expected, rtol=1e-13)


def test_no_elements(module: dpc.Module) -> None:
    assert module.each(np.zeros(0), np.zeros(0, np.int64)).shape == (0,)
    assert module.total(np.zeros(0), Y, 1) == 0.0


def test_literals_adapt_to_the_parameter(module: dpc.Module) -> None:
    assert module.squares(0).tolist() == [4.0, 16.0, 36.0]


def test_gradients(module: dpc.Module) -> None:
    assert dpc.check_grad(module.total, x=X, y=Y, k=2).ok


def test_gradients_of_gradients(module: dpc.Module) -> None:
    def gradient(x: np.ndarray) -> np.ndarray:
        return np.asarray(dpc.grad(module.total)(x, Y, 2))

    direction = np.array([0.2, -0.5, 0.3, 0.1])
    tangent = dpc.jvp(dpc.grad(module.total), wrt="x")(X, Y, 2, direction)[1]
    step = 1e-5
    difference = (gradient(X + step * direction) - gradient(X - step * direction)) / (2 * step)
    np.testing.assert_allclose(tangent, difference, rtol=1e-7)


def test_the_first_failing_element_is_reported(module: dpc.Module) -> None:
    assert module.inverses([1, 2, 50]).tolist() == [100, 50, 2]
    with pytest.raises(dpc.RuntimeError, match="no inverse of 0"):
        module.inverses([1, 0, 2])


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("square(x, y)", "E0301"),
        ("square(x, k)", "E0220"),
        ("square(q, q)", "E0220"),
        ("square(x)", "E0224"),
    ],
)
def test_misuse(call: str, code: str) -> None:
    text = f"""
def square(a: f64, b: i64) -> f64:
    return a * b
def f(x: f64[3], y: i64[4], k: f64[3], q: bool[3]) -> f64[3]:
    return {call}
"""
    with pytest.raises(dpc.CompileError) as caught:
        dpc.compile(text)
    assert [d.code for d in caught.value.diagnostics] == [code]


GRADIENTS = """
from stats import normal_lpdf

def wave(x: f64, k: i64 = 2, a: f64 = 1.0) -> f64:
    if x > 1.0:
        return a * x * x
    return a * sin(x) * k

def slopes(x: f64[n]) -> f64[n]:
    return grad(wave)(x)

def by_amplitude(x: f64[n], a: f64[m, 1]) -> f64[m, n]:
    return grad(wave, wrt=a)(x, 3, a) + grad(wave)(a, 1)

def curvature(x: f64[n]) -> f64[n]:
    return grad(grad(wave))(x)

def slope(x: f64) -> f64:
    return grad(wave)(x)

def again(x: f64[n]) -> f64[n]:
    return slope(x) + grad(slope)(x)

def scores(x: f32[n]) -> f32[n]:
    return grad(normal_lpdf)(x, 0.0, 1.0)
"""


def test_gradients_of_functions_of_scalars_apply_elementwise() -> None:
    module = dpc.compile(GRADIENTS)
    x, a = np.array([0.3, 0.8, 1.7]), np.array([[2.0], [0.5]])
    first = np.where(x > 1.0, 2 * x, 2 * np.cos(x))
    second = np.where(x > 1.0, 2.0, -2 * np.sin(x))
    np.testing.assert_allclose(module.slopes(x), first, rtol=1e-14)
    assert module.slopes(x[:0]).shape == (0,)
    np.testing.assert_allclose(module.curvature(x), second, rtol=1e-14)
    np.testing.assert_allclose(module.again(x), first + second, rtol=1e-14)
    by_a = np.where(x > 1.0, x * x, 3 * np.sin(x)) + np.where(a > 1.0, 2 * a, np.cos(a))
    np.testing.assert_allclose(module.by_amplitude(x, a), by_a, rtol=1e-14)
    np.testing.assert_allclose(module.scores(x.astype(np.float32)), -x, rtol=1e-6)
    for name in ("slopes", "curvature", "again"):
        assert dpc.check_grad(getattr(module, name), x).ok
    assert dpc.check_grad(module.by_amplitude, x, a).ok


@pytest.mark.parametrize(
    ("expression", "code", "message"),
    [
        ("grad(wave)(x, x)", "E0220", "argument `k` of `wave`"),
        ("grad(wave)(x, 2, 1.0, x)", "E0242", "is called with 4 arguments"),
        ("grad(wave, wrt=k)(x)", "E0404", "holds no floats"),
        ("grad(wave)(x, k)", "E0301", "`wave`: shapes [3] and [2]"),
        ("value_and_grad(wave)(x)[0]", "E0100", "applied elementwise"),
    ],
)
def test_misuse_of_elementwise_gradients(expression: str, code: str, message: str) -> None:
    text = f"def f(x: f64[3], k: i64[2]) -> f64:\n    return sum({expression})\n"
    with pytest.raises(dpc.CompileError) as caught:
        dpc.compile(GRADIENTS + text)
    (found,) = [d for d in caught.value.diagnostics if d.level == "error"]
    assert (found.code, found.span.source.name) == (code, "inline")
    assert message in found.message
