"""`qr` and `svd`: factors of matrices of any shape, derivatives of every order, conventions."""

from typing import Any

import numpy as np
import pytest

import dpc
from tests.check.programs import diagnose

SOURCE = """
def factors(a: f64[m, n]) -> (f64[m, k], f64[k, n]):
    return qr(a)

def singular(a: f64[m, n]) -> (f64[m, k], f64[k], f64[k, n]):
    return svd(a)

def orthogonal(a: f64[m, n]) -> f64:
    q, _ = qr(a)
    return sum(sin(q))

def triangular(a: f64[m, n]) -> f64:
    _, r = qr(a)
    return sum(r ** 3)

def both_factors(a: f64[m, n]) -> f64:
    q, r = qr(a)
    return sum(cos(q + 1.0)) * sum(r ** 2 + r)

def left(a: f64[m, n]) -> f64:
    return sum(svd(a)[0] ** 3)

def values(a: f64[m, n]) -> f64:
    return sum(svd(a)[1] ** 3)

def right(a: f64[m, n]) -> f64:
    return sum(svd(a)[2] ** 3)

def all_three(a: f64[m, n]) -> f64:
    u, s, vt = svd(a)
    return sum(sin(u + 1.0)) * sum(cos(vt)) + sum(exp(s))

def nuclear(a: f64[m, n]) -> f64:
    return sum(svd(a)[1])

def matrix_function(a: f64[m, n]) -> f64:
    u, s, vt = svd(a)
    return sum(sin((u * (1.0 + s) ** 2) @ vt))

def filtered(a: f64[m, n], steps: i64) -> f64:
    state = a
    for t in range(steps):
        q, r = qr(state)
        if r[0, 0] > 0.5:
            u, s, vt = svd(r)
            state = 0.5 * q @ (u * sqrt(1.0 + s)) @ vt + a
    return sum(state * state)

def regression(x: f64[m, n], y: f64[m]) -> f64[n]:
    q, r = qr(x)
    return solve_triangular(r, q.T @ y, lower=False)
"""
MODULE = dpc.compile(SOURCE)
RANDOM = np.random.default_rng(8)
SHAPES = [(0, 0), (0, 2), (2, 0), (1, 1), (1, 3), (3, 1), (3, 3), (5, 3), (3, 5), (17, 9), (9, 17)]
SPECIAL = [
    np.zeros((3, 2)),
    np.ones((4, 3)),
    np.ones((2, 4)),
    np.eye(3),
    -np.eye(3)[[2, 0, 1]],
    np.outer(np.arange(4.0), np.arange(3.0)),
    np.full((2, 2), 1e300),
    np.full((2, 3), -1e-300),
    np.array([[1.0, 1e-9], [0.0, 1e-9]]),
]


def random(shape: tuple[int, ...]) -> Any:
    return RANDOM.normal(size=shape)


MATRICES = [*(random(shape) for shape in SHAPES), *SPECIAL]


def close(left: Any, right: Any, scale: float) -> None:
    """Equal but for rounding errors of numbers as large as `scale`."""
    np.testing.assert_allclose(left, right, rtol=0, atol=1e-13 * (scale + 1e-300))


@pytest.mark.parametrize("math", ["fast", "strict"])
@pytest.mark.parametrize("a", MATRICES, ids=lambda a: f"{a.shape}")
def test_orthogonal_times_triangular(a: Any, math: str) -> None:
    q, r = MODULE.factors.options(math=math)(a)
    k = min(a.shape)
    assert q.shape == (a.shape[0], k)
    assert r.shape == (k, a.shape[1])
    close(q @ r, a, np.abs(a).max(initial=0))
    close(q.T @ q, np.eye(k), 10)
    assert np.all(np.diag(r) >= 0)
    assert np.all(np.tril(r, -1) == 0)


@pytest.mark.parametrize("math", ["fast", "strict"])
@pytest.mark.parametrize("a", MATRICES, ids=lambda a: f"{a.shape}")
def test_singular_values_are_numpys(a: Any, math: str) -> None:
    u, s, vt = MODULE.singular.options(math=math)(a)
    k, size = min(a.shape), np.abs(a).max(initial=0)
    close(s, np.linalg.svd(a)[1], 10 * size)
    close((u * s) @ vt, a, 10 * size)
    close(u.T @ u, np.eye(k), 10)
    close(vt @ vt.T, np.eye(k), 10)
    if k:
        assert np.all(u[np.argmax(np.abs(u), axis=0), np.arange(k)] > 0)


