"""Functions with type variables called from Python: what the arguments make of them."""

import pickle
from typing import Any

import numpy as np
import pytest

import dpc

SOURCE = '''
class Point:
    at: f64[d]
    weight: f64

def axpy(a: real, x: T, y: T) -> T:
    """a x + y."""
    return a * x + y

def first(x: T[n]) -> T:
    return x[0]

def product(x: T[n], y: T[n]) -> T:
    return sum(x * y)

def between(x: T, y: T, s: S) -> T:
    return x + (y - x) * s

def power_sum(x: T, k: i64 = 2) -> f64:
    return sum(x ** k)

def square(x: T) -> T:
    return x * x

def masked(x: T[n]) -> T:
    return sum(x & x)

def applied(f: Callable[[f64], f64], x: T) -> T:
    return x
'''
X = np.array([1.0, 2.0, 4.0])
X32 = X.astype(np.float32)


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SOURCE)


def test_arrays_say_what_the_variable_is(module: dpc.Module) -> None:
    np.testing.assert_array_equal(module.axpy(2.0, X, X), 3 * X)
    assert module.axpy(2.0, X[:, None], X[:, None]).shape == (3, 1)
    assert module.first(np.array([3, 4])) == 3
    assert type(module.first(X32)) is np.float32
    assert module.product(X32, X32).dtype == np.float32
    assert module.first(np.array([True, False])) is True
    assert module.square(np.array([2], np.int8)).dtype == np.int32
    assert module.square(np.array([2.0], np.float16)).dtype == np.float32


def test_numbers_and_lists_adapt(module: dpc.Module) -> None:
    assert module.square(3) == 9
    assert type(module.square(3)) is int
    assert module.square(1.5) == 2.25
    assert module.axpy(1, 2.0, 3) == module.axpy(1, 3, 2.0) == 5.0
    assert type(module.axpy(1.0, 2.0, np.float64(3))) is float
    assert module.product([1, 2, 4], X) == module.product(X, [1, 2, 4]) == 21.0
    assert type(module.square(np.float32(2))) is np.float32


def test_records(module: dpc.Module) -> None:
    p, q = module.Point(at=X, weight=2.0), module.Point(at=3 * X, weight=4.0)
    found = module.between(p, q, 0.5)
    assert (found.at.tolist(), found.weight) == ((2 * X).tolist(), 3.0)
    with pytest.raises(dpc.ShapeError):
        module.between(p, module.Point(at=X[:2], weight=0.0), 0.5)


def test_gradients(module: dpc.Module) -> None:
    gradient = dpc.grad(module.product, wrt="y")
    np.testing.assert_array_equal(gradient(X, 2 * X), X)
    assert gradient(X32, X32).dtype == np.float32
    assert dpc.grad(dpc.grad(module.square))(3.0) == 2.0
    np.testing.assert_array_equal(dpc.grad(module.power_sum)(X[None], k=3), 3 * X[None] ** 2)
    value, tangent = dpc.jvp(module.square)(X, X)
    np.testing.assert_array_equal((value, tangent), (X**2, 2 * X**2))
    np.testing.assert_array_equal(dpc.vjp(module.square)(X, X)[1], 2 * X**2)
    np.testing.assert_array_equal(dpc.jacobian(module.square)(X), np.diag(2 * X))
    assert dpc.check_grad(module.product, X, y=X).ok
    strict = dpc.grad(module.power_sum, math="strict")
    np.testing.assert_array_equal(strict.options(math="fast")(X), 2 * X)


def test_they_travel(module: dpc.Module) -> None:
    for made in (module.square, dpc.grad(module.product, wrt="y"), module.product.of(X32, X32)):
        copy = pickle.loads(pickle.dumps(made))
        assert repr(copy) == repr(made)
    assert pickle.loads(pickle.dumps(module.square.of(X)))(X)[2] == 16.0
    assert pickle.loads(pickle.dumps(dpc.grad(module.square)))(3.0) == 6.0
    out = np.empty(3)
    module.square(X, out=out)
    np.testing.assert_array_equal(out, X**2)


def test_what_it_is(module: dpc.Module) -> None:
    assert repr(module.axpy) == "<dpc.Function axpy(a: real, x: T, y: T) -> T>"
    assert repr(dpc.grad(module.first)) == "<dpc.Function grad(first): first(x: T[n]) -> T>"
    assert module.axpy.__doc__ == "a x + y."
    assert set(module.generics) == {
        "axpy", "first", "product", "between", "power_sum", "square", "masked",
    }  # fmt: skip
    assert module.square.of(X) is module.square.of(2 * X)
    assert str(module.square.of(X).signature.inputs[0].type.element) == "f64"
    assert "arith.mulf" in module.square.of(X).ir()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.first(3.0), "expected f64"),
        (lambda m: m.masked(X), "`&` takes bools and integers"),
        (lambda m: m.first("a"), "no type of the language"),
        (lambda m: m.square(1 + 2j), "no type of the language"),
        (lambda m: m.square({"at": X}), "no type of the language"),
        (lambda m: m.product(X), "needs a value for `y`"),
        (lambda m: m.product(X, y=X, z=1), "no parameter `z`"),
        (lambda m: m.axpy(1.0, X, 3.0), "given the float 3.0"),
        (lambda m: dpc.grad(m.first)([1, 2]), "float scalar as result"),
        (lambda m: dpc.vmap(m.square), r"square.of\(x\)"),
        (lambda m: m.square.ir(), r"square.of\(x\)"),
    ],
)
def test_misuse(module: dpc.Module, call: Any, message: str) -> None:
    with pytest.raises(dpc.TypeError, match=message):
        call(module)


def test_functions_that_take_functions_are_not_called(module: dpc.Module) -> None:
    with pytest.raises(AttributeError, match="takes functions"):
        _ = module.applied


def test_imported_functions(tmp_path: Any) -> None:
    (tmp_path / "parts.dp").write_text("def twice(x: T) -> T:\n    return x + x\n")
    (tmp_path / "main.dp").write_text("from parts import twice as doubled\n")
    m = dpc.load(tmp_path / "main.dp")
    np.testing.assert_array_equal(m.doubled(X), 2 * X)
    assert dpc.grad(m.doubled)(1.0) == 2.0
