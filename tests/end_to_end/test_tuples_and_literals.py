"""Tuples in variables, literals of arrays and records, loop variables that the body assigns."""

import numpy as np
import pytest

import dpc

SOURCE = """
class Point:
    s: f64
    v: f64[2]
    k: i64

def ends(x: f64[n]) -> (f64, f64):
    return min(x), max(x)

def rows(x: f64[n], y: f64[m]) -> f64[3, n]:
    return [x, 2 * y, x * y]

def mixed(x: f64[2]) -> f64[2, 2]:
    return [[1, 2], x]

def deep(x: f64[2]) -> f64[2, 2, 2]:
    return [[x, [3.0, x[0]]], [2 * x, x]]

def points(x: f64[2]) -> Point[3]:
    p = Point(s=1.0, v=x, k=2)
    return [p, Point(s=x[0], v=2 * x, k=5), p * x[1]]

def tuples(x: f64[n]) -> f64:
    r = ends(x)
    if x[0] > 0.0:
        r = (r[1], r[0] * 2)
    a, b = r
    q = (x * 2, (a, b))
    for i in range(3):
        q = (q[0] + 1.0, (q[1][1], q[1][0]))
    return a - 3 * b + r[0] * sum(q[0]) + q[1][0]

def like(x: f64[n, m]) -> f64[n, m]:
    s = x.shape
    return x + ones(s)

def loop_variable(x: f64[n]) -> f64:
    t = 0.0
    for i in range(n):
        if i > 1:
            i = 1
        i += 0
        t += x[i]
    for v in x:
        v *= 2.0
        if v > 1.0:
            v = v * v
        t += v
    return t

def row_variable(a: f64[n, m]) -> f64:
    t = 0.0
    for r in a:
        r[0] += 1.0
        t += sum(r * r)
    return t + a[0, 0]

def product(a: i64[n, m], b: i64[m, k]) -> i64[n, k]:
    return a @ b

def matches(a: bool[n], b: bool[n]) -> i64:
    return dot(a, b)

def differences(x: f64[n]) -> f64[n - 1]:
    return [x[i] - x[i - 1] for i in range(1, n)]

def length(x: f64[n]) -> i64:
    return len([x[i] - x[i - 1] for i in range(1, n)])
"""
X = np.array([0.3, 1.2, -0.5])
Y = np.arange(3.0)


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SOURCE)


def test_literals_of_arrays(module: dpc.Module) -> None:
    np.testing.assert_array_equal(module.rows(X, Y), [X, 2 * Y, X * Y])
    np.testing.assert_array_equal(module.mixed(X[:2]), [[1, 2], X[:2]])
    expected = [[X[:2], [3.0, X[0]]], [2 * X[:2], X[:2]]]
    np.testing.assert_array_equal(module.deep(X[:2]), expected)
    with pytest.raises(dpc.ShapeError, match="n is 3, m is 2"):
        module.rows(X, Y[:2])
    assert module.rows(X[:0], Y[:0]).shape == (3, 0)


def test_literals_of_records(module: dpc.Module) -> None:
    found = module.points(X[:2])
    np.testing.assert_allclose(found.v, [X[:2], 2 * X[:2], X[:2] * X[1]])
    assert found.k.tolist() == [2, 5, 2]


def test_tuples_in_variables(module: dpc.Module) -> None:
    a, b = 1.2, -1.0
    expected = a - 3 * b + a * (2 * X.sum() + 9) + b
    np.testing.assert_allclose(module.tuples(X), expected, rtol=1e-14)
    assert module.like(np.zeros((2, 3))).tolist() == [[1.0] * 3] * 2


def test_loop_variables_are_assigned(module: dpc.Module) -> None:
    expected = X[0] + 2 * X[1] + 0.6 + 2.4**2 - 1.0
    np.testing.assert_allclose(module.loop_variable(X), expected, rtol=1e-14)
    a = np.outer(X, Y + 1.0)
    shifted = a + np.array([1.0, 0.0, 0.0])
    expected = (shifted**2).sum() + a[0, 0]
    np.testing.assert_allclose(module.row_variable(a), expected, rtol=1e-14)


def test_products_of_integers(module: dpc.Module) -> None:
    a, b = np.arange(6).reshape(2, 3), np.arange(12).reshape(3, 4)
    np.testing.assert_array_equal(module.product(a, b), a @ b)
    assert module.matches([True, True, False], [True, False, False]) == 1


def test_ranges_from_one(module: dpc.Module) -> None:
    np.testing.assert_array_equal(module.differences(X), np.diff(X))
    assert [module.length(X[:n]) for n in range(4)] == [0, 0, 1, 2]


@pytest.mark.parametrize("name", ["mixed", "deep", "points"])
def test_gradients_of_literals(module: dpc.Module, name: str) -> None:
    assert dpc.check_grad(getattr(module, name), x=X[:2]).ok


@pytest.mark.parametrize("name", ["tuples", "loop_variable", "differences"])
def test_gradients(module: dpc.Module, name: str) -> None:
    assert dpc.check_grad(getattr(module, name), x=X).ok
    assert dpc.check_grad(module.rows, x=X, y=Y).ok
    assert dpc.check_grad(module.row_variable, a=np.outer(X, Y)).ok


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("t = [x, 1.0]", "E0310"),
        ("t = [x, x[1:]]", "E0310"),
        ("t = [p, x]", "E0220"),
        ("t = [x, p]", "E0222"),
        ("t = (x, 1.0)\n    t = (1.0, x)", "E0302"),
        ("t = (x, 1.0)\n    t = x", "E0220"),
        ("t = (x, 1.0)\n    t[0] = x", "E0222"),
        ("t = (x, 1.0)[2]", "E0303"),
        ("t = (x, 1.0)\n    u = t + 1", "E0222"),
    ],
)
def test_misuse(statement: str, code: str) -> None:
    text = f"""
class P:
    s: f64
def f(x: f64[3], p: P) -> f64:
    {statement}
    return 0.0
"""
    with pytest.raises(dpc.CompileError) as caught:
        dpc.compile(text)
    found = {d.code for d in caught.value.diagnostics if d.level == "error"}
    assert found == {code}, str(caught.value)
