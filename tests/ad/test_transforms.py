"""Signatures of transformed entries, what `wrt` selects, and refusals."""

from typing import Any

import numpy as np
import pytest

from dpc.compiler import pipeline
from dpc.compiler.ad.selection import Wrt
from dpc.compiler.ad.transforms import grad, jvp, value_and_grad, vjp
from dpc.compiler.ir.core import Module
from dpc.compiler.signature import Entry, Group
from dpc.dsl.diagnostics import CompileError
from tests.ad.harness import evaluate
from tests.ad.programs import entry_of

SOURCE = """
class Model:
    w: f64[d]
    b: f64
    k: i64

def loss(m: Model(d), x: f64[n, d], y: f64[n], lam: f64 = 0.1) -> f64:
    total = 0.0
    for i in range(n):
        total += softplus(-y[i] * (dot(x[i], m.w) + m.b))
    return total / n + 0.5 * lam * dot(m.w, m.w)

def cubic(x: f64, a: f64) -> f64:
    return a * x * x * x

def pair(x: f64[n], k: i64) -> (f64, f64[n], i64):
    return sum(x * x), sin(x), k

def integral(k: i64) -> f64:
    return 1.0 * k

def counts(x: f64) -> i64:
    return 3
"""


def simplify(module: Module) -> Module:
    return pipeline.run(module, pipeline.loops("strict"), verify_each=True)


def entry(name: str) -> Entry:
    return entry_of(SOURCE, name)


def scalar(function: Entry, *arguments: Any) -> float:
    (value,) = evaluate(function.function, {}, arguments)
    return float(value)


def slots(function: Entry) -> tuple[list[str], list[str]]:
    signature = function.signature
    return [s.name for s in signature.inputs], [s.name for s in signature.results]


def test_gradients_of_gradients() -> None:
    first = grad(entry("cubic"), simplify=simplify)
    second = grad(first, simplify=simplify)
    third = grad(second, simplify=simplify)
    mixed = grad(first, "a", simplify)
    assert scalar(first, 2.0, 0.5) == 6.0
    assert scalar(second, 2.0, 0.5) == 6.0
    assert scalar(third, 2.0, 0.5) == 3.0
    assert scalar(mixed, 2.0, 0.5) == 12.0
    assert first.signature.name == "grad(cubic)"


def test_vjp_of_value_and_grad_counts_both_results() -> None:
    both = vjp(value_and_grad(entry("cubic"), simplify=simplify), "x", simplify)
    assert slots(both) == (["x", "a", "ct"], ["out", "d_x", "d_x_2"])
    value, slope, found = evaluate(both.function, {}, [2.0, 0.5, 10.0, 100.0])
    assert (value, slope, found) == (4.0, 6.0, 10.0 * 6.0 + 100.0 * 6.0)


def test_grad_of_jvp() -> None:
    tangent = jvp(grad(entry("cubic"), simplify=simplify), "x", simplify)
    assert evaluate(tangent.function, {}, [2.0, 0.5, 1.0]) == [6.0, 6.0]
    back = vjp(tangent, ("x", "d_x"), simplify)
    found = evaluate(back.function, {}, [2.0, 0.5, 1.0, 0.0, 1.0])
    assert found == [6.0, 6.0, 3.0, 6.0]


def test_gradient_of_a_record() -> None:
    found = value_and_grad(entry("loss"), simplify=simplify)
    assert slots(found) == (["m", "x", "y", "lam"], ["out", "d_m"])
    gradient = found.signature.results[1]
    assert [leaf.path for leaf in gradient.leaves] == [("w",), ("b",)]
    assert gradient.type == found.signature.inputs[0].type
    assert found.signature.tree == Group((0, 1))
    draw = np.random.default_rng(0)
    x, y, w = draw.normal(size=(3, 2)), np.array([1.0, -1.0, 1.0]), draw.normal(size=2)
    _, of_b, of_w = evaluate(found.function, {"d": 2, "n": 3}, [w, 0.2, 7, x, y, 0.1])
    slope = -y / (1.0 + np.exp(y * (x @ w + 0.2))) / 3
    np.testing.assert_allclose(of_w, slope @ x + 0.1 * w, rtol=1e-12)
    np.testing.assert_allclose(of_b, slope.sum(), rtol=1e-12)


def test_gradient_by_a_field_has_the_type_of_the_field() -> None:
    found = grad(entry("loss"), "m.w", simplify)
    (gradient,) = found.signature.results
    assert str(gradient.type) == "f64[d]"
    assert [leaf.path for leaf in gradient.leaves] == [()]
    assert found.signature.tree == 0


def test_several_names_come_back_named() -> None:
    found = grad(entry("loss"), ("y", "m.b"), simplify)
    assert slots(found)[1] == ["d_y", "d_m_b"]
    assert found.signature.tree == Group((0, 1), ("y", "m_b"))
    assert grad(entry("loss"), ("y",), simplify).signature.tree == Group((0,), ("y",))
    assert slots(grad(entry("loss"), -1, simplify))[1] == ["d_lam"]


def test_jvp_and_vjp_of_several_results() -> None:
    forward = jvp(entry("pair"), simplify=simplify)
    assert slots(forward)[0] == ["x", "k", "d_x"]
    assert forward.signature.tree == Group((Group((0, 1, 2)), Group((3, 4, 5))))
    assert [len(s.leaves) for s in forward.signature.results] == [1, 1, 1, 1, 1, 0]
    x, v = np.array([0.5, 2.0]), np.array([1.0, -1.0])
    found = evaluate(forward.function, {"n": 2}, [x, 4, v])
    assert found[:2] == [4.25, 4]
    assert found[2] == 2 * x @ v
    np.testing.assert_allclose(found[4], np.cos(x) * v)
    back = vjp(entry("pair"), simplify=simplify)
    (cotangent,) = back.signature.inputs[2:]
    assert str(cotangent.type) == "(f64, f64[n], i64)"
    assert [leaf.path for leaf in cotangent.leaves] == [(0,), (1,)]
    assert back.signature.tree == Group((Group((0, 1, 2)), 3))
    found = evaluate(back.function, {"n": 2}, [x, 4, 10.0, v])
    np.testing.assert_allclose(found[-1], 20.0 * x + np.cos(x) * v)


@pytest.mark.parametrize(
    ("name", "wrt", "message"),
    [
        ("pair", None, "E0402"),
        ("counts", None, "E0402"),
        ("integral", None, "E0405"),
        ("cubic", "z", "E0403"),
        ("cubic", 5, "E0403"),
        ("loss", "m.q", "E0403"),
        ("loss", "m.k", "E0404"),
        ("loss", ("m", "m.w"), "E0406"),
    ],
)
def test_refusals(name: str, wrt: Wrt, message: str) -> None:
    with pytest.raises(CompileError, match=message):
        grad(entry(name), wrt, simplify)


def test_near_misses_are_named() -> None:
    with pytest.raises(CompileError) as caught:
        grad(entry("loss"), "lamb", simplify)
    assert caught.value.diagnostics[0].hint_text == "did you mean `lam`?"


def test_nothing_to_differentiate() -> None:
    with pytest.raises(CompileError, match="E0405"):
        jvp(entry("counts"), simplify=simplify)
