"""Results of unknown extent of specialised functions: templates, generic, nested, inferred ones."""

import numpy as np
import pytest

import dpc
from tests.check.programs import diagnose

SPECIALISED = """
def kept(keep: Callable[[f64], bool], x: f64[n]) -> f64[k]:
    y = zeros(sum(1 for v in x if keep(v)))
    j = 0
    for v in x:
        if keep(v):
            y[j] = v ** 2
            j += 1
    return y

def at_places(f: Callable[[f64], f64], x: f64[n]) -> (f64[2 * k], f64):
    if n > 3:
        return f(x[0]) * x[:4], 1.0
    return concat(x, x), f(2.0)

def half(x: T[n]) -> T[k]:
    return x[n // 2:]

def split(x: f64[n], c: f64) -> f64:
    p = kept(lambda v: v > c, x)
    q = kept(lambda v: v <= c, x)
    return sum(p) * len(q) + sum(q * q)

def both(x: f64[n], c: f64) -> f64:
    e, s = at_places(lambda t: c * t, x)
    return sum(e) * s + len(e)

def nested(x: f64[n], c: f64) -> f64:
    def tail(v: f64[m]) -> f64[k]:
        return c * v[m // 2:]
    return sum(tail(x)) + sum(tail(tail(x)) ** 2)

def passed_on(x: f64[n]) -> f64[k]:
    return kept(lambda v: v > 1.0, kept(lambda v: v > 0.0, x))

def generic(x: f64[n], i: i64[m]) -> f64:
    return sum(half(x)) + sum(half(i))

def inferred(x: f64[n], k: i64) -> f64:
    cut = lambda v: v[: k % n] * 2.0
    y = cut(x)
    return sum(y) + sum(cut(y + 1.0)) + len(y)

def derived(x: f64[n]) -> f64[n]:
    _v, g = vjp(kept, (lambda t: t > 0.0, x), 2.0 * kept(lambda t: t > 0.0, x))
    return g[0]
"""


def test_specialised_functions() -> None:
    module = dpc.compile(SPECIALISED)
    x = np.array([1.5, -2.0, 3.0, 0.5, 2.0])
    p, q = x[x > 1.0] ** 2, x[x <= 1.0] ** 2
    assert module.split(x, 1.0) == pytest.approx(p.sum() * len(q) + q @ q)
    assert module.both(x, 2.0) == pytest.approx(3.0 * x[:4].sum() + 4)
    assert module.both(x[:2], 2.0) == pytest.approx(2 * x[:2].sum() * 4.0 + 4)
    tail = 2 * x[2:]
    assert module.nested(x, 2.0) == pytest.approx(tail.sum() + ((2 * tail[1:]) ** 2).sum())
    np.testing.assert_allclose(module.passed_on(x), x[[0, 2, 4]] ** 4)
    assert module.generic(x, np.arange(3)) == pytest.approx(x[2:].sum() + 3)
    np.testing.assert_array_equal(module.half(np.arange(5)), [2, 3, 4])
    y = 2 * x[:3]
    assert module.inferred(x, 3) == pytest.approx(y.sum() + 2 * (y + 1).sum() + 3)
    np.testing.assert_allclose(module.derived(x), np.where(x > 0.0, 4 * x**3, 0.0))
    for name, more in (
        ("split", (1.0,)), ("both", (2.0,)), ("nested", (2.0,)), ("passed_on", ()),
        ("inferred", (3,)), ("derived", ()),
    ):  # fmt: skip
        assert dpc.check_grad(getattr(module, name), x, *more).ok, name


def test_an_inferred_result_at_several_places() -> None:
    text = """
def f(x: f64[n], c: i64) -> f64:
    def cut(v: f64[m]):
        if m > 2:
            return v[:c]
        return v[:c]
    return sum(cut(x))
"""
    errors = [d for d in diagnose(text)[1] if d.level == "error"]
    assert [(d.code, d.span.text) for d in errors] == [("E0100", "return v[:c]")]
