"""Which tensors need no buffer of their own when arrays become memory.

Decided block by block, from effects alone (`analysis.effects`; nothing aliases):

- an `array.generate` whose only use is an `array.assign` of the same block is *fused* into it: its
  elements go straight to the target. Nothing between the two may write what the generate reads,
  and the generate may read the target only at the very index it is about to write;
- an `array.read` *shares* the buffer it reads if nothing writes that buffer before the tensor's
  last use, where a fused generate counts as standing where its assign stands.

Every other read is a copy, every other generate gets a buffer.
"""

from dataclasses import dataclass, field

from dpc.compiler.analysis.effects import EffectsOf
from dpc.compiler.dialects import array, memref
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.rewrite import uses
from dpc.compiler.ir.types import TensorType


@dataclass(slots=True)
class Sharing:
    """The decisions for one function."""

    fused: dict[Value, array.Assign] = field(default_factory=dict)  # tensor -> where it is stored
    shared: set[Value] = field(default_factory=set)  # tensors of reads that need no copy


def plan_sharing(body: Block) -> Sharing:
    """Decide for a function's body and everything inside."""
    planner = _Planner(uses(body))
    planner.block(body)
    return planner.sharing


class _Planner:
    def __init__(self, counts: dict[Value, int]) -> None:
        self.counts = counts
        self.effects = EffectsOf()
        self.sharing = Sharing()

    def block(self, block: Block) -> None:
        """Decide for one block, after the blocks inside it."""
        for op in block.ops:
            for inner in op.blocks:
                self.block(inner)
        positions = {op: position for position, op in enumerate(block.ops)}
        for op in block.ops:
            if isinstance(op, array.Assign) and self._fusible(op, block, positions):
                self.sharing.fused[op.tensor] = op
        last_uses = self._last_uses(block, positions)
        for position, op in enumerate(block.ops):
            if isinstance(op, array.Read):
                last = last_uses.get(op.result, position)
                if self._unchanged(block, op, position, last):
                    self.sharing.shared.add(op.result)

    # --- generates ---------------------------------------------------------------------------

    def _fusible(self, assign: array.Assign, block: Block, positions: dict[Op, int]) -> bool:
        generate = assign.tensor.op
        if not isinstance(generate, array.Generate) or generate not in positions:
            return False
        if self.counts[assign.tensor] != 1:
            return False
        between = block.ops[positions[generate] + 1 : positions[assign]]
        effects = self.effects.op(generate)
        read = effects.reads | _buffers_behind(generate)
        may_fail = effects.fails or effects.calls
        for op in between:
            passed = self.effects.op(op)
            if passed.writes & read or passed.calls or (may_fail and not passed.removable):
                return False
        return _reads_only_own_index(generate, assign)

    # --- reads -------------------------------------------------------------------------------

    def _last_uses(self, block: Block, positions: dict[Op, int]) -> dict[Value, int]:
        """Where each tensor is last needed; what fused generates need, they need later."""
        last: dict[Value, int] = {}
        for position, op in enumerate(block.ops):
            fused = self.sharing.fused.get(op.result) if isinstance(op, array.Generate) else None
            effective = positions[fused] if fused is not None else position
            for tensor in _tensors_used(op):
                last[tensor] = max(last.get(tensor, 0), effective)
        return last

    def _unchanged(self, block: Block, read: array.Read, position: int, last: int) -> bool:
        """True when the buffer keeps the value read until the tensor's last use."""
        buffer = read.buffer
        if any(buffer in self.effects.op(op).writes for op in block.ops[position + 1 : last]):
            return False
        final = block.ops[last]
        if last == position or buffer not in self.effects.op(final).writes:
            return True
        # The assign that takes in a fused generate reads each element before it writes it.
        return isinstance(final, array.Assign) and final.tensor in self.sharing.fused


def _tensors_used(op: Op) -> set[Value]:
    """Tensors that an op or anything inside it takes."""
    found = {v for v in op.operands if isinstance(v.type, TensorType)}
    for block in op.blocks:
        for inner in block.walk():
            found.update(v for v in inner.operands if isinstance(v.type, TensorType))
    return found


def _buffers_behind(op: Op) -> set[Value]:
    """Buffers whose values the tensors that an op takes were read from."""
    reads = (t.op for t in _tensors_used(op))
    return {read.buffer for read in reads if isinstance(read, array.Read)}


def _reads_only_own_index(generate: array.Generate, assign: array.Assign) -> bool:
    """True when the generate reads the assign's target only where the element goes."""
    target = assign.buffer
    same = dict(zip(assign.body.arguments, generate.body.arguments, strict=True))
    written = assign.body.terminator.operands
    for op in generate.body.walk():
        if isinstance(op, memref.Load):
            mine, indices = op.buffer is target, op.indices
        elif isinstance(op, array.Extract):
            mine, indices = _is_read_of(op.tensor, target), op.indices
        else:
            if any(v is target or _is_read_of(v, target) for v in op.operands):
                return False
            continue
        if mine and not all(_equal(a, b, same) for a, b in zip(written, indices, strict=True)):
            return False
    return True


def _is_read_of(value: Value, buffer: Value) -> bool:
    return isinstance(value.op, array.Read) and value.op.buffer is buffer


def _equal(left: Value, right: Value, same: dict[Value, Value]) -> bool:
    """True when two values are the same expression, block arguments identified by `same`."""
    if same.get(left, left) is right:
        return True
    a, b = left.op, right.op
    if a is None or b is None or type(a) is not type(b) or not a.pure:
        return False
    if a.attributes != b.attributes or len(a.operands) != len(b.operands):
        return False
    return all(_equal(x, y, same) for x, y in zip(a.operands, b.operands, strict=True))
