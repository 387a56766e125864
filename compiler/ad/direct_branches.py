"""Elements of the inputs that branches read, read before them: so that a branch is computed from
elements like everything else that `direct_sites` looks at.

On exit: in the place of such a read stands the result of an `Element` before the branch. It is 0
where the branch would not be taken, as far as integers decide that, and out of bounds.
"""

from dataclasses import dataclass, replace

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.layout import arguments, extents_of
from dpc.compiler.analysis.constants import literal
from dpc.compiler.analysis.float_decided import float_decided
from dpc.compiler.dialects import arith, memref, scf
from dpc.compiler.dialects.memory import writes
from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.ir.core import Block, Function, Op, Value, operation
from dpc.compiler.ir.rewrite import clone, rebuild_block
from dpc.compiler.ir.types import I1, Type, element_of, is_float


@operation("direct.element")
class Element(Op):
    """The element at the indices if `there`, else 0."""

    there: Value
    buffer: Value
    indices: tuple[Value, ...]

    def infer(self) -> tuple[Type, ...]:
        return (element_of(self.buffer.type),)


def before_branches(function: Function, inputs: frozenset[Value]) -> Function:
    """The function with reads of the inputs, where branches compute floats with them, moved."""
    only_read = frozenset(v for _, v in arguments(function, "input"))
    moving = _Moving(function, inputs, only_read, float_decided(function))
    return replace(function, body=rebuild_block(function.body, {}, moving.rewrite))


@dataclass(slots=True)
class _Moving:
    """`inputs`: what is differentiated by; `arguments`: all that is only read."""

    function: Function
    inputs: frozenset[Value]
    arguments: frozenset[Value]
    decided: frozenset[Value]

    def rewrite(self, op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        """A branch behind what it reads; None where nothing moves."""
        if not isinstance(op, scf.If) or not any(is_float(v.type) for v in op.results):
            return None
        if any(writes(each) for block in op.blocks for each in block.walk()):
            return None
        emit = Emit(op.span)
        blocks = tuple(self._branch(op, block, emit) for block in op.blocks)
        if all(new is old for new, old in zip(blocks, op.blocks, strict=True)):
            return None
        new = emit.add(op.rebuild({}, blocks))
        return emit.ops, new

    def _branch(self, op: scf.If, block: Block, emit: Emit) -> Block:
        """The block with the results of what is emitted before."""
        own = {v: each for each in block.ops for v in each.results}
        moved: dict[Value, Value] = {}
        copies: dict[Value, Value] = {}
        for each in block.ops:
            if not isinstance(each, memref.Load | Element) or each.buffer not in self.inputs:
                continue
            needed = (*each.indices, *((each.there,) if isinstance(each, Element) else ()))
            if self._computed(needed, own, copies, emit):
                moved[each.result] = self._element(op, block, each, copies, emit)
        if not moved:
            return block
        kept = tuple(e for e in block.ops if moved.keys().isdisjoint(e.results))
        return rebuild_block(Block(block.arguments, kept), moved)

    def _computed(
        self,
        values: tuple[Value, ...],
        own: dict[Value, Op],
        copies: dict[Value, Value],
        emit: Emit,
    ) -> bool:
        """Emit what computes integers of the branch; False where more than arithmetic does."""
        for value in values:
            op = own.get(value)
            if op is None or value in copies:
                continue
            if any(is_float(v.type) for v in (*op.operands, *op.results)):
                return False
            looked_up = isinstance(op, memref.Load) and op.buffer in self.arguments
            if not (looked_up or isinstance(op, Scalar)):
                return False
            if not self._computed(op.operands, own, copies, emit):
                return False
            if isinstance(op, memref.Load):
                at = tuple(copies.get(i, i) for i in op.indices)
                there = self._inside(op.buffer, at, emit)
                copies[op.result] = emit.emit(Element(there, op.buffer, at))
            else:
                emit.add(clone(op, copies))
        return True

    def _inside(self, buffer: Value, at: tuple[Value, ...], emit: Emit) -> Value:
        """True if the indices are in bounds."""
        inside = emit.emit(literal(True, I1))
        for index, extent in zip(at, extents_of(self.function, buffer), strict=True):
            low = emit.emit(arith.CmpI("sge", index, emit.index(0)))
            high = emit.emit(arith.CmpI("slt", index, emit.extent(extent)))
            inside = emit.emit(arith.AndI(inside, emit.emit(arith.AndI(low, high))))
        return inside

    def _element(
        self,
        op: scf.If,
        block: Block,
        read: memref.Load | Element,
        copies: dict[Value, Value],
        emit: Emit,
    ) -> Value:
        at = tuple(copies.get(i, i) for i in read.indices)
        there = self._inside(read.buffer, at, emit)
        if isinstance(read, Element):
            there = emit.emit(arith.AndI(there, copies.get(read.there, read.there)))
        if op.condition not in self.decided:
            taken = op.condition
            if block is op.otherwise:
                taken = emit.emit(arith.XOrI(taken, emit.emit(literal(True, I1))))
            there = emit.emit(arith.AndI(there, taken))
        return emit.emit(Element(there, read.buffer, at, span=read.span))


def lowered(op: Element, emit: Emit) -> Value:
    """What reads the element."""
    then, otherwise = Emit(op.span), Emit(op.span)
    then.add(scf.Yield((then.load(op.buffer, op.indices),)))
    otherwise.add(scf.Yield((otherwise.emit(literal(0, op.result.type)),)))
    return emit.emit(scf.If(op.there, then.block(), otherwise.block()))
