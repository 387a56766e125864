"""`real` of imported modules: the precision of each call's arguments."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import dpc

LIBRARY = """
from base import half

def integral(f: Callable[[real], real], a: real, b: real, n: i64 = 10) -> real:
    h = (b - a) / n
    return h * sum(f(a + (i + 0.5) * h) for i in range(n))

def scaled(x: real[n], by: real = 0.1) -> real[n]:
    return half(x) * by * 2 + zeros(n)

def wide(x: f64) -> f64:
    return x

def twice(x: T) -> T:
    return x + x
"""
BASE = "def half(x: real[n]) -> real[n]:\n    return x / 2\n"
MAIN = """
from lib import integral, scaled, twice, wide
from stats import normal_lpdf
from ode import rk4

def single(x: f32[n]) -> f32:
    return sum(scaled(x)) + sum(normal_lpdf(x, 0.0, 1.0)) + twice(x)[0]

def double(x: f64[n]) -> f64:
    return sum(scaled(x, 0.3)) + sum(normal_lpdf(x, 0.0, 1.0))

def captured(a: f32) -> f32:
    return integral(lambda t: a * t, 0.0, 1.0) + integral(lambda t: t, a, 2.0)

def derived(x: f32[n]) -> f32[n]:
    return grad(lambda v: sum(scaled(v) ** 2))(x)

def both(x: f32[n], y: f64[n]) -> f64:
    return sum(f64(scaled(x))) + sum(scaled(y)) + wide(y[0])

def literals() -> real:
    return integral(lambda t: t, 0.0, 2.0)

def decayed(y: f32[n]) -> f32[n]:
    return rk4(lambda t, y: -y, y, 0.0, 1.0, 20)
"""
X = np.array([0.1, 0.2, 0.3])
X32 = X.astype(np.float32)


@pytest.fixture(params=["f64", "f32"])
def module(tmp_path: Path, request: pytest.FixtureRequest) -> dpc.Module:
    for name, text in (("lib", LIBRARY), ("base", BASE), ("main", MAIN)):
        (tmp_path / f"{name}.dp").write_text(text)
    return dpc.load(tmp_path / "main.dp", real=request.param)


def test_values(module: dpc.Module) -> None:
    density = stats.norm.logpdf(X).sum()
    found = module.single(X32)
    assert type(found) is np.float32
    assert found == pytest.approx(0.06 + density + 0.2, rel=1e-6)
    assert module.double(X) == pytest.approx(0.18 + density, rel=1e-14)
    assert module.captured(np.float32(1.5)) == pytest.approx(0.75 + 0.875, rel=1e-6)
    np.testing.assert_allclose(module.derived(X32), 2 * X * 0.1**2, rtol=1e-6)
    assert module.both(X32, X) == pytest.approx(0.12 + 0.1, rel=1e-7)
    assert module.literals() == pytest.approx(2.0, rel=1e-6)
    np.testing.assert_allclose(module.decayed(X32), X * np.exp(-1.0), rtol=1e-6)


def test_gradients(module: dpc.Module) -> None:
    assert dpc.check_grad(module.single, x=X32).ok
    assert dpc.check_grad(module.captured, a=np.float32(1.5)).ok
    assert dpc.check_grad(module.both, x=X32, y=X).ok


def test_what_is_not_written_in_real_stays(tmp_path: Path) -> None:
    (tmp_path / "lib.dp").write_text("def wide(x: f64, y: real) -> f64:\n    return x\n")
    (tmp_path / "main.dp").write_text(
        "from lib import wide\ndef f(x: f32, y: f64) -> f64:\n    return wide(x, y)\n"
    )
    with pytest.raises(dpc.CompileError, match="has type `f32`, expected `f64`"):
        dpc.load(tmp_path / "main.dp")
