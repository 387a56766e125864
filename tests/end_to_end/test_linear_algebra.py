"""Linear algebra: NumPy's values, derivatives of every order, loops around it, errors."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg

import dpc
from tests.check.programs import diagnose

SOURCE = """
def factor(a: f64[n, n]) -> f64[n, n]:
    return cholesky(a)

def lower(a: f64[n, n], b: f64[n, m]) -> f64[n, m]:
    return solve_triangular(a, b)

def lower_transposed(a: f64[n, n], b: f64[n]) -> f64[n]:
    return solve_triangular(a, b, trans=True)

def upper(a: f64[n, n], b: f64[n]) -> f64[n]:
    return solve_triangular(a, b, lower=False)

def upper_transposed(a: f64[n, n], b: f64[n, m]) -> f64[n, m]:
    return solve_triangular(a, b, lower=False, trans=True)

def solution(a: f64[n, n], b: f64[n, m]) -> f64[n, m]:
    return solve(a, b)

def solution_vector(a: f64[n, n], b: f64[n]) -> f64[n]:
    return solve(a.T, b)

def inverse(a: f64[n, n]) -> f64[n, n]:
    return inv(a)

def determinant(a: f64[n, n]) -> f64:
    return det(a)

def log_determinant(a: f64[n, n]) -> f64:
    return logdet(a)

def eigenvalues(a: f64[n, n]) -> f64[n]:
    w, _ = eigh(a)
    return w

def function_of_matrix(a: f64[n, n]) -> f64[n, n]:
    w, v = eigh(a)
    return (v * exp(-w)) @ v.T

def product(a: f64[n, k], b: f64[k, m]) -> f64[n, m]:
    return a @ b

def gram(a: f64[n, k]) -> f64[n, n]:
    return a @ a.T
"""

LOOPS = """
def covariance(p: f64[n, n], f: f64[n, n], steps: i64) -> f64[n, n]:
    state = p
    for t in range(steps):
        l = cholesky(state)
        state = f @ state @ f.T + (1.0 + t) * eye(n)
        state = state + l @ l.T
    return state

def whitened(x: f64[t, n], a: f64[n, n]) -> f64:
    total = 0.0
    for i in range(t):
        if x[i, 0] > 0.0:
            s = a + outer(x[i], x[i])
            z = solve_triangular(cholesky(s), x[i])
            total += dot(z, z) * (i + 1)
        else:
            total += sum(x[i])
    return total

def until(a: f64[n, n]) -> f64:
    s = a
    while s[0, 0] > 8.0:
        s = 0.5 * cholesky(s) + eye(n)
        s = s @ s.T
    return sum(s)

def newton(x: f64[n], a: f64[n, n], steps: i64) -> f64[n]:
    for t in range(steps):
        x = x - solve(a + outer(x, x), x ** 3 - 1.0)
    return x

def determinants(x: f64[k], a: f64[n, n]) -> f64:
    total = 0.0
    for i in range(k):
        total += logdet(a + x[i] ** 2 * a @ a.T) * det(a * x[i])
    return total

def overwritten(a: f64[n, n], b: f64[n]) -> f64:
    m = a * 1.0
    l = cholesky(m)
    m[:, :] = 0.0
    z = solve_triangular(l, b)
    return dot(z, z) + sum(m)
"""

RANDOM = np.random.default_rng(4)


def positive(n: int) -> Any:
    """A well-conditioned symmetric positive definite matrix."""
    a = RANDOM.normal(size=(n, n))
    return a @ a.T / max(n, 1) + np.eye(n)


def solved(**options: Any) -> Callable[..., Any]:
    """SciPy's triangular solver."""
    return lambda a, b: scipy.linalg.solve_triangular(a, b, **options) if len(a) else b


# The function of NumPy or SciPy, and the shape of the right side for a matrix of size n.
ORACLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...] | None]] = {
    "factor": (np.linalg.cholesky, None),
    "lower": (solved(lower=True), ("n", 2)),
    "lower_transposed": (solved(lower=True, trans=1), ("n",)),
    "upper": (solved(lower=False), ("n",)),
    "upper_transposed": (solved(lower=False, trans=1), ("n", 3)),
    "solution": (np.linalg.solve, ("n", 2)),
    "solution_vector": (lambda a, b: np.linalg.solve(a.T, b), ("n",)),
    "inverse": (np.linalg.inv, None),
    "determinant": (np.linalg.det, None),
    "log_determinant": (lambda a: np.linalg.slogdet(a)[1], None),
    "eigenvalues": (np.linalg.eigvalsh, None),
    "function_of_matrix": (lambda a: scipy.linalg.expm(-a) if len(a) else a, None),
    "product": (np.matmul, ("n", 3)),
    "gram": (lambda a: a @ a.T, None),
}


