"""The rebuilding traversal that knows ranges: facts follow the scopes of the blocks it is in."""

from collections.abc import Callable
from typing import Any

from dpc.compiler.analysis.inequalities import Linear
from dpc.compiler.analysis.ranges import Ranges
from dpc.compiler.dialects.array import Assign, Generate, Reduce
from dpc.compiler.dialects.cf import Assert
from dpc.compiler.dialects.scf import For, If, While
from dpc.compiler.ir.core import Block, Function, Op, Value


class Traversal:
    """Rebuilds a function; a pass overrides `plain`, `structure` or `inner`.

    `env` maps old values to new. Ops are seen with operands already replaced.
    """

    def __init__(self, function: Function) -> None:
        self.function = function
        self.ranges = Ranges(function)
        self.env: dict[Value, Value] = {}

    def run(self) -> Function:
        """The function rebuilt; itself when nothing changed."""
        return self.function.with_body(self.block(self.function.body))

    def plain(self, op: Op) -> list[Op]:
        """What becomes of an op without blocks; results of a dropped op are put into `env`."""
        return [op]

    def structure(self, op: Op) -> list[Op]:
        """What becomes of an op with blocks, these rebuilt; facts are those before the op."""
        return [op]

    def inner(self, op: Op, position: int) -> Block:
        """The block of an op (not yet rebuilt) at a position, rebuilt."""
        return self.block(op.blocks[position])

    def now(self, value: Value) -> Value:
        """What an old value is now."""
        return self.env.get(value, value)

    def block(self, block: Block) -> Block:
        """The block rebuilt; what it learns lasts as long as the open scope."""
        ops: list[Op] = []
        for op in block.ops:
            if op.kinds.blocks:
                new = self._nested(op)
                made = self.structure(new)
            else:
                new = op.rebuild(self.env)
                made = self.plain(new)
            if new is not op:
                for old, result in zip(op.results, new.results, strict=True):
                    self.env[old] = self.env.get(result, result)
            if isinstance(new, Assert):
                self.ranges.assume(new.condition)
            ops += made
        if len(ops) == len(block.ops) and all(a is b for a, b in zip(ops, block.ops, strict=True)):
            return block
        return Block(block.arguments, tuple(ops))

    def _nested(self, op: Op) -> Op:
        enter = ENTER.get(type(op))
        blocks: list[Block] = []
        with self.ranges.scope():
            if enter is not None:
                enter(self, op)
            for position in range(len(op.blocks)):
                if isinstance(op, If):
                    with self.ranges.scope():
                        self.ranges.assume(self.now(op.condition), position == 0)
                        blocks.append(self.inner(op, position))
                else:
                    blocks.append(self.inner(op, position))
                    if isinstance(op, While) and position == 0:
                        self.ranges.assume(blocks[0].terminator.operands[0])
        return op.rebuild(self.env, tuple(blocks))


def _enter_for(walk: Traversal, op: For) -> None:
    lower, upper, step = (walk.now(v) for v in (op.lower, op.upper, op.step))
    walk.ranges.enter_for(op, lower, upper, step)


def _enter_while(walk: Traversal, op: While) -> None:
    walk.ranges.enter_while(op, tuple(walk.now(v) for v in op.inits))


def _enter_elements(walk: Traversal, op: Generate | Reduce | Assign) -> None:
    for index, extent in zip(op.body.arguments, op.extents, strict=True):
        walk.ranges.index(index, Linear(), walk.ranges.form(walk.now(extent)))


ENTER: dict[type[Op], Callable[[Traversal, Any], None]] = {
    For: _enter_for,
    While: _enter_while,
    Generate: _enter_elements,
    Reduce: _enter_elements,
    Assign: _enter_elements,
}
