"""Built-ins along one axis: values as NumPy's, NaN and ties too, and both derivatives."""

from typing import Any

import numpy as np
import pytest

import dpc
from tests.arrays.harness import EXTENTS, Row, assert_derivatives, assert_value

ROWS = (
    Row("cumsum(x)", "f64[n]", "np.cumsum(x)"),
    Row("cumsum(a * b)", "f64[n, m]", "np.cumsum(a * b, axis=-1)"),
    Row("cumsum(a, axis=0)", "f64[n, m]", "np.cumsum(a, axis=0)"),
    Row("cumsum(t, axis=-2)", "f64[n, m, 2]", "np.cumsum(t, axis=-2)"),
    Row("cumsum(p)", "i64[n]", "np.cumsum(p)", smooth=False),
    Row("cumsum(q)", "i64[n]", "np.cumsum(q)", smooth=False),
    Row("cumprod(x)", "f64[n]", "np.cumprod(x)"),
    Row("cumprod(where(a > 0.3, a, 0.0), axis=1)", "f64[n, m]",
        "np.cumprod(np.where(a > 0.3, a, 0.0), axis=1)"),
    Row("cumprod(t, axis=0)", "f64[n, m, 2]", "np.cumprod(t, axis=0)"),
    Row("cumprod(q)", "i64[n]", "np.cumprod(q)", smooth=False),
    Row("sort(x * y)", "f64[n]", "np.sort(x * y)"),
    Row("sort(a)", "f64[n, m]", "np.sort(a)"),
    Row("sort(t, axis=0)", "f64[n, m, 2]", "np.sort(t, axis=0)"),
    Row("sort(t, axis=1)", "f64[n, m, 2]", "np.sort(t, axis=1)"),
    Row("sort(q)", "i64[n]", "np.sort(q)", smooth=False),
    Row("sort(p)", "bool[n]", "np.sort(p)", smooth=False),
    Row("sort(s)", "f32[n]", "np.sort(s)", smooth=False),
    Row("argsort(x)", "i64[n]", "np.argsort(x)", smooth=False),
    Row("argsort(q)", "i64[n]", "np.argsort(q, kind='stable')", smooth=False),
    Row("argsort(a, axis=0)", "i64[n, m]", "np.argsort(a, axis=0)", smooth=False),
    Row("y[argsort(x)] * x", "f64[n]", "y[np.argsort(x)] * x"),
    Row("argmin(x)", "i64", "np.argmin(x)", empty=False, smooth=False),
    Row("argmax(a)", "i64", "np.argmax(a)", empty=False, smooth=False),
    Row("argmax(p)", "i64", "np.argmax(p)", empty=False, smooth=False),
    Row("argmin(q, keepdims=True)", "i64[1]", "np.argmin(q, keepdims=True)",
        empty=False, smooth=False),
    Row("argmin(t, axis=-1)", "i64[n, m]", "np.argmin(t, axis=-1)", smooth=False),
    Row("argmax(a, axis=0)", "i64[m]", "np.argmax(a, axis=0)", empty=False, smooth=False),
    Row("argmax(t, axis=1, keepdims=True)", "i64[n, 1, 2]",
        "np.argmax(t, axis=1, keepdims=True)", empty=False, smooth=False),
    Row("searchsorted(sort(x), y)", "i64[n]", "np.searchsorted(np.sort(x), y)", smooth=False),
    Row("searchsorted(sort(x), 0.0)", "i64", "np.searchsorted(np.sort(x), 0.0)", smooth=False),
    Row("searchsorted(sort(q), a)", "i64[n, m]", "np.searchsorted(np.sort(q), a)", smooth=False),
    Row('searchsorted(sort(q), q, side="right")', "i64[n]",
        "np.searchsorted(np.sort(q), q, side='right')", smooth=False),
    Row("[argmin((x - x[i]) ** 2 + a[i, 0]) for i in range(n)]", "i64[n]", "np.arange(n)",
        empty=False, smooth=False),
    Row("softmax(a, axis=0)", "f64[n, m]", "np.exp(a) / np.exp(a).sum(0)", empty=False),
    Row("norm(a, axis=1, keepdims=True)", "f64[n, 1]",
        "np.linalg.norm(a, axis=1, keepdims=True)"),
    Row("var(t, axis=(0, 2)) + std(a, axis=0)", "f64[m]",
        "np.var(t, axis=(0, 2)) + np.std(a, axis=0)", empty=False),
)  # fmt: skip


