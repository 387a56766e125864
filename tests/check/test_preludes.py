"""Extents and checks inside expressions that do not run exactly once, down to native code."""

import numpy as np
import pytest

import dpc

SOURCE = """
def ragged(l: f64[n, n], z: f64[n]) -> f64[n]:
    return [dot(l[i, :i + 1], z[:i + 1]) for i in range(n)]

def chosen(x: f64[n], y: f64[m]) -> f64:
    return dot(x, y) if n == m else -1.0

def guarded(x: f64[n], y: f64[m]) -> bool:
    return n == m and dot(x, y) > 0.0

def pairs(x: f64[n]) -> f64:
    return sum(sum(x[i:j]) for i in range(n) for j in range(i, n) if sum(x[:j]) > 1.0)

def counted(x: f64[n]) -> f64:
    i = n
    total = 0.0
    while i > 0 and sum(x[:i]) > 0.0:
        i -= 1
        total += sum(x[:i])
    return total

def tail(x: f64[n], k: i64) -> f64:
    j = k - 1
    return sum(x[j + 1:])
"""


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SOURCE, name="preludes")


def test_extents_that_depend_on_a_comprehension_variable(module: dpc.Module) -> None:
    matrix, x = np.arange(16.0).reshape(4, 4), np.arange(1.0, 5.0)
    np.testing.assert_allclose(module.ragged(matrix, x), np.tril(matrix) @ x, rtol=1e-14)


def test_shapes_are_checked_only_where_they_are_needed(module: dpc.Module) -> None:
    x = np.arange(1.0, 5.0)
    assert module.chosen(x, x) == 30.0
    assert module.chosen(x, x[:2]) == -1.0
    assert bool(module.guarded(x, x)) is True
    assert bool(module.guarded(x, x[:2])) is False


def test_generators_with_dependent_slices(module: dpc.Module) -> None:
    x = np.array([0.5, 0.25, 1.5, 2.0])
    n = len(x)
    expected = sum(x[i:j].sum() for i in range(n) for j in range(i, n) if x[:j].sum() > 1.0)
    assert module.pairs(x) == pytest.approx(expected, rel=1e-14)


def test_conditions_of_while_see_the_current_extent(module: dpc.Module) -> None:
    assert module.counted(np.array([1.0, 2.0, 3.0, 4.0])) == 10.0


def test_a_term_of_an_extent_may_be_negative(module: dpc.Module) -> None:
    x = np.arange(3.0)
    assert module.tail(x, 0) == 3.0
    with pytest.raises(dpc.RuntimeError, match="out of bounds"):
        module.tail(x, 4)
