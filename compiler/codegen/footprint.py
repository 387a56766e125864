"""The memory that a function will surely have at once, in index arithmetic at its start: a budget
that is too small ends the call before it has done anything, and where all is known the arena is one
chunk of that size.

What is counted are the buffers whose extents follow from dimensions and integers known before the
first loop, in loops that run; not those under a condition, in callees, or of extents that only the
run tells.
"""

from dataclasses import dataclass, field
from math import prod

from dpc.compiler.codegen.abi import ALIGNMENT, STACK_BYTES, element_bytes
from dpc.compiler.dialects import arith, cf, memref, scf, tape
from dpc.compiler.dialects.func import Forall, Invoke
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Block, Function, Op, Value
from dpc.compiler.ir.types import INDEX, IntType
from dpc.dsl.source import Span


@dataclass(frozen=True, slots=True)
class Footprint:
    """What is known of a function's memory. `ops`, which stand before op number `start` of its
    body, compute `total` bytes; `whole`: it has no other. `span`: of the first buffer that counts.
    """

    start: int
    ops: tuple[Op, ...]
    total: Value
    whole: bool
    span: Span | None


def footprint(function: Function) -> Footprint | None:
    """What is known of a function's memory; None where that is nothing, or is reserved already."""
    ops = function.body.ops
    if any(isinstance(op, tape.Reserve) for op in ops):
        return None
    start = next((i for i, op in enumerate(ops) if not _may_precede(op)), len(ops))
    known = {a for a in function.arguments if isinstance(a.type, IntType) or a.type == INDEX}
    known.update(v for op in ops[:start] for v in op.results)
    count = _Count(known)
    total = count.block(function.body)
    if total is None:
        return None
    return Footprint(start, tuple(count.add.ops), total, count.whole, count.span)


def _may_precede(op: Op) -> bool:
    """True for scalars, reads and checks, which cost nothing."""
    return not op.blocks and (op.pure or isinstance(op, cf.Assert | memref.Load))


@dataclass
class _Count:
    """Adds up bytes. `known`: values at hand where it stands; `copies`: others, computed there."""

    known: set[Value]
    add: Builder = field(default_factory=Builder)
    copies: dict[Value, Value | None] = field(default_factory=dict)
    whole: bool = True
    span: Span | None = None

    def block(self, block: Block) -> Value | None:
        """The most bytes that a block has at once, as far as they are known; None for none."""
        held: Value | None = None
        most: Value | None = None
        for op in block.ops:
            if isinstance(op, memref.Alloc):
                held = self._sum(held, self._buffer(op))
            elif isinstance(op, scf.For):
                inner = self._loop(op)
                most = most if inner is None else self._larger(most, self._sum(held, inner))
            elif _may_allocate(op):
                self.whole = False
        return self._larger(most, held)

    def _loop(self, op: scf.For) -> Value | None:
        """What one iteration has, if there is any."""
        inner = self.block(op.body)
        if inner is None:
            return None
        lower, upper = self._at_start(op.lower), self._at_start(op.upper)
        if lower is None or upper is None:
            self.whole = False
            return None
        runs = self.add.emit(arith.CmpI("slt", lower, upper))
        return self.add.emit(arith.Select(runs, inner, self._index(0)))

    def _buffer(self, op: memref.Alloc) -> Value | None:
        """The bytes of a buffer in the arena, with the padding of `dp.alloc`."""
        size = element_bytes(op.type.element)
        size *= prod(1 if e is None else e for e in op.type.shape)
        if not op.extents and size <= STACK_BYTES:
            return None  # in the frame
        total = self._index(size)
        for extent in op.extents:
            copy = self._at_start(extent)
            if copy is None:
                self.whole = False
                return None
            total = self.add.emit(arith.MulI(total, copy))
        self.span = self.span or op.span
        padded = self.add.emit(arith.AddI(total, self._index(ALIGNMENT)))
        return self.add.emit(arith.AndI(padded, self._index(-ALIGNMENT)))

    def _at_start(self, value: Value) -> Value | None:
        """The value, computed where the count stands; None where that can't be."""
        if value in self.known:
            return value
        if value not in self.copies:
            self.copies[value] = self._copied(value)
        return self.copies[value]

    def _copied(self, value: Value) -> Value | None:
        op = value.op
        if op is None or not op.pure or op.blocks or len(op.results) != 1:
            return None
        env: dict[Value, Value] = {}
        for operand in op.operands:
            copy = self._at_start(operand)
            if copy is None:
                return None
            env[operand] = copy
        return self.add.emit(op.rebuild(env).with_attributes())

    def _index(self, value: int) -> Value:
        return self.add.emit(arith.Constant(value, INDEX))

    def _sum(self, left: Value | None, right: Value | None) -> Value | None:
        if left is None or right is None:
            return left or right
        return self.add.emit(arith.AddI(left, right))

    def _larger(self, left: Value | None, right: Value | None) -> Value | None:
        if left is None or right is None:
            return left or right
        return self.add.emit(arith.MaxSI(left, right))


def _may_allocate(op: Op) -> bool:
    """True if memory is taken inside."""
    everything = (op, *(inner for block in op.blocks for inner in block.walk()))
    return any(isinstance(o, memref.Alloc | tape.Stack | Invoke | Forall) for o in everything)
