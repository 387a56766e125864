"""Calls that stay calls: size of code, values and derivatives, members, checks, prints, plans."""

from functools import partial
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.compiler import driver
from dpc.compiler.driver import Options
from dpc.compiler.passes import outline
from dpc.runtime.function import Function
from dpc.runtime.peak_memory import peak_bytes
from tests.conformance.reference import interpreted
from tests.end_to_end.models import Model
from tests.end_to_end.outlined_models import OUTLINED_MODELS


@pytest.fixture
def every_call_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the functions are, and if they are called once."""
    monkeypatch.setattr(outline, "SMALL", -1)
    monkeypatch.setattr(outline, "GROWTH", -1)


# --- size of code ---------------------------------------------------------------------------------

LEAVES = {
    "scalars and branches": """
def f1(x: f64, y: f64) -> f64:
    if x > y:
        return sin(x) * y + x
    return x * cos(y)
""",
    "arrays and loops": """
def f1(x: f64[n], y: f64) -> f64[n]:
    z = zeros(n)
    t = y
    for i in range(n):
        if x[i] > t:
            t = t * 0.9 + x[i] * y
        z[i] = sin(t) * x[i]
    return z
""",
    "loops around calls": """
def f1(x: f64, y: f64) -> f64:
    s = 0.0
    while s * s < 4.0:
        s += 1.0 + x * x * y
    return s * x
""",
}
STEPS = {
    "scalars and branches": """
def f{k}(x: f64, y: f64) -> f64:
    a = f{j}(x, y * 0.5)
    return f{j}(a, y) * 0.5 + a * y
""",
    "arrays and loops": """
def f{k}(x: f64[n], y: f64) -> f64[n]:
    a = f{j}(x, y * 0.5)
    b = f{j}(a + x, y)
    if y > 0.1:
        b[0] = a[0] * b[0]
    return 0.5 * (a * b)
""",
    "loops around calls": """
def f{k}(x: f64, y: f64) -> f64:
    s = x
    for i in range(2):
        s = 0.5 * f{j}(s, y) + sin(f{j}(0.3 * s, y * 0.5))
    return s
""",
}


def tree(kind: str, levels: int) -> Function:
    """A function that calls another one twice, and so on down to a leaf."""
    steps = (STEPS[kind].format(k=k, j=k - 1) for k in range(2, levels + 1))
    module = dpc.compile(LEAVES[kind] + "".join(steps))
    found: Function = getattr(module, f"f{levels}")
    return found


def size(function: Function) -> int:
    """The operations of the code that LLVM gets."""
    module = driver.finish(function.origin.entry(Options()), Options())
    return sum(1 for f in module.functions for _ in f.body.walk())


@pytest.mark.parametrize("kind", LEAVES)
def test_code_grows_with_the_source_and_not_with_the_tree_of_calls(kind: str) -> None:
    for derive in (lambda f: f, dpc.vjp):
        sizes = {levels: size(derive(tree(kind, levels))) for levels in (8, 14, 20)}
        # Copies up to a bound come first, hence the steps; a level more costs a level's code.
        assert sizes[14] < 2.5 * sizes[8]
        assert sizes[20] < 4.5 * sizes[8]


@pytest.mark.parametrize("kind", LEAVES)
def test_a_gradient_is_a_few_times_its_function(kind: str) -> None:
    function = tree(kind, 20)
    assert size(dpc.vjp(function)) < 6 * size(function)
    assert size(dpc.jvp(dpc.vjp(function))) < 16 * size(function)


def test_derivatives_through_twelve_levels() -> None:
    scalar, array = tree("scalars and branches", 12), tree("arrays and loops", 9)
    for derive in (lambda f: f, dpc.grad):
        report = dpc.check_grad(derive(scalar), 0.3, 0.4)
        assert report.ok, str(report)
    report = dpc.check_grad(array, np.array([0.3, 0.8, 0.5]), 0.4)
    assert report.ok, str(report)


def test_small_functions_and_those_called_once_are_copied() -> None:
    large = "\n".join(f"    t = sin(t) * {i}.5 + x" for i in range(200))
    module = dpc.compile(
        f"def large(x: f64) -> f64:\n    t = x\n{large}\n    return t\n\n"
        "def small(x: f64) -> f64:\n    return sin(x) * x\n\n"
        "def once(x: f64) -> f64:\n    return large(x) + small(x) + small(2.0 * x)\n\n"
        "def twice(x: f64) -> f64:\n    return large(x) * large(2.0 * x)\n"
    )
    assert "func.call" not in module.once.ir("array")
    assert module.twice.ir("array").count("func.call @large") == 2
    assert module.twice.ir("array").count("func.func") == 2


# --- values and derivatives -----------------------------------------------------------------------


@pytest.mark.parametrize("model", OUTLINED_MODELS, ids=lambda m: m.name)
def test_both_orders(model: Model, every_call_stays: None) -> None:
    function = getattr(dpc.compile(model.source), model.function)
    for derive in (lambda f: f, dpc.grad):
        report = dpc.check_grad(derive(function), **model.arguments)
        assert report.ok, str(report)


@pytest.mark.parametrize("model", OUTLINED_MODELS, ids=lambda m: m.name)
def test_values_are_those_of_copies(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = tuple(model.arguments.values())

    def answers() -> list[Any]:
        function = getattr(dpc.compile(model.source), model.function).options(math="strict")
        calls = (function, dpc.grad(function))
        return [each(*arguments) for f in calls for each in (f, interpreted(f))]

    copied = answers()
    monkeypatch.setattr(outline, "SMALL", -1)
    monkeypatch.setattr(outline, "GROWTH", -1)
    for kept, value in zip(answers(), copied, strict=True):
        np.testing.assert_allclose(kept, value, rtol=1e-12)


SOURCE = """
def g(x: f64, y: f64) -> f64:
    assert not x >= 70.0, "seventy"
    return x * x * x * y

