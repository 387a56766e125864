"""vmap from Python: native code against one example at a time."""

from typing import Any

import numpy as np
import pytest

import dpc

SOURCE = """
class Model:
    w: f64[d]
    b: f64
    k: i64

def predicted(m: Model(d), x: f64[d]) -> f64:
    return m.w @ x + m.b * m.k

def loss(m: Model(d), x: f64[d], y: f64 = 1.0) -> f64:
    assert y > 0.0, "y is not positive"
    return (predicted(m, x) - y) ** 2

def pair(x: f64[n], k: i64) -> (f64[n], (i64, bool)):
    return x * k, (k + 1, k > 2)

def system(a: f64[n, n], b: f64[n]) -> f64[n]:
    return solve(a, b)

def moved(m: Model(d), by: f64) -> Model(d):
    return Model(w=m.w + by, b=m.b, k=m.k)

def steps(x: f64, n: i64) -> f64[n]:
    return [x * i for i in range(n)]

def kept(x: f64[n]) -> f64[k]:
    return zeros(int(x[0]))

def told(x: f64) -> f64:
    print("x is", x)
    return x
"""
m = dpc.compile(SOURCE)
R = np.random.default_rng(0)
MODEL = m.Model(w=R.normal(size=3), b=0.5, k=2)
XS, YS = R.normal(size=(5, 3)), R.uniform(1.0, 2.0, 5)


def test_examples_along_an_axis() -> None:
    expected = [m.loss(MODEL, x, y) for x, y in zip(XS, YS, strict=True)]
    np.testing.assert_array_equal(dpc.vmap(m.loss, in_axes=(None, 0, 0))(MODEL, XS, YS), expected)
    columns = dpc.vmap(m.loss, in_axes={"x": -1, "y": 0})
    np.testing.assert_array_equal(columns(MODEL, XS.T, YS), expected)
    assert repr(columns) == (
        "<dpc.Function vmap(loss)(m: Model(d), x: f64[d, batch], y: f64[batch]) -> f64[batch]>"
    )
    shared = dpc.vmap(m.loss, in_axes=(None, 0, None))
    np.testing.assert_array_equal(shared(MODEL, XS), [m.loss(MODEL, x) for x in XS])


def test_no_examples_and_one() -> None:
    many = dpc.vmap(m.loss, in_axes=(None, 0, None))
    assert many(MODEL, XS[:0]).shape == (0,)
    assert many(MODEL, XS[:1]) == [m.loss(MODEL, XS[0])]


def test_tuples_and_other_types() -> None:
    scaled, (plus, large) = dpc.vmap(m.pair)(XS, np.arange(5))
    np.testing.assert_array_equal(scaled, XS * np.arange(5)[:, None])
    np.testing.assert_array_equal(plus, np.arange(5) + 1)
    np.testing.assert_array_equal(large, np.arange(5) > 2)
    assert plus.dtype == np.int64
    assert large.dtype == np.bool_


def test_records_of_examples() -> None:
    models = [m.Model(w=R.normal(size=3), b=float(i), k=i) for i in range(5)]
    expected = [m.predicted(o, x) for o, x in zip(models, XS, strict=True)]
    stacked = m.Model(w=np.stack([o.w for o in models]), b=np.arange(5.0), k=np.arange(5))
    many = dpc.vmap(m.predicted)
    np.testing.assert_array_equal(many(models, XS), expected)
    np.testing.assert_array_equal(many(stacked, XS), expected)
    moved = dpc.vmap(m.moved)(models, np.ones(5))
    assert isinstance(moved, m.Model)
    np.testing.assert_array_equal(moved.w, stacked.w + 1.0)
    np.testing.assert_array_equal(moved.k, stacked.k)
    by_field = dpc.vmap(m.predicted, in_axes={"m.b": 0})
    given = m.Model(w=MODEL.w, b=np.arange(4.0), k=2)
    np.testing.assert_allclose(by_field(given, XS[0]), MODEL.w @ XS[0] + 2.0 * np.arange(4.0))


def test_gradients_of_examples() -> None:
    each = dpc.vmap(dpc.grad(m.loss), in_axes=(None, 0, 0))(MODEL, XS, YS)
    for k in range(5):
        one = dpc.grad(m.loss)(MODEL, XS[k], YS[k])
        np.testing.assert_array_equal(each.w[k], one.w)
        assert each.b[k] == one.b
        assert each.k[k] == 0
    values, both = dpc.vmap(dpc.value_and_grad(m.loss, wrt=("x", "m.b")), (None, 0, 0))(
        MODEL, XS, YS
    )
    assert values.shape == (5,)
    assert both.x.shape == (5, 3)
    np.testing.assert_array_equal(both.m_b, each.b)
    hessians = dpc.vmap(dpc.hessian(m.loss, wrt="x"), (None, 0, 0))(MODEL, XS, YS)
    np.testing.assert_allclose(hessians, np.broadcast_to(2 * np.outer(MODEL.w, MODEL.w), (5, 3, 3)))


