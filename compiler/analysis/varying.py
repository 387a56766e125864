"""Which values differ between the iterations of a loop, when several run side by side."""

from collections.abc import Iterable

from dpc.compiler.dialects.memref import Load
from dpc.compiler.dialects.scf import For, If, While
from dpc.compiler.ir.core import Block, Op, Value


def varying(loop: For, different: Iterable[Value]) -> set[Value]:
    """Values of the body that may differ between two iterations; all others are the same in each.

    `different`: buffers whose elements an iteration has for itself or shares with others as it
    goes; what is loaded from them differs.
    """
    found: set[Value] = set(loop.body.arguments)
    buffers = set(different)
    while True:
        before = len(found)
        _block(loop.body, found, buffers)
        if len(found) == before:
            return found


def _block(block: Block, found: set[Value], buffers: set[Value]) -> None:
    for op in block.ops:
        if op.kinds.blocks:
            for inner in op.blocks:
                _block(inner, found, buffers)
            _structure(op, found)
        elif (isinstance(op, Load) and op.buffer in buffers) or any(
            v in found for v in op.operands
        ):
            found.update(op.results)


def _structure(op: Op, found: set[Value]) -> None:
    """Values that a loop carries or a branch chooses."""
    if isinstance(op, If):
        yielded = (op.then.terminator.operands, op.otherwise.terminator.operands)
        everything = op.condition in found
        for result, *values in zip(op.results, *yielded, strict=True):
            if everything or any(v in found for v in values):
                found.add(result)
        return
    assert isinstance(op, For | While)
    carried = [op.body.arguments[1:]] if isinstance(op, For) else []
    everything = any(v in found for v in bounds(op))
    if isinstance(op, For) and everything:
        found.add(op.body.arguments[0])
    if isinstance(op, While):
        carried = [op.before.arguments, op.body.arguments]
    rows = (op.inits, op.body.terminator.operands, op.results, *carried)
    for group in zip(*rows, strict=True):
        if everything or any(v in found for v in group):
            found.update(group[2:])


def bounds(op: For | While) -> tuple[Value, ...]:
    """What says how often a loop runs."""
    if isinstance(op, For):
        return (op.lower, op.upper, op.step)
    return (op.before.terminator.operands[0],)