def test_single_precision() -> None:
    module = dpc.compile(SOURCE.replace("f64", "f32"), real="f32")
    a = random((6, 4)).astype(np.float32)
    q, r = module.factors(a)
    u, s, vt = module.singular(a)
    assert {x.dtype for x in (q, r, u, s, vt)} == {np.dtype(np.float32)}
    np.testing.assert_allclose(q @ r, a, atol=1e-5)
    np.testing.assert_allclose((u * s) @ vt, a, atol=1e-5)


FUNCTIONS = ["orthogonal", "triangular", "both_factors", "left", "values", "right", "all_three"]
FUNCTIONS += ["nuclear", "matrix_function"]


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_are_right(name: str, shape: tuple[int, int]) -> None:
    report = dpc.check_grad(getattr(MODULE, name), random(shape))
    assert report.ok, str(report)


@pytest.mark.parametrize("shape", [(3, 2), (2, 3)])
@pytest.mark.parametrize("name", ["both_factors", "all_three", "matrix_function"])
def test_second_derivatives_are_right(name: str, shape: tuple[int, int]) -> None:
    report = dpc.check_grad(dpc.grad(getattr(MODULE, name)), random(shape))
    assert report.ok, str(report)


def test_derivatives_inside_loops_and_of_least_squares() -> None:
    report = dpc.check_grad(MODULE.filtered, random((3, 2)), 2)
    assert report.ok, str(report)
    x, y = random((6, 2)), random((6,))
    np.testing.assert_allclose(MODULE.regression(x, y), np.linalg.lstsq(x, y)[0], rtol=1e-12)
    report = dpc.check_grad(MODULE.regression, x, y)
    assert report.ok, str(report)


def test_what_does_not_depend_on_the_choice_has_its_derivative() -> None:
    """Repeated singular values: the nuclear norm's gradient is u vt, the identity's is finite."""
    np.testing.assert_allclose(dpc.grad(MODULE.nuclear)(np.eye(3)), np.eye(3), atol=1e-14)
    a = np.linalg.qr(random((4, 3)))[0]
    np.testing.assert_allclose(dpc.grad(MODULE.nuclear)(a), a, atol=1e-13)


def test_the_derivative_of_a_singular_value_zero_is_zero() -> None:
    for shape in ((3, 2), (1, 1)):
        zero = np.zeros(shape)
        np.testing.assert_array_equal(dpc.grad(MODULE.nuclear)(zero), zero)
        assert np.all(np.isfinite(dpc.grad(MODULE.all_three)(zero)))


def test_dependent_columns_have_factors_but_no_derivative() -> None:
    deficient = np.array([[0.0, 1.0], [0.0, 2.0]])
    assert MODULE.triangular(deficient) > 0
    with pytest.raises(
        dpc.RuntimeError, match="inline:13: the columns of the matrix are dependent"
    ):
        dpc.grad(MODULE.triangular)(deficient)


def test_nan_is_an_answer_of_qr_and_an_error_of_svd() -> None:
    nan = np.full((2, 2), np.nan)
    assert np.isnan(MODULE.factors(nan)[0]).all()
    with pytest.raises(dpc.RuntimeError, match="the singular values did not converge") as caught:
        MODULE.singular(nan)
    assert caught.value.kind == "singular"


def test_a_wide_matrix_where_a_tall_one_is_meant_is_told() -> None:
    module = dpc.compile("def f(x: f64[n, d]) -> f64[d, d]:\n    _, r = qr(x)\n    return r\n")
    assert module.f(np.eye(3)[:, :2]).shape == (2, 2)
    with pytest.raises(dpc.ShapeError, match=r"min\(n, d\)"):
        module.f(np.eye(3)[:2])


@pytest.mark.parametrize(
    ("expression", "code", "text"),
    [
        ("qr(x)", "E0302", "x"),
        ("svd(1.0)", "E0302", "1.0"),
        ("svd(a, a)", "E0224", "a"),
        ("qr()", "E0224", "qr()"),
    ],
)
def test_misuse_is_diagnosed(expression: str, code: str, text: str) -> None:
    header = "def f(a: f64[n, m], x: f64[m]) -> f64:\n"
    _, found = diagnose(f"{header}    t = {expression}\n    return a[0, 0]\n")
    assert (found[0].code, found[0].span.text) == (code, text)
