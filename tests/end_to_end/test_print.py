"""`print`: what it shows, when, how often, and where the lines go."""

import contextlib
import io
import sys
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.compiler.driver import front
from dpc.compiler.interpret import run
from dpc.compiler.lowering import lower_module
from dpc.dsl.source import Source
from tests.check.programs import diagnose

SOURCE = """
def values(x: f64[n], k: i64) -> f64:
    print("start", n, x, x * 2.0, k == 2)
    print()
    print(f"{k} of {{n}}:", f32(0.1), i32(3), 1e300, [[1, 2], [3, 4]], x > 1.5, x[:0])
    return sum(x)

def running(x: f64[n]) -> f64:
    s = 0.0
    y = zeros(n)
    for i in range(n):
        s += x[i] ** 3
        y[i] = s
        print(i, s, y)
    return s * s

def before_the_error(x: f64) -> f64:
    print("before")
    assert x > 0.0, "not positive"
    print("after")
    return x

def called(x: f64) -> f64:
    print("called with", x)
    return x * x * x

def caller(x: f64) -> f64:
    return called(x) + called(2.0 * x)

def infinite(x: f64) -> f64:
    print("once")
    return where(x > 0.0, sqrt(x), 0.0)
"""
X = np.array([1.0, 2.0])
MODULE = dpc.compile(SOURCE)
VALUES = """\
start 2 [1. 2.] [2. 4.] True

2 of {n}: 0.1 3 1e+300 [[1 2]
 [3 4]] [False  True] []
"""


def test_lines_are_pythons_and_numpys(capsys: pytest.CaptureFixture[str]) -> None:
    assert MODULE.values(X, 2) == 3.0
    assert capsys.readouterr().out == VALUES


def test_the_interpreter_shows_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    module = lower_module(front(Source("test.dp", SOURCE)))
    run(module, "values", [2, X, 2])
    assert capsys.readouterr().out == VALUES


def test_arrays_are_shown_as_they_are_then(capsys: pytest.CaptureFixture[str]) -> None:
    MODULE.running(X)
    assert capsys.readouterr().out == "0 1.0 [1. 0.]\n1 9.0 [1. 9.]\n"


@pytest.mark.parametrize(
    "derive",
    [
        lambda f, x: dpc.grad(f)(x),
        lambda f, x: dpc.value_and_grad(f)(x),
        lambda f, x: dpc.jvp(f)(x, x),
        lambda f, x: dpc.jvp(dpc.grad(f))(x, x),
        lambda f, x: dpc.vjp(dpc.vjp(f))(x, 1.0, (1.0, x)),
    ],
)
def test_derivatives_print_once(derive: Any, capsys: pytest.CaptureFixture[str]) -> None:
    derive(MODULE.running, X)
    assert capsys.readouterr().out == "0 1.0 [1. 0.]\n1 9.0 [1. 9.]\n"
    derive(MODULE.caller, 2.0)
    assert capsys.readouterr().out == "called with 2.0\ncalled with 4.0\n"


def test_an_answer_with_strong_zeros_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert dpc.grad(MODULE.infinite)(0.0) == 0.0
    assert capsys.readouterr().out == "once\n"


def test_gradients_are_right_and_checking_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    assert dpc.check_grad(MODULE.running, X)
    assert dpc.check_grad(MODULE.caller, 1.5)
    assert capsys.readouterr().out == ""


def test_lines_before_an_error_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(dpc.RuntimeError, match="not positive"):
        MODULE.before_the_error(-1.0)
    assert capsys.readouterr().out == "before\n"


def test_what_the_output_raises_ends_the_call() -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError("gone")

    with contextlib.redirect_stdout(Closed()), pytest.raises(BrokenPipeError, match="gone"):
        MODULE.running(X)


def test_the_stream_is_looked_up_at_each_call() -> None:
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        MODULE.infinite(4.0)
    assert text.getvalue() == "once\n"
    assert sys.stdout is not text


@pytest.mark.parametrize(
    ("statement", "code", "text"),
    [
        ('print("x", end="")', "E0224", 'end=""'),
        ("print(r)", "E0222", "r"),
        ('t = print("x")', "E0232", 'print("x")'),
        ('print(f"{x}")', "E0222", "x"),
        ("print(y)", "E0201", "y"),
    ],
)
def test_misuse_is_diagnosed(statement: str, code: str, text: str) -> None:
    header = "class R:\n    w: f64\ndef f(x: f64[n], r: R) -> f64:\n"
    _, found = diagnose(f"{header}    {statement}\n    return x[0]\n")
    assert [(d.code, d.span.text) for d in found] == [(code, text)]


def test_a_function_without_result_is_called_as_a_statement(
    capsys: pytest.CaptureFixture[str],
) -> None:
    module = dpc.compile("""
def show(x: f64[n], limit: f64):
    for i in range(n):
        if x[i] > limit:
            print("above at", i)
            return
    print("none above")

def f(x: f64[n]) -> f64:
    show(x, 1.5)
    show(x * 0.1, 1.5)
    return sum(x * x)
""")
    np.testing.assert_array_equal(dpc.grad(module.f)(X), 2.0 * X)
    assert capsys.readouterr().out == "above at 1\nnone above\n"
    module.show(X, 0.0)
    assert capsys.readouterr().out == "above at 0\n"


@pytest.mark.parametrize("use", ["t = g(x)", "t = g(x) + 1.0", "t = sin(g(x))", "a, b = g(x)"])
def test_a_function_without_result_has_no_value(use: str) -> None:
    text = "def g(x: f64):\n    print(x)\n"
    _, found = diagnose(f"{text}def f(x: f64) -> f64:\n    {use}\n    return x\n")
    assert [(d.code, d.span.text) for d in found if d.level == "error"] == [("E0232", "g(x)")]
