"""Loops whose iterations may run in any order."""

from collections.abc import Iterable

from dpc.compiler.dialects import ad, memref
from dpc.compiler.dialects.memory import WRITES
from dpc.compiler.ir.core import Block, Op, Value


def disjoint(body: Block, induction: Value, buffers: Iterable[Value]) -> bool:
    """True if different iterations touch different elements of each of the buffers.

    That is so for a buffer when every access has the induction variable itself as its index on
    one and the same axis, or when the buffer is made within the iteration.
    """
    accesses: dict[Value, list[tuple[Value, ...] | None]] = {b: [] for b in buffers}
    made: set[Value] = set()
    for op in body.walk():
        if isinstance(op, memref.Alloc):
            made.add(op.result)
        for buffer in op.operands:
            if buffer in accesses:
                accesses[buffer].append(_indices(op))
    return all(b in made or _one_axis(seen, induction) for b, seen in accesses.items())


def written(body: Block) -> set[Value]:
    """The buffers and stacks that anything inside writes."""
    return {getattr(op, n) for op in body.walk() for n in WRITES.get(type(op), ())}


def _indices(op: Op) -> tuple[Value, ...] | None:
    return op.indices if isinstance(op, memref.Load | memref.Store | ad.Retain) else None


def _one_axis(accesses: list[tuple[Value, ...] | None], induction: Value) -> bool:
    """True if one axis is indexed by the induction variable in every access."""
    shared: set[int] | None = None
    for indices in accesses:
        if indices is None:
            return False
        axes = {axis for axis, index in enumerate(indices) if index is induction}
        shared = axes if shared is None else shared & axes
    return shared is None or bool(shared)
