"""jacobian, hessian, hvp from Python: native code against one tangent or cotangent at a time."""

from typing import Any

import numpy as np
import pytest

import dpc

SOURCE = '''
class Model:
    w: f64[d]
    b: f64
    k: i64

class Fit:
    at: f64[n]
    loss: f64

def chain(x: f64[n], a: f64) -> f64[n]:
    """Each element with the one before."""
    y = zeros(n)
    for i in range(n):
        y[i] = sin(x[i]) * a
        if i > 0:
            y[i] += x[i - 1] ** 2
    return y

def energy(x: f64[n], a: f64) -> f64:
    return sum(chain(x, a) ** 2)

def outer_sum(x: f64[n, 2], y: f64[m]) -> f64[m, n]:
    return [[y[j] * x[i, 0] + exp(x[i, 1]) * y[j] ** 2 for i in range(n)] for j in range(m)]

def fit(m: Model, x: f64[n, d]) -> Fit:
    at = x @ m.w + m.b
    return Fit(at=at, loss=sum(at * at) * m.k)

def loss(m: Model, x: f64[n, d]) -> f64:
    return fit(m, x).loss

def several(x: f64[n], s: f64) -> (f64[n], (f64, f64[n, 2])):
    return x * s, (sum(x ** 3) * s, [[v * s, cos(v)] for v in x])

def cube(a: f64) -> f64:
    return a ** 3

def single(x: f32[n], s: f64) -> f32[n]:
    return x * x * f32(s)

def system(a: f64[n, n], b: f64[n]) -> f64[n]:
    return solve(a, b)

def told(x: f64[n]) -> f64[n]:
    print("x is", sum(x))
    assert sum(x) >= 0.0, "negative"
    return x * x

def kept(x: f64[n]) -> f64[k]:
    count = 0
    for v in x:
        if v > 0.0:
            count += 1
    found = zeros(count)
    at = 0
    for v in x:
        if v > 0.0:
            found[at] = v * v
            at += 1
    return found

def scaled(x: f64[n], m: i64) -> f64[m]:
    return [x[i % n] * i for i in range(m)]

def counts(x: i64) -> i64:
    return x
'''
m = dpc.compile(SOURCE)
X = np.linspace(0.1, 1.0, 6)
MODES = ("forward", "reverse", "auto")


