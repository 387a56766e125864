"""Loops that only add up: whose iterations may be summed in another order."""

from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.analysis.effects import effects_of
from dpc.compiler.dialects.arith import AddF, SubF
from dpc.compiler.dialects.math import Fma
from dpc.compiler.dialects.scf import For, While
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.rewrite import uses
from dpc.compiler.ir.types import FloatType


def only_sums(op: For) -> bool:
    """The loop is innermost, has step 1, no stores or checks, and each carried value is a sum.

    A sum: a float `c` used once in the body, in `c + e`, `e + c`, `c - e` or `fma(a, b, c)`, whose
    result is only yielded.
    """
    carried = op.body.arguments[1:]
    if not carried or constant_of(op.step) != 1:
        return False
    if any(isinstance(inner, For | While) for inner in op.body.walk()):
        return False
    effects = effects_of(op)
    if effects.writes or effects.fails or effects.calls:
        return False
    counts = uses(op.body)
    top = set(op.body.ops)
    return all(
        isinstance(value.type, FloatType)
        and counts.get(value) == 1
        and counts.get(yielded) == 1
        and yielded.owner in top
        and accumulates(yielded.op, value)
        for value, yielded in zip(carried, op.body.terminator.operands, strict=True)
    )


def accumulates(op: Op | None, value: Value) -> bool:
    """The op adds something to the value."""
    if isinstance(op, AddF):
        return value is op.lhs or value is op.rhs
    if isinstance(op, SubF):
        return value is op.lhs
    return isinstance(op, Fma) and value is op.c
