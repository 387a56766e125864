"""Sections 1, 8 and 9: what the language promises as a whole, and its errors."""

import ast
import copy

import numpy as np
import pytest

import dpc
from tests.conformance.claim import Fails, Refused, Row, Shown, Value

X = np.array([0.5, -1.25, 2.0, 0.75])

SUMS = """
def f(x: f64[n]) -> f64:
    return sum(x * x)
"""


def same_bits(module: dpc.Module) -> None:
    x = np.random.default_rng(1).normal(size=1001)
    values = {module.f(x) for _ in range(3)}
    other = dpc.compile(SUMS).f(np.copy(x))
    assert values == {other}


def source_order(module: dpc.Module) -> None:
    x = np.random.default_rng(1).normal(size=1001)
    total = 0.0
    for v in x:
        total += v * v
    assert module.f.options(math="strict")(x) == total
    np.testing.assert_allclose(module.f(x), total, rtol=1e-14)


def arguments_unchanged(module: dpc.Module) -> None:
    before = np.copy(X)
    module.f(X)
    dpc.grad(module.f)(X)
    np.testing.assert_array_equal(X, before)


def independent_errors(module: dpc.Module) -> None:
    text = "def f(x: f64) -> f64:\n    a = y\n    b = z + a\n    return w\n"
    with pytest.raises(dpc.CompileError) as caught:
        dpc.compile(text)
    found = [(d.code, d.span.text, d.span.line) for d in caught.value.diagnostics]
    assert found == [("E0201", "y", 2), ("E0201", "z", 3), ("E0201", "w", 4)]


def did_you_mean(module: dpc.Module) -> None:
    with pytest.raises(dpc.CompileError) as caught:
        dpc.compile("def f(total: f64) -> f64:\n    return totl\n")
    (diagnostic,) = caught.value.diagnostics
    assert "total" in str(diagnostic.hint_text)


def python_parses_it(module: dpc.Module) -> None:
    ast.parse(SUMS)


def nan_and_infinity(module: dpc.Module) -> None:
    x = np.array([np.nan, np.inf, -0.0])
    for mode in ("fast", "strict"):
        found = module.f.options(math=mode)(copy.deepcopy(x))
        assert found[0]
        assert not found[1]
        assert not found[2]


ROWS: list[Row] = [
    Shown("1.1", "Python's own parser takes the file", SUMS, python_parses_it),
    Value("1.2", "no two names share memory", """
def f(x: f64[n]) -> f64[n]:
    a = x[1:]
    x[1] = 50.0
    b = x
    x[:] = 0.0
    return [a[0], b[1], x[1]][0] * ones(n)
""", {"x": X}, expected=np.full(4, -1.25)),
    Shown("1.3", "arguments are never changed", """
def f(x: f64[n]) -> f64:
    x[0] = 7.0
    return sum(x * x)
""", arguments_unchanged),
    Shown("8.1", "NaN is honoured", """
def f(x: f64[n]) -> bool[n]:
    return x != x
""", nan_and_infinity),
    Shown("8.2", "strict sums in source order", SUMS, source_order),
    Shown("8.3", "the same inputs give the same bits", SUMS, same_bits),
    Shown("9.1", "all independent errors in one run", SUMS, independent_errors),
    Shown("9.2", "the likely fix", SUMS, did_you_mean),
    Refused("9.3", "a name that is not known", """
def f(x: f64) -> f64:
    return xx * 2.0
""", "E0201", "xx"),
    Fails("9.4", "the error of the first iteration in source order", """
def f(x: f64[n], limit: f64) -> f64:
    total = 0.0
    for i in range(n):
        assert x[i] < limit, f"{i} is too large"
        total += x[i]
    return total
""", {"x": np.arange(100.0), "limit": 36.5}, "assert x[i]", "assert", "37 is too large"),
    Fails("9.5", "also in a whole-array expression", """
def root(x: f64) -> f64:
    assert x >= 0.0, f"negative: {x}"
    return sqrt(x)
def f(x: f64[n]) -> f64:
    return sum(root(x))
""", {"x": np.array([1.0, 4.0, -2.0, -3.0])}, "assert x >=", "assert", "negative: -2"),
]  # fmt: skip
