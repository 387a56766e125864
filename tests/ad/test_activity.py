"""What is active, and what is said about active operations without a rule."""

import pytest

from dpc.compiler.ad.forward import jvp
from dpc.compiler.ad.reverse import vjp
from dpc.compiler.ad.rules.table import carries
from dpc.compiler.analysis.activity import activity
from dpc.compiler.dialects import func, memref
from dpc.compiler.dialects.arith import Scalar
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Function, Op, Parameter, Value, operation
from dpc.compiler.ir.types import F64, Type
from dpc.dsl.diagnostics import CompileError
from dpc.dsl.source import Source, Span
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