def by_columns(f: Any, wrt: str, *args: Any) -> Any:
    """One tangent at a time."""
    names = [s.name for s in f.signature.inputs]
    at = np.asarray(args[names.index(wrt)], float)
    tangent = dpc.jvp(f, wrt=wrt)
    rows = []
    for k in range(at.size):
        unit = np.zeros(at.size)
        unit[k] = 1.0
        rows.append(np.asarray(tangent(*args, unit.reshape(at.shape) if at.ndim else 1.0)[1]))
    result = np.asarray(f(*args))
    if not rows:
        return np.zeros(result.shape + at.shape)
    return np.stack(rows, -1).reshape(result.shape + at.shape)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("name", "wrt", "args"),
    [
        ("chain", "x", (X, 2.0)),
        ("chain", "x", (X[:1], 2.0)),
        ("chain", "x", (X[:0], 2.0)),
        ("chain", "a", (X, 2.0)),
        ("energy", "x", (X, 2.0)),
        ("outer_sum", "x", (np.outer(X, [1.0, -2.0]), X[:3])),
        ("outer_sum", "y", (np.outer(X, [1.0, -2.0]), X[:3])),
        ("outer_sum", "y", (np.zeros((0, 2)), X[:3])),
        ("cube", "a", (2.0,)),
        ("system", "a", (np.diag(X[:3]) + 0.1, X[:3])),
        ("system", "b", (np.diag(X[:3]) + 0.1, X[:3])),
        ("scaled", "x", (X, 9)),
    ],
)
def test_the_shape_of_the_result_then_that_of_the_parameter(
    mode: str, name: str, wrt: str, args: tuple[Any, ...]
) -> None:
    f = getattr(m, name)
    made = np.asarray(dpc.jacobian(f, wrt=wrt, mode=mode)(*args))
    expected = by_columns(f, wrt, *args)
    assert made.shape == expected.shape
    np.testing.assert_allclose(made, expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("mode", MODES)
def test_several_parameters_are_a_named_tuple(mode: str) -> None:
    both = dpc.jacobian(m.chain, wrt=("a", "x"), mode=mode)(X, 2.0)
    assert both._fields == ("a", "x")
    np.testing.assert_allclose(both.a, np.sin(X), rtol=1e-14)
    np.testing.assert_allclose(both.x, by_columns(m.chain, "x", X, 2.0), rtol=1e-14)


@pytest.mark.parametrize("mode", MODES)
def test_tuples_of_results_are_outside(mode: str) -> None:
    (x_x, x_s), ((sum_x, sum_s), (two_x, two_s)) = dpc.jacobian(
        m.several, wrt=("x", "s"), mode=mode
    )(X, 2.0)
    np.testing.assert_allclose(x_x, 2.0 * np.eye(6))
    np.testing.assert_allclose(x_s, X)
    np.testing.assert_allclose(sum_x, 6.0 * X**2)
    assert sum_s == pytest.approx(np.sum(X**3))
    assert two_x.shape == (6, 2, 6)
    np.testing.assert_allclose(two_x[:, 1], np.diag(-np.sin(X)), atol=1e-15)
    np.testing.assert_allclose(two_s, np.stack([X, 0 * X], 1))


@pytest.mark.parametrize("mode", MODES)
def test_records_by_records(mode: str) -> None:
    model, x = m.Model(w=np.array([1.0, -2.0]), b=0.5, k=3), np.arange(8.0).reshape(4, 2)
    made = dpc.jacobian(m.fit, mode=mode)(model, x)
    assert isinstance(made, m.Fit)
    assert isinstance(made.at, m.Model)
    np.testing.assert_allclose(made.at.w, x)
    np.testing.assert_allclose(made.at.b, np.ones(4))
    np.testing.assert_array_equal(made.at.k, np.zeros(4))
    np.testing.assert_allclose(made.loss.w, 6.0 * (x @ model.w + 0.5) @ x)
    assert isinstance(dpc.jacobian(m.fit, wrt="m.w", mode=mode)(model, x).at, np.ndarray)


@pytest.mark.parametrize(("mode", "dtype"), [("forward", np.float32), ("reverse", np.float64)])
def test_mixed_precision(mode: str, dtype: Any) -> None:
    x = np.array([1.0, 2.0], np.float32)
    made = dpc.jacobian(m.single, wrt="s", mode=mode)(x, 3.0)
    assert made.dtype == dtype
    np.testing.assert_allclose(made, [1.0, 4.0])
    by_x = dpc.jacobian(m.single, mode=mode)(x, 3.0)
    assert by_x.dtype == np.float32
    np.testing.assert_allclose(by_x, np.diag([6.0, 12.0]))


@pytest.mark.parametrize("mode", MODES)
def test_prints_once_and_checks(mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    made = dpc.jacobian(m.told, mode=mode)
    np.testing.assert_allclose(made(X), np.diag(2.0 * X))
    assert capsys.readouterr().out.count("x is") == 1
    assert made(X[:0]).shape == (0, 0)
    assert capsys.readouterr().out.count("x is") == 1
    with pytest.raises(dpc.RuntimeError, match="negative"):
        made(-X)


@pytest.mark.parametrize("mode", MODES)
def test_results_of_unknown_extent(mode: str) -> None:
    made = dpc.jacobian(m.kept, mode=mode)
    np.testing.assert_allclose(made(np.array([1.0, -1.0, 3.0])), [[2.0, 0, 0], [0, 0, 6.0]])
    assert made(-X).shape == (0, 6)


def test_hessian_is_symmetric_and_the_jacobian_of_the_gradient() -> None:
    hessian = dpc.hessian(m.energy)(X, 2.0)
    expected = by_columns(dpc.grad(m.energy), "x", X, 2.0)
    np.testing.assert_allclose(hessian, expected, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-14)
    backwards = dpc.jacobian(dpc.grad(m.energy), mode="reverse")(X, 2.0)
    np.testing.assert_allclose(hessian, backwards, rtol=1e-13, atol=1e-14)


def test_hessian_by_several_and_by_records() -> None:
    both = dpc.hessian(m.energy, wrt=("x", "a"))(X, 2.0)
    assert both.x.x.shape == (6, 6)
    np.testing.assert_allclose(both.x.a, both.a.x, rtol=1e-14)
    assert both.a.a == pytest.approx(2.0 * np.sum(np.sin(X) ** 2))
    model, x = m.Model(w=np.array([1.0, -2.0]), b=0.5, k=3), np.arange(8.0).reshape(4, 2)
    of_model = dpc.hessian(m.loss)(model, x)
    np.testing.assert_allclose(of_model.w.w, 6.0 * x.T @ x)
    np.testing.assert_allclose(of_model.b.w, 6.0 * x.sum(0))
    assert of_model.b.b == pytest.approx(24.0)


def test_hvp() -> None:
    hessian, v = dpc.hessian(m.energy)(X, 2.0), np.arange(6.0)
    product = dpc.hvp(m.energy)
    np.testing.assert_allclose(product(X, 2.0, v), hessian @ v, rtol=1e-13)
    np.testing.assert_allclose(product(X, a=2.0, v=v), hessian @ v, rtol=1e-13)
    both = dpc.hvp(m.energy, wrt=("x", "a"))(X, 2.0, v, 0.0)
    np.testing.assert_allclose(both.x, hessian @ v, rtol=1e-13)
    assert both.a == pytest.approx(dpc.hessian(m.energy, wrt=("x", "a"))(X, 2.0).a.x @ v)


def test_zero_residual_has_its_hessian() -> None:
    """The strong zero must not remove the second derivative of a square at 0."""
    source = "def f(x: f64[n]) -> f64:\n    return sum(sin(x) ** 2)\n"
    f = dpc.compile(source).f
    np.testing.assert_array_equal(dpc.hessian(f)(np.zeros(3)), 2.0 * np.eye(3))


def test_third_derivatives_in_every_order_of_modes() -> None:
    expected = by_columns(dpc.hessian(m.energy), "x", X, 2.0)
    forward = dpc.jacobian(dpc.hessian(m.energy), mode="forward")(X, 2.0)
    reverse = dpc.jacobian(dpc.hessian(m.energy), mode="reverse")(X, 2.0)
    np.testing.assert_allclose(forward, expected, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(reverse, expected, rtol=1e-12, atol=1e-13)
    twice = dpc.jacobian(dpc.jacobian(m.chain, mode="reverse"), mode="reverse")(X, 2.0)
    np.testing.assert_allclose(twice, by_columns(dpc.jacobian(m.chain), "x", X, 2.0), atol=1e-14)
    assert dpc.grad(dpc.jacobian(m.cube))(2.0) == pytest.approx(12.0)
    assert dpc.hessian(dpc.grad(m.cube))(2.0) == pytest.approx(6.0)


def test_strong_zeros_and_options() -> None:
    source = "def f(x: f64[n]) -> f64[n]:\n    return where(x > 0.0, sqrt(x), 0.0)\n"
    f = dpc.compile(source).f
    for mode in ("forward", "reverse"):
        made = dpc.jacobian(f, mode=mode)(np.array([4.0, -1.0, 0.0]))
        np.testing.assert_array_equal(made, np.diag([0.25, 0.0, 0.0]))
    strict = dpc.jacobian(m.chain, math="strict")
    np.testing.assert_allclose(strict(X, 2.0), dpc.jacobian(m.chain)(X, 2.0), rtol=1e-14)


def test_they_are_functions() -> None:
    made = dpc.hessian(m.energy)
    assert repr(made) == "<dpc.Function hessian(energy)(x: f64[n], a: f64) -> f64[n, n]>"
    assert (
        dpc.jacobian(m.chain).__doc__
        == "The Jacobian of `chain`.\n\nEach element with the one before."
    )
    assert list(dpc.hvp(m.energy).__signature__.parameters) == ["x", "a", "v"]
    assert "func.func" in made.ir("grad")


def test_wrong_requests_are_refused() -> None:
    jacobian_of_anything: Any = dpc.jacobian
    cases: list[tuple[Any, str]] = [
        (lambda: dpc.hessian(dpc.value_and_grad(m.energy)), "needs a function with a float scalar"),
        (lambda: dpc.hvp(m.chain), "needs a function with a float scalar as result"),
        (lambda: dpc.jacobian(m.counts), "floats in its result"),
        (lambda: dpc.jacobian(m.chain, wrt="b"), "has no parameter `b`"),
        (lambda: dpc.jacobian(m.chain, mode="backward"), "mode is 'auto', 'forward', 'reverse'"),
        (lambda: jacobian_of_anything(abs), "takes a dpc.Function"),
    ]
    for call, message in cases:
        with pytest.raises(dpc.Error, match=message):
            call()
