"""Patterns that native code records are those that the interpreter finds."""

from math import prod
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.compiler.ad.compressed import parts_of
from dpc.compiler.ad.record_log import NotRecorded
from dpc.runtime.function import Function
from dpc.runtime.interpreted_pattern import interpreted_pattern
from dpc.runtime.marshal import Marshaller
from dpc.runtime.origin import Recorded
from dpc.runtime.recorded_pattern import recorded_pattern
from dpc.runtime.sparsity import shape
from tests.end_to_end.models import MODELS

SOURCE = '''
class Model:
    w: f64[d]
    b: f32
    k: i64

def banded(x: f64[n]) -> f64[n]:
    y = zeros(n)
    for i in range(n):
        y[i] = x[i] ** 2
        if i > 0:
            y[i] -= sin(x[i - 1])
        if i < n - 1 and x[i] > 0.5:
            y[i] += exp(x[i + 1])
    return y

def beyond(x: f64[n], at: i64[m]) -> f64[n]:
    """A branch that floats don't take would leave the array."""
    y = 1.0 * x
    for j in range(m):
        if x[0] > 1.0e9:
            y[at[j]] = x[at[j]] * x[1]
    return y

def chosen(x: f64[n], k: i64) -> f64[n]:
    """Arrays filled and copied where floats decide that, or integers."""
    y, z = x * 2.0, x * x
    if x[0] > 0.0:
        y = z
    if k > 1:
        z = zeros(n)
    return y * z[0] if k > 0 else y + z

def table(x: f64[n], y: f64[n, m]) -> f64[n]:
    """Floats decide which element is read, and which is written."""
    r = zeros(n)
    for i in range(n):
        j = min(max(int(x[i]), 0), m - 1)
        r[i] += y[i, j] ** 2
        if n > 2:
            r[min(max(int(y[i, 0]), 0), n - 1)] += x[1]
    return r

def counted(x: f64[n]) -> f64[n]:
    y, k = zeros(n), 0
    for i in range(n):
        y[i] = x[i] * x[0]
        k += 1 if x[i] > 0.0 else 2
        if x[i] > 1.0:
            break
    return y * f64(k)

def steps(x: f64[n], count: i64) -> f64[n]:
    y, k = 1.0 * x, count
    while k > 0:
        k -= 1
        y = [y[i] * y[(i + 1) % n] if k % 2 == 0 else y[i] for i in range(n)]
    return y

def products(a: f64[n, m], b: f64[m, n]) -> (f64[n, n], f64[m, m], f64):
    c = a @ b
    return c @ c.T, b @ a, c[0, 0]

def solved(x: f64[n], y: f64[n]) -> f64[n]:
    a = [[2.0 + x[0] if i == j else 0.1 for j in range(n)] for i in range(n)]
    return solve(a, x) + y * y

def sorted_(x: f64[n]) -> f64[n]:
    return sort(x)

def fit(m: Model(d), x: f64[n, d], s: f32[n]) -> (f64[n], f64, f32[n], i64):
    y = [m.w[(i + m.k) % d] * f64(m.b) * x[i, 0] for i in range(n)]
    return y, sum(y), s * s, n

def rounded(x: f64[n]) -> f64[n]:
    return round(x)

@custom_jvp(rounded)
def rounded_jvp(x: f64[n], x_dot: f64[n]) -> (f64[n], f64[n]):
    return rounded(x), 3.0 * x_dot

def straight_through(x: f64[n]) -> f64[n]:
    return rounded(x[:2])[0] * x

def checked(x: f64[n], k: i64) -> f64[n]:
    assert k < n, "k is too large"
    assert x[0] < 100.0, "x is too large"
    print("x is", x[0])
    return x * x[k]

def checked_total(x: f64[n], k: i64) -> f64:
    return sum(checked(x, k))

def halved(x: f64[n]) -> f64[n]:
    y = 1.0 * x
    while sum(y * y) > 1.0:
        y = 0.5 * y
    return y

def prefix(x: f64[n]) -> f64[n]:
    return cumsum(x * x)
'''
m = dpc.compile(SOURCE)
X = np.random.default_rng(0).normal(size=6)
MODEL = {"w": X[:2], "b": 2.0, "k": 1}


