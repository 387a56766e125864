"""Cotangents that must be finite: `ad.trap` set before reverse mode and taken out after it.

    z = trap(x):   x_bar += z_bar, and z_bar is finite

Every operand of an operation whose partial is more than a sign goes through a trap of its own,
which knows the operation, its operands and the iteration. What arrives at the trap in the reverse
sweep is what this operation adds to the operand's cotangent.
"""

import re

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.rules.table import RULES
from dpc.compiler.ad.rules.vocabulary import Partials
from dpc.compiler.ad.sweep import Scope
from dpc.compiler.dialects import ad, arith, cf, scf
from dpc.compiler.dialects import math as mathd
from dpc.compiler.ir.core import Block, Module, Op, Value
from dpc.compiler.ir.rewrite import rebuild_block
from dpc.compiler.ir.types import F64, is_float

_VARIABLE = re.compile(r"(?:for|in) (\w+) in")
_LONGEST = 60  # characters of source in a message
_MOST_VALUES = 7  # a check reports eight, the derivative is one


def reverse(scope: Scope, op: Op) -> None:
    """Check what the use of the operand adds to its cotangent, and hand it on."""
    assert isinstance(op, ad.Trap)
    adjoint = scope.take(op.result)
    if adjoint is None:
        return
    finite = scope.emit.emit(mathd.IsFinite(adjoint))
    values = (_wide(scope.emit, adjoint), *op.values)
    scope.emit.add(cf.Assert(finite, values, "nonfinite", op.message))
    scope.add(op.operand, adjoint)


def set_traps(module: Module) -> Module:
    """A trap for every operand that an operation multiplies a derivative for."""
    return module.map(lambda f: f.with_body(_Setter().block(f.body, ())))


def erase_traps(module: Module) -> Module:
    """The module without traps: each is its operand."""

    def erased(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        return ([], (op.operand,)) if isinstance(op, ad.Trap) else None

    return module.map(lambda f: f.with_body(rebuild_block(f.body, {}, erased)))


class _Setter:
    """Rebuilds a function; `env` maps the results of old ops to those of new ones."""

    def __init__(self) -> None:
        self.env: dict[Value, Value] = {}

    def block(self, block: Block, loops: tuple[scf.For, ...]) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            inside = (*loops, op) if isinstance(op, scf.For) else loops
            blocks = tuple(self.block(b, inside) for b in op.blocks) if op.blocks else None
            new = op.rebuild(self.env, blocks)
            new = self._trapped(new, loops, ops)
            if new is not op:
                self.env.update(zip(op.results, new.results, strict=True))
            ops.append(new)
        return Block(block.arguments, tuple(ops))

    def _trapped(self, op: Op, loops: tuple[scf.For, ...], ops: list[Op]) -> Op:
        """The op on trapped operands; the traps are appended."""
        rule = RULES.get(type(op))
        if not isinstance(rule, Partials) or op.span is None:
            return op
        emit = Emit(op.span)
        changes: dict[Value, Value] = {}
        for position, operand in enumerate(op.operands):
            constant = isinstance(operand.op, arith.Constant)
            if constant or not rule.carries(position) or not callable(rule.entries[position]):
                continue
            values, message = _report(emit, op, loops)
            changes.setdefault(operand, emit.emit(ad.Trap(operand, values, message)))
        ops.extend(emit.ops)
        return op.rebuild(changes)


def _report(emit: Emit, op: Op, loops: tuple[scf.For, ...]) -> tuple[tuple[Value, ...], str]:
    """What a check reports besides the derivative, and its message."""
    assert op.span is not None
    text = op.span.one_line(_LONGEST).replace("{", "{{").replace("}", "}}")
    floats = [v for v in op.operands if is_float(v.type)]
    indices = [(_name(loop), loop.body.arguments[0]) for loop in loops]
    indices = indices[-(_MOST_VALUES - len(floats)) :]
    at = f" at {', '.join(f'{name} = {{}}' for name, _ in indices)}" if indices else ""
    operands = " and ".join("{}" for _ in floats)
    message = f"a derivative of `{text}` is {{}}, operands {operands}{at}"
    return (*(_wide(emit, v) for v in floats), *(v for _, v in indices)), message


def _name(loop: scf.For) -> str:
    """The variable of a loop as the source names it."""
    found = _VARIABLE.search(loop.span.text) if loop.span is not None else None
    return found[1] if found else "index"


def _wide(emit: Emit, value: Value) -> Value:
    return value if value.type == F64 else emit.emit(arith.ExtF(value, F64))


__all__ = ["erase_traps", "reverse", "set_traps"]
