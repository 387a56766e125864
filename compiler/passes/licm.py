"""Loop-invariant code: moved before the loop it does not depend on.

Pure ops are total and move freely. A load moves when nothing in the loop writes its buffer and its
indices are proved to be in bounds where it goes, so that it may run even if the loop does not.
Out of branches only constants and integer arithmetic move: the rest may be costly and never needed.
"""

from collections.abc import Callable

from dpc.compiler.analysis.effects import EffectsOf
from dpc.compiler.dialects.arith import BinaryInt, CmpI, Constant, IndexCast
from dpc.compiler.dialects.array import Extract
from dpc.compiler.dialects.memref import Load
from dpc.compiler.dialects.scf import For, If, While
from dpc.compiler.ir.core import Block, Module, Op, Value
from dpc.compiler.passes.traversal import Traversal

CHEAP = (Constant, BinaryInt, CmpI, IndexCast)


def licm(module: Module) -> Module:
    """Move what does not change in a loop out of it."""
    return module.map(lambda function: _Licm(function).run())


class _Licm(Traversal):
    def structure(self, op: Op) -> list[Op]:
        if isinstance(op, If):
            return self._lift(op, lambda inner: inner.pure and isinstance(inner, CHEAP))
        if not isinstance(op, For | While):
            return [op]
        written = EffectsOf().op(op).writes

        def moves(inner: Op) -> bool:
            if isinstance(inner, Load):
                free = inner.buffer not in written
                return free and self.ranges.in_bounds(inner.buffer, inner.indices)
            return inner.pure and not isinstance(inner, Extract)

        return self._lift(op, moves)

    def _lift(self, op: Op, moves: Callable[[Op], bool]) -> list[Op]:
        """Ops of the blocks that move, and the op without them."""
        lifted: list[Op] = []
        blocks = tuple(_without(block, moves, lifted) for block in op.blocks)
        if not lifted:
            return [op]
        new = op.rebuild({}, blocks)
        self.env.update(zip(op.results, new.results, strict=True))
        return [*lifted, new]


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