def both(f: Function, args: Any, wrt: Any = None) -> tuple[Any, Any]:
    """The pattern as native code records it, and as the interpreter finds it."""
    frame = Marshaller(f.signature, f.origin.classes).pack(args)
    parts = parts_of(f.entry, wrt)
    columns = sum(prod(shape(leaf, frame.dimensions)) for leaf in parts.parameters)
    made = recorded_pattern(f.derived(Recorded(f.origin, wrt), {}), args, columns)
    return made, interpreted_pattern(f.entry, parts, frame.leaves, frame.dimensions)


def assert_same(made: Any, expected: Any) -> None:
    assert made.shape == expected.shape
    np.testing.assert_array_equal(made.rows, expected.rows)
    np.testing.assert_array_equal(made.columns, expected.columns)


@pytest.mark.parametrize(
    ("name", "args", "wrt"),
    [
        ("banded", (X,), None),
        ("banded", (X[:1],), None),
        ("banded", (X[:0],), None),
        ("beyond", (X, np.array([2, 40, -3, 1])), None),
        ("chosen", (X, 0), None),
        ("chosen", (X, 1), None),
        ("chosen", (X, 2), None),
        ("table", (X[:2], X.reshape(2, 3)), ("y", "x")),
        ("table", (X[:3], X.reshape(3, 2)), ("x",)),
        ("counted", (X,), None),
        ("steps", (X, 0), None),
        ("steps", (X, 3), None),
        ("products", (X.reshape(2, 3), X.reshape(3, 2)), ("b", "a")),
        ("products", (np.zeros((2, 0)), np.zeros((0, 2))), ("a",)),
        ("solved", (X, X), ("x", "y")),
        ("sorted_", (X,), None),
        ("fit", (MODEL, X.reshape(3, 2), np.ones(3, np.float32)), ("s", "m")),
        ("straight_through", (X,), None),
        ("prefix", (X,), None),
    ],
)
def test_functions(name: str, args: Any, wrt: Any) -> None:
    if name == "products" and not args[0].size:
        args = (np.zeros((1, 0)), np.zeros((0, 1)))
    assert_same(*both(getattr(m, name), args, wrt))


# Floats decide how long a loop of these gradients is.
WITHOUT = (
    "while_newton", "while_inside_for_with_array", "continue_and_break",
    "early_return_in_nested_loops",
)  # fmt: skip
PATTERNED = [each for each in MODELS if each.name not in WITHOUT]


@pytest.mark.parametrize("model", PATTERNED, ids=lambda model: model.name)
def test_gradients_of_models(model: Any) -> None:
    f = dpc.grad(getattr(dpc.compile(model.source), model.function))
    assert_same(*both(f, list(model.arguments.values())))


def test_what_has_no_pattern_is_not_recorded() -> None:
    f = m.halved
    with pytest.raises(NotRecorded, match="floats decide how long a loop is"):
        f.derived(Recorded(f.origin, None), {})(X)
    with pytest.raises(dpc.RuntimeError, match="the length of a loop depends on floats"):
        dpc.jacobian(f, sparse=True).pattern(X)


def test_a_log_that_needs_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dpc.runtime.recorded_pattern.ROOM", 1)
    assert_same(*both(m.prefix, (X,)))
    assert_same(*both(m.sorted_, (X,)))


@pytest.mark.parametrize(
    ("name", "method", "nonzeros"), [("checked", "local", 11), ("checked_total", "products", 6)]
)
def test_checks_of_integers_alone_are_made(
    name: str, method: str, nonzeros: int, capfd: pytest.CaptureFixture[str]
) -> None:
    sparse = dpc.jacobian(getattr(m, name), sparse=True)
    assert sparse.plan().method == method
    assert sparse.pattern(1000.0 + X, 2).nnz == nonzeros
    with pytest.raises(dpc.RuntimeError, match="k is too large"):
        sparse.pattern(X, 6)
    assert capfd.readouterr().out == ""
    with pytest.raises(dpc.RuntimeError, match="x is too large"):
        sparse(1000.0 + X, 2)
    sparse(X, 2)
    assert capfd.readouterr().out.count("x is") == 1


def test_large_programs_have_patterns_soon() -> None:
    """A chain of sums: each row is looked at once for each input it has."""
    x = np.ones(3000)
    made = dpc.jacobian(m.prefix, sparse=True).pattern(x)
    assert made.nnz == 3000 * 3001 // 2
