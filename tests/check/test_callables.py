"""Functions passed to functions: what is specialised, what is captured, what Python sees."""

from pathlib import Path

import numpy as np
import pytest

import dpc
from dpc.compiler.driver import front
from dpc.dsl.check.calling import reached
from dpc.dsl.source import Source
from tests.check.programs import diagnose

APPLY = """
def apply(g: Callable[[f64], f64], x: f64) -> f64:
    return g(x)
"""


def test_captures_keep_the_value_at_the_definition() -> None:
    source = """
def f(x: f64) -> f64:
    scale = 2.0
    g = lambda t: t * scale
    scale = 5.0
    return g(x) + scale
"""
    assert dpc.compile(source).f(3.0) == 11.0


def test_one_function_serves_equal_calls() -> None:
    source = APPLY + (
        "\ndef f(x: f64, c: f64) -> f64:\n    g = lambda t: t * c\n"
        "    return apply(g, x) + apply(g, 2.0 * x)\n"
    )
    module = front(Source("m.dp", source))
    made = [f.name.split(".")[0] for f in reached(module.functions.values())]
    assert sorted(made) == ["apply", "f", "lambda"]
    assert module.higher_order == {"apply"}


def test_captured_floats_are_differentiable() -> None:
    source = APPLY + "\ndef f(x: f64, c: f64) -> f64:\n    return apply(lambda t: t * c * c, x)\n"
    gradient = dpc.grad(dpc.compile(source).f, wrt=("x", "c"))(3.0, 2.0)
    assert tuple(gradient) == (4.0, 12.0)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_dimensions_of_captured_arrays(n: int) -> None:
    source = """
def vec(g: Callable[[f64[k]], f64[m]], x: f64[k]) -> f64[m]:
    return 2.0 * g(x) + zeros(m)

def f(a: f64[p, n], x: f64[n]) -> f64[p]:
    return vec(lambda v: a @ v, x)
"""
    a, x = np.arange(2.0 * n).reshape(2, n), np.ones(n)
    np.testing.assert_allclose(dpc.compile(source).f(a, x), 2.0 * a @ x)


def test_integers_captured_may_be_negative() -> None:
    source = APPLY + (
        "\ndef f(x: f64, k: i64) -> f64:\n    total = 0.0\n    for i in range(k, 3):\n"
        "        total += apply(lambda t: t * i, x)\n    return total\n"
    )
    assert dpc.compile(source).f(2.0, -4) == 2.0 * sum(range(-4, 3))


def test_functions_that_take_functions_are_not_called_from_python() -> None:
    module = dpc.compile(APPLY)
    with pytest.raises(AttributeError, match="takes functions"):
        module.apply(np.sin, 1.0)


def test_functions_of_other_modules_take_functions_of_this_one(tmp_path: Path) -> None:
    (tmp_path / "tools.dp").write_text(
        "SCALE = 2.0\n\ndef helper(x: f64) -> f64:\n    return SCALE * x\n"
        + APPLY.replace("return g(x)", "return helper(g(x))")
    )
    (tmp_path / "main.dp").write_text(
        "from tools import apply\n\nSCALE = 5.0\n\ndef f(x: f64, c: f64) -> f64:\n"
        "    return apply(lambda t: t * c * SCALE, x)\n"
    )
    module = dpc.load(tmp_path / "main.dp")
    assert module.f(3.0, 2.0) == 60.0
    assert dpc.grad(module.f, wrt="c")(3.0, 2.0) == 30.0


def test_an_error_in_the_rule_of_a_function_that_takes_functions_is_reported() -> None:
    source = """
def twice(f: Callable[[f64[n]], f64[n]], start: f64[n]) -> f64[n]:
    return f(f(start))

@custom_jvp(twice)
def twice_jvp(
    f: Callable[[f64[n]], f64[n]], start: f64[n], d_f: Callable[[f64[n]], f64[n]], d_start: f64[n]
) -> (f64[n], f64[n]):
    x = twice(f, start)
    return x, x(start)

def g(a: f64[n]) -> f64[n]:
    return twice(lambda x: x ** 3 - a, a)
"""
    found = diagnose(source)[1]
    assert [(d.code, d.span.text) for d in found if d.level == "error"] == [("E0208", "x")]
