"""`logsumexp` of generators: one pass, whatever the clauses; infinities and derivatives."""

import mpmath
import numpy as np
import pytest
from scipy import special

import dpc

SOURCE = """
def plain(x: f64[n], a: f64) -> f64:
    return logsumexp(a * v for v in x)

def pairs(x: f64[n], a: f64) -> f64:
    return logsumexp(a * x[i] * x[j] for i in range(n) for j in range(i) if x[i] > x[j])

def halves(x: f64[n], a: f64) -> f64:
    return logsumexp(a * x[i] for i in range(0, n, 2)) + logsumexp(x)

def single(x: f32[n]) -> f32:
    return logsumexp(2.0 * v for v in x)

def counted(x: f64[n]) -> f64:
    return logsumexp(noted(v) for v in x)

def noted(v: f64) -> f64:
    print(v)
    return v
"""
X = np.array([0.5, -1.25, 2.0, 0.75, 2.0])


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SOURCE)


def test_values(module: dpc.Module) -> None:
    assert module.plain(X, 3.0) == pytest.approx(special.logsumexp(3.0 * X), rel=1e-15)
    terms = [2.0 * X[i] * X[j] for i in range(5) for j in range(i) if X[i] > X[j]]
    assert module.pairs(X, 2.0) == pytest.approx(special.logsumexp(terms), rel=1e-15)
    assert module.pairs(X[:1], 2.0) == -np.inf
    found = module.single(X.astype(np.float32))
    assert found == pytest.approx(special.logsumexp(2 * X), rel=1e-6)


def test_large_and_infinite_elements(module: dpc.Module) -> None:
    inf, nan = np.inf, np.nan
    for x in ([1000.0, 1001.0], [-1000.0, -1001.0], [-1000.0, 5.0, 1000.0], [3.0, -2000.0]):
        assert module.plain(np.array(x), 1.0) == pytest.approx(special.logsumexp(x), rel=1e-15)
    for x, expected in (
        ([], -inf), ([-inf, -inf], -inf), ([-inf, 2.0], 2.0), ([-inf, -900.0], -900.0),
        ([inf, 1.0, inf], inf), ([1.0, inf, -inf], inf), ([1.0, nan, 2.0], nan),
        ([nan, inf], nan),
    ):  # fmt: skip
        np.testing.assert_equal(module.plain(np.array(x), 1.0), expected)


def test_every_element_is_computed_once(
    module: dpc.Module, capsys: pytest.CaptureFixture[str]
) -> None:
    module.counted(X[:3])
    assert capsys.readouterr().out.split() == ["0.5", "-1.25", "2.0"]


@pytest.mark.parametrize("name", ["plain", "pairs", "halves"])
def test_derivatives(module: dpc.Module, name: str) -> None:
    function = getattr(module, name)
    assert dpc.check_grad(function, x=X[:4], a=1.5).ok
    assert dpc.check_grad(dpc.grad(function, wrt="x"), x=X[:4], a=1.5).ok


def test_gradients_at_infinities(module: dpc.Module) -> None:
    gradient = dpc.grad(module.plain)
    np.testing.assert_array_equal(gradient(np.array([-np.inf, -np.inf]), 1.0), [0.0, 0.0])
    np.testing.assert_array_equal(gradient(np.array([-np.inf, 2.0]), 1.0), [0.0, 1.0])
    found = gradient(np.array([-900.0, 700.0, 699.0, 800.0]), 1.0)
    exact = [mpmath.exp(mpmath.mpf(v) - 800) for v in (-900, 700, 699, 800)]
    total = mpmath.fsum(exact)
    np.testing.assert_allclose(found, [float(e / total) for e in exact], rtol=1e-14)
