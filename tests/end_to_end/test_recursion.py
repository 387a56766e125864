"""Functions that call themselves: depth, memory, derivatives of derivatives, what is refused."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dpc
from tests.codegen.test_errors import held
from tests.conformance.reference import interpreted
from tests.end_to_end.models import Model
from tests.end_to_end.recursive_models import RECURSIVE_MODELS

ROOT = Path(__file__).resolve().parents[2]

SOURCE = """
def down(k: i64) -> i64:
    return down(k - 1)

def power(x: f64, k: i64) -> f64:
    if k == 0:
        return 1.0
    return x * power(x, k - 1)

def endless(x: f64[n]) -> f64:
    y = x * 2.0
    return sum(y) + endless(y)

def guarded(x: f64, k: i64) -> f64:
    here = where(x > 0.0, sqrt(x), 0.0)
    return here + guarded(x, k - 1) if k > 0 else here

def failing(x: f64, k: i64) -> f64:
    assert k != 3, "three"
    return x * failing(x * x, k - 1) if k > 0 else x

def slow(x: f64, k: i64) -> f64:
    return x if k < 2 else slow(x, k - 1) + sin(slow(x, k - 2))

def inside(x: f64, k: i64) -> f64:
    if k == 0:
        return x
    return grad(power)(x, 4) * inside(x * 0.9, k - 1) + hessian(power)(x, 3)

def tail(x: f64[n]) -> f64:
    if n == 0:
        return 0.0
    return x[0] * x[0] * x[0] + tail(x[1:])

def spread(x: f64, k: i64) -> f64:
    if k == 0:
        return sin(x)
    return sum(spread(linspace(0.0, x, 3), k - 1))

def factored(a: f64[n, n], k: i64) -> f64:
    if k == 0:
        return logdet(a)
    l = cholesky(a)
    b = l @ l.T + 0.1 * a
    return factored(b, k - 1) + sum(solve(a, b))
"""


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SOURCE)


# --- depth ----------------------------------------------------------------------------------------


def too_deep(call: Any, *arguments: Any) -> dpc.RuntimeError:
    """The error that a call ends in."""
    with pytest.raises(dpc.RuntimeError, match="recursion is too deep") as caught:
        call(*arguments)
    return caught.value


def test_a_recursion_without_end_names_its_line(module: dpc.Module) -> None:
    error = too_deep(module.down, 3)
    assert (error.kind, error.line) == ("depth", 3)


@pytest.mark.parametrize("derive", [lambda f: f, dpc.grad, lambda f: dpc.grad(dpc.grad(f))])
def test_a_million_deep_is_an_error_and_hundreds_are_not(module: dpc.Module, derive: Any) -> None:
    call = derive(module.power)
    assert too_deep(call, 1.0, 1_000_000).line == 8
    assert held() == 0
    assert np.isfinite(call(1.0, 800))


def test_arrays_without_end(module: dpc.Module) -> None:
    too_deep(module.endless, np.ones(3))
    too_deep(dpc.grad(module.endless), np.ones(3))
    assert held() == 0


@pytest.mark.parametrize("size", [64 << 10, 256 << 10, 1 << 20])
def test_threads_have_stacks_of_their_own(module: dpc.Module, size: int) -> None:
    errors: list[dpc.RuntimeError] = []
    gradient = dpc.grad(module.power)
    gradient(1.0, 3)  # compiled in this thread, whose stack has room for that

    def run() -> None:
        errors.append(too_deep(gradient, 1.0, 1_000_000))
        errors.append(too_deep(gradient, 1.0, 1_000_000))

    before = threading.stack_size(size)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert [e.kind for e in errors] == ["depth", "depth"]


def test_the_interpreter_has_a_limit_too(module: dpc.Module) -> None:
    strict = module.power.options(math="strict")
    assert interpreted(strict)(1.0, 1500) == 1.0
    before = sys.getrecursionlimit()
    assert too_deep(interpreted(strict), 1.0, 1_000_000).line == 8
    assert sys.getrecursionlimit() == before


INTERRUPTED = """\
import os, signal, threading
import dpc
from tests.codegen.test_errors import held
from tests.end_to_end.test_recursion import SOURCE
module = dpc.compile(SOURCE)
for call in (module.slow, dpc.grad(module.slow)):
    call(0.3, 3)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        call(0.3, 60 if call is module.slow else 45)
    except KeyboardInterrupt:
        print("interrupted")
    assert held() == 0
