"""Calls that begin in native code: same results, same errors, nothing kept."""

import gc
import os
import pickle
import signal
import sys
import threading
import weakref
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.runtime import python_layout
from dpc.runtime.call_path import WORTH_IT

SOURCE = """
def square(x: f64) -> f64:
    return x * x

def mixed(a: f64, k: i64, j: i32, flag: bool) -> (f64, i64, i32, bool):
    return a + 1.0, k + 1, j, not flag

def single(x: f32[n], s: f32) -> f32[n]:
    return x * s

def product(a: f64[n], b: f64[m]) -> f64[n, m]:
    return a[:, None] * b[None, :]

def whole(a: i64[n], b: i32[n], c: bool[n]) -> (i64[n], bool[n]):
    return a + i64(b), c

def joined(a: f64[n], b: f64[n + 2]) -> f64[2 * n + 2]:
    return concat(a, b)

def counted(n: i64) -> f64[n]:
    return zeros(n) + 1.0

def size(x: f64[n]) -> f64:
    return sqrt(sum(x * x))

def half(x: f64[n], k: f64 = 0.5) -> f64:
    return k * sum(x)

def checked(x: f64[n], i: i64) -> (f64[n], f64):
    return 2.0 * x, x[i]

def slow(n: i64) -> f64:
    total = 0.0
    for i in range(n):
        for j in range(n):
            total += sin(real(i) * total + real(j))
    return total
"""
X = np.array([1.0, 2.0, 3.5])

CALLS: dict[str, tuple[Any, ...]] = {
    "square": (3.0,),
    "mixed": (1.5, 2**62, -7, True),
    "single": (X.astype(np.float32), np.float32(0.1)),
    "product": (X, np.arange(5.0)),
    "whole": (np.arange(3), np.arange(3, dtype=np.int32), np.array([True, False, True])),
    "joined": (X, np.arange(5.0)),
    "counted": (4,),
    "size": (X,),
    "half": (X, 0.25),
    "checked": (X, 1),
}


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SOURCE)


def shortened(function: dpc.Function, *arguments: Any) -> dpc.Function:
    """The function after enough calls."""
    for _ in range(WORTH_IT):
        function(*arguments)
    assert type(function._call).__name__ == "builtin_function_or_method"
    return function


def same(left: Any, right: Any) -> bool:
    """Equal values of equal types, in tuples too."""
    if type(left) is not type(right):
        return False
    if isinstance(left, tuple):
        return all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and np.array_equal(left, right, equal_nan=True)
    return bool(left == right or (left != left and right != right))


def test_objects_are_where_native_code_expects_them() -> None:
    assert python_layout.addresses() is not None


@pytest.mark.parametrize("name", CALLS)
def test_results_are_those_of_the_long_way(module: dpc.Module, name: str) -> None:
    function, arguments = getattr(module, name), CALLS[name]
    expected = function._call_in_python(*arguments)
    assert same(shortened(function, *arguments)(*arguments), expected)


@pytest.mark.parametrize(
    "derivative",
    [
        lambda m: (dpc.grad(m.size), (X,)),
        lambda m: (dpc.value_and_grad(m.size), (X,)),
        lambda m: (dpc.grad(m.half, wrt=("x", "k")), (X, 2.0)),
        lambda m: (dpc.jacobian(m.product), (X, X)),
        lambda m: (dpc.hessian(m.size), (X,)),
    ],
)
def test_derivatives(module: dpc.Module, derivative: Any) -> None:
    function, arguments = derivative(module)
    expected = function._call_in_python(*arguments)
    assert same(shortened(function, *arguments)(*arguments), expected)


def test_an_honest_zero_is_answered_again(module: dpc.Module) -> None:
    gradient = shortened(dpc.grad(module.size), X)
    np.testing.assert_array_equal(gradient(np.zeros(3)), gradient._call_in_python(np.zeros(3)))
    assert np.isnan(gradient(np.array([1.0, np.nan, 2.0]))).any()