def f(x: f64, y: f64) -> f64:
    return g(g(x, y), 1.0) * g(y, x)

def guarded(x: f64) -> f64:
    return where(x > 0.0, sqrt(x), 0.0)

def untaken(x: f64) -> f64:
    return guarded(x) + guarded(2.0 * x) * guarded(-x)

def norms(x: f64[n]) -> f64:
    total = 0.0
    for i in range(n):
        total += g(x[i], 1.0) + g(x[i], x[0])
    return total

def telling(x: f64) -> f64:
    print("x is", x)
    return x * x

def told(x: f64) -> f64:
    return telling(x) * telling(2.0 * x)

def rows(x: f64[n]) -> f64[n]:
    return [g(v, x[0]) * g(x[1], v) for v in x]
"""


@pytest.fixture
def module(every_call_stays: None) -> dpc.Module:
    return dpc.compile(SOURCE)


def test_third_derivatives(module: dpc.Module) -> None:
    x, y = 0.9, 1.2
    third = dpc.grad(dpc.grad(dpc.grad(module.f)))  # of x**10 * y**6
    assert third(x, y) == pytest.approx(10 * 9 * 8 * x**7 * y**6, rel=1e-13)


def test_the_derivative_of_a_branch_not_taken_is_zero(module: dpc.Module) -> None:
    assert dpc.grad(module.untaken)(-1.0) == 0.0
    assert dpc.grad(dpc.grad(module.untaken))(-1.0) == 0.0


@pytest.mark.parametrize("count", [0, 1, 4])
def test_over_members_and_in_jacobians(module: dpc.Module, count: int) -> None:
    x = np.linspace(0.5, 1.5, count)
    for derive in (lambda f: f, dpc.grad):
        single = derive(module.f)
        many = dpc.vmap(single)(x, 2.0 * x)
        np.testing.assert_allclose(many, [single(v, 2.0 * v) for v in x], rtol=1e-14)
    if count > 1:
        dense = dpc.jacobian(module.rows)(x)
        expected = np.array([dpc.jvp(module.rows)(x, e)[1] for e in np.eye(count)]).T
        np.testing.assert_allclose(dense, expected, rtol=1e-13)
        hessian = dpc.hessian(module.norms)(x)
        np.testing.assert_allclose(hessian, hessian.T, rtol=1e-13)


STEPS_OF_POINTS = """
def point(x: f64, y: f64) -> f64:
    t = x
    for k in range(20):
        t = sin(t) * y + 0.5 * t
    return t

def f(x: f64[n]) -> f64:
    total = 0.0
    for i in range(n):
        total += point(x[i], 0.3) * point(0.5 * x[i], 0.7)
    return total

def counted(x: f64) -> f64:
    s = x
    while s < 10.0:
        s = s * 1.5
    return s

def g(x: f64[n]) -> f64:
    return sum([counted(v) * counted(2.0 * v) for v in x])
"""


def test_a_call_is_run_again_and_keeps_nothing(every_call_stays: None) -> None:
    module = dpc.compile(STEPS_OF_POINTS)
    gradient = dpc.grad(module.f)
    text = gradient.ir("grad")
    assert "func.invoke @taped" not in text
    assert "tape." not in text
    peaks = {peak_bytes(partial(gradient, np.linspace(0.1, 0.9, n))) for n in (10, 10_000)}
    assert max(peaks) <= 65536
    plan = str(gradient.plan())
    assert "tape: 0 B\n" in plan
    assert "run again where they are reversed: the calls of point" in plan


def test_loops_of_unknown_length_inside_a_call_keep_stacks(every_call_stays: None) -> None:
    module = dpc.compile(STEPS_OF_POINTS)
    gradient = dpc.grad(module.g)
    assert "func.invoke @taped_counted" in gradient.ir("grad")
    assert "what each call of counted keeps" in str(gradient.plan())
    report = dpc.check_grad(module.g, np.array([0.3, 0.8, 1.1]))
    assert report.ok, str(report)


def test_nan_goes_through(module: dpc.Module) -> None:
    gradient = dpc.grad(module.norms)(np.array([1.0, np.nan, 2.0]))
    assert gradient[2] == 3 * 4.0 * 2
    assert np.isnan(gradient[:2]).all()


def test_a_check_inside_names_its_line(module: dpc.Module) -> None:
    for call in (module.f, dpc.grad(module.f), interpreted(module.f)):
        with pytest.raises(dpc.RuntimeError, match="seventy") as caught:
            call(1.0, 70.0)
        assert caught.value.line == 3
        assert np.isfinite(call(1.0, 2.0))


def test_prints_come_once_and_in_order(
    module: dpc.Module, capfd: pytest.CaptureFixture[str]
) -> None:
    for call in (module.told, dpc.grad(module.told), interpreted(module.told)):
        call(1.5)
        assert capfd.readouterr().out.splitlines() == ["x is 1.5", "x is 3.0"]
