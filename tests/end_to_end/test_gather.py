"""Gather and scatter: NumPy's meaning, repeated indices in order, bounds, derivatives."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import dpc
from tests.check.programs import diagnose

SOURCE = """
def elements(x: f64[n], k: i64[m]) -> f64[m]:
    return x[k] * 2.0

def rows(a: f64[n, p], k: i32[m, 2]) -> f64[m, 2, p]:
    return a[k]

def columns(a: f64[n, p], k: i64[m]) -> f64[n, m]:
    return a[:, k]

def beside_an_integer(a: f64[n, p], k: i64[m]) -> f64[m]:
    return a[1, k] + a[k, 0]

def part(a: f64[n, p], k: i64[m]) -> f64:
    return sum(a[1:, k][:, ::2] ** 2)

def computed_indices(x: f64[n], k: i64[m]) -> f64[m]:
    return x[(k * 2) % n] * x[k][::-1]

def last_stays(x: f64[n], k: i64[m], v: f64[m]) -> f64[n]:
    x[k] = v * v
    return x

def accumulated(x: f64[n], k: i64[m], v: f64[m]) -> f64[n]:
    x[k] += v * v
    return x

def multiplied(x: f64[n], k: i64[m], v: f64[m]) -> f64[n]:
    x[k] *= v
    return x

def old_value_read(x: f64[n], k: i64[m], v: f64[m]) -> f64[n]:
    x[k] = x[k] * v
    x[k] *= x[k]
    return x

def into_one_row(a: f64[n, p], k: i64[m], v: f64[m]) -> f64[n, p]:
    a[2][k] += v * v
    return a

def into_rows(a: f64[n, p], k: i64[m], v: f64[m]) -> f64[n, p]:
    a[k] += v[:, None]
    a[k, 0] -= 1.0
    return a

def histogram(x: f64[n], k: i64[m], bins: i64) -> f64[bins]:
    h = zeros(bins)
    h[k] += exp(x[k])
    return h

def pairs(a: f64[n, p], i: i64[m], j: i64[m]) -> f64[m]:
    return a[i, j] ** 2

def crossed(c: f64[n, p, q], i: i64[m, 1], j: i32[k]) -> f64[m, k, q]:
    return c[i, j]

def parted(c: f64[n, p, q], i: i64[m], j: i64[m]) -> f64[m, p]:
    return c[i, :, j]

def parted_by_integer(c: f64[n, p, q], j: i64[m]) -> f64[m, p]:
    return c[1, :, j] + c[j, ::-1, 0]

def integers_between(c: f64[n, p, q], i: i64[m]) -> f64[n, m]:
    return c[:, 1, i] * c[:, i, 0]

def parted_by_new_axis(c: f64[n, p, q], i: i64[m], j: i64[m]) -> f64[m, 1, q]:
    return c[i, None, j]

def into_pairs(a: f64[n, p], i: i64[m], j: i64[m], v: f64[m]) -> f64[n, p]:
    a[i, j] += v * v
    a[i, 0] = v
    return a

def into_columns(c: f64[n, p, q], i: i64[m], j: i64[m], w: f64[m, p]) -> f64[n, p, q]:
    c[i, :, j] += w * w
    c[i, j, 1:] *= 2.0
    return c

def stretched(a: f64[n, p], i: i64[m, 1], v: f64) -> f64[n, p]:
    a[i, [0, 2]] -= v * v
    return a

def permuted_by_itself(k: i64[m]) -> i64[m]:
    k[k] = k + 1
    return k
"""
RANDOM = np.random.default_rng(4)
X, V = RANDOM.normal(size=5), RANDOM.normal(size=4)
A = RANDOM.normal(size=(5, 5))
K = np.array([3, 1, 3, 0])
C = RANDOM.normal(size=(4, 5, 3))
ROW, COLUMN = np.array([3, 0, 3, 1]), np.array([1, 2, 1, 0])
W = RANDOM.normal(size=(4, 5))
PAIRS = np.array([[0, 4], [4, 4], [2, 1]], dtype=np.int32)


def scattered(target: Any, index: Any, values: Any, operation: Any = None) -> Any:
    """A copy of the target after the scatter, as NumPy's `ufunc.at` does it."""
    result = np.copy(target)
    if operation is None:
        result[index] = values
    else:
        operation.at(result, index, values)
    return result


def _old_value_read(x: Any, k: Any, v: Any) -> Any:
    once = scattered(x, k, x[k] * v)
    return scattered(once, k, once[k], np.multiply)


def _into_rows(a: Any, k: Any, v: Any) -> Any:
    added = scattered(a, k, v[:, None] + np.zeros((len(k), a.shape[1])), np.add)
    return scattered(added, (k, 0), 1.0, np.subtract)


def _into_columns(c: Any, i: Any, j: Any, w: Any) -> Any:
    added = scattered(c, (i, slice(None), j), w * w, np.add)
    return scattered(added, (i, j, slice(1, None)), 2.0, np.multiply)