"""


def test_ctrl_c_ends_a_recursion_without_loops() -> None:
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.split() == ["interrupted"] * 2, done.stderr
    assert time.monotonic() - start < 60


def test_a_check_inside_ends_all_calls(module: dpc.Module) -> None:
    for call in (module.failing, dpc.grad(module.failing), interpreted(module.failing)):
        with pytest.raises(dpc.RuntimeError, match="three"):
            call(1.1, 9)
        assert held() == 0
        assert np.isfinite(call(1.1, 2))


# --- derivatives ----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", RECURSIVE_MODELS, ids=lambda m: m.name)
def test_second_derivatives(model: Model) -> None:
    function = getattr(dpc.compile(model.source), model.function)
    report = dpc.check_grad(dpc.grad(function), **model.arguments)
    assert report.ok, str(report)


@pytest.mark.parametrize("model", RECURSIVE_MODELS, ids=lambda m: m.name)
def test_the_interpreter_agrees(model: Model) -> None:
    function = getattr(dpc.compile(model.source), model.function).options(math="strict")
    arguments = tuple(model.arguments.values())
    for call in (function, dpc.grad(function)):
        np.testing.assert_allclose(interpreted(call)(*arguments), call(*arguments), rtol=1e-13)


def test_third_derivatives(module: dpc.Module) -> None:
    third = dpc.grad(dpc.grad(dpc.grad(module.power)))
    assert third(1.1, 5) == pytest.approx(60 * 1.1**2, rel=1e-14)
    report = dpc.check_grad(dpc.jvp(dpc.grad(module.power)), 1.1, 5, 0.7)
    assert report.ok, str(report)


def test_derivatives_inside_a_recursion(module: dpc.Module) -> None:
    assert module.inside(0.8, 0) == 0.8
    assert module.inside(0.8, 1) == pytest.approx(4 * 0.8**3 * 0.72 + 6 * 0.8, rel=1e-14)
    for derive in (lambda f: f, dpc.grad):
        report = dpc.check_grad(derive(module.inside), 0.8, 3)
        assert report.ok, str(report)


def test_the_derivative_of_a_branch_not_taken_is_zero(module: dpc.Module) -> None:
    assert dpc.grad(module.guarded)(0.0, 3) == 0.0
    assert dpc.grad(module.guarded)(-1.0, 3) == 0.0
    assert dpc.grad(dpc.grad(module.guarded))(-1.0, 3) == 0.0


@pytest.mark.parametrize("size", [0, 1, 5])
def test_empty_and_short_arrays(module: dpc.Module, size: int) -> None:
    x = np.linspace(0.5, 1.5, size)
    np.testing.assert_allclose(dpc.grad(module.tail)(x), 3 * x * x, rtol=1e-14)
    second = dpc.jvp(dpc.grad(module.tail))(x, np.ones(size))[1]
    np.testing.assert_allclose(second, 6 * x, rtol=1e-14)


def test_nan_goes_through(module: dpc.Module) -> None:
    x = np.array([1.0, np.nan, 2.0])
    gradient = dpc.grad(module.tail)(x)
    assert gradient[[0, 2]].tolist() == [3.0, 12.0]
    assert np.isnan(gradient[1])


def test_applied_to_arrays_of_itself(module: dpc.Module) -> None:
    report = dpc.check_grad(module.spread, 0.7, 3)
    assert report.ok, str(report)


def test_linear_algebra_inside(module: dpc.Module) -> None:
    a = np.array([[4.0, 1.0, 0.3], [1.0, 5.0, 0.2], [0.3, 0.2, 6.0]])
    for derive in (lambda f: f, dpc.grad):
        report = dpc.check_grad(derive(module.factored), a, 2)
        assert report.ok, str(report)


def test_a_gradient_costs_a_few_evaluations() -> None:
    """Invocations are counted, not seconds: each of the primal has one of each half."""
    text = dpc.grad(dpc.compile(SOURCE).slow).ir("grad")
    assert text.count("func.invoke @taped_slow") == 3
    assert text.count("func.invoke @vjp_slow") == 3
    assert "func.invoke @slow" not in text


def test_slices_passed_on_are_cut_again_and_not_taped() -> None:
    module = dpc.compile(
        "def squares(x: f64[n]) -> f64:\n    if n < 2:\n        return sum(x * x)\n"
        "    return squares(x[: n // 2]) + squares(x[n // 2 :]) * x[0]\n\n"
        "def columns(x: f64[n, m], k: i64[m]) -> f64:\n    if m < 2:\n"
        "        return sum(x[:, 0] * x[:, 0])\n"
        "    return columns(x[::-1, 1:], k[1:]) * columns(x[:, :1] * 2.0, k[:1])\n\n"
        "def moved(x: f64[n], k: i64) -> f64:\n    y = x * x\n    if k == 0:\n"
        "        return sum(y)\n    z = y[1:]\n    y[1] = 2.0 * y[0]\n"
        "    s = moved(z, k - 1)\n    z[0] = s\n    return s * moved(z, 0) + y[1]\n"
    )
    text = dpc.grad(module.squares).ir("grad")
    assert "tape.push" in text  # what the product needs
    for line in text.splitlines():
        assert "tape.push" not in line or not line.startswith("        "), "in a loop"
    for function, x in ((module.squares, np.linspace(0.5, 1.5, 7)),
                        (module.moved, np.linspace(0.5, 1.5, 4))):  # fmt: skip
        arguments = (x,) if function is module.squares else (x, 2)
        for derive in (lambda f: f, dpc.grad):
            report = dpc.check_grad(derive(function), *arguments)
            assert report.ok, str(report)
    report = dpc.check_grad(module.columns, np.linspace(0.5, 1.5, 6).reshape(2, 3), np.arange(3))
    assert report.ok, str(report)


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("def f(x: f64[n]) -> f64[k]:\n    y = x[: n // 2]\n    if n > 4:\n        y = f(y)\n"
         "    return concat(y, y)\n", "E0246"),
        ("def f(x: f64, k: i64) -> f64:\n"
         "    return grad(f)(x, k - 1) if k > 0 else x * x\n", "E0407"),
        ("def f(x: f64, k: i64) -> f64:\n    return g(x, k)\n"
         "def g(x: f64, k: i64) -> f64:\n"
         "    return grad(f)(x, k - 1) if k > 0 else x * x\n", "E0407"),
        ("def f(g: Callable[[f64], f64], x: f64) -> f64:\n"
         "    return f(lambda t: g(t) + 1.0, x)\n"
         "def h(x: f64) -> f64:\n    return f(sin, x)\n", "E0244"),
        ("def f(x: f64) -> f64:\n    return grad(f)(x)\n\nC = f(1.0)\n", "E0407"),
        ("def f(x: f64) -> f64:\n    def g(t: f64) -> f64:\n"
         "        return t if t < 1.0 else g(t - 1.0)\n    return g(x)\n", "E0100"),
        ("def f(k: i64) -> i64:\n    return f(k + 1)\n\nC = f(1)\n", "E0227"),
    ],
)  # fmt: skip
def test_what_has_no_end_is_refused(source: str, code: str) -> None:
    with pytest.raises(dpc.CompileError) as caught:
        dpc.compile(source)
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_constants_may_be_computed_by_recursion() -> None:
    module = dpc.compile(
        "def factorial(k: i64) -> i64:\n    return 1 if k < 2 else k * factorial(k - 1)\n\n"
        "F = factorial(10)\n\ndef f(x: f64) -> f64:\n    return x * F\n"
    )
    assert module.f(2.0) == 2.0 * 3628800