def arguments(name: str, n: int) -> tuple[Any, ...]:
    """A matrix, and a right side where there is one."""
    shape = ORACLES[name][1]
    if shape is None:
        return (positive(n),)
    return positive(n), RANDOM.normal(size=tuple(n if e == "n" else e for e in shape))


@pytest.mark.parametrize("n", [0, 1, 3, 12])
@pytest.mark.parametrize("name", ORACLES)
def test_values_are_numpys(name: str, n: int) -> None:
    given = arguments(name, n)
    result = getattr(dpc.compile(SOURCE), name)(*given)
    np.testing.assert_allclose(result, ORACLES[name][0](*given), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ORACLES)
def test_single_precision(name: str) -> None:
    given = tuple(a.astype(np.float32) for a in arguments(name, 4))
    result = getattr(dpc.compile(SOURCE.replace("f64", "f32")), name)(*given)
    if np.ndim(result):
        assert result.dtype == np.float32
    np.testing.assert_allclose(result, ORACLES[name][0](*given), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("name", ORACLES)
def test_derivatives_are_right(name: str, n: int) -> None:
    report = dpc.check_grad(getattr(dpc.compile(SOURCE), name), *arguments(name, n))
    assert report.ok, str(report)


@pytest.mark.parametrize("name", ORACLES)
def test_second_derivatives_are_right(name: str) -> None:
    shape = ORACLES[name][1]
    given = "a: f64[n, n]" + ("" if shape is None else f", b: f64[{', '.join(map(str, shape))}]")
    passed = "a" if shape is None else "a, b"
    scalar = name in ("determinant", "log_determinant")
    reduction = "cos" if scalar else "sum"
    source = (
        f"{SOURCE}\ndef total({given}) -> f64:\n    return {reduction}(sin({name}({passed})))\n"
    )
    report = dpc.check_grad(dpc.grad(dpc.compile(source).total), *arguments(name, 3))
    assert report.ok, str(report)


CALLS: dict[str, tuple[Any, ...]] = {
    "covariance": (positive(3), RANDOM.normal(size=(3, 3)) / 2, 3),
    "whitened": (RANDOM.normal(size=(5, 2)), positive(2)),
    "newton": (RANDOM.normal(size=3), 3.0 * positive(3), 3),
    "determinants": (RANDOM.normal(size=4), positive(3)),
    "until": (40.0 * positive(3),),
    "overwritten": (positive(3), RANDOM.normal(size=3)),
}


@pytest.mark.parametrize("name", CALLS)
def test_derivatives_inside_loops(name: str) -> None:
    function = getattr(dpc.compile(LOOPS), name)
    report = dpc.check_grad(function, *CALLS[name])
    assert report.ok, str(report)


@pytest.mark.parametrize("name", ["whitened", "until", "determinants"])
def test_second_derivatives_inside_loops(name: str) -> None:
    report = dpc.check_grad(dpc.grad(getattr(dpc.compile(LOOPS), name)), *CALLS[name])
    assert report.ok, str(report)


def test_only_the_lower_triangle_is_read_and_has_a_gradient() -> None:
    a = positive(3)
    spoiled = a + np.triu(np.full((3, 3), np.nan), 1)
    module = dpc.compile(
        SOURCE + "\ndef total(a: f64[n, n]) -> f64:\n    return sum(cholesky(a))\n"
    )
    np.testing.assert_array_equal(module.factor(spoiled), module.factor(a))
    gradient = dpc.grad(module.total)(a)
    np.testing.assert_array_equal(gradient, np.tril(gradient))


@pytest.mark.parametrize(
    ("name", "matrix", "message"),
    [
        ("factor", [[1.0, 2.0], [2.0, 1.0]], "inline:3: the matrix is not positive definite"),
        ("factor", [[np.nan]], "the matrix is not positive definite"),
        ("solution_vector", [[1.0, 2.0], [2.0, 4.0]], "the matrix is singular: pivot 2 is 0"),
        ("inverse", [[0.0]], "the matrix is singular: pivot 1 is 0"),
        ("lower_transposed", [[1.0, 0.0], [2.0, 0.0]], "the matrix is singular"),
    ],
)
def test_what_has_no_answer_is_an_error(name: str, matrix: Any, message: str) -> None:
    function = getattr(dpc.compile(SOURCE), name)
    rest = () if name in ("factor", "inverse") else (np.ones(len(matrix)),)
    with pytest.raises(dpc.RuntimeError, match=message) as caught:
        function(np.array(matrix), *rest)
    assert caught.value.kind == "singular"


def test_eigenvectors_have_their_largest_entry_positive() -> None:
    source = """
def vectors(a: f64[n, n]) -> (f64[n], f64[n, n]):
    return eigh(a)

def total(a: f64[n, n]) -> f64:
    w, v = eigh(a)
    return sum(sin(v) * w)
"""
    module = dpc.compile(source)
    a = positive(5)
    w, v = module.vectors(a)
    np.testing.assert_allclose(a @ v, v * w, atol=1e-13)
    np.testing.assert_allclose(v.T @ v, np.eye(5), atol=1e-13)
    assert np.all(v[np.argmax(np.abs(v), axis=0), np.arange(5)] > 0)
    assert dpc.check_grad(module.total, a).ok
    assert dpc.check_grad(dpc.grad(module.total), a).ok
    with pytest.raises(dpc.RuntimeError, match="did not converge"):
        module.vectors(np.full((2, 2), np.nan))
    for special in (np.zeros((3, 3)), np.eye(3), np.ones((4, 4))):
        w, v = module.vectors(special)
        np.testing.assert_allclose(special @ v, v * w, atol=1e-13)


def test_determinants_of_special_matrices() -> None:
    module = dpc.compile(SOURCE)
    reflection = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert module.determinant(reflection) == -1.0
    assert np.isnan(module.log_determinant(reflection))
    assert module.determinant(np.ones((2, 2))) == 0.0
    assert module.log_determinant(np.ones((2, 2))) == -np.inf
    with pytest.raises(dpc.RuntimeError, match="needs its inverse"):
        dpc.grad(module.determinant)(np.ones((2, 2)))


@pytest.mark.parametrize(
    "subscripts", ["ik,kj->ij", "ik,jk->ij", "ki,kj", "ki,jk->ij", "ik,jk->ji"]
)
def test_einsum_of_two_matrices_is_their_product(subscripts: str) -> None:
    """One operation of linear algebra; neither factors nor the result are copied."""
    inputs = subscripts.partition("->")[0].split(",")
    sizes = {"i": 3, "j": 4, "k": 2}
    a, b = (RANDOM.normal(size=tuple(sizes[x] for x in labels)) for labels in inputs)
    shapes = (f"f64[{', '.join(labels)}]" for labels in inputs)
    result = subscripts.partition("->")[2] or "ij"
    source = "def f(a: {}, b: {}) -> f64[{}]:\n".format(*shapes, ", ".join(result))
    function = dpc.compile(f'{source}    return einsum("{subscripts}", a, b)\n').f
    np.testing.assert_allclose(function(a, b), np.einsum(subscripts, a, b), rtol=1e-13)
    assert function.ir("loops").count("linalg.matmul") == 1
    assert "call void @llvm.memcpy" not in function.llvm()
    report = dpc.check_grad(function, a, b)
    assert report.ok, str(report)


HEADER = "def f(a: f64[n, n], b: f64[n, 3], x: f64[m], q: bool) -> f64:\n"


@pytest.mark.parametrize(
    ("expression", "code", "text"),
    [
        ("cholesky(zeros(2, 3))", "E0301", "zeros(2, 3)"),
        ("cholesky(x)", "E0302", "x"),
        ("cholesky(1.0)", "E0302", "1.0"),
        ("solve_triangular(eye(2), zeros(3))", "E0301", "solve_triangular(eye(2), zeros(3))"),
        ("solve_triangular(a, b, lower=q)", "E0225", "q"),
        ("solve_triangular(a)", "E0224", "solve_triangular(a)"),
    ],
)
def test_misuse_is_diagnosed(expression: str, code: str, text: str) -> None:
    _, found = diagnose(f"{HEADER}    t = {expression}\n    return a[0, 0]\n")
    assert (found[0].code, found[0].span.text) == (code, text)
