"""Elementary functions of fast code: an element has the same bits wherever it is computed."""

import numpy as np
import pytest

import dpc

NAMES = (
    "exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "asin", "acos",
    "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sigmoid", "softplus", "erf", "erfc",
)  # fmt: skip
SOURCE = "\n".join(
    f"def {name}_all(x: real[n]) -> real[n]:\n    return {name}(x)\n"
    f"def {name}_one(x: real) -> real:\n    return {name}(x)"
    for name in NAMES
)
PRECISIONS = pytest.mark.parametrize("real", ["f64", "f32"])


@pytest.fixture(scope="module")
def modules() -> dict[str, dpc.Module]:
    return {real: dpc.compile(SOURCE, real=real) for real in ("f64", "f32")}


@PRECISIONS
@pytest.mark.parametrize("name", NAMES)
def test_array_and_scalar_agree(modules: dict[str, dpc.Module], name: str, real: str) -> None:
    random = np.random.default_rng(6)
    dtype = np.float64 if real == "f64" else np.float32
    x = np.concatenate([random.uniform(-3, 3, 90), random.choice([-1, 1], 9) * 1e30, [0.0, -0.0]])
    x = x.astype(dtype)
    module = modules[real]
    many, one = getattr(module, f"{name}_all"), getattr(module, f"{name}_one")
    expected = np.array([one(v) for v in x.tolist()], dtype)
    for start in range(4):  # another start puts elements into other lanes and the remainder
        np.testing.assert_array_equal(many(x[start:].copy()), expected[start:])


def test_strict_functions_are_those_of_c(modules: dict[str, dpc.Module]) -> None:
    strict = modules["f64"].exp_all.options(math="strict")
    assert "@exp(double" in strict.llvm()
    assert "@exp(double" not in modules["f64"].exp_all.llvm()


def test_large_arguments_of_sine() -> None:
    m = dpc.compile("def f(x: f64[n]) -> f64[n]:\n    return sin(x) ** 2 + cos(x) ** 2")
    x = np.random.default_rng(7).uniform(-1, 1, 50) * 10.0 ** np.arange(0, 300, 6)
    np.testing.assert_allclose(m.f(x), 1.0, rtol=4e-16)


def test_derivatives() -> None:
    m = dpc.compile(
        "def f(x: f64[n]) -> f64:\n    return sum(sin(x) * exp(-x) + log(1.0 + x ** 1.5))"
    )
    x = np.random.default_rng(8).uniform(0.1, 3, 17)
    slopes = np.exp(-x) * (np.cos(x) - np.sin(x)) + 1.5 * x**0.5 / (1 + x**1.5)
    np.testing.assert_allclose(dpc.grad(m.f)(x), slopes, rtol=1e-13)


def test_sine_beside_buffers_of_a_call() -> None:
    m = dpc.compile(
        """
def f(x: f64[n]) -> f64:
    total = 0.0
    for t in range(3):
        y = sin(x) * real(t)
        total += sum(y * roll(y, 1))
    return total
"""
    )
    x = np.linspace(0, 3, 700)
    expected = sum(np.sum(np.sin(x) * t * np.roll(np.sin(x) * t, 1)) for t in range(3))
    np.testing.assert_allclose(m.f(x), expected, rtol=1e-13)
    around = np.roll(np.sin(x), 1) + np.roll(np.sin(x), -1)
    np.testing.assert_allclose(dpc.grad(m.f)(x), 5 * np.cos(x) * around, rtol=1e-12)
