"""Marks innermost loops that only add up as sums of 8 lanes; `expand_lanes` carries it out.

Derivatives do not change: a sum in another order is the same function. Settled loops stay as they
are.
"""

from collections.abc import Iterator

from dpc.compiler.analysis.sums import only_sums
from dpc.compiler.dialects.scf import For, While
from dpc.compiler.ir.core import Block, Function, Module, Op, Value
from dpc.compiler.ir.rewrite import rebuild_block

LANES = 8
LARGEST_BODY = 48  # ops, of which there will be LANES copies


def reassociate(module: Module) -> Module:
    """Let innermost sums be computed as 8 partial sums."""
    return module.map(_function)


def _function(function: Function) -> Function:
    settled = set(_settled(function.body, within=False))

    def mark(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        return None if op in settled else _mark(op)

    return function.with_body(rebuild_block(function.body, {}, mark))


def _settled(block: Block, within: bool) -> Iterator[Op]:
    """The loops of a block, and inside of it, that are settled or within such a loop."""
    for op in block.ops:
        here = within or (isinstance(op, For | While) and op.settled)
        if here and isinstance(op, For):
            yield op
        for inner in op.blocks:
            yield from _settled(inner, here)


def _mark(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
    if not isinstance(op, For) or op.lanes != 1:
        return None
    if sum(1 for _ in op.body.walk()) > LARGEST_BODY or not only_sums(op):
        return None
    marked = op.with_attributes(lanes=LANES)
    for new, old in zip(marked.results, op.results, strict=True):
        new.name = old.name
    return [marked], marked.results