def test_derivatives_of_all_examples() -> None:
    """vjp through vmap of a gradient: what examples share gets the sum."""
    many = dpc.vmap(dpc.grad(m.loss, wrt="x"), in_axes=(None, 0, 0))
    weights = R.normal(size=(5, 3))
    _, (model, xs) = dpc.vjp(many, wrt=("m", "x"))(MODEL, XS, YS, weights)
    one = dpc.vjp(dpc.grad(m.loss, wrt="x"), wrt=("m", "x"))
    each = [one(MODEL, *row)[1] for row in zip(XS, YS, weights, strict=True)]
    np.testing.assert_allclose(model.w, sum(g.w for g, _ in each), rtol=1e-13)
    assert model.b == pytest.approx(sum(g.b for g, _ in each))
    np.testing.assert_allclose(xs, [x for _, x in each], rtol=1e-13)
    forward = dpc.jacobian(many, wrt="x", mode="forward")(MODEL, XS, YS)
    reverse = dpc.jacobian(many, wrt="x", mode="reverse")(MODEL, XS, YS)
    np.testing.assert_allclose(forward, reverse, rtol=1e-13)
    total = dpc.vmap(m.loss, in_axes=(None, 0, 0))
    assert dpc.check_grad(total, MODEL, XS, YS).ok


def test_many_tangents_and_cotangents() -> None:
    tangents = dpc.vmap(dpc.jvp(m.system, wrt="b"), in_axes=(None, None, 0))
    a, b = np.eye(3) + 0.1, np.arange(3.0)
    values, columns = tangents(a, b, np.eye(3))
    np.testing.assert_allclose(columns.T, np.linalg.inv(a), rtol=1e-14)
    np.testing.assert_allclose(values, np.broadcast_to(np.linalg.solve(a, b), (3, 3)))
    rows = dpc.vmap(dpc.vjp(m.system, wrt="b"), in_axes=(None, None, 0))(a, b, np.eye(3))[1]
    np.testing.assert_allclose(rows, np.linalg.inv(a), rtol=1e-14)


def test_nested() -> None:
    table = dpc.vmap(dpc.vmap(m.loss, in_axes=(None, 0, None)), in_axes=(None, None, 0))
    found = table(MODEL, XS, YS)
    assert found.shape == (5, 5)
    for i, y in enumerate(YS):
        for j, x in enumerate(XS):
            assert found[i, j] == m.loss(MODEL, x, y)


def test_linear_algebra_of_examples() -> None:
    matrices = np.eye(3) + 0.1 * R.normal(size=(4, 3, 3))
    np.testing.assert_allclose(
        dpc.vmap(m.system)(matrices, XS[:4]),
        np.linalg.solve(matrices, XS[:4, :, None])[..., 0],
        rtol=1e-12,
    )


def test_each_example_prints(capsys: pytest.CaptureFixture[str]) -> None:
    dpc.vmap(m.told)(np.arange(3.0))
    assert capsys.readouterr().out == "x is 0.0\nx is 1.0\nx is 2.0\n"


def test_a_failing_example_names_its_line() -> None:
    with pytest.raises(dpc.RuntimeError, match="y is not positive") as caught:
        dpc.vmap(m.loss, in_axes=(None, 0, 0))(MODEL, XS, YS - 2.0)
    assert SOURCE.splitlines()[caught.value.line - 1].strip().startswith("assert")


def test_extents_of_examples_are_verified() -> None:
    with pytest.raises(dpc.ShapeError, match=r"`y` .* extent 4 in axis 0, expected batch = 5"):
        dpc.vmap(m.loss, in_axes=(None, 0, 0))(MODEL, XS, YS[:4])


@pytest.mark.parametrize(
    ("function", "axes", "message"),
    [
        ("loss", (0, 0), "has 2 entries for 3 parameters"),
        ("loss", None, "in_axes maps no argument"),
        ("loss", {"z": 0}, "no parameter `z`"),
        ("loss", {"m.v": 0}, "no parameter `m.v`; did you mean `m.w`"),
        ("loss", {"x": 2}, "`x` of many examples has 2 axes, no axis 2"),
        ("loss", (None, 0, "0"), "the axis of `y` is a number or None"),
        ("loss", "x", "in_axes is a number, a tuple or a dict"),
        ("steps", 0, "`n` determines extents"),
        ("kept", 0, "is known only when it has run"),
    ],
)
def test_wrong_axes_are_refused(function: str, axes: Any, message: str) -> None:
    with pytest.raises(dpc.TypeError, match=message):
        dpc.vmap(getattr(m, function), in_axes=axes)
