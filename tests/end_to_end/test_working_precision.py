"""`real`: the working precision of a module, chosen when it is compiled."""

from typing import Any

import numpy as np
import pytest

import dpc

SOURCE = """
G = 9.81

class Model:
    w: real[n]
    k: real

def f(x: real[n], t: real = 0.5) -> real:
    total = 0.0
    count = 0
    for i in range(n):
        total += x[i] * G / 3
        count += x[i]
    third = 1 / 3
    z = zeros(n)
    for i in range(n):
        z[i] = x[i] * third + real(i) + float(2)
    e = eye(n, n)
    return total + sum(z) * t + count + e[0, 0] + mean([1, 2]) + linspace(0, 1, 3)[1]

def scaled(m: Model) -> real[n]:
    a = [0.1, 0.2]
    return m.k * m.w + a[0] + zeros(len(m.w), dtype=real)

def exact() -> f64:
    return f64(0.1)
""".replace("(m: Model)", "(m: Model(n))")


def expected(x: Any, t: float = 0.5) -> float:
    """What f computes, in double precision."""
    x = x.astype(np.float64)
    z = x / 3 + np.arange(len(x)) + 2
    return float((x * 9.81 / 3).sum() + z.sum() * t + x.sum() + 1 + 1.5 + 0.5)


@pytest.mark.parametrize(("real", "rtol"), [("f64", 1e-14), ("f32", 1e-6)])
def test_values_and_gradients(real: str, rtol: float) -> None:
    module = dpc.compile(SOURCE, real=real)
    dtype = np.dtype(real.replace("f", "float"))
    x = np.array([0.1, 0.2, 0.3], dtype)
    np.testing.assert_allclose(module.f(x), expected(x), rtol=rtol)
    assert np.asarray(module.f(x)).dtype == dtype
    gradient = dpc.grad(module.f)(x)
    assert gradient.dtype == dtype
    np.testing.assert_allclose(gradient, 9.81 / 3 + 1 / 6 + 1, rtol=rtol)
    scaled = module.scaled({"w": x, "k": 2.0})
    assert scaled.dtype == dtype
    np.testing.assert_allclose(scaled, 2 * x + dtype.type(0.1), rtol=rtol)
    assert dpc.check_grad(module.f, x=x).ok


def test_f64_stays_f64() -> None:
    assert dpc.compile(SOURCE, real="f32").exact() == 0.1


def test_f64_does_not_mix_with_a_single_working_precision() -> None:
    text = "def f(x: real, y: f64) -> f64:\n    return x * y\n"
    assert dpc.compile(text).f(2.0, 3.0) == 6.0
    with pytest.raises(dpc.CompileError, match="E0221"):
        dpc.compile(text, real="f32")


def test_the_key_of_the_content_tells_precisions_apart() -> None:
    keys = {dpc.compile(SOURCE, real=real).content_key for real in ("f64", "f32")}
    assert len(keys) == 2


def test_wrong_precisions() -> None:
    with pytest.raises(dpc.Error, match='"f64" or "f32", not \'f16\''):
        dpc.compile(SOURCE, real="f16")
    with pytest.raises(dpc.Error, match="belongs to a whole module"):
        dpc.compile(SOURCE).f.options(real="f32")


LITERAL_ARGUMENTS = """
def f(a: real) -> real:
    halved = lambda v: v * a
    return halved(0.5) + (lambda v: v * a)(sin(0.5)) + grad(lambda v: v * v * a)(0.25)
"""


@pytest.mark.parametrize(("real", "rtol"), [("f64", 1e-14), ("f32", 1e-6)])
def test_a_literal_given_to_a_lambda_has_the_working_precision(real: str, rtol: float) -> None:
    f = dpc.compile(LITERAL_ARGUMENTS, real=real).f
    assert f(2.0) == pytest.approx(1.0 + 2.0 * np.sin(0.5) + 1.0, rel=rtol)
    assert dpc.grad(f)(2.0) == pytest.approx(0.5 + np.sin(0.5) + 0.5, rel=rtol)


@pytest.mark.parametrize("real", ["f64", "f32"])
@pytest.mark.parametrize(
    ("result", "value"), [("2.0", 2.0), ("a / 2", 1.5), ("sum([1.0, 2.0])", 3.0)]
)
def test_a_literal_that_a_lambda_returns_has_the_working_precision(
    real: str, result: str, value: float
) -> None:
    source = f"def f(x: real) -> real:\n    g = lambda a: {result}\n    return g(3) * x\n"
    x = np.float64(2.0) if real == "f64" else np.float32(2.0)
    assert dpc.compile(source, real=real).f(x) == 2.0 * value
