"""Which integers, and arrays of integers, floats may determine.

What is not among them has the same value whatever the floats of the arguments are: the part of a
program that decides which elements are touched, as far as it does so by integers alone.
"""

from collections.abc import Iterable

from dpc.compiler.analysis.reduced import Undecided
from dpc.compiler.dialects import linalg, memref, scf, tape
from dpc.compiler.dialects.memory import reads, writes
from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.ir.core import Block, Function, Op, Value
from dpc.compiler.ir.types import holds_float, is_float

# Operations on memory whose effect on integers is that of their operands alone.
_MOVES = (memref.Store, memref.Copy, linalg.Fill, tape.Push, tape.Pop)


def float_decided(function: Function) -> frozenset[Value]:
    """The integers and buffers of integers of a function that floats may determine."""
    found = _Decided()
    while True:
        before = len(found.values)
        found.block(function.body, inside=False)
        if len(found.values) == before:
            return frozenset(found.values)


def uncertain(op: Op, decided: Iterable[Value]) -> bool:
    """True if floats may decide whether, or how often, the blocks of an op run."""
    known = frozenset(decided)
    if isinstance(op, scf.If):
        return op.condition in known
    if isinstance(op, scf.For):
        return not known.isdisjoint((op.lower, op.upper, op.step))
    return isinstance(op, scf.While) and op.before.terminator.operands[0] in known


class _Decided:
    """One walk finds what follows from what is known so far; `inside`: within what is uncertain."""

    def __init__(self) -> None:
        self.values: set[Value] = set()

    def block(self, block: Block, inside: bool) -> None:
        for op in block.ops:
            if op.blocks:
                self._structured(op, inside)
            elif isinstance(op, Undecided):
                self._add(op.results)
            elif isinstance(op, Scalar):
                if any(is_float(v.type) for v in op.operands) or self._any(op.operands):
                    self._add(op.results)
            else:
                self._memory(op, inside)

    def _any(self, values: Iterable[Value]) -> bool:
        return not self.values.isdisjoint(values)

    def _add(self, values: Iterable[Value]) -> None:
        self.values.update(v for v in values if not holds_float(v.type))

    def _memory(self, op: Op, inside: bool) -> None:
        if isinstance(op, memref.Alloc | memref.Constant):
            return
        if isinstance(op, memref.Load | tape.Pop):
            if self._any(op.operands):
                self._add(op.results)
        elif not isinstance(op, _MOVES):
            if not op.terminator and (reads(op) or writes(op) or self._any(op.operands)):
                self._add(op.results)
                self._add(writes(op))
            return
        if inside or self._any(op.operands):
            self._add(writes(op))

    def _structured(self, op: Op, inside: bool) -> None:
        for block in op.blocks:
            self.block(block, inside or uncertain(op, self.values))
        if uncertain(op, self.values):
            # Within an iteration that takes place they are what they are.
            self._add(op.results)
            if isinstance(op, scf.For) and self._any((op.lower, op.step)):
                self._add(op.body.arguments[:1])
        for sources, targets in _flows(op):
            self._add(t for s, t in zip(sources, targets, strict=True) if s in self.values)


def _flows(op: Op) -> Iterable[tuple[tuple[Value, ...], tuple[Value, ...]]]:
    """Values, and those that take them on."""
    if isinstance(op, scf.If):
        for block in (op.then, op.otherwise):
            yield block.terminator.operands, op.results
        return
    assert isinstance(op, scf.For | scf.While)
    rows = (
        (op.body.arguments[1:],)
        if isinstance(op, scf.For)
        else (op.before.arguments, op.body.arguments)
    )
    for sources in (op.inits, op.body.terminator.operands):
        for targets in (*rows, op.results):
            yield sources, targets


__all__ = ["float_decided", "uncertain"]
