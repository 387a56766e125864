"""Loop-invariant code: moved before the loop it does not depend on.

Pure ops are total and move freely; so does a division by a constant. A load moves when nothing in
the loop writes its buffer and its indices are proved to be in bounds where it goes, so that it may
run even if the loop does not.
A check moves when it comes before every effect of the body: then it fails in the first iteration or
never, and before the loop it need hold only if the loop runs.
Out of branches only constants and integer arithmetic move: the rest may be costly and never needed.
"""

from collections.abc import Callable

from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.analysis.effects import EffectsOf
from dpc.compiler.dialects.arith import (
    BinaryInt,
    CmpI,
    Constant,
    FloorDivSI,
    FloorModSI,
    IndexCast,
    OrI,
)
from dpc.compiler.dialects.array import Extract
from dpc.compiler.dialects.cf import Assert
from dpc.compiler.dialects.memref import Load
from dpc.compiler.dialects.scf import For, If, While
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Block, Module, Op, Value
from dpc.compiler.passes.traversal import Traversal

CHEAP = (Constant, BinaryInt, CmpI, IndexCast)


def licm(module: Module) -> Module:
    """Move what does not change in a loop out of it."""
    return module.map(lambda function: _Licm(function).run())


class _Licm(Traversal):
    def structure(self, op: Op) -> list[Op]:
        if isinstance(op, If):
            made = _lift(op, lambda inner: inner.pure and isinstance(inner, CHEAP))
            self.env.update(zip(op.results, made[-1].results, strict=True))
            return made
        if not isinstance(op, For | While):
            return [op]
        written = EffectsOf().op(op).writes

        def moves(inner: Op) -> bool:
            if isinstance(inner, Load):
                free = inner.buffer not in written
                return free and self.ranges.in_bounds(inner.buffer, inner.indices)
            return _is_total(inner)

        made = _lift(op, moves)
        if isinstance(made[-1], For):
            made[-1:] = self._with_checks(made[-1])
        self.env.update(zip(op.results, made[-1].results, strict=True))
        return made

    def _with_checks(self, loop: For) -> list[Op]:
        """The loop after the checks that its body starts with and that do not depend on it."""
        inside: set[Value] = set(loop.body.arguments)
        checks: list[Assert] = []
        effects = EffectsOf()
        for op in loop.body.ops:
            if isinstance(op, Assert) and inside.isdisjoint(op.operands):
                checks.append(op)
            elif not effects.op(op).removable:
                break
            inside.update(op.results)
        if not checks:
            return [loop]
        kept = tuple(op for op in loop.body.ops if op not in checks)
        new = loop.rebuild({}, (Block(loop.body.arguments, kept),))
        build = Builder(loop.span)
        idle = build.emit(CmpI("sge", loop.lower, loop.upper))
        for check in checks:
            holds = build.emit(OrI(check.condition, idle))
            build.add(check.rebuild({check.condition: holds}))
            self.ranges.assume(holds)
        return [*build.ops, new]


def _lift(op: Op, moves: Callable[[Op], bool]) -> list[Op]:
    """Ops of the blocks that move, and the op without them."""
    lifted: list[Op] = []
    blocks = tuple(_without(block, moves, lifted) for block in op.blocks)
    return [*lifted, op.rebuild({}, blocks)]


def _is_total(op: Op) -> bool:
    if isinstance(op, FloorDivSI | FloorModSI):
        return bool(constant_of(op.rhs))
    return op.pure and not isinstance(op, Extract)


def _without(block: Block, moves: Callable[[Op], bool], lifted: list[Op]) -> Block:
    """The block without the ops that move and depend on nothing in it; these are appended."""
    inside: set[Value] = set(block.arguments)
    kept: list[Op] = []
    for op in block.ops:
        movable = not op.kinds.blocks and inside.isdisjoint(op.operands) and moves(op)
        if movable and not op.terminator:
            lifted.append(op)
        else:
            kept.append(op)
            inside.update(op.results)
    return Block(block.arguments, tuple(kept)) if len(kept) < len(block.ops) else block