ORACLES: dict[str, tuple[tuple[Any, ...], Callable[..., Any]]] = {
    "elements": ((X, K), lambda x, k: x[k] * 2.0),
    "rows": ((A, PAIRS), lambda a, k: a[k]),
    "columns": ((A, K), lambda a, k: a[:, k]),
    "beside_an_integer": ((A, K), lambda a, k: a[1, k] + a[k, 0]),
    "part": ((A, K), lambda a, k: np.sum(a[1:, k][:, ::2] ** 2)),
    "computed_indices": ((X, K), lambda x, k: x[(k * 2) % len(x)] * x[k][::-1]),
    "last_stays": ((X, K, V), lambda x, k, v: scattered(x, k, v * v)),
    "accumulated": ((X, K, V), lambda x, k, v: scattered(x, k, v * v, np.add)),
    "multiplied": ((X, K, V), lambda x, k, v: scattered(x, k, v, np.multiply)),
    "old_value_read": ((X, K, V), _old_value_read),
    "into_one_row": ((A, K, V), lambda a, k, v: scattered(a, (2, k), v * v, np.add)),
    "into_rows": ((A, K, V), _into_rows),
    "histogram": ((X, K, 6), lambda x, k, b: scattered(np.zeros(b), k, np.exp(x[k]), np.add)),
    "pairs": ((A, K, ROW), lambda a, i, j: a[i, j] ** 2),
    "crossed": ((C, ROW[:, None], COLUMN.astype(np.int32)), lambda c, i, j: c[i, j]),
    "parted": ((C, ROW, COLUMN), lambda c, i, j: c[i, :, j]),
    "parted_by_integer": ((C, COLUMN), lambda c, j: c[1, :, j] + c[j, ::-1, 0]),
    "integers_between": ((C, COLUMN), lambda c, i: c[:, 1, i] * c[:, i, 0]),
    "parted_by_new_axis": ((C, ROW, COLUMN), lambda c, i, j: c[i, None, j]),
    "into_pairs": (
        (A, ROW, COLUMN, V),
        lambda a, i, j, v: scattered(scattered(a, (i, j), v * v, np.add), (i, 0), v),
    ),
    "into_columns": ((C, ROW, COLUMN, W), _into_columns),
    "stretched": (
        (A, ROW[:, None], 1.5),
        lambda a, i, v: scattered(a, (i, np.array([0, 2])), v * v, np.subtract),
    ),
    "permuted_by_itself": ((np.array([1, 1, 0]),), lambda k: scattered(k, k, k + 1)),
}


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("empty", [False, True])
def test_values_are_numpys(name: str, empty: bool) -> None:
    arguments, oracle = ORACLES[name]
    if empty:
        arguments = tuple(
            a[:0] if isinstance(a, np.ndarray) and all(a is not b for b in (X, A, C)) else a
            for a in arguments
        )
    result = getattr(dpc.compile(SOURCE), name)(*arguments)
    np.testing.assert_allclose(result, oracle(*arguments), rtol=1e-14)


@pytest.mark.parametrize("name", [n for n in ORACLES if n != "permuted_by_itself"])
def test_derivatives_are_right(name: str) -> None:
    report = dpc.check_grad(getattr(dpc.compile(SOURCE), name), *ORACLES[name][0])
    assert report.ok, str(report)


def test_second_derivatives_add_up_over_repeated_indices() -> None:
    module = dpc.compile("""
def f(x: f64[n], k: i64[m]) -> f64:
    h = zeros(n)
    h[k] += x[k] ** 3
    h[k] *= x[k]
    return sum(h)
""")
    along = dpc.jvp(dpc.grad(module.f))
    hessian = [along(X, K, unit)[1] for unit in np.eye(len(X))]
    # h[3] = 2 x^3 * x * x, h[1] = h[0] = x^3 * x
    expected = np.zeros((5, 5))
    expected[3, 3] = 40.0 * X[3] ** 3
    expected[1, 1], expected[0, 0] = 12.0 * X[1] ** 2, 12.0 * X[0] ** 2
    np.testing.assert_allclose(hessian, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("wrong", [5, -1])
@pytest.mark.parametrize("name", ["elements", "accumulated"])
def test_every_index_is_checked(name: str, wrong: int) -> None:
    function = getattr(dpc.compile(SOURCE), name)
    arguments = (X, np.array([0, wrong]), *((V[:2],) if name == "accumulated" else ()))
    with pytest.raises(dpc.RuntimeError, match=rf"index {wrong} is out of bounds for axis 0 of `x"):
        function(*arguments)


def test_index_arrays_of_different_lengths() -> None:
    module = dpc.compile("""
def f(x: f64[n, n], k: i64[m], j: i64[p]) -> f64:
    return sum(x[k, j])
""")
    with pytest.raises(dpc.ShapeError, match="m is 4, p is 2"):
        module.f(A, K, K[:2])


HEADER = "def f(x: f64[n], a: f64[n, n, n], k: i64[m], q: bool[n], r: f64[m]) -> f64:\n"


@pytest.mark.parametrize(
    ("statement", "code", "text"),
    [
        ("t = a[[0, 1], [0, 1, 2]]", "E0301", "a[[0, 1], [0, 1, 2]]"),
        ("t = a[k, k, q]", "E0100", "q"),
        ("t = x[q]", "E0100", "q"),
        ("t = x[r]", "E0222", "r"),
        ("x[k] = r[1:]", "E0301", "r[1:]"),
        ("a[k][0] = 1.0", "E0100", "a[k][0]"),
    ],
)
def test_misuse_is_diagnosed(statement: str, code: str, text: str) -> None:
    _, found = diagnose(f"{HEADER}    {statement}\n    return x[0]\n")
    assert (found[0].code, found[0].span.text) == (code, text)


def test_dots_stand_for_whole_axes() -> None:
    module = dpc.compile("""
def f(a: f64[n, m, p], k: i64[q]) -> (f64[n, m], f64[n, m, 1], f64[q, m, p], f64):
    a[..., 0] += 1.0
    a[0, ...] *= 2.0
    return a[..., -1], a[..., None, 1], a[k, ...], a[0, 0, 0, ...]
""")
    a, k = RANDOM.normal(size=(2, 3, 2)), np.array([1, 1, 0])
    b = np.copy(a)
    b[..., 0] += 1.0
    b[0, ...] *= 2.0
    for found, expected in zip(
        module.f(a, k), (b[..., -1], b[..., None, 1], b[k, ...], b[0, 0, 0]), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-15)
    assert dpc.check_grad(module.f, a, k).ok
