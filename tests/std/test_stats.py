"""Log-densities against SciPy, their derivatives against differences."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

import dpc
from tests.std.library import Oracle, check_derivatives, check_value, close, library

RANDOM = np.random.default_rng(0)


def positive_definite(n: int) -> Any:
    a = RANDOM.normal(size=(n, n))
    return a @ a.T + n * np.eye(n)


def correlation(n: int) -> Any:
    a = positive_definite(n) - (n - 0.5) * np.eye(n)
    scale = np.sqrt(np.diag(a))
    return a / scale / scale[:, None]


def multivariate(x: Any, mu: Any, covariance: Any) -> Any:
    return stats.multivariate_normal.logpdf(x, mu, covariance) if len(x) else 0.0


def lower_normal(x: Any, mu: Any, factor: Any) -> Any:
    lower = np.tril(factor)
    return multivariate(x, mu, lower @ lower.T)


def lkj_two(r: Any, eta: float) -> float:
    volume = special.beta(0.5, eta)
    return float((eta - 1.0) * np.log(1.0 - r[1, 0] ** 2) - np.log(volume))


MU, X3, L3 = RANDOM.normal(size=3), RANDOM.normal(size=3), np.linalg.cholesky(positive_definite(3))
S1, S3 = positive_definite(1), positive_definite(3)
SIMPLEX, ALPHA = np.array([0.2, 0.5, 0.3]), np.array([0.7, 1.0, 2.5])
LOGITS = np.array([0.3, -1.0, 2.0])
NONE, NONE2 = np.zeros(0), np.zeros((0, 0))

# (function, SciPy's, arguments inside the support)
INSIDE: list[tuple[str, Oracle, list[tuple[Any, ...]]]] = [
    ("normal_lpdf", stats.norm.logpdf, [(0.3, -1.0, 2.0), (-4.0, 0.5, 0.1)]),
    ("cauchy_lpdf", stats.cauchy.logpdf, [(0.3, -1.0, 2.0)]),
    ("laplace_lpdf", stats.laplace.logpdf, [(0.3, -1.0, 2.0), (-3.0, -1.0, 2.0)]),
    ("student_t_lpdf", stats.t.logpdf, [(0.3, 4.0, -1.0, 2.0), (9.0, 0.7, 0.0, 0.5)]),
    ("uniform_lpdf", lambda x, a, b: stats.uniform.logpdf(x, a, b - a), [(0.3, -1.0, 2.0)]),
    ("lognormal_lpdf", lambda x, m, s: stats.lognorm.logpdf(x, s, scale=np.exp(m)),
     [(0.3, -1.0, 2.0), (7.0, 1.0, 0.4)]),
    ("exponential_lpdf", lambda x, r: stats.expon.logpdf(x, scale=1 / r), [(0.3, 2.0)]),
    ("gamma_lpdf", lambda x, a, b: stats.gamma.logpdf(x, a, scale=1 / b),
     [(0.3, 2.5, 2.0), (4.0, 0.5, 0.3), (2.0, 1.0, 1.0)]),
    ("inverse_gamma_lpdf", lambda x, a, b: stats.invgamma.logpdf(x, a, scale=b),
     [(0.3, 2.5, 2.0)]),
    ("beta_lpdf", stats.beta.logpdf, [(0.3, 2.5, 2.0), (0.9, 0.5, 1.0)]),
    ("poisson_lpmf", stats.poisson.logpmf, [(3, 2.5), (0, 0.1)]),
    ("binomial_lpmf", stats.binom.logpmf, [(3, 7, 0.4), (0, 4, 0.2), (4, 4, 0.2)]),
    ("bernoulli_lpmf", stats.bernoulli.logpmf, [(0, 0.4), (1, 0.4)]),
    ("bernoulli_logit_lpmf", lambda k, a: stats.bernoulli.logpmf(k, special.expit(a)),
     [(0, 0.4), (1, -1.4)]),
    ("categorical_lpmf", lambda k, p: np.log(p[k]), [(1, SIMPLEX)]),
    ("categorical_logit_lpmf", lambda k, a: special.log_softmax(a)[k], [(1, LOGITS)]),
    ("multivariate_normal_cholesky_lpdf", lower_normal,
     [(X3, MU, L3), (X3[:1], MU[:1], L3[:1, :1]), (NONE, NONE, NONE2)]),
    ("multivariate_normal_lpdf", multivariate, [(X3, MU, S3), (X3[:1], MU[:1], S1)]),
    ("wishart_lpdf", stats.wishart.logpdf, [(S3, 4.5, positive_definite(3)), (S1, 0.5, 2 * S1)]),
    ("lkj_lpdf", lkj_two, [(np.array([[1.0, 0.3], [0.3, 1.0]]), 2.5)]),
    ("lkj_cholesky_lpdf", lkj_two,
     [(np.array([[1.0, 0.0], [0.6, 0.8]]), 2.5)]),
]  # fmt: skip
CASES = [(name, oracle, a) for name, oracle, listed in INSIDE for a in listed]
IDS = [name for name, _, _ in CASES]


@pytest.mark.parametrize(("name", "oracle", "arguments"), CASES, ids=IDS)
def test_values(name: str, oracle: Oracle, arguments: tuple[Any, ...]) -> None:
    check_value(getattr(library("stats"), name), oracle, arguments)


@pytest.mark.parametrize(("name", "oracle", "arguments"), CASES, ids=IDS)
def test_derivatives(name: str, oracle: Oracle, arguments: tuple[Any, ...]) -> None:
    check_derivatives(getattr(library("stats"), name), arguments)


# Outside of the support, and at its ends: SciPy's value there.
EDGES: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = [
    ("uniform_lpdf", stats.uniform.logpdf, (1.5, 0.0, 1.0)),
    ("lognormal_lpdf", lambda x, m, s: stats.lognorm.logpdf(x, s), (0.0, 0.0, 1.0)),
    ("lognormal_lpdf", lambda x, m, s: stats.lognorm.logpdf(x, s), (-1.0, 0.0, 1.0)),
    ("exponential_lpdf", lambda x, r: stats.expon.logpdf(x), (-1e-9, 1.0)),
    ("exponential_lpdf", lambda x, r: stats.expon.logpdf(x), (0.0, 1.0)),
    ("gamma_lpdf", lambda x, a, b: stats.gamma.logpdf(x, a), (-1.0, 2.0, 1.0)),
    ("gamma_lpdf", lambda x, a, b: stats.gamma.logpdf(x, a), (0.0, 1.0, 1.0)),
    ("gamma_lpdf", lambda x, a, b: stats.gamma.logpdf(x, a), (0.0, 2.0, 1.0)),
    ("inverse_gamma_lpdf", lambda x, a, b: stats.invgamma.logpdf(x, a), (0.0, 2.0, 1.0)),
    ("beta_lpdf", stats.beta.logpdf, (1.0, 2.0, 1.0)),
    ("beta_lpdf", stats.beta.logpdf, (0.0, 2.0, 1.0)),
    ("beta_lpdf", stats.beta.logpdf, (1.1, 2.0, 1.0)),
    ("poisson_lpmf", stats.poisson.logpmf, (-1, 1.0)),
    ("poisson_lpmf", stats.poisson.logpmf, (0, 0.0)),
    ("binomial_lpmf", stats.binom.logpmf, (5, 4, 0.5)),
    ("binomial_lpmf", stats.binom.logpmf, (0, 4, 0.0)),
    ("binomial_lpmf", stats.binom.logpmf, (4, 4, 1.0)),
    ("bernoulli_lpmf", stats.bernoulli.logpmf, (2, 0.5)),
    ("bernoulli_lpmf", stats.bernoulli.logpmf, (1, 0.0)),
    ("bernoulli_logit_lpmf", lambda k, a: -np.inf, (-1, 0.5)),
    ("categorical_lpmf", lambda k, p: -np.inf, (3, SIMPLEX)),
    ("categorical_logit_lpmf", lambda k, p: -np.inf, (-1, LOGITS)),
    ("dirichlet_lpdf", lambda x, a: -np.inf, (np.array([0.5, 0.6]), np.ones(2))),
    ("dirichlet_lpdf", lambda x, a: -np.inf, (np.array([-0.5, 1.5]), np.ones(2))),
    ("dirichlet_lpdf", stats.dirichlet.logpdf, (SIMPLEX, ALPHA)),
    ("lkj_cholesky_lpdf", lambda f, eta: -np.inf, (np.array([[1.0, 0.0], [1.0, 0.0]]), 2.0)),
]


@pytest.mark.parametrize(("name", "oracle", "arguments"), EDGES)
def test_edges(name: str, oracle: Oracle, arguments: tuple[Any, ...]) -> None:
    function = getattr(library("stats"), name)
    check_value(function, oracle, arguments)
    _, gradients = dpc.vjp(function)(*arguments, 1.0)
    for gradient in gradients if isinstance(gradients, tuple) else (gradients,):
        assert not np.isnan(gradient).any()


def test_derivatives_on_the_simplex() -> None:
    text = """
