"""Loops that only add up: whose iterations may be summed in another order."""

from collections.abc import Mapping

from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.analysis.effects import effects_of
from dpc.compiler.dialects.arith import AddF, AddI, Select, SubF, SubI
from dpc.compiler.dialects.math import Fma
from dpc.compiler.dialects.scf import For, If, While
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.rewrite import uses
from dpc.compiler.ir.types import FloatType


def only_sums(op: For) -> bool:
    """The loop is innermost, has step 1, no stores or checks, and each carried value is a sum.

    A sum: a float `c` used once in the body, in `c + e`, `e + c`, `c - e` or `fma(a, b, c)`, whose
    result is only yielded.
    """
    effects = effects_of(op)
    return carries_sums(op) and not (effects.writes or effects.fails or effects.calls)


def carries_sums(op: For) -> bool:
    """The same, whatever the loop does besides."""
    carried = op.body.arguments[1:]
    if not carried or constant_of(op.step) != 1:
        return False
    if any(isinstance(inner, For | While) for inner in op.body.walk()):
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


# Operands through which a sum so far may come, for each op that adds to it or hands it on.
_THROUGH: dict[type[Op], tuple[int, ...]] = {
    AddF: (0, 1), SubF: (0,), Fma: (2,), AddI: (0, 1), SubI: (0,),
}  # fmt: skip


def adds_to(value: Value, argument: Value, body: Block) -> bool:
    """True if a value yielded by the body is the argument plus what does not depend on it, also
    where branches or inner loops add, and nothing else uses the argument or a sum on the way.
    """
    counts = uses(body)
    consumed: list[Value] = []
    if not _comes_from(value, argument, counts, consumed):
        return False
    return len(consumed) == counts.get(argument, 0)


def _comes_from(
    value: Value, argument: Value, counts: Mapping[Value, int], consumed: list[Value]
) -> bool:
    """Follow a sum back to the argument; `consumed` has an entry for each use of it found."""
    if value is argument:
        consumed.append(value)
        return True
    op = value.op
    if op is None or counts.get(value) != 1:
        return False
    if isinstance(op, If | Select):
        sides = op.operands[1:]
        if isinstance(op, If):
            position = op.results.index(value)
            sides = tuple(b.terminator.operands[position] for b in op.blocks)
        return all(_comes_from(side, argument, counts, consumed) for side in sides)
    if isinstance(op, For):
        position = op.results.index(value)
        inner = adds_to(
            op.body.terminator.operands[position], op.body.arguments[1 + position], op.body
        )
        return inner and _comes_from(op.inits[position], argument, counts, consumed)
    before = len(consumed)
    for position in _THROUGH.get(type(op), ()):
        if _comes_from(op.operands[position], argument, counts, consumed):
            return True
        del consumed[before:]
    return False


def accumulates(op: Op | None, value: Value) -> bool:
    """The op adds something to the value."""
    if isinstance(op, AddF):
        return value is op.lhs or value is op.rhs
    if isinstance(op, SubF):
        return value is op.lhs
    return isinstance(op, Fma) and value is op.c
