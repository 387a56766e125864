"""Sparse Jacobians and Hessians: the elements of the dense ones, a pattern for all values."""

import pickle
from typing import Any

import numpy as np
import pytest
import scipy.sparse

import dpc
from tests.end_to_end.models import MODELS

SOURCE = '''
class Model:
    w: f64[d]
    b: f64
    k: i64

class Out:
    y: f64[n]
    total: f64
    count: i64

def rosenbrock(x: f64[n]) -> f64:
    total = 0.0
    for i in range(n - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total

def arrow(x: f64[n]) -> f64:
    return sum(x[0] * v ** 2 for v in x)

def blocks(x: f64[n, 3]) -> f64:
    return sum(exp(x[i, 0] * x[i, 1]) * x[i, 2] for i in range(n))

def separable(x: f64[n]) -> f64:
    return sum(sin(x))

def linear(x: f64[n]) -> f64:
    return sum(2.0 * x)

def banded(x: f64[n]) -> f64[n]:
    y = zeros(n)
    for i in range(n):
        y[i] = x[i] ** 2
        if i > 0:
            y[i] -= sin(x[i - 1])
        if i < n - 1 and x[i] > 0.5:
            y[i] += exp(x[i + 1])
    return y

def column_arrow(x: f64[n]) -> f64[n]:
    """The first row and the first column are full."""
    y = x ** 2 * x[0]
    y[0] = sum(x)
    return y

def row(x: f64[n]) -> f64:
    return sum(x * x)

def gathered(x: f64[n], at: i64[m]) -> f64[m]:
    return [x[at[j]] ** 2 for j in range(m)]

def sorted_(x: f64[n]) -> f64[n]:
    return sort(x)

def product(a: f64[n, n], x: f64[n]) -> f64[n]:
    return a @ (x * x)

def system(x: f64[n], y: f64[n]) -> f64[n]:
    a = [[2.0 if i == j else 0.1 for j in range(n)] for i in range(n)]
    return solve(a, x) + y * y

def states(x: f64[n], steps: i64) -> f64[n]:
    """Information moves one place a step."""
    y = x * 1.0
    for t in range(steps):
        z = y * 1.0
        for i in range(n - 1):
            z[i] = y[i] * cos(y[i + 1])
        y = z * 1.0
    return y

def until(x: f64[n], tol: f64) -> f64[n]:
    y = x * 1.0
    while sum(y * y) > tol:
        y = 0.5 * y
    return y

def first_large(x: f64[n]) -> f64[n]:
    """Leaves its loop early."""
    y = zeros(n)
    for i in range(n):
        y[i] = x[i] * x[0]
        if x[i] > 1.0:
            break
    return y

def kinked(x: f64[n]) -> f64[n]:
    return [max(v, 0.0) + abs(v) if v > -5.0 else 3.0 for v in x]

def fit(m: Model(d), x: f64[n, d], s: f32[n]) -> (Out(n), f32[n]):
    y = [m.w[i % d] * m.b * x[i, 0] for i in range(n)]
    return Out(y=y, total=sum(y), count=n), s * s

def empty_row(x: f64[n], i: i64) -> f64[n]:
    assert i < n, "i is too large"
    y = zeros(n)
    y[i] = x[i]
    return y

def rounded(x: f64) -> f64:
    return round(x)

@custom_jvp(rounded)
def rounded_jvp(x: f64, x_dot: f64) -> (f64, f64):
    return rounded(x), x_dot

def moved(x: f64[n]) -> f64[n]:
    return round(x)

@custom_vjp(moved)
def moved_vjp(x: f64[n], y: f64[n], y_bar: f64[n]) -> f64[n]:
    return [y_bar[n - 1 - i] for i in range(n)]

def straight_through(x: f64[n]) -> f64[n]:
    return [rounded(v) ** 2 for v in x] + moved(x) ** 2

def recursive(x: f64, n: i64) -> f64:
    return x if n == 0 else x * recursive(x, n - 1)

def power(x: f64[n]) -> f64[n]:
    return [recursive(v, 3) for v in x]

def kept(x: f64[n]) -> f64[k]:
    return zeros(int(x[0]))
'''
m = dpc.compile(SOURCE)
X = np.random.default_rng(0).normal(size=9)


