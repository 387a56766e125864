"""Branches on one condition, one after the other, become one.

Reverse mode makes such pairs: a branch of the values and, behind what follows from it, its reverse,
which computes some of its values again. In one branch common ones are computed once. Arithmetic
between the two that needs the first goes into both sides; nothing is executed more often, and no
result changes.
"""

from dataclasses import dataclass

from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.dialects.scf import If, Yield
from dpc.compiler.ir.core import Block, Module, Op, Value
from dpc.compiler.ir.rewrite import clone_ops, rebuild_block

MOST_BETWEEN = 400  # ops that go into both sides


def merge_branches(module: Module) -> Module:
    """Join branches on the same condition."""
    return module.map(lambda f: f.with_body(_merged(f.body)))


def _merged(block: Block) -> Block:
    """The block, and those inside, with pairs joined."""
    inner: dict[Op, Op] = {}
    env: dict[Value, Value] = {}
    for op in block.ops:
        blocks = tuple(_merged(b) for b in op.blocks)
        if any(a is not b for a, b in zip(blocks, op.blocks, strict=True)):
            inner[op] = op.rebuild({}, blocks)
            env.update(zip(op.results, inner[op].results, strict=True))
    if inner:
        block = rebuild_block(
            Block(block.arguments, tuple(inner.get(o, o) for o in block.ops)), env
        )
    while (pair := _pair(block)) is not None:
        block = _joined(block, pair)
    return block


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two branches by position, and the positions of the ops between that need the first."""

    first: int
    second: int
    between: tuple[int, ...]


def _pair(block: Block) -> _Pair | None:
    """The first two branches that can be joined."""
    last: dict[Value, int] = {}
    for position, op in enumerate(block.ops):
        if not isinstance(op, If):
            continue
        before = last.get(op.condition)
        if before is not None:
            between = _dependent(block, before, position)
            if between is not None:
                return _Pair(before, position, between)
        if _pure(op):
            last[op.condition] = position
    return None


def _pure(op: Op) -> bool:
    """True for arithmetic, branches of it included."""
    inside = (each for block in op.blocks for each in block.walk())
    return all(isinstance(each, Scalar | If | Yield) for each in inside)


def _dependent(block: Block, first: int, second: int) -> tuple[int, ...] | None:
    """The ops between that need the first; None if not all of them are arithmetic."""
    needing = set(block.ops[first].results)
    found: list[int] = []
    for position in range(first + 1, second):
        op = block.ops[position]
        inside = (v for b in op.blocks for each in b.walk() for v in each.operands)
        if needing.isdisjoint(op.operands) and needing.isdisjoint(inside):
            continue
        if not isinstance(op, Scalar) or len(found) == MOST_BETWEEN:
            return None
        found.append(position)
        needing.update(op.results)
    return tuple(found)


def _joined(block: Block, pair: _Pair) -> Block:
    first, second = block.ops[pair.first], block.ops[pair.second]
    assert isinstance(first, If)
    assert isinstance(second, If)
    between = [block.ops[i] for i in pair.between]
    moved = {pair.first, pair.second, *pair.between}
    # A value of the first may be needed by an op behind it that stays: none before the second.
    given = (*first.results, *(v for op in between for v in op.results), *second.results)
    then = _side(first.then, between, second.then, first)
    otherwise = _side(first.otherwise, between, second.otherwise, first)
    new = If(second.condition, then, otherwise, span=second.span)
    env = dict(zip(given, new.results, strict=True))
    for old, made in env.items():
        made.name = old.name
    ops = [
        new if i == pair.second else op
        for i, op in enumerate(block.ops)
        if i == pair.second or i not in moved
    ]
    return rebuild_block(Block(block.arguments, tuple(ops)), env)


def _side(first: Block, between: list[Op], second: Block, branch: If) -> Block:
    """What one side does: the first block, what follows from it, the second."""
    env: dict[Value, Value] = {}
    ops = clone_ops(first.ops[:-1], env)
    yielded = tuple(env.get(v, v) for v in first.terminator.operands)
    env.update(zip(branch.results, yielded, strict=True))
    ops += clone_ops(between, env)
    results = (*yielded, *(env[v] for op in between for v in op.results))
    ops += clone_ops(second.ops[:-1], env)
    ends = tuple(env.get(v, v) for v in second.terminator.operands)
    return Block((), (*ops, Yield((*results, *ends))))


__all__ = ["merge_branches"]
