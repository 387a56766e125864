"""Writes a loop that is reversed from stored states: chunked binomial checkpointing.

For l steps, s slots of states and a tape of c steps:

    run up to e, from step k, of which slot[top] has the state:
        while e - k > c:   run i = split(e - k, s - top, c) steps;  k += i
                           if a slot is free:  top += 1;  slot[top] = state, position[top] = k
        run e - k steps, keeping their tape
    forward sweep:   slot[0] = state;  run up to l from 0
    reverse sweep:   e = l;  while e > 0:
                         unless e = l:  state = slot[top];  run up to e from position[top]
                         reverse steps e - 1 .. k;  e = k;  if k = position[top]: top -= 1

The forward sweep runs the whole body, the reverse sweep only its replay (see `checkpoint`). With
c = l this is a loop with a tape, and nothing runs twice. What the forward sweep leaves to the
reverse sweep, k and top, lies in `left`.

With c = 1 it is Revolve (Griewank and Walther, ACM TOMS 26, 2000).
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from dpc.compiler.ad.checkpoint import Checkpoint, Wish
from dpc.compiler.ad.emit import Emit, is_constant
from dpc.compiler.ad.layout import element_bytes, extents_of
from dpc.compiler.ad.plan import size_of
from dpc.compiler.ad.replay import Replay
from dpc.compiler.ad.tape import Tape
from dpc.compiler.dialects import arith, memref, scf, tape
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.types import INDEX, MemRefType, ScalarType, shape_of

if TYPE_CHECKING:
    from dpc.compiler.ad.materialise import Materialise

_INDICES = MemRefType((None,), INDEX)


@dataclass(slots=True)
class Checkpointed:
    """One loop. What is made before it: steps, slots and frames (l, s, c), the positions of the
    states kept, what is left to the reverse sweep, and an array of states for each variable.
    """

    within: "Materialise"
    op: scf.For
    plan: Checkpoint
    steps: Value = field(init=False)
    slots: Value = field(init=False)
    frames: Value = field(init=False)
    positions: Value = field(init=False)
    left: Value = field(init=False)
    states: dict[Value, Value] = field(default_factory=dict)
    copies: dict[Value, Value] = field(default_factory=dict)

    def prepare(self, made: Tape) -> None:
        """Make what has to be there before the loop, and decide how long its tape is."""
        emit = made.ahead(self.op.body)
        self.steps = made.trips(self.op, emit)
        state, frame = self._state_bytes(emit), self._tape_bytes(made, emit)
        slots, self.frames = self._chosen(emit, state, frame)
        self.slots = emit.emit(
            arith.MinSI(slots, emit.emit(arith.MaxSI(self.steps, emit.index(1))))
        )
        made.lengths[self.op] = self.frames
        self.positions = emit.alloc(_INDICES, (self.slots,))
        self.left = emit.alloc(MemRefType((2,), INDEX), (2,))
        again = emit.emit(arith.CmpI("slt", self.frames, self.steps))
        kept = emit.select(again, self.slots, emit.index(0))
        for position in self.plan.carried:
            value = self.op.body.arguments[position + 1]
            type_ = MemRefType((None,), cast(ScalarType, value.type))
            self.states[value] = emit.alloc(type_, (kept,))
        for buffer in self.plan.buffers:
            type_ = MemRefType((None, *shape_of(buffer.type)), _element(buffer))
            self.states[buffer] = emit.alloc(type_, (kept, *self._extents(buffer)))
        for buffer in self.plan.once:
            self.copies[buffer] = emit.alloc(cast(MemRefType, buffer.type), self._extents(buffer))

    def _chosen(self, emit: Emit, state: Value, frame: Value) -> tuple[Value, ...]:
        """Slots and frames, as the loop asks or within the budget."""
        wish = Wish.of(self.op.checkpoint)
        if wish.slots is not None:
            return emit.index(wish.slots), emit.index(1)
        budget = emit.emit(tape.Budget())
        if wish.memory is not None:
            budget = emit.emit(arith.MinSI(budget, emit.index(wish.memory)))
        return emit.add(tape.Choose(self.steps, state, frame, budget))

    def _extents(self, buffer: Value) -> tuple[int | Value, ...]:
        return extents_of(self.within.sweep.function, buffer)

    def _state_bytes(self, emit: Emit) -> Value:
        """The bytes of a state, its position included."""
        carried = (self.op.body.arguments[p + 1] for p in self.plan.carried)
        total = emit.index(8 + sum(map(size_of, carried)))
        for buffer in self.plan.buffers:
            size = emit.index(element_bytes(buffer))
            for extent in self._extents(buffer):
                size = emit.muli(size, emit.extent(extent))
            total = emit.addi(total, size)
        return total

    def _tape_bytes(self, made: Tape, emit: Emit) -> Value:
        """The bytes of the tape of one step; what lies on stacks is not known."""
        made.lengths[self.op] = emit.index(1)
        total = emit.index(0)
        for value in self.plan.stored:
            count = made.size(self.within.iterations.nest.homes[value], emit)
            if count is not None:
                total = emit.addi(total, emit.muli(count, emit.index(size_of(value))))
        return total

    def forward(self, ops: list[Op]) -> None:
        """Append the forward sweep."""
        find, emit = self.within.find, Emit(self.op.span)
        emit.add(tape.Expect(find(self.steps), find(self.slots), find(self.frames)))
        for buffer, copy in self.copies.items():
            emit.add(memref.Copy(find(buffer), find(copy)))
        zero = emit.index(0)
        emit.store(zero, find(self.positions), (zero,))
        inits = tuple(find(v) for v in self.op.inits)
        run = Run(self, None, {})
        again = emit.emit(arith.CmpI("slt", find(self.frames), find(self.steps)))
        first = Emit(self.op.span)
        run.save(first, zero, inits)
        first.add(scf.Yield())
        emit.add(scf.If(again, first.block(), _nothing()))
        start, top, results = run.up_to(emit, find(self.steps), zero, zero, inits)
        emit.store(start, find(self.left), (zero,))
        emit.store(top, find(self.left), (emit.index(1),))
        ops.extend(emit.ops)
        self.within.bind(self.op.results, results)

    def reverse(self, op: scf.For, ops: list[Op]) -> None:
        """Append the reverse sweep; `op` is the loop of reverse code that is drafted for it."""
        find, emit = self.within.find, Emit(self.op.span)
        end, top = Value(INDEX, None, "end"), Value(INDEX, None, "top")
        bars = tuple(Value(v.type, None, v.name) for v in op.body.arguments[1:])
        before = tuple(Value(v.type) for v in (end, top, *bars))
        head = Emit(self.op.span)
        more = head.emit(arith.CmpI("sgt", before[0], head.index(0)))
        head.add(scf.Condition(more, before))
        last = emit.load(find(self.left), (emit.index(1),))
        inits = (find(self.steps), last, *(find(v) for v in op.inits))
        body = Emit(self.op.span)
        start, kept = self._again(body, end, top)
        sums = self._reversed(body, op, start, end, bars)
        place = body.load(find(self.positions), (kept,))
        whole = body.emit(arith.CmpI("eq", start, place))
        lower = body.select(whole, body.subi(kept, body.index(1)), kept)
        body.add(scf.Yield((start, lower, *sums)))
        loop = scf.While(inits, None, head.block(before), body.block((end, top, *bars)))
        results = emit.add(loop)
        ops.extend(emit.ops)
        self.within.bind(op.results, results[2:])

    def _again(self, emit: Emit, end: Value, top: Value) -> tuple[Value, Value]:
        """Have the tape of the last steps before `end`: where it starts, and the slots in use."""
        find = self.within.find
        first = emit.emit(arith.CmpI("eq", end, find(self.steps)))
        there, again = Emit(self.op.span), Emit(self.op.span)
        there.add(scf.Yield((there.load(find(self.left), (there.index(0),)), top)))
        outside = self._private(again)
        run = Run(self, self.plan.replay, outside)
        start = again.load(find(self.positions), (top,))
        state = run.restore(again, top)
        start, kept, _ = run.up_to(again, end, start, top, state)
        again.add(scf.Yield((start, kept)))
        start, kept = emit.add(scf.If(first, there.block(), again.block()))
        return start, kept

    def _private(self, emit: Emit) -> dict[Value, Value]:
        """Arrays that the replay works on in the place of the function's."""
        found = {v: self.within.find(copy) for v, copy in self.copies.items()}
        for buffer in (*self.plan.buffers, *self.plan.scratch):
            if self.within.lives_on(buffer):
                extents = (
                    e if isinstance(e, int) else self.within.find(e) for e in self._extents(buffer)
                )
                found[buffer] = emit.alloc(cast(MemRefType, buffer.type), tuple(extents))
        return found

    def _reversed(
        self, emit: Emit, op: scf.For, start: Value, end: Value, bars: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        """The reverse of steps end - 1 to start."""
        find, within = self.within.find, self.within
        steps = find(self.steps)
        first, last = emit.subi(steps, end), emit.subi(steps, start)
        within.starts[self.op.body] = start
        block = within.reverse_block(op.body)
        return emit.add(scf.For(first, last, emit.index(1), bars, block))


@dataclass(slots=True)
class Run:
    """Runs of the loop's body: the whole of it, or the part that is replayed, with other arrays in
    the place of some.
    """

    of: Checkpointed
    part: Replay | None
    arrays: dict[Value, Value]

    @property
    def carried(self) -> tuple[int, ...]:
        """Positions of the values carried."""
        return tuple(range(len(self.of.op.inits))) if self.part is None else self.of.plan.carried

    def up_to(
        self, emit: Emit, end: Value, start: Value, top: Value, state: tuple[Value, ...]
    ) -> tuple[Value, Value, tuple[Value, ...]]:
        """Run from `start` to `end`, keeping states on the way and the tape of the last steps.

        Where the tape starts, the slots in use, and the values carried out.
        """
        find, span = self.of.within.find, self.of.op.span
        slots, frames = find(self.of.slots), find(self.of.frames)
        inits = (start, top, *state)
        before, body = (tuple(Value(v.type) for v in inits) for _ in range(2))
        head, inner = Emit(span), Emit(span)
        far = head.emit(arith.CmpI("sgt", head.subi(end, before[0]), frames))
        head.add(scf.Condition(far, before))
        free = inner.subi(slots, body[1])
        ahead = inner.emit(tape.Split(inner.subi(end, body[0]), free, frames))
        reached = inner.addi(body[0], ahead)
        moved = self._steps(inner, body[0], reached, body[2:], "plain")
        room = inner.emit(arith.CmpI("sgt", free, inner.index(1)))
        higher = inner.select(room, inner.addi(body[1], inner.index(1)), body[1])
        store = Emit(span)
        store.store(reached, find(self.of.positions), (higher,))
        self.save(store, higher, moved)
        store.add(scf.Yield())
        inner.add(scf.If(room, store.block(), _nothing()))
        inner.add(scf.Yield((reached, higher, *moved)))
        loop = scf.While(inits, None, head.block(before), inner.block(body), settled=True)
        start, top, *state_ = emit.add(loop)
        return start, top, self._steps(emit, start, end, tuple(state_), "taped")

    def _steps(
        self, emit: Emit, start: Value, end: Value, state: tuple[Value, ...], kind: str
    ) -> tuple[Value, ...]:
        """Run steps `start` to `end`; "taped" ones keep their tape."""
        within, op = self.of.within, self.of.op
        number = Value(INDEX)
        inner = Emit(op.span)
        old = [op.body.arguments[k + 1] for k in self.carried]
        arguments = tuple(Value(v.type) for v in old)
        frame = within.iterations.nest.frame(op.body)
        place = inner.subi(number, start) if kind == "taped" else number
        with within.runs(frame if kind == "taped" else None, self.arrays):
            within.numbers[op.body] = place
            within.bind(old, arguments)
            within.env[op.body.arguments[0]] = self._induction(inner, number)
            within.keep(old, inner.ops)
            for each in op.body.ops[:-1]:
                within.forward(each, self.part, inner.ops)
            yielded = tuple(within.find(op.body.terminator.operands[k]) for k in self.carried)
            for value in op.body.arguments:
                within.env.pop(value, None)
        inner.add(scf.Yield(yielded, span=op.body.terminator.span))
        block = inner.block((number, *arguments))
        results = emit.add(scf.For(start, end, emit.index(1), state, block, settled=True))
        emit.add(tape.Count(emit.subi(end, start), kind))
        return results

    def _induction(self, emit: Emit, number: Value) -> Value:
        op, find = self.of.op, self.of.within.find
        value = number if is_constant(op.step, 1) else emit.muli(number, find(op.step))
        return value if is_constant(op.lower, 0) else emit.addi(find(op.lower), value)

    def save(self, emit: Emit, position: Value, state: tuple[Value, ...]) -> None:
        """Store a state in a slot."""
        emit.add(tape.Count(emit.index(1), "stores"))
        values = dict(zip(self.carried, state, strict=True))
        find = self.of.within.find
        for number in self.of.plan.carried:
            slots = find(self.of.states[self.of.op.body.arguments[number + 1]])
            emit.store(values[number], slots, (position,))
        for buffer in self.of.plan.buffers:
            array = self.arrays.get(buffer, find(buffer))
            emit.add(tape.Save(array, find(self.of.states[buffer]), position))

    def restore(self, emit: Emit, position: Value) -> tuple[Value, ...]:
        """Take a state from a slot: the values carried."""
        emit.add(tape.Count(emit.index(1), "restores"))
        find = self.of.within.find
        for buffer in self.of.plan.buffers:
            array = self.arrays.get(buffer, find(buffer))
            emit.add(tape.Restore(find(self.of.states[buffer]), position, array))
        values = (self.of.op.body.arguments[p + 1] for p in self.of.plan.carried)
        return tuple(emit.load(find(self.of.states[v]), (position,)) for v in values)


def _nothing() -> Block:
    return Block((), (scf.Yield(),))


def _element(buffer: Value) -> ScalarType:
    assert isinstance(buffer.type, MemRefType)
    return buffer.type.element


__all__ = ["Checkpointed"]
