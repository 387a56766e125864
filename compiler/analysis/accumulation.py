"""Stores that add to an element: `b[i] = b[i] + x`, as load, sum and store of one block."""

from collections.abc import Mapping
from dataclasses import dataclass

from dpc.compiler.dialects import arith, memref
from dpc.compiler.dialects import math as mathd
from dpc.compiler.dialects.memory import writes
from dpc.compiler.ir.core import Block, Op, Value

# Operands that are added, and so may be the element's old value.
_ADDENDS: dict[type[Op], tuple[int, ...]] = {
    arith.AddF: (0, 1),
    arith.SubF: (0,),
    mathd.Fma: (2,),
}


@dataclass(frozen=True, slots=True)
class Accumulation:
    """The load of the old value, and the op that adds to it at operand `position`."""

    load: memref.Load
    combine: Op
    position: int


def accumulations(block: Block, uses: Mapping[Value, int]) -> dict[Op, Accumulation]:
    """The stores of a block (not of inner ones) that only add to an element.

    Nothing else may use the old value or the sum, nothing write the buffer in between; `uses`
    counts the uses of each value in the whole function.
    """
    found: dict[Op, Accumulation] = {}
    standing: dict[Op, int] = {}
    written: dict[Value, int] = {}
    for position, op in enumerate(block.ops):
        standing[op] = position
        if isinstance(op, memref.Store):
            candidate = _candidate(op, uses)
            if (
                candidate is not None
                and candidate.combine in standing
                and standing.get(candidate.load, -1) > written.get(op.buffer, -1)
            ):
                found[op] = candidate
        for inner in (op, *(o for b in op.blocks for o in b.walk())):
            for buffer in writes(inner):
                written[buffer] = position
    return found


def _candidate(store: memref.Store, uses: Mapping[Value, int]) -> Accumulation | None:
    combine = store.value.op
    if combine is None or uses.get(store.value, 0) != 1:
        return None
    for position in _ADDENDS.get(type(combine), ()):
        load = combine.operands[position].op
        if (
            isinstance(load, memref.Load)
            and load.buffer is store.buffer
            and load.indices == store.indices
            and uses.get(load.result, 0) == 1
        ):
            return Accumulation(load, combine, position)
    return None