UNUSUAL: dict[str, tuple[str, tuple[Any, ...], dict[str, Any]]] = {
    "an integer for a float": ("square", (3,), {}),
    "a NumPy float": ("square", (np.float64(3.0),), {}),
    "a float of 32 bits": ("square", (np.float32(3.0),), {}),
    "a keyword": ("square", (), {"x": 3.0}),
    "a default": ("half", (X,), {}),
    "a list": ("size", ([1.0, 2.0],), {}),
    "another dtype": ("size", (np.arange(3, dtype=np.float32),), {}),
    "a step": ("size", (np.arange(10.0)[::2],), {}),
    "columns": ("size", (np.asfortranarray(np.ones((3, 2)))[:, 1],), {}),
    "other byte order": ("size", (X.astype(">f8"),), {}),
    "a bool for an integer": ("counted", (True,), {}),
    "empty": ("product", (np.zeros(0), X), {}),
    "unaligned": ("size", (np.frombuffer(b"\0" + X.tobytes(), np.uint8)[1:].view(np.float64),), {}),
}


@pytest.mark.parametrize("case", UNUSUAL)
def test_unusual_arguments_take_the_long_way(module: dpc.Module, case: str) -> None:
    name, arguments, keywords = UNUSUAL[case]
    function = shortened(getattr(module, name), *CALLS[name])
    expected = function._call_in_python(*arguments, **keywords)
    assert same(function(*arguments, **keywords), expected)


WRONG: dict[str, tuple[str, tuple[Any, ...]]] = {
    "too few": ("square", ()),
    "too many": ("square", (1.0, 2.0)),
    "no number": ("square", ("x",)),
    "no integer": ("counted", (2.0,)),
    "too large an integer": ("counted", (2**64,)),
    "too large for 32 bits": ("mixed", (1.0, 1, 2**31, True)),
    "a negative extent": ("counted", (-1,)),
    "rank": ("size", (np.ones((2, 2)),)),
    "dtype": ("size", (np.ones(3, complex),)),
    "extents": ("joined", (X, X)),
    "an index out of bounds": ("checked", (X, 3)),
    "no memory": ("counted", (2**59,)),
}


@pytest.mark.parametrize("case", WRONG)
def test_errors_are_those_of_the_long_way(module: dpc.Module, case: str) -> None:
    name, arguments = WRONG[case]
    function = shortened(getattr(module, name), *CALLS[name])
    with pytest.raises(dpc.Error) as expected:
        function._call_in_python(*arguments)
    with pytest.raises(type(expected.value)) as found:
        function(*arguments)
    assert str(found.value) == str(expected.value)


def test_out_after_many_calls(module: dpc.Module) -> None:
    function = shortened(module.product, X, X)
    out = np.empty((3, 3))
    assert function(X, X, out=out) is out
    np.testing.assert_array_equal(out, np.outer(X, X))


def test_nothing_is_kept(module: dpc.Module) -> None:
    product, checked = shortened(module.product, X, X), shortened(module.checked, X, 1)
    assert sys.getrefcount(product(X, X)) == 1 + 1 - (sys.version_info >= (3, 14))
    dtype, whole = np.dtype(np.float64), 2**40 + 1
    before = sys.getrefcount(dtype), sys.getrefcount(X), sys.getrefcount(whole)
    for _ in range(200):
        product(X, X)
        checked(X, 2)
        with pytest.raises(dpc.RuntimeError):
            checked(X, whole)
    after = sys.getrefcount(dtype), sys.getrefcount(X), sys.getrefcount(whole)
    assert all(abs(a - b) < 10 for a, b in zip(after, before, strict=True))


def test_functions_are_let_go() -> None:
    module = dpc.compile(SOURCE)
    function = shortened(dpc.grad(module.size), X)
    gone = weakref.ref(function)
    del function
    gc.collect()
    assert gone() is None


def test_functions_pickle_after_many_calls(module: dpc.Module) -> None:
    function = shortened(module.size, X)
    assert pickle.loads(pickle.dumps(function))(X) == function(X)


def test_threads_call_at_once(module: dpc.Module) -> None:
    function = shortened(module.product, X, X)
    wrong: list[int] = []

    def work(number: int) -> None:
        left = np.full(50, float(number))
        for _ in range(300):
            if not np.array_equal(function(left, X), np.outer(left, X)):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_ctrl_c_after_many_calls(module: dpc.Module) -> None:
    function = shortened(module.slow, 3)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        function(10**6)
    timer.join()