@pytest.mark.parametrize("extents", EXTENTS, ids=str)
@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.text)
def test_values_are_those_of_numpy(row: Row, extents: tuple[int, int]) -> None:
    if row.empty or 0 not in extents:
        assert_value(row, extents)


@pytest.mark.parametrize("row", [r for r in ROWS if r.smooth], ids=lambda r: r.text)
def test_derivatives(row: Row) -> None:
    assert_derivatives(row)


SPECIAL = """
def f(x: f64[n], v: f64[m]) -> (f64[n], i64[n], i64, i64, i64[m], i64[m], f64[n], f64[n]):
    s = sort(x)
    return (s, argsort(x), argmin(x), argmax(x), searchsorted(s, v),
            searchsorted(s, v, side="right"), cumsum(x), cumprod(x))
"""


@pytest.mark.parametrize("n", [1, 2, 3, 7, 64, 100])
def test_ties_and_nan_as_numpy(n: int) -> None:
    function = dpc.compile(SPECIAL).f
    random = np.random.default_rng(n)
    v = np.array([-9.0, -0.5, 0.0, 0.5, 9.0, np.nan])
    for share in (0.0, 0.1, 1.0):
        x = np.round(random.normal(size=n), 1)
        x[random.random(n) < share] = np.nan
        s = np.sort(x)
        expected: tuple[Any, ...] = (
            s, np.argsort(x, kind="stable"), np.argmin(x), np.argmax(x), np.searchsorted(s, v),
            np.searchsorted(s, v, side="right"), np.cumsum(x), np.cumprod(x),
        )  # fmt: skip
        for found, value in zip(function(x, v), expected, strict=True):
            np.testing.assert_allclose(found, value, rtol=1e-14)


def test_the_derivative_of_a_product_with_zeros() -> None:
    module = dpc.compile("def f(x: f64[n]) -> f64:\n    return sum(cumprod(x))\n")
    found = dpc.grad(module.f)(np.array([2.0, 0.0, 3.0, 0.0]))
    np.testing.assert_array_equal(found, [1.0, 8.0, 0.0, 0.0])


def test_the_derivative_of_a_sort_follows_the_first_of_equal_elements() -> None:
    module = dpc.compile("def f(x: f64[n]) -> f64:\n    return dot(sort(x), f64(arange(n)))\n")
    found = dpc.grad(module.f)(np.array([1.0, 0.0, 1.0]))
    np.testing.assert_array_equal(found, [1.0, 0.0, 2.0])


@pytest.mark.parametrize(
    ("expression", "given"),
    [
        ("argmin(x)", {"x": np.zeros(0)}),
        ("argmax(x)", {"x": np.zeros(0)}),
        ("sum([argmax(x[i:]) for i in range(len(x) + 1)])", {"x": np.zeros(2)}),
    ],
)
def test_the_position_of_nothing_is_a_run_time_error(expression: str, given: Any) -> None:
    module = dpc.compile(f"def f(x: f64[n]) -> i64:\n    return {expression}\n")
    with pytest.raises(dpc.RuntimeError, match="of no elements") as caught:
        module.f(**given)
    assert "inline:2" in str(caught.value)


@pytest.mark.parametrize("name", ["norm", "std", "var"])
def test_the_derivative_at_the_origin_is_zero(name: str) -> None:
    module = dpc.compile(f"def f(x: f64[n]) -> f64:\n    return {name}(x)\n")
    np.testing.assert_array_equal(dpc.grad(module.f)(np.zeros(3)), np.zeros(3))
