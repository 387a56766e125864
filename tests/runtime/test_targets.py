"""`out=`: results in arrays of the caller."""

from typing import Any

import numpy as np
import pytest

import dpc

m = dpc.compile("""
class Model:
    w: f64[d]
    b: f64
    k: i64

def twice(x: f64[n]) -> f64[n]:
    return 2.0 * x

def reversed(x: f64[n]) -> f64[n]:
    return [x[n - 1 - i] for i in range(n)]

def loss(m: Model(d), x: f64[n, d]) -> f64:
    return sum((x @ m.w + m.b) ** 2)

def pair(x: f64[n]) -> (f64[n], (f64, f32[n])):
    return x + 1.0, (sum(x), f32(x))

def kept(x: f64[n]) -> f64[k]:
    return zeros(int(x[0]))

def named(out: f64) -> f64:
    return out

def nothing(x: f64):
    print(x)
""")
X = np.arange(4.0)


def test_one_array() -> None:
    y = np.full(4, np.nan)
    assert m.twice(X, out=y) is y
    np.testing.assert_array_equal(y, 2.0 * X)
    h = np.empty((4, 4))
    assert dpc.jacobian(m.twice)(X, out=h) is h
    np.testing.assert_array_equal(h, 2.0 * np.eye(4))


def test_structures() -> None:
    plus, single = np.empty(4), np.empty(4, np.float32)
    result = m.pair(X, out=(plus, (None, single)))
    assert result[0] is plus
    assert result[1][0] == 6.0
    np.testing.assert_array_equal(single, X)
    model, x = m.Model(w=np.ones(2), b=1.0, k=3), np.arange(6.0).reshape(3, 2)
    target = m.Model(w=np.empty(2), b=0.0, k=0)
    value, gradient = dpc.value_and_grad(m.loss)(model, x, out=(None, target))
    assert value == m.loss(model, x)
    assert gradient.w is target.w
    np.testing.assert_array_equal(target.w, dpc.grad(m.loss)(model, x).w)
    dpc.grad(m.loss, wrt=("m.w", "x"))(model, x, out=(target.w, x2 := 0 * x))
    np.testing.assert_array_equal(x2, dpc.grad(m.loss, wrt="x")(model, x))


def test_overlap_and_strides() -> None:
    x = np.arange(5.0)
    assert m.reversed(x, out=x) is x
    np.testing.assert_array_equal(x, [4, 3, 2, 1, 0])
    wide = np.zeros((5, 2))
    m.twice(x, out=wide[:, 1])
    np.testing.assert_array_equal(wide, np.stack([0 * x, 2.0 * x], 1))


def test_a_parameter_of_that_name_stays_one() -> None:
    assert m.named(out=3.0) == 3.0


@pytest.mark.parametrize(
    ("name", "args", "out", "error", "message"),
    [
        ("twice", (X,), np.empty(3), dpc.ShapeError, r"`out` .* shape \(3,\), expected \(4,\)"),
        ("twice", (X,), np.empty(4, np.float32), dpc.TypeError, r"expected f64\[n\], given an arr"),
        ("twice", (X,), [0.0] * 4, dpc.TypeError, "expected an array, given a list"),
        ("twice", (X,), np.broadcast_to(0.0, 4), dpc.TypeError, "can't be written"),
        ("pair", (X,), np.empty(4), dpc.TypeError, "`out` is a tuple of 2"),
        ("pair", (X,), (X, X), dpc.TypeError, r"`out\[1\]` is a tuple of 2"),
        ("kept", (X,), X, dpc.TypeError, "known only when it has run"),
        ("nothing", (1.0,), X, dpc.TypeError, "returns nothing"),
    ],
)
def test_refused(name: str, args: Any, out: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        getattr(m, name)(*args, out=out)