from stats import categorical_lpmf, dirichlet_lpdf

def f(logits: f64[n], alpha: f64[n]) -> f64:
    x = exp(logits - logsumexp(logits))
    return dirichlet_lpdf(x, alpha) + categorical_lpmf(0, x)
"""
    check_derivatives(dpc.compile(text).f, (LOGITS, ALPHA))


@pytest.mark.parametrize(("n", "volume"), [(1, 1.0), (2, 2.0), (3, np.pi**2 / 2)])
def test_lkj_is_uniform_at_one(n: int, volume: float) -> None:
    found = library("stats").lkj_lpdf(correlation(n), 1.0)
    assert close(found, -np.log(volume))


def test_lkj_of_the_factor_is_that_of_the_matrix_times_the_jacobian() -> None:
    r = correlation(4)
    factor = np.linalg.cholesky(r)
    jacobian = sum((3 - i) * np.log(factor[i, i]) for i in range(4))
    m = library("stats")
    assert close(m.lkj_cholesky_lpdf(factor, 1.7), m.lkj_lpdf(r, 1.7) + jacobian)
    check_derivatives(m.lkj_lpdf, (r, 1.7))
    check_derivatives(m.lkj_cholesky_lpdf, (factor, 1.7))


def test_wrong_parameters_are_named() -> None:
    m = library("stats")
    with pytest.raises(dpc.RuntimeError, match=r"sigma is -1\.0, not positive") as caught:
        m.normal_lpdf(0.0, 0.0, -1.0)
    assert caught.value.file == "std/stats.dp"
    with pytest.raises(dpc.RuntimeError, match="not positive definite"):
        m.multivariate_normal_lpdf(np.zeros(2), np.zeros(2), np.ones((2, 2)))


def test_elementwise() -> None:
    m = dpc.compile(
        "from stats import normal_lpdf\n"
        "def f(y: f64[n], mu: f64) -> f64:\n    return sum(normal_lpdf(y, mu, 2.0))\n"
    )
    y = np.array([0.5, -1.0, 3.0])
    np.testing.assert_allclose(m.f(y, 0.3), stats.norm.logpdf(y, 0.3, 2.0).sum(), rtol=1e-14)
    assert dpc.check_grad(m.f, y, 0.3).ok


def test_single_precision() -> None:
    text = "def f(x: real) -> real:\n    return gamma_lpdf(x, 2.0, 1.5)\n"
    found = dpc.compile(f"from stats import gamma_lpdf\n{text}", real="f32").f(np.float32(0.7))
    assert found.dtype == np.float32
    assert found == pytest.approx(stats.gamma.logpdf(0.7, 2.0, scale=1 / 1.5), rel=1e-5)
