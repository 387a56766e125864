"""Contents of buffers that closed forms need in the reverse sweep.

A rule that works on whole buffers cannot name their elements one by one as the other rules do.
Where a buffer still holds in the reverse sweep what it held at the operation, the rule uses it as
it is. Elsewhere (inside loops, or when it is overwritten later) the primal gets, right after the
operation, a loop over the elements,

    keep = alloc;   for i, j:  v = buffer[i, j];  ad.retain v, keep[i, j]

whose reverse stores v, however the plan has it, into a buffer of the reverse sweep that stands for
`keep`: it is full when the operation itself is reversed. The loop's forward half does nothing.
"""

from dataclasses import dataclass, field, replace

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.forms import FORMS
from dpc.compiler.ad.layout import extents_of
from dpc.compiler.analysis.activity import Activity
from dpc.compiler.analysis.needed import Nest, nest_of
from dpc.compiler.dialects import ad
from dpc.compiler.dialects.memory import WRITES
from dpc.compiler.ir.core import Block, Function, Op, Value


@dataclass(slots=True)
class Retained:
    """For operands (operation, field) the buffer whose contents are theirs at the operation."""

    buffers: dict[tuple[Op, str], Value] = field(default_factory=dict)
    kept: set[Value] = field(default_factory=set)


def holds_closed_forms(function: Function) -> bool:
    """True if any operation has a closed form."""
    return any(type(op) in FORMS for op in function.body.walk())


def retain(function: Function, activity: Activity) -> tuple[Function, Retained]:
    """The function with loops that retain what active closed forms need."""
    retained = Retained()
    return _Retainer(function, activity, nest_of(function), retained).run(), retained


class _Retainer:
    """One walk; `env` maps values of ops that hold loops to new ones."""

    def __init__(
        self, function: Function, activity: Activity, nest: Nest, retained: Retained
    ) -> None:
        self.function = function
        self.activity = activity
        self.nest = nest
        self.retained = retained
        self.env: dict[Value, Value] = {}

    def run(self) -> Function:
        """The function with its body rebuilt."""
        return replace(self.function, body=self.block(self.function.body))

    def block(self, block: Block) -> Block:
        """The block with loops after operations that need them."""
        emit = Emit()
        for position, op in enumerate(block.ops):
            blocks = tuple(self.block(b) for b in op.blocks) if op.blocks else None
            new = op.rebuild(self.env, blocks)
            if new is not op:
                self.env.update(zip(op.results, new.results, strict=True))
            emit.add(new)
            if type(op) in FORMS and any(getattr(op, n) in self.activity for n in WRITES[type(op)]):
                with emit.at(op.span):
                    for name in FORMS[type(op)].needed:
                        lasts = self._lasts(getattr(op, name), block, position)
                        self._operand(new, name, lasts, emit)
        return Block(block.arguments, tuple(emit.ops))

    def _operand(self, op: Op, name: str, lasts: bool, emit: Emit) -> None:
        buffer = getattr(op, name)
        if lasts:
            self.retained.buffers[op, name] = buffer
            return
        extents = extents_of(self.function, buffer)
        keep = emit.alloc(buffer.type, extents)
        self.retained.buffers[op, name] = keep
        self.retained.kept.add(keep)

        def element(inner: Emit, indices: tuple[Value, ...]) -> None:
            inner.add(ad.Retain(inner.load(buffer, indices), keep, indices))

        emit.each(extents, element)

    def _lasts(self, buffer: Value, block: Block, position: int) -> bool:
        """True if the buffer holds in the reverse sweep what it holds after the operation."""
        if not self.nest.at_hand(buffer):
            return False
        if block is self.nest.body:
            return self.nest.last_write.get(buffer, -1) <= position
        return self.nest.stable(buffer, block)


__all__ = ["Retained", "holds_closed_forms", "retain"]
