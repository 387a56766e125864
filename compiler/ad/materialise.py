"""Puts the plan into code: tape writes into the forward sweep, reads and recomputation into the
reverse sweep, where each primal value that reverse code names gets a real definition.

What a block's reverse needs of that block is had at its beginning, once per iteration; a frame
(see `iterations`) runs there again, or for the first time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from dpc.compiler.ad.checkpoint import Checkpoint
from dpc.compiler.ad.checkpointed import Checkpointed
from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.iterations import Iterations
from dpc.compiler.ad.plan import TapePlan
from dpc.compiler.ad.replay import Replay
from dpc.compiler.ad.sweep import Sweep
from dpc.compiler.ad.tape import Slot, Tape
from dpc.compiler.ad.trips import forward_iteration
from dpc.compiler.dialects import ad, arith, scf
from dpc.compiler.dialects.func import Invoke
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.types import ScalarType


@dataclass(slots=True)
class Materialise:
    """Rewrites both sweeps; `env` maps values of the primal and of the draft to final ones.

    checkpointed: the loops that are reversed from stored states, by their bodies; starts: for the
    bodies the step with which the tape starts that is read; places: where on it the iteration is.
    numbers: the number of the iteration in loops that run forwards. running: the frame whose part
    of the primal runs, the only one that keeps values on its tape. shared: the tapes of callees.
    """

    sweep: Sweep
    iterations: Iterations
    plan: TapePlan
    checkpoints: Mapping[Op, Checkpoint] = field(default_factory=dict)
    env: dict[Value, Value] = field(default_factory=dict)
    slots: dict[Value, Slot] = field(default_factory=dict)
    by_block: dict[Block, list[Value]] = field(default_factory=dict)
    numbers: dict[Block, Value] = field(default_factory=dict)
    tapes: dict[Block, Tape] = field(default_factory=dict)
    stacks: Emit = field(default_factory=Emit)
    shared: dict[ScalarType, Value] = field(default_factory=dict)
    running: Block | None = None
    checkpointed: dict[Block, Checkpointed] = field(default_factory=dict)
    starts: dict[Block, Value] = field(default_factory=dict)
    places: dict[Block, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for value in self.plan:
            self.by_block.setdefault(self.iterations.nest.homes[value], []).append(value)

    def sweeps(self, draft: list[Op]) -> list[Op]:
        """The final ops of the forward sweep and of the reverse sweep drafted."""
        nest = self.iterations.nest
        self.tapes = {block: Tape(nest, block, self.stacks) for block in self.iterations.frames}
        for op, checkpoint in self.checkpoints.items():
            assert isinstance(op, scf.For)
            made = self.checkpointed[op.body] = Checkpointed(self, op, checkpoint)
            made.prepare(self.tapes[nest.body])
            self.sweep.any_order.pop(op.body, None)
        for value, decision in self.plan.items():
            if decision.stored:
                self.slots[value] = self.tapes[nest.frame(nest.homes[value])].slot(value)
        self.sweep.fix_orders((v for v, slot in self.slots.items() if slot.loops is None), nest)
        ops = [stack.op for stack in self.shared.values() if stack.op is not None]
        self._frame(nest.body, draft, ops)
        return [*self.stacks.ops, *ops]

    def find(self, value: Value) -> Value:
        """The final value for one that primal or draft name."""
        while value in self.sweep.same and value not in self.env:
            value = self.sweep.same[value]
        return self.env.get(value, value)

    def _rebuilt(self, op: Op, blocks: tuple[Block, ...] | None = None) -> Op:
        """The op on final values, new even if nothing changes: a frame may run twice."""
        new = op.rebuild({v: self.find(v) for v in op.operands}, blocks)
        new = new.with_attributes() if new is op else new
        for old, result in zip(op.results, new.results, strict=True):
            result.name = old.name
            self.env[old] = result
        return new

    def _frame(self, block: Block, draft: Sequence[Op], ops: list[Op]) -> None:
        """Append what runs of a frame and its reverse code, in the order chosen."""
        frame = self.iterations.frames[block]
        tape = self.tapes[block]

        def run(op: Op) -> None:
            self.running = block
            if op in tape.before:
                ops.extend(self._rebuilt(new) for new in tape.before[op].ops)
            self.forward(op, frame.replay, ops)

        later: dict[Op, list[Op]] = {}
        for op in block.ops[:-1]:
            if op in frame.behind:
                later.setdefault(frame.behind[op], []).append(op)
            elif op not in frame.fused.values():
                run(op)
        for op in draft:
            if op in frame.fused:
                assert isinstance(op, scf.For)
                self._fused(op, frame.fused[op], frame.replay, ops)
            else:
                self._reverse((op,), ops)
            for behind in later.get(op, ()):
                run(behind)

    def forward(self, op: Op, part: Replay | None, ops: list[Op]) -> None:
        """Append an op of the primal, followed by writes of what is kept of it."""
        if isinstance(op, ad.Retain) or (part is not None and op not in part.ops):
            return
        if op.blocks and op.blocks[-1] in self.checkpointed:
            self.checkpointed[op.blocks[-1]].forward(ops)
            return
        if not op.blocks:
            ops.append(self._called(op) or self._rebuilt(op))
            self.keep(op.results, ops)
            return
        kept = _positions(op, part)
        blocks = tuple(self._forward_block(op, b, kept, part) for b in op.blocks)
        new = op.rebuild({v: self.find(v) for v in op.operands}, blocks)
        if isinstance(new, scf.For | scf.While):
            new = replace(new, inits=tuple(new.inits[k] for k in kept))
        ops.append(new)
        results = tuple(op.results[k] for k in kept)
        self.bind(results, new.results)
        self.keep(results, ops)

    def _called(self, op: Op) -> Op | None:
        """The half of a callee's reverse that is invoked in place of the callee or of a draft."""
        taped = self.sweep.taped
        if taped is None or not isinstance(op, Invoke):
            return None
        moved = op.rebuild({v: self.find(v) for v in op.operands})
        half = taped.half(op, moved.operands, tuple(self.shared.values()))
        if half is not None:
            self.bind(op.results, half.results)
        return half

    @contextmanager
    def runs(self, frame: Block | None, arrays: Mapping[Value, Value]) -> Iterator[None]:
        """Inside, values of `frame` are kept, and these arrays stand in the place of others."""
        running, before = self.running, {v: self.env.get(v, v) for v in arrays}
        self.running = frame
        self.env.update(arrays)
        yield
        self.running = running
        self.env.update(before)

    def lives_on(self, buffer: Value) -> bool:
        """True if what a buffer of the function holds after a loop matters behind its reverse."""
        frame = self.iterations.frames[self.iterations.nest.body]
        return buffer.op is None or bool(frame.behind)

    def bind(self, old: Iterable[Value], new: Iterable[Value]) -> None:
        """Final values for those of the primal or the draft."""
        for before, after in zip(old, new, strict=True):
            after.name = before.name
            self.env[before] = after

    def keep(self, values: Iterable[Value], ops: list[Op]) -> None:
        """Append what puts values on the tape of the frame that runs."""
        nest = self.iterations.nest
        for value in values:
            if value in self.slots and nest.frame(nest.homes[value]) is self.running:
                ops.extend(self._rebuilt(op) for op in self.slots[value].write(value, self.numbers))

    def _forward_block(
        self, op: Op, block: Block, kept: tuple[int, ...], part: Replay | None
    ) -> Block:
        skip = isinstance(op, scf.For)
        carried = [block.arguments[k + skip] for k in kept] if block.arguments else []
        old = [*block.arguments[:skip], *carried]
        arguments = tuple(Value(v.type) for v in old)
        self.bind(old, arguments)
        ops: list[Op] = []
        if isinstance(op, scf.For):
            emit = Emit(op.span)
            self.numbers[block] = forward_iteration(emit, op)
            ops.extend(self._rebuilt(new) for new in emit.ops)
        elif isinstance(op, scf.While):
            self.numbers[block] = block.arguments[-1]
        self.keep(old, ops)
        for inner in block.ops[:-1]:
            self.forward(inner, part, ops)
        self._close(block, ops)
        ops.append(self._ending(block.terminator, kept))
        for value in block.arguments:
            self.env.pop(value, None)
        return Block(arguments, tuple(ops))

    def _close(self, block: Block, ops: list[Op]) -> None:
        """What comes last in a block that runs forwards."""

    def _ending(self, op: Op, kept: tuple[int, ...]) -> Op:
        if isinstance(op, scf.Condition):
            values = tuple(self.find(op.values[k]) for k in kept)
            return scf.Condition(self.find(op.condition), values, span=op.span)
        assert isinstance(op, scf.Yield)
        return scf.Yield(tuple(self.find(op.values[k]) for k in kept), span=op.span)

    def _reverse(self, draft: Sequence[Op], ops: list[Op]) -> None:
        for op in draft:
            reversed_ = self._reverses(op)
            if reversed_ is not None and isinstance(op, scf.For):
                reversed_.reverse(op, ops)
                continue
            blocks = tuple(self.reverse_block(b) for b in op.blocks) if op.blocks else None
            ops.append(self._called(op) or self._rebuilt(op, blocks))

    def _reverses(self, op: Op) -> Checkpointed | None:
        """The loop that an op of reverse code reverses from stored states."""
        mirror = self.sweep.mirrors.get(op.blocks[0]) if op.blocks and self.checkpointed else None
        return None if mirror is None else self.checkpointed.get(mirror.primal)

    def reverse_block(self, block: Block) -> Block:
        """A block of reverse code, with what it needs of the primal at its beginning."""
        ops: list[Op] = []
        mirror = self.sweep.mirrors.get(block)
        if mirror is None:
            self._reverse(block.ops, ops)
            return Block(block.arguments, tuple(ops))
        self._reverse(block.ops[: mirror.header], ops)
        rest = block.ops[mirror.header :]
        if mirror.primal in self.starts:
            number = self.find(self.sweep.iterations[mirror.primal])
            place = arith.SubI(number, self.starts[mirror.primal])
            self.places[mirror.primal] = place.result
            ops.append(place)
        if mirror.primal in self.iterations.frames:
            self._frame(mirror.primal, rest, ops)
        else:
            self._open(mirror.primal, ops)
            self._reverse(rest, ops)
        return Block(block.arguments, tuple(ops))

    def _open(self, block: Block, ops: list[Op]) -> None:
        """Have what the reverse of a block needs of it."""
        for value in self.by_block.get(block, ()):
            self._have(value, ops)

    def _fused(self, reverse: scf.For, op: scf.For, part: Replay | None, ops: list[Op]) -> None:
        """Append a loop that runs an iteration of the primal and reverses it at once."""
        kept = _positions(op, part)
        old = [op.body.arguments[k + 1] for k in kept]
        carried = tuple(Value(v.type) for v in old)
        self.bind(old, carried)
        block = self.reverse_block(reverse.body)
        yielded = block.terminator.operands
        ending = scf.Yield(
            (*yielded, *(self.find(op.body.terminator.operands[k]) for k in kept)),
            span=block.terminator.span,
        )
        inits = (*reverse.inits, *(op.inits[k] for k in kept))
        new = scf.For(
            self.find(reverse.lower),
            self.find(reverse.upper),
            self.find(reverse.step),
            tuple(self.find(v) for v in inits),
            Block((*block.arguments, *carried), (*block.ops[:-1], ending)),
            parallel=op.parallel and reverse.parallel,
            span=op.span,
        )
        ops.append(new)
        results = (*reverse.results, *(op.results[k] for k in kept))
        self.bind(results, new.results)

    def _have(self, value: Value, ops: list[Op]) -> None:
        """Read a value back, or compute it again."""
        if value in self.slots:
            places = {**self.sweep.iterations, **self.places}
            made = [self._rebuilt(op) for op in self.slots[value].read(places)]
            ops.extend(made)
            self.env[value] = made[-1].result
        else:
            op = self.plan[value].again
            assert op is not None
            again = op.rebuild({v: self.find(v) for v in op.operands})
            again = again.with_attributes() if again is op else again
            ops.append(again)
            self.env[value] = again.result
        self.env[value].name = value.name


def _positions(op: Op, part: Replay | None) -> tuple[int, ...]:
    """Which of the values that an op carries or yields it has in a frame."""
    return tuple(range(len(op.results))) if part is None else part.positions[op]
