"""Replaces what checkpointing asks while it runs by the arithmetic of schedules.

On entry: the loops level after the last pass. On exit: no `tape.choose`, `tape.split` or
`tape.expect` is left. The functions are written in the language itself, and compiled by the caller
up to the same point: see `dsl/std/_schedule.dp`.
"""

from collections.abc import Callable

from dpc.compiler.ad.emit import Emit
from dpc.compiler.dialects import arith, tape
from dpc.compiler.ir.core import Function, Module, Op, Value
from dpc.compiler.ir.rewrite import clone_ops, rebuild_block
from dpc.compiler.ir.types import I64, INDEX

# The loops-level function of a name; integers in, integers out.
Implementation = Callable[[str], Function]


def expand_schedule(module: Module, implementation: Implementation) -> Module:
    """Replace choices, splits and expectations by code."""

    def rewrite(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        emit = Emit(op.span)
        if isinstance(op, tape.Choose):
            return emit.ops, _choose(emit, op, implementation("choose"))
        if isinstance(op, tape.Split):
            return emit.ops, _inlined(emit, implementation("split"), op.operands)
        if isinstance(op, tape.Expect):
            (plain,) = _inlined(emit, implementation("executions"), op.operands)
            emit.add(tape.Count(emit.addi(op.steps, plain), "expected"))
            return emit.ops, ()
        return None

    return module.map(lambda f: f.with_body(rebuild_block(f.body, {}, rewrite)))


def _choose(emit: Emit, op: tape.Choose, body: Function) -> tuple[Value, ...]:
    """The budget without the first state; a tape of nothing counts as a byte."""
    one = emit.index(1)
    left = emit.emit(arith.MaxSI(emit.subi(op.budget, op.state), emit.index(0)))
    each = emit.emit(arith.MaxSI(op.tape, one))
    found = _inlined(emit, body, (op.steps, op.state, each, left))
    return tuple(emit.emit(arith.MaxSI(v, one)) for v in found)


def _inlined(emit: Emit, body: Function, operands: tuple[Value, ...]) -> tuple[Value, ...]:
    """The body of a function of integers on index values."""
    given = (emit.emit(arith.IndexCast(v, I64)) for v in operands)
    env: dict[Value, Value] = dict(zip(body.arguments, given, strict=True))
    for inner in clone_ops(body.body.ops[:-1], env):
        emit.add(inner)
    results = (env.get(v, v) for v in body.body.terminator.operands)
    return tuple(emit.emit(arith.IndexCast(v, INDEX)) for v in results)


__all__ = ["Implementation", "expand_schedule"]
