"""Type variables and type aliases: each use has its own types, arguments of one variable agree."""

import numpy as np
import pytest

import dpc

SOURCE = """
class Model:
    w: f64[d]
    b: f64[d - 1]
    k: i64

Square = f64[3, 3]
Small = Model(3)
Many = Small[4]
Pair = (f64, f64[2])
Bare = Model
V = f64[n]

def axpy(a: real, x: T, y: T) -> T:
    return a * x + y

def twice(x: T) -> T:
    return x + x

def first(x: T[n]) -> T:
    return x[0]

def lerp(x: T, y: T, s: S) -> T:
    return x + (y - x) * s

def repeated(f: Callable[[T], T], x: T, n: i64) -> T:
    for i in range(n):
        x = f(x)
    return x

def inner(x: T[n], y: S[n]) -> f64:
    total = 0.0
    for i in range(n):
        total += x[i] * y[i]
    return total

def arrays(x: f64[n], y: f64[n], z: f64[k, m]) -> f64:
    a = axpy(2.0, x, y)
    b = axpy(2.0, z[1:], z[:-1])
    c = axpy(3.0, 1.5, x[0])
    return sum(a) + sum(b) + c + first(x) + sum(lerp(x, y, 0.5)) + lerp(1.0, 2.0, y[0])

def records(m: Small, n: Model(3)) -> Small:
    return lerp(m, twice(n), 0.25)

def many(ms: Many) -> f64:
    r = first(ms)
    return sum(twice(r).w) + sum(repeated(lambda v: v * 2.0, r, 3).w)

def aliased(q: Square, a: Bare, v: V) -> Pair:
    return q[0, 0], [v[0], sum(a.w)]

def kinds(x: f64[n], i: i64[n]) -> f64:
    return inner(x, i) + inner(i, x) + inner(x, x) + first(i) + twice(3)

def found_at_run_time(x: f64[n], k: i64) -> f64:
    y = x[:k]
    return sum(twice(y)) + sum(axpy(1, y, x[:k]))

def bare(a: Bare, b: Model(d)) -> f64:
    return sum(twice(a).w) + sum(lerp(a, b, 0.1).w)
"""
X, Y, Z = np.array([0.1, 0.2, 0.3]), np.array([1.0, 2.0, 3.0]), np.arange(6.0).reshape(3, 2)
M = {"w": X, "b": X[:2], "k": 3}


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SOURCE)


def test_arrays_and_scalars(module: dpc.Module) -> None:
    expected = (2 * X + Y).sum() + (2 * Z[1:] + Z[:-1]).sum() + 4.6 + X[0]
    expected += ((X + Y) / 2).sum() + 1.0 + Y[0]
    np.testing.assert_allclose(module.arrays(X, Y, Z), expected, rtol=1e-14)
    assert dpc.check_grad(module.arrays, x=X, y=Y, z=Z).ok


def test_integers(module: dpc.Module) -> None:
    i = np.arange(3)
    np.testing.assert_allclose(module.kinds(X, i), 2 * X @ i + X @ X + 6, rtol=1e-14)


def test_records(module: dpc.Module) -> None:
    found = module.records(M, M)
    np.testing.assert_allclose(found.w, 1.25 * X, rtol=1e-14)
    np.testing.assert_allclose(module.many([M] * 4), 10 * X.sum(), rtol=1e-14)
    np.testing.assert_allclose(module.bare(M, M), 3 * X.sum(), rtol=1e-14)
    assert dpc.check_grad(module.records, m=M, n=M).ok
    assert dpc.check_grad(module.bare, a=M, b=M).ok


def test_extents_found_at_run_time(module: dpc.Module) -> None:
    np.testing.assert_allclose(module.found_at_run_time(X, 2), 4 * X[:2].sum(), rtol=1e-14)
    assert module.found_at_run_time(X, 0) == 0.0


def test_aliases(module: dpc.Module) -> None:
    first, second = module.aliased(np.eye(3), M, Y)
    assert (first, second.tolist()) == (1.0, [1.0, X.sum()])


def test_unequal_extents_found_at_run_time_are_refused(module: dpc.Module) -> None:
    text = "def both(a: T, b: T) -> T:\n    return a + b\n"
    text += "def f(x: f64[n], y: f64[m]) -> f64:\n    return sum(both(x, y))\n"
    f = dpc.compile(text).f
    assert f(X, Y) == (X + Y).sum()
    with pytest.raises(dpc.ShapeError):
        f(X, Y[:2])


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        ("def f(x: f64[3], y: f64[4]) -> f64[3]:\n    return t(x, y)", "E0301"),
        ("def f(x: f64, y: f32) -> f64:\n    return t(x, y)", "E0220"),
        ("def f(x: bool, y: f64[2]) -> bool:\n    return t(x, y)", "E0302"),
        ("def f(x: f64) -> f64:\n    return t(x)", "E0224"),
        ("def f(x: f64[2]) -> f64[2]:\n    return u(x)", "E0302"),
        ("def f(x: f64[2]) -> f64[2]:\n    return v(x)", "E0201"),
        ("def f(x: f64[2, 2]) -> f64:\n    return e(x)", "E0302"),
        ("def f(x: f64) -> T:\n    return x", "E0100"),
        ("class C:\n    w: T", "E0100"),
    ],
)
def test_misuse(definition: str, code: str) -> None:
    text = f"""
def t(a: T, b: T) -> T:
    return a
def u(a: T) -> T:
    return a[0]
def v(a: T) -> T:
    return missing_name
def e(a: T[n]) -> T:
    return a[0]
{definition}
"""
    with pytest.raises(dpc.CompileError) as caught:
        dpc.compile(text)
    found = {d.code for d in caught.value.diagnostics if d.level == "error"}
    assert found == {code}, str(caught.value)


def test_type_variables_in_bodies() -> None:
    module = dpc.compile("""
def doubled(x: T) -> T:
    y: T = x + x
    return y

def ends(x: T[n]) -> T:
    first: T = x[0]
    all_of_it: T[n] = x + x
    return first + all_of_it[1]

def f(x: f64[n], k: i64[n]) -> f64:
    return sum(doubled(x)) + ends(x) + ends(k) + doubled(2.0)
""")
    assert module.f(X, np.arange(3)) == pytest.approx(2 * X.sum() + X[0] + 2 * X[1] + 2 + 4)
    np.testing.assert_array_equal(module.doubled(X), 2 * X)
    assert module.ends(np.arange(3)) == 2
