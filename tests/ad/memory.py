"""The most memory that a loops-level function holds at once, counted by the interpreter."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from dpc.compiler.dialects.memref import Alloc
from dpc.compiler.dialects.numbers import REAL
from dpc.compiler.dialects.tape import Pop, Push
from dpc.compiler.interpret.machine import Handler, Machine, Results, admitted
from dpc.compiler.interpret.run import HANDLERS
from dpc.compiler.ir.core import Block, Function, Module, Op


@dataclass(slots=True)
class Counting(Machine):
    """Counts elements: of buffers until their block ends, of stacks until they are popped."""

    buffers: int = 0
    stacked: int = 0
    peak: int = 0

    def yielded(self, block: Block, arguments: Sequence[Any]) -> Results:
        before = self.buffers
        results = Machine.yielded(self, block, arguments)
        self.buffers = before
        return results

    def count(self, buffers: int, stacked: int) -> None:
        """More (or fewer) elements."""
        self.buffers += buffers
        self.stacked += stacked
        self.peak = max(self.peak, self.buffers + self.stacked)


def counted(kind: type[Op]) -> Handler:
    """The interpreter's handler of an op that takes or gives memory, counted."""
    plain = HANDLERS[kind]

    def run(machine: Machine, op: Op, operands: Results) -> Results:
        assert isinstance(machine, Counting)
        results = plain(machine, op, operands)
        if isinstance(op, Alloc):
            machine.count(prod(results[0].shape), 0)
        else:
            machine.count(0, 1 if isinstance(op, Push) else -1)
        return results

    return run


def peak_elements(function: Function, arguments: Sequence[Any]) -> int:
    """The most elements held at once beyond the arguments, one of which is given for each."""
    handlers = dict(HANDLERS)
    for kind in (Alloc, Push, Pop):
        handlers[kind] = counted(kind)
    machine = Counting(Module((function,)), REAL, handlers)
    pairs = zip(function.arguments, arguments, strict=True)
    machine.yielded(function.body, [admitted(v.type, a, REAL) for v, a in pairs])
    return machine.peak
