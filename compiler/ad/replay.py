"""What must run again of one iteration so that its reverse finds its values: the replay.

The replay of a loop is the backward closure, over one iteration, of the values that reverse code
names: the operations that compute them, the control flow around these, and every write to a buffer
of the iteration that they read. Checks and prints are no part of it: they passed the first time.

It exists if the iteration then finds what the first run found: it uses no carried value (but
counters, which follow from the number of the iteration), and of buffers from outside it reads only
those that nothing overwrites from the loop on. `Barred` says what stands against it.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from dpc.compiler.analysis.effects import runs_once
from dpc.compiler.analysis.needed import Nest
from dpc.compiler.dialects import ad, scf
from dpc.compiler.dialects.memory import reads, writes
from dpc.compiler.ir.core import Block, Op, Value


class Barred(Exception):  # noqa: N818 - an answer, not an error
    """An iteration cannot run again; the message says why."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The ops of a loop's body to run again, and of those that carry or yield values which ones.

    outside: values of blocks that are no frames, from outside of the body, that it uses, each with
    an op that does.
    """

    ops: frozenset[Op]
    positions: dict[Op, tuple[int, ...]]
    outside: dict[Value, Op | None]


def replay(body: Block, wanted: Iterable[Value], nest: Nest, given: Container[Value]) -> Replay:
    """The replay of a loop's body for the values wanted of it; `given` follow from the iteration.

    `Barred` if there is none.
    """
    closure = Closure(body, nest, given, writers_of(body))
    closure.run(wanted)
    return closure.replay()


def writers_of(body: Block) -> dict[Value, list[tuple[Op, Block]]]:
    """The ops that write each buffer, with the blocks they stand in."""
    found: dict[Value, list[tuple[Op, Block]]] = {}
    for block in (body, *(b for op in body.walk() for b in op.blocks)):
        for op in block.ops:
            for buffer in writes(op):
                found.setdefault(buffer, []).append((op, block))
    return found


@dataclass(slots=True)
class Closure:
    """The closure under construction."""

    body: Block
    nest: Nest
    given: Container[Value]
    writers: dict[Value, list[tuple[Op, Block]]]
    ops: set[Op] = field(default_factory=set)
    positions: dict[Op, set[int]] = field(default_factory=dict)
    outside: dict[Value, Op | None] = field(default_factory=dict)
    users: dict[Value, Op | None] = field(default_factory=dict)
    pending: list[Value] = field(default_factory=list)

    def run(self, wanted: Iterable[Value]) -> None:
        """Include everything that the wanted values follow from."""
        self.values(wanted)
        while self.pending:
            self.read(self.pending.pop())

    def replay(self) -> Replay:
        """What was included."""
        positions = {op: tuple(sorted(p)) for op, p in self.positions.items()}
        return Replay(frozenset(self.ops), positions, self.outside)

    def values(self, values: Iterable[Value], user: Op | None = None) -> None:
        """Include values that an op uses."""
        for value in values:
            if value not in self.users:
                self.users[value] = user
                self.pending.append(value)

    def read(self, value: Value) -> None:
        """Include what a value follows from."""
        nest, home, op = self.nest, self.nest.homes[value], value.op
        if value in nest.kept:
            self.kept(value)
        if not nest.inside(home, self.body):
            if not nest.at_hand(value):
                self.outside[value] = self.users[value]
        elif op is not None:
            self.op(op, home)
            if op.blocks:
                self.carried(op, op.results.index(value))
            for writer, block in self.writers.get(value, ()):
                self.op(writer, block)
        elif home is not self.body:
            holder, block = nest.parents[home]
            self.op(holder, block)
            position = home.arguments.index(value) - isinstance(holder, scf.For)
            if position >= 0:
                self.carried(holder, position)
        else:
            self.around(value)

    def kept(self, value: Value) -> None:
        """Include what it takes to read a value where the program keeps it."""
        self.values(self.nest.kept[value].indices, value.op)

    def around(self, value: Value) -> None:
        """Include an argument of the body itself."""
        if value is not self.body.arguments[0] and value not in self.given:
            raise Barred("an iteration needs what the one before it left")

    def carried(self, op: Op, position: int) -> None:
        """Include what stands for one value that an op carries or yields."""
        if position in self.positions[op]:
            return
        self.positions[op].add(position)
        if isinstance(op, scf.If):
            self.values((b.terminator.operands[position] for b in op.blocks), op)
        else:
            assert isinstance(op, scf.For | scf.While)
            self.values((op.inits[position], op.body.terminator.operands[position]), op)

    def op(self, op: Op, block: Block) -> None:
        """Include an op of a block with what it reads and the control flow around it."""
        if op in self.ops:
            return
        self.ops.add(op)
        self.values(_control(op), op)
        if op.blocks:
            self.positions[op] = set()
        if isinstance(op, scf.While):
            self.carried(op, len(op.results) - 1)  # the number of the iteration
        self.check_memory(op)
        if block is not self.body:
            self.op(*self.nest.parents[block])

    def check_memory(self, op: Op) -> None:
        """Whether the arrays that an op touches are as they were."""
        nest = self.nest
        check_repeatable(op)
        for buffer in writes(op):
            if not nest.inside(nest.homes[buffer], self.body):
                raise Barred("an iteration needs what it writes to an array from outside")
        for buffer in reads(op):
            if not nest.inside(nest.homes[buffer], self.body) and not nest.stable(
                buffer, self.body
            ):
                name = f"`{buffer.name}`" if buffer.name else "an intermediate array"
                raise Barred(f"{name} is overwritten or gone later")


def check_repeatable(op: Op) -> None:
    """`Barred` if an op must run only once."""
    if isinstance(op, ad.Custom) and runs_once(op.function):
        raise Barred(f"`{op.function.name}` must not run twice")


def _control(op: Op) -> tuple[Value, ...]:
    """What an op needs whichever of its results are wanted."""
    if isinstance(op, scf.For):
        return (op.lower, op.upper, op.step)
    if isinstance(op, scf.If):
        return (op.condition,)
    if isinstance(op, scf.While):
        going = op.before.terminator.operands[0]
        return (going,) if op.bound is None else (going, op.bound)
    return op.operands
