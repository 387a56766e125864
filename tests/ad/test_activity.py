"""What is active, and what is said about active operations without a rule."""

from typing import Any

import numpy as np
import pytest

from dpc.compiler.ad.forward import jvp
from dpc.compiler.ad.reverse import vjp
from dpc.compiler.ad.rules.table import carries
from dpc.compiler.analysis.activity import activity
from dpc.compiler.dialects import func, memref
from dpc.compiler.dialects.arith import Scalar
from dpc.compiler.interpret import run, uninitialised
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Function, Module, Op, Parameter, Value, operation
from dpc.compiler.ir.types import F64, Type
from dpc.dsl.diagnostics import CompileError
from dpc.dsl.source import Source, Span
from tests.ad.harness import check, complex_step
from tests.ad.programs import loops_of

SOURCE = """
def f(x: f64[n], y: f64[n], a: f64) -> f64:
    weights = exp(y) + 1.0
    copy = x * 2.0
    for i in range(n):
        copy[i] += weights[i]
    k = int(a)
    return sum(copy * weights) + k + floor(a)
"""


@operation("test.mystery")
class Mystery(Scalar):
    """An op that no rule knows."""

    operand: Value

    def infer(self) -> tuple[Type, ...]:
        return (self.operand.type,)


def mystery(span: Span) -> Function:
    x = Value(F64, None, "x")
    builder = Builder(span)
    builder.add(func.Return((builder.emit(Mystery(x)),)))
    return Function("f", (Parameter("x"),), (F64,), builder.block((x,)))


@pytest.mark.parametrize("transform", [jvp, vjp])
def test_an_active_op_without_a_rule_is_an_error_at_its_span(transform: object) -> None:
    source = Source("test.dp", "def f(x: f64) -> f64: return mystery(x)")
    span = Span(source, 29, 39)
    assert callable(transform)
    with pytest.raises(CompileError) as caught:
        transform(mystery(span), (True,))
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.span) == ("E0401", span)
    assert transform(mystery(span), (False,)).name.endswith("_f")


def test_only_what_depends_on_the_input_is_active() -> None:
    function = loops_of(SOURCE)
    x, y, a = function.arguments[1:]
    by_x, by_y, by_a = (activity(function, (v,), carries) for v in (x, y, a))
    assert x in by_x
    assert y in by_y
    assert a not in by_a  # int() and floor() end the way
    assert len(by_x.active) < len(by_y.active)


def test_inactive_buffers_have_no_shadow() -> None:
    function = loops_of(SOURCE)

    def buffers(found: Function) -> int:
        kinds: tuple[type[Op], ...] = (memref.Alloc,)
        return sum(isinstance(op, kinds) for op in found.body.walk())

    by_x, by_a = (jvp(function, active) for active in ((True, False, False), (False, False, True)))
    assert buffers(by_a) == buffers(function)
    assert buffers(function) < buffers(by_x) < 2 * buffers(function)


PHASES = {
    "constants over what depends on x": (
        """
def f(x: f64[n], y: f64[n]) -> f64:
    v = x * 2.0
    s = sum(v * v)
    for i in range(n):
        v[i] = y[i]
    t = 0.0
    for i in range(n):
        t += sin(v[i]) * cos(v[i] + t)
    return s + t
""",
        ["sin", "cos"],
        [],
    ),
    "constants over part of it": (
        """
def f(x: f64[n], y: f64[n]) -> f64:
    v = x * 2.0
    for i in range(1, n):
        v[i] = y[i]
    t = 0.0
    for i in range(n):
        t += sin(v[i]) * t + 1.0
    return t
""",
        [],
        ["sin"],
    ),
    "a loop that comes back": (
        """
def f(x: f64[n], y: f64[n]) -> f64:
    v = zeros(n)
    t = 0.0
    for k in range(9):
        for i in range(n):
            t += sin(v[i]) * t + 1.0
        for i in range(n):
            v[i] = x[i] * k
    return t
""",
        [],
        ["sin"],
    ),
    "used up before x comes": (
        """
def f(x: f64[n], y: f64[n]) -> f64:
    v = zeros(n)
    t = 0.0
    for k in range(n):
        for i in range(n):
            v[i] = y[i] * k
        for i in range(n):
            t += sin(v[i])
        for i in range(n):
            v[i] = x[i] * k
        for i in range(n):
            t += exp(v[i])
    return t
""",
        ["sin"],
        ["exp"],
    ),
    "only in one branch": (
        """
def f(x: f64[n], y: f64[n]) -> f64:
    v = zeros(n)
    for i in range(n):
        v[i] = y[i]
    if y[0] > 0.0:
        for i in range(n):
            v[i] = x[i]
    t = 0.0
    for i in range(n):
        t += sin(v[i])
    return t
""",
        [],
        ["sin"],
    ),
    "what comes back in a while": (
        """
def f(x: f64[n], y: f64[n]) -> f64:
    v = zeros(n)
    t = 0.0
    while t < 4.0:
        t += 1.0 + 0.1 * sin(v[0])
        for i in range(n):
            v[i] = x[i]
    return t
""",
        [],
        ["sin"],
    ),
    "swapped arrays": (
        """
def f(x: f64[n], y: f64[n]) -> f64:
    u = zeros(n)
    v = zeros(n)
    for i in range(n):
        u[i] = x[i]
        v[i] = y[i]
    for k in range(n):
        for i in range(n):
            v[i] = sin(u[i])
        for i in range(n):
            u[i] = cos(v[i])
    return sum(u)
""",
        [],
        ["sin", "cos"],
    ),
}


@pytest.mark.parametrize("name", PHASES)
def test_arrays_are_active_moment_by_moment(name: str) -> None:
    text, inactive, active = PHASES[name]
    function = loops_of(text)
    found = activity(function, [function.arguments[1]], carries)
    results = {op.name: op.result in found for op in function.body.walk() if len(op.results) == 1}
    assert {f"math.{n}": results[f"math.{n}"] for n in (*inactive, *active)} == {
        **{f"math.{n}": False for n in inactive},
        **{f"math.{n}": True for n in active},
    }
    for size in (1, 3):
        given = [np.linspace(0.3, 1.1, size), np.linspace(-0.4, 0.9, size)]
        check(function, {"n": size}, given, tolerance=1e-11)
        check_by_first(function, given)


def check_by_first(function: Function, given: list[Any]) -> None:
    """Reverse mode by x alone against complex steps."""
    size = len(given[0])
    outputs = [uninitialised((size,))]
    arguments = [size, *given, 1.0, *outputs]
    reverse = vjp(function, (True, False))
    run(Module((reverse,)), reverse.name, arguments)
    for i in range(size):
        tangent = [np.eye(size)[i], np.zeros(size)]
        (expected,) = complex_step(function, {"n": size}, given, tangent)
        assert float(outputs[0][i]) == pytest.approx(expected, rel=1e-11, abs=1e-13)


def test_an_array_of_constants_has_no_shadow() -> None:
    function = loops_of(PHASES["constants over what depends on x"][0])
    found = activity(function, [function.arguments[1]], carries)
    (other,) = [op for op in function.body.walk() if op.name == "math.sin"]
    assert isinstance(other.operands[0].op, memref.Load)
    assert other.operands[0] not in found
