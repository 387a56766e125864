"""Where stored values are kept between the sweeps of a frame (see `analysis.needed`).

A value inside loops whose trip counts are known where the op of the frame starts that holds them
goes to a buffer of shape [trips, ...], indexed by the numbers of the iterations. Otherwise it goes
to a stack: pushed each time its block runs, popped each time the block is reversed, hence in
exactly the opposite order. Buffers live as long as the frame, stacks as long as the function: a
loop that is reversed iteration by iteration leaves its stacks empty after each.
"""

from dataclasses import dataclass, field
from typing import cast

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.trips import bounds, has_shape, is_loop, trip_count
from dpc.compiler.analysis.needed import Nest
from dpc.compiler.dialects import arith, memref, scf, tape
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.types import INDEX, MemRefType, ScalarType, StackType
from dpc.dsl.source import Span


@dataclass(frozen=True, slots=True)
class Slot:
    """A place on the tape: a buffer indexed by the iterations of `loops`, or a stack, whose pushes
    are at `span`.
    """

    place: Value
    loops: tuple[Block, ...] | None
    span: Span | None = None

    def write(self, value: Value, iterations: dict[Block, Value]) -> tuple[Op, ...]:
        """Ops that keep a value."""
        if self.loops is None:
            push = tape.Push(self.place, value)
            push.span = self.span
            return (push,)
        if not self.loops:
            first = arith.Constant(0, INDEX)
            return (first, memref.Store(value, self.place, (first.result,)))
        indices = tuple(iterations[b] for b in self.loops)
        return (memref.Store(value, self.place, indices),)

    def read(self, iterations: dict[Block, Value]) -> tuple[Op, ...]:
        """Ops that get it back, the last one with the value as its result."""
        if self.loops is None:
            return (tape.Pop(self.place),)
        if not self.loops:
            first = arith.Constant(0, INDEX)
            return (first, memref.Load(self.place, (first.result,)))
        return (memref.Load(self.place, tuple(iterations[b] for b in self.loops)),)


@dataclass(slots=True)
class Tape:
    """Makes slots; `before` collects what must stand before each op of the frame, `stacks` what
    must stand before the frame runs. `lengths`: for loops of which the tape holds only so many
    iterations at a time, how many.
    """

    nest: Nest
    frame: Block
    stacks: Emit
    before: dict[Op, Emit] = field(default_factory=dict)
    shapes: dict[Block, tuple[Value, ...] | None] = field(default_factory=dict)
    hoisted: dict[tuple[Value, Emit], Value] = field(default_factory=dict)
    lengths: dict[Op, Value] = field(default_factory=dict)

    def slot(self, value: Value) -> Slot:
        """A slot for a value of an inner block, made before the op of the frame that holds it."""
        block = self.nest.homes[value]
        emit = self.ahead(block)
        if block not in self.shapes:
            self.shapes[block] = self._shape(block, emit) if has_shape(block, self.nest) else None
        shape = self.shapes[block]
        scalar = cast(ScalarType, value.type)
        name = f"tape_{value.name}" if value.name else "tape"
        if shape is None:
            place = self.stacks.emit(tape.Stack(StackType(scalar)))
            place.name = name
            return Slot(place, None, (value.op or self.nest.parents[block][0]).span)
        dimensions = (None,) * len(shape) if shape else (1,)
        place = emit.emit(memref.Alloc(shape, MemRefType(dimensions, scalar)))
        place.name = name
        return Slot(place, self._loops(block))

    def ahead(self, block: Block) -> Emit:
        """What stands before the op of the frame that holds a block."""
        top = self.frame.ops[self.nest.position(block, self.frame)]
        return self.before.setdefault(top, Emit(top.span))

    def size(self, block: Block, emit: Emit) -> Value | None:
        """How many elements a value of a block takes; None on a stack."""
        if not has_shape(block, self.nest):
            return None
        size = emit.index(1)
        for extent in self._shape(block, emit):
            size = emit.muli(size, extent)
        return size

    def trips(self, op: Op, emit: Emit) -> Value:
        """How often the body of a loop runs, computed before the op of the frame."""
        return emit.emit(arith.MaxSI(self._trips(op, emit), emit.index(0)))

    def _loops(self, block: Block) -> tuple[Block, ...]:
        return tuple(inner for op, inner in self.nest.chain(block) if is_loop(op))

    def _shape(self, block: Block, emit: Emit) -> tuple[Value, ...]:
        """The trip counts of the loops around, outermost first; 0 under a branch not taken."""
        zero = emit.index(0)
        shape: list[Value] = []
        for op, _ in self.nest.chain(block):
            if isinstance(op, scf.If):
                continue
            shape.append(self.lengths[op] if op in self.lengths else self.trips(op, emit))
        for op, inner in self.nest.chain(block):
            if isinstance(op, scf.If) and shape and self.nest.invariant(op.condition, self.frame):
                condition = self.hoist(op.condition, emit)
                yes, no = (shape[0], zero) if inner is op.then else (zero, shape[0])
                shape[0] = emit.select(condition, yes, no)
        return tuple(shape)

    def _trips(self, op: Op, emit: Emit) -> Value:
        known = tuple(self.hoist(v, emit) for v in bounds(op))
        if isinstance(op, scf.While):
            return known[0]
        assert isinstance(op, scf.For)
        return trip_count(emit, *known)

    def hoist(self, value: Value, emit: Emit) -> Value:
        """A value, computed before the op of the frame if it is not there."""
        if self.nest.inside(self.frame, self.nest.homes[value]):
            return value
        if (value, emit) not in self.hoisted:
            op = value.op
            assert op is not None
            moved = op.rebuild({v: self.hoist(v, emit) for v in op.operands})
            self.hoisted[value, emit] = emit.emit(moved.with_attributes())
        return self.hoisted[value, emit]
