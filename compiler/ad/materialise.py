"""Puts the plan into code: tape writes into the forward sweep, reads and recomputation into the
reverse sweep, where each primal value that reverse code names gets a real definition.

What a block's reverse needs of that block is had at its beginning, once per iteration.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.plan import TapePlan
from dpc.compiler.ad.sweep import Sweep
from dpc.compiler.ad.tape import Slot, Tape
from dpc.compiler.ad.trips import forward_iteration
from dpc.compiler.dialects import ad, scf
from dpc.compiler.ir.core import Block, Op, Value


@dataclass(slots=True)
class Materialise:
    """Rewrites both sweeps; `env` maps values of the primal and of the draft to final ones."""

    sweep: Sweep
    plan: TapePlan
    env: dict[Value, Value] = field(default_factory=dict)
    slots: dict[Value, Slot] = field(default_factory=dict)
    by_block: dict[Block, list[Value]] = field(default_factory=dict)
    numbers: dict[Block, Value] = field(default_factory=dict)
    backwards: bool = False

    def sweeps(self, draft: list[Op]) -> list[Op]:
        """The final ops of the forward sweep and of the reverse sweep drafted."""
        nest = self.sweep.nest
        tape = Tape(nest)
        for value, decision in self.plan.items():
            self.by_block.setdefault(nest.homes[value], []).append(value)
            if decision.stored:
                self.slots[value] = tape.slot(value)
        ops: list[Op] = []
        for position, op in enumerate(nest.body.ops[:-1]):
            if position in tape.before:
                ops.extend(self._rebuilt(new) for new in tape.before[position].ops)
            self._forward(op, ops)
        self._choose_orders()
        self.backwards = True
        self.numbers = self.sweep.iterations
        self._reverse(draft, ops)
        return ops

    def _choose_orders(self) -> None:
        """First to last, where the order is free and nothing inside sits on a stack."""
        sweep = self.sweep
        for value, slot in self.slots.items():
            if slot.loops is None:
                for _, block in sweep.nest.chain(sweep.nest.homes[value]):
                    sweep.any_order.pop(block, None)
        for body, counter in sweep.any_order.items():
            sweep.same[sweep.iterations[body]] = counter

    def find(self, value: Value) -> Value:
        """The final value for one that primal or draft name."""
        while self.backwards and value in self.sweep.same and value not in self.env:
            value = self.sweep.same[value]
        return self.env.get(value, value)

    def _rebuilt(self, op: Op, blocks: tuple[Block, ...] | None = None) -> Op:
        new = op.rebuild({v: self.find(v) for v in op.operands}, blocks)
        if new is not op:
            self.env.update(zip(op.results, new.results, strict=True))
        return new

    def _forward(self, op: Op, ops: list[Op]) -> None:
        """Append an op of the forward sweep, followed by writes of what is kept of it."""
        if isinstance(op, ad.Retain):
            return
        blocks = tuple(self._forward_block(op, b) for b in op.blocks) if op.blocks else None
        ops.append(self._rebuilt(op, blocks))
        for result in op.results:
            self._keep(result, ops)

    def _keep(self, value: Value, ops: list[Op]) -> None:
        if value in self.slots:
            ops.extend(self._rebuilt(op) for op in self.slots[value].write(value, self.numbers))

    def _forward_block(self, op: Op, block: Block) -> Block:
        ops: list[Op] = []
        if isinstance(op, scf.For):
            emit = Emit(op.span)
            self.numbers[block] = forward_iteration(emit, op)
            ops.extend(self._rebuilt(new) for new in emit.ops)
        elif isinstance(op, scf.While):
            self.numbers[block] = block.arguments[-1]
        for argument in block.arguments:
            self._keep(argument, ops)
        for inner in block.ops:
            self._forward(inner, ops)
        return Block(block.arguments, tuple(ops))

    def _reverse(self, draft: Sequence[Op], ops: list[Op]) -> None:
        for op in draft:
            blocks = tuple(self._reverse_block(b) for b in op.blocks) if op.blocks else None
            ops.append(self._rebuilt(op, blocks))

    def _reverse_block(self, block: Block) -> Block:
        ops: list[Op] = []
        mirror = self.sweep.mirrors.get(block)
        if mirror is None:
            self._reverse(block.ops, ops)
            return Block(block.arguments, tuple(ops))
        self._reverse(block.ops[: mirror.header], ops)
        for value in self.by_block.get(mirror.primal, ()):
            self._have(value, ops)
        self._reverse(block.ops[mirror.header :], ops)
        return Block(block.arguments, tuple(ops))

    def _have(self, value: Value, ops: list[Op]) -> None:
        """Read a value back, or compute it again."""
        if value in self.slots:
            made = [self._rebuilt(op) for op in self.slots[value].read(self.numbers)]
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