@pytest.mark.parametrize(
    ("name", "x", "colours", "nonzeros"),
    [
        ("rosenbrock", X, 3, 25),
        ("rosenbrock", X[:1], 0, 0),
        ("rosenbrock", X[:0], 0, 0),
        ("arrow", X, 2, 25),
        ("blocks", X.reshape(3, 3), 3, 24),
        ("separable", X, 1, 9),
        ("linear", X, 0, 0),
    ],
)
def test_hessians(name: str, x: Any, colours: int, nonzeros: int) -> None:
    f = getattr(m, name)
    sparse = dpc.hessian(f, sparse=True)
    dense = dpc.hessian(f)(x).reshape(x.size, x.size)
    made = sparse(x)
    assert isinstance(made, scipy.sparse.csr_array)
    np.testing.assert_allclose(made.toarray(), dense, rtol=1e-14, atol=1e-14)
    np.testing.assert_array_equal(made.toarray(), made.toarray().T)
    assert made.nnz == sparse.pattern(x).nnz <= nonzeros
    assert sparse.colours(x) == colours


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("banded", (X,)),
        ("column_arrow", (X,)),
        ("row", (X,)),
        ("gathered", (X, np.array([3, 3, 0, 8]))),
        ("gathered", (X, np.array([], np.int64))),
        ("sorted_", (X,)),
        ("product", (np.outer(X, X), X)),
        ("system", (X, X)),
        ("states", (X, 2)),
        ("first_large", (X,)),
        ("kinked", (X,)),
        ("empty_row", (X, 4)),
        ("straight_through", (3.0 * X,)),
        ("banded", (X[:0],)),
    ],
)
def test_jacobians(mode: str, name: str, args: tuple[Any, ...]) -> None:
    f = getattr(m, name)
    wrt = "x"
    dense = np.asarray(dpc.jacobian(f, wrt=wrt)(*args))
    made = dpc.jacobian(f, wrt=wrt, mode=mode, sparse=True)(*args)
    columns = len(args[-1]) if name == "product" else X[: len(args[0])].size
    np.testing.assert_allclose(
        made.toarray(), dense.reshape(made.shape[0], columns), rtol=1e-13, atol=1e-14
    )


def test_patterns_hold_for_all_values() -> None:
    """Both sides of branches that floats decide; integers decide exactly."""
    banded = dpc.jacobian(m.banded, sparse=True)
    three = scipy.sparse.diags_array([np.ones(8), np.ones(9), np.ones(8)], offsets=[-1, 0, 1])
    np.testing.assert_array_equal(banded.pattern(-np.abs(X)).toarray(), three.toarray())
    np.testing.assert_array_equal(banded.pattern(np.abs(X)).toarray(), three.toarray())
    assert banded.colours(X) == 3
    states = dpc.jacobian(m.states, sparse=True)
    assert [states.pattern(X, steps).nnz for steps in (0, 1, 2)] == [9, 17, 24]
    gathered = dpc.jacobian(m.gathered, sparse=True)
    np.testing.assert_array_equal(gathered.pattern(X, [2, 0]).indices, [2, 0])
    assert dpc.jacobian(m.sorted_, sparse=True).pattern(X).nnz == 81
    assert dpc.jacobian(m.kinked, sparse=True).pattern(X).nnz == 9
    triangle = dpc.jacobian(m.first_large, sparse=True).pattern(X).toarray()
    np.testing.assert_array_equal(triangle[:, 1:], np.eye(9)[:, 1:])


def test_the_mode_with_fewer_colours() -> None:
    assert dpc.jacobian(m.row, sparse=True).colours(X) == 1
    assert dpc.jacobian(m.row, mode="forward", sparse=True).colours(X) == 9
    assert dpc.jacobian(m.banded, mode="reverse", sparse=True).colours(X) == 3


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_structures_and_types(mode: str) -> None:
    model, x = m.Model(w=X[:2], b=2.0, k=1), X[:8].reshape(4, 2)
    args = model, x, np.ones(4, np.float32)
    (out, single) = dpc.jacobian(m.fit, wrt=("m", "s"), mode=mode, sparse=True)(*args)
    (dense, _) = dpc.jacobian(m.fit, wrt=("m", "s"), mode=mode)(*args)
    assert isinstance(out.m, m.Out)
    assert isinstance(out.m.y, m.Model)
    np.testing.assert_allclose(out.m.y.w.toarray(), dense.m.y.w)
    np.testing.assert_allclose(out.m.y.b.toarray()[:, 0], dense.m.y.b)
    np.testing.assert_allclose(out.m.total.w.toarray()[0], dense.m.total.w)
    assert out.m.count.w is None
    assert out.m.y.w.nnz == 4
    assert single.s.dtype == np.float32
    np.testing.assert_allclose(single.s.toarray(), 2.0 * np.eye(4))
    assert single.m.w.nnz == 0


