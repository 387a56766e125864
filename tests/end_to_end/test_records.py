"""Records in records and arithmetic on records: values, derivatives, errors."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import dpc

TYPES = """
class Inner:
    w: f64[a]
    count: i64
    s: f64

class Outer:
    inner: Inner(a)
    other: Inner
    b: f64[c, a]
    flag: bool
"""
SOURCE = f"""
{TYPES}
def combined(m: Outer(a, e, c), g: Outer(a, e, c), t: f64) -> Outer(a, e, c):
    r = m * 2.0 + exp(g / t) - m ** 2
    r += m
    r.inner *= t
    r.inner.w[0] += m.inner.w[1] * t
    r.other = 3 * r.other
    r.other.s -= 1.0
    return -r

def swapped(m: Outer(a, a, c)) -> Outer(a, a, c):
    m.inner, m.other = m.other, m.inner
    m.inner += m.inner
    return m

def size(m: Outer) -> f64:
    total = sum(m.inner.w) + sum(m.other.w) * m.inner.s + sum(m.b ** 2)
    return total + m.other.s * m.inner.count

def loss(m: Outer, g: Outer, t: f64) -> f64:
    if t > 0.5:
        m += g
    for i in range(2):
        m = m + max(sin(m), 0.1) * t
    return size(m * g) + size(where(t > 0.0, combined(m, g, t), g)) ** 2
"""
random = np.random.default_rng(4)


@dataclass
class Inner:
    w: Any
    count: int
    s: float


@dataclass
class Outer:
    inner: Inner
    other: Inner
    b: Any
    flag: bool


def inner(extent: int, count: int) -> dict[str, Any]:
    return {"w": random.normal(size=extent), "count": count, "s": float(random.normal())}


def outer(other: int = 4, count: int = 3) -> dict[str, Any]:
    parts = {"inner": inner(2, count), "other": inner(other, count)}
    return {**parts, "b": random.normal(size=(3, 2)), "flag": count == 3}


def as_object(value: dict[str, Any]) -> Outer:
    parts = {name: Inner(**value[name]) for name in ("inner", "other")}
    return Outer(**{**value, **parts})


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SOURCE)


M, G = outer(), outer(count=7)
T = 0.7


def test_fields_are_combined_one_by_one(module: dpc.Module) -> None:
    found = module.combined(M, G, T)

    def expected(m: Any, g: Any) -> Any:
        return m * 2.0 + np.exp(g / T) - m**2 + m

    w = expected(M["inner"]["w"], G["inner"]["w"]) * T
    w[0] += M["inner"]["w"][1] * T
    np.testing.assert_allclose(found.inner.w, -w, rtol=1e-14)
    other = 3 * expected(M["other"]["s"], G["other"]["s"]) - 1.0
    np.testing.assert_allclose(found.other.s, -other, rtol=1e-14)
    np.testing.assert_allclose(found.b, -expected(M["b"], G["b"]), rtol=1e-14)


def test_integers_and_bools_stay_those_of_the_left_operand(module: dpc.Module) -> None:
    found = module.combined(M, G, T)
    assert (found.inner.count, found.other.count, found.flag) == (3, 3, True)


def test_objects_and_dicts_nest(module: dpc.Module) -> None:
    assert module.loss(as_object(M), as_object(G), T) == module.loss(M, G, T)
    again = module.combined(module.combined(M, G, T), as_object(G), T)
    assert isinstance(again.inner, module.Inner)


def test_nested_records_swap(module: dpc.Module) -> None:
    m = outer(other=2)
    found = module.swapped(m)
    np.testing.assert_array_equal(found.inner.w, 2 * m["other"]["w"])
    np.testing.assert_array_equal(found.other.w, m["inner"]["w"])
    assert (found.inner.s, found.other.s) == (2 * m["other"]["s"], m["inner"]["s"])


def test_gradients(module: dpc.Module) -> None:
    assert dpc.check_grad(module.loss, m=M, g=G, t=T).ok


def test_gradient_of_a_nested_field(module: dpc.Module) -> None:
    whole = dpc.grad(module.loss)(M, G, T)
    part = dpc.grad(module.loss, wrt="m.inner.w")(M, G, T)
    np.testing.assert_allclose(part, whole.inner.w, rtol=1e-13)
    assert (whole.inner.count, whole.flag) == (0, False)


def test_gradients_of_gradients(module: dpc.Module) -> None:
    gradient = dpc.grad(module.loss, wrt="t")
    second = dpc.grad(gradient, wrt="t")(M, G, T)
    step = 1e-5
    difference = (gradient(M, G, T + step) - gradient(M, G, T - step)) / (2 * step)
    np.testing.assert_allclose(second, difference, rtol=1e-6)


def test_wrong_nested_values_are_named(module: dpc.Module) -> None:
    with pytest.raises(dpc.TypeError, match=r"`m\.inner\.w`"):
        module.size({**M, "inner": {**M["inner"], "w": "text"}})
    with pytest.raises(dpc.ShapeError, match=r"m\.b"):
        module.size({**M, "b": np.zeros((3, 5))})


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("m = m + x", "E0222"),
        ("m = m + q", "E0220"),
        ("m += x", "E0220"),
        ("m += q", "E0220"),
        ("m //= 2", "E0222"),
        ("m = m // 2", "E0222"),
        ("m = ~m", "E0222"),
        ("m = m < q", "E0222"),
        ("m = m + s", "E0221"),
        ("x[0] += m", "E0222"),
        ("k += m", "E0222"),
        ("m = isnan(m)", "E0220"),
        ("m = sum(m)", "E0222"),
        ("m.inner.v = 1.0", "E0206"),
        ("m.inner = q", "E0220"),
        ("m = m + n", "E0301"),
    ],
)
def test_misuse(statement: str, code: str) -> None:
    text = f"""
{TYPES}
class Single:
    w: f64[a]

def f(m: Outer(2, 3, c), n: Outer(3, 3, c), q: Single, x: f64[a], k: i64, s: f32) -> f64:
    {statement}
    return 0.0
"""
    with pytest.raises(dpc.CompileError) as caught:
        dpc.compile(text)
    assert {d.code for d in caught.value.diagnostics} == {code}, str(caught.value)
