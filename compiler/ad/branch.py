"""Reverse of a branch.

    z = then(x) if c else otherwise(x):
    x_bar += then_bar(z_bar) if c else otherwise_bar(z_bar)

under the same condition. What a branch does not touch gets 0 from it; what gets the same cotangent
from both branches (a sum that either adds to) gets that.
"""

from dpc.compiler.ad.sweep import Mirror, Scope
from dpc.compiler.dialects import scf
from dpc.compiler.ir.core import Block, Op, Value


def reverse(scope: Scope, op: Op) -> None:
    """Emit the branch that reverses `op`, if anything flows through it."""
    assert isinstance(op, scf.If)
    seeds = {i: bar for i, r in enumerate(op.results) if (bar := scope.take(r)) is not None}
    if not seeds and not any(scope.sweep.written(b) for b in op.blocks):
        return
    branches = [_branch(scope, block, seeds) for block in op.blocks]
    for value, bar in _shared(*branches).items():
        scope.add(value, bar)
    outside = list(dict.fromkeys(v for branch in branches for v in branch.bars))
    if not outside and not any(branch.emit.ops for branch in branches):
        return
    then, otherwise = (_finish(b, block, outside) for b, block in zip(branches, op.blocks))
    sums = scope.emit.add(scf.If(op.condition, then, otherwise))
    for value, total in zip(outside, sums, strict=True):
        scope.add(value, total)


def _branch(scope: Scope, block: Block, seeds: dict[int, Value]) -> Scope:
    inner = scope.inner()
    for position, bar in seeds.items():
        inner.add(block.terminator.operands[position], bar)
    inner.reverse(block)
    return inner


def _shared(then: Scope, otherwise: Scope) -> dict[Value, Value]:
    """Take what both branches hand on unchanged."""
    shared = [v for v, bar in then.bars.items() if otherwise.bars.get(v) is bar]
    for value in shared:
        del otherwise.bars[value]
    return {value: then.bars.pop(value) for value in shared}


def _finish(branch: Scope, primal: Block, outside: list[Value]) -> Block:
    """Close a branch; it yields what it adds to each outside value."""
    bars = tuple(branch.bars.get(v) or branch.zero(v) for v in outside)
    branch.emit.add(scf.Yield(bars))
    block = branch.emit.block()
    branch.sweep.mirrors[block] = Mirror(primal, 0)
    return block
