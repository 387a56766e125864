"""Parallel loops: what is accepted, what is refused, values, the order of sums, derivatives."""

from typing import Any

import numpy as np
import pytest

import dpc
from tests.check.programs import diagnose

SOURCE = """
def total(x: f64[n], y: f64[n]) -> f64:
    s = 1.0
    for i in parallel(range(n)):
        t = x[i] * y[i]
        if t > 2.0:
            continue
        s += sin(t)
    return s

def backwards(x: f64[n]) -> (f64, i64):
    s = 0.0
    count = 0
    for i in parallel(range(n - 1, -1, -2)):
        s -= x[i] ** 2
        count += 1
    return s, count

def rows(x: f64[n, m], k: i64[n]) -> (f64[n], f64[m]):
    y = zeros(n)
    h = zeros(m)
    for i in parallel(range(n)):
        for j in range(m):
            y[i] += x[i, j] ** 2
        h[k[i]] += x[i, 0] ** 3
        y[i] = y[i] * 2.0
    return y, h

def pairs(x: f64[n]) -> f64[2 * n]:
    y = zeros(2 * n)
    for i in parallel(range(n)):
        j = 2 * i
        y[j] = x[i] ** 2
        y[j + 1] = -x[i]
    return y
"""
MODULE = dpc.compile(SOURCE, math="strict")
RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize("n", [0, 1, 5, 40])
def test_values(n: int) -> None:
    x, y = RANDOM.uniform(0.1, 2.0, n), RANDOM.uniform(0.1, 2.0, n)
    kept = (x * y)[x * y <= 2.0]
    assert MODULE.total(x, y) == pytest.approx(1.0 + np.sum(np.sin(kept)))
    assert MODULE.backwards(x)[0] == pytest.approx(-np.sum(x[::-2] ** 2))
    assert MODULE.backwards(x)[1] == len(x[::-2])
    np.testing.assert_allclose(MODULE.pairs(x), np.ravel(np.column_stack([x**2, -x])))


def test_accumulation_into_arrays() -> None:
    x, k = RANDOM.normal(size=(4, 3)), np.array([0, 2, 2, 1])
    y, h = MODULE.rows(x, k)
    expected = np.zeros(3)
    np.add.at(expected, k, x[:, 0] ** 3)
    np.testing.assert_allclose(y, 2.0 * np.sum(x**2, axis=1))
    np.testing.assert_allclose(h, expected)


def test_sums_are_made_in_sixteen_blocks() -> None:
    x = RANDOM.normal(size=101) * 10.0 ** RANDOM.integers(-8, 8, 101)
    source = """
def f(x: f64[n]) -> f64:
    s = 0.5
    for i in parallel(range(n)):
        s += x[i]
    return s
"""
    expected = 0.5
    for block in range(16):
        part = 0.0
        for i in range(block * 101 // 16, (block + 1) * 101 // 16):
            part += x[i]
        expected += part
    assert dpc.compile(source, math="strict").f(x) == expected


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("total", (RANDOM.uniform(0.1, 1.2, 20), RANDOM.uniform(0.1, 1.2, 20))),
        ("total", (np.array([0.5]), np.array([0.7]))),
        ("backwards", (RANDOM.normal(size=6),)),
        ("rows", (RANDOM.normal(size=(4, 3)), np.array([0, 2, 2, 1]))),
        ("pairs", (RANDOM.normal(size=5),)),
    ],
)
def test_derivatives(name: str, arguments: tuple[Any, ...]) -> None:
    report = dpc.check_grad(getattr(MODULE, name), *arguments)
    assert report.ok, str(report)


HEADER = """
def f(x: f64[n], a: f64[n, n], k: i64[n], p: i64) -> f64:
    s = 0.0
    y = zeros(n)
    for i in parallel(range({})):
        {}
    return s + sum(y) + x[0] + a[0, 0]
"""


@pytest.mark.parametrize(
    ("bounds", "statement"),
    [
        ("n", "y[i] = x[i]"),
        ("n", "y[i] = y[i] + 1.0"),
        ("n", "y[k[i]] += x[i]"),
        ("n", "y[k] += x[i]"),
        ("n", "a[i, k[i]] = x[i]"),
        ("n", "a[k[i], i] = a[p, i]"),
        ("n", "a[i] = a[i] * 2.0"),
        ("n", "a[:, i] = x"),
        ("p", "y[i + p] = y[i + p] * x[p - i]"),
        ("0, n - 1, 2", "y[i] = y[i + 1]"),
        ("n", "a[i, 0] = a[p, 1]"),
        ("n", "s -= y[i]"),
        ("n", "j = i + 1\n        y[j - 1] = x[j - 1]"),
    ],
)
def test_independent_iterations_are_accepted(bounds: str, statement: str) -> None:
    found = diagnose(HEADER.format(bounds, statement))[1]
    assert [d.message for d in found if d.level == "error"] == []


@pytest.mark.parametrize(
    ("bounds", "statement", "code", "text"),
    [
        ("n", "y[0] = x[i]", "E0601", "y[0]"),
        ("n", "y[p] = x[i]", "E0601", "y[p]"),
        ("n", "y[i] = y[i + 1]", "E0601", "y[i]"),
        ("0, n, 2", "y[i] = y[i - 4]", "E0601", "y[i]"),
        ("n", "y = x", "E0601", "y"),
        ("n", "y[i] = sum(y)", "E0601", "y[i]"),
        ("n", "s = s * x[i]", "E0601", "s"),
        ("n", "s *= x[i]", "E0601", "s"),
        ("n", "s += s * x[i]", "E0601", "s"),
        ("n", "a[:, 0] = x", "E0601", "a[:, 0]"),
        ("n", "y[k[i]] = x[i]", "E0602", "y[k[i]]"),
        ("n", "y[i * i] = x[i]", "E0602", "y[i * i]"),
        ("n", "y[i] = y[p]", "E0602", "y[i]"),
        ("n", "y[i:] = x[i:]", "E0602", "y[i:]"),
        ("n", "y[i] = y[k[i]]", "E0602", "y[i]"),
        ("n", "break", "E0603", "break"),
        ("n", "return s", "E0603", "return s"),
    ],
)
def test_others_are_refused(bounds: str, statement: str, code: str, text: str) -> None:
    found = diagnose(HEADER.format(bounds, statement))[1]
    errors = [(d.code, d.span.text) for d in found if d.level == "error"]
    assert errors == [(code, text)]