def test_plans_are_kept_and_out_reuses_a_matrix() -> None:
    made = dpc.hessian(m.rosenbrock, sparse=True)
    first = made(X)
    again = made(2.0 * X, out=first)
    assert again is first
    np.testing.assert_array_equal(first.toarray(), made(2.0 * X).toarray())
    first.indices[:] = 0
    np.testing.assert_array_equal(made(X).toarray(), dpc.hessian(m.rosenbrock)(X))
    with pytest.raises(dpc.ShapeError, match="another pattern"):
        made(X, out=first)
    with pytest.raises(dpc.TypeError, match="expected a CSR matrix, given an array"):
        made(X, out=np.empty((9, 9)))


def test_a_large_hessian_takes_three_products() -> None:
    x = np.random.default_rng(1).normal(size=10_000)
    sparse = dpc.hessian(m.rosenbrock, sparse=True)
    beside = -400.0 * x[:-1]
    own = np.full(x.size, 202.0)
    own[0], own[-1] = 2.0, 200.0
    own[:-1] += 1200.0 * x[:-1] ** 2 - 400.0 * x[1:]
    expected = scipy.sparse.diags_array([beside, own, beside], offsets=[-1, 0, 1]).tocsr()
    difference = abs(sparse(x) - expected)
    assert difference.max() <= 1e-13 * abs(expected).max()
    assert sparse.colours(x) == 3


FROM_MODELS = (
    "made_before_used_after_a_loop",
    "overwritten_between_sweeps",
    "recurrence_through_an_array",
    "branches_that_overwrite",
    "descending_and_strided",
    "one_value_twice",
)


@pytest.mark.parametrize("name", FROM_MODELS)
def test_models_have_the_derivatives_of_both_modes(name: str) -> None:
    (model,) = (each for each in MODELS if each.name == name)
    f = getattr(dpc.compile(model.source), model.function)
    dense = dpc.hessian(f)(**model.arguments)
    size = np.asarray(dpc.grad(f)(**model.arguments)).size
    reverse = dpc.jacobian(dpc.grad(f), mode="reverse")(**model.arguments)
    np.testing.assert_allclose(reverse, dense, rtol=1e-9, atol=1e-12)
    sparse = dpc.hessian(f, sparse=True)(**model.arguments)
    np.testing.assert_allclose(sparse.toarray(), dense.reshape(size, size), rtol=1e-9, atol=1e-12)


def test_many_colours_come_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dpc.runtime.sparsity.MOST_BYTES", 1)
    sorted_ = dpc.jacobian(m.sorted_, mode="forward", sparse=True)
    np.testing.assert_array_equal(sorted_(X).toarray(), dpc.jacobian(m.sorted_)(X))


def test_they_call_like_functions() -> None:
    made = dpc.jacobian(m.gathered, wrt="x", sparse=True)
    assert list(made.__signature__.parameters) == ["x", "at"]
    assert repr(made) == "<dpc.SparseDerivative jacobian(gathered)(x: f64[n], at: i64[m])>"
    given = made(X, at=[1, 2])
    copy = pickle.loads(pickle.dumps(made))
    np.testing.assert_array_equal(copy(X, [1, 2]).toarray(), given.toarray())
    strict = made.options(math="strict")
    np.testing.assert_array_equal(strict(X, [1, 2]).toarray(), given.toarray())


def test_strong_zeros() -> None:
    source = "def f(x: f64[n]) -> f64[n]:\n    return where(x > 0.0, sqrt(x), 0.0)\n"
    f = dpc.compile(source).f
    made = dpc.jacobian(f, sparse=True)(np.array([4.0, -1.0, 0.0]))
    np.testing.assert_array_equal(made.toarray(), np.diag([0.25, 0.0, 0.0]))


def test_wrong_requests_are_refused() -> None:
    with pytest.raises(dpc.RuntimeError, match="length of a loop depends on floats") as caught:
        dpc.jacobian(m.until, sparse=True)(X, 1.0)
    assert SOURCE.splitlines()[caught.value.line - 1].strip().startswith("while")
    with pytest.raises(dpc.RuntimeError, match="calls a function that calls itself"):
        dpc.jacobian(m.power, sparse=True)(X)
    with pytest.raises(dpc.RuntimeError, match="i is too large"):
        dpc.jacobian(m.empty_row, sparse=True)(X, 9)
    with pytest.raises(dpc.TypeError, match="known only when it has run"):
        dpc.jacobian(m.kept, sparse=True)
    with pytest.raises(dpc.TypeError, match="needs a function with a float scalar"):
        dpc.hessian(m.banded, sparse=True)
    with pytest.raises(dpc.TypeError, match="expected f64"):
        dpc.hessian(m.row, sparse=True)("x")
