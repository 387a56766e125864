"""The operations of a function with numbers in the place of floats: see `recorded`.

Where floats decide whether something runs (`unsure`), it runs, elements out of bounds are passed
over, and what is stored joins what was there. Integers that floats determine are not computed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dpc.compiler.ad.emit import Emit, Extent
from dpc.compiler.ad.layout import extents_of
from dpc.compiler.ad.record_log import Log, NotRecorded, whole
from dpc.compiler.analysis.constants import literal
from dpc.compiler.dialects import arith, linalg, memref, scf
from dpc.compiler.dialects.casts import IndexCast
from dpc.compiler.dialects.memory import READS, WRITES, writes
from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.ir.core import Block, Function, Op, Value
from dpc.compiler.ir.types import I1, I64, INDEX, holds_float, is_float

Inputs = dict[Value, Value | None]  # the number of the first element, None where there is none
Indices = tuple[Value, ...]
Handler = Callable[["Recording", Op, Emit, bool], None]


@dataclass
class Recording:
    """`env` maps values to copies, floats to numbers; `decided`: integers that floats determine;
    `handlers`: what emits an op, given whether floats decide that it runs.
    """

    function: Function
    decided: frozenset[Value]
    inputs: Inputs
    log: Log
    handlers: "Mapping[type[Op], Handler]"
    env: dict[Value, Value] = field(default_factory=dict)

    def ops(self, block: Block, emit: Emit, unsure: bool) -> None:
        """Emit what stands for the ops of a block but its terminator."""
        for op in block.ops[:-1]:
            with emit.at(op.span):
                handler = self.handlers.get(type(op))
                if handler is not None:
                    handler(self, op, emit, unsure)
                elif isinstance(op, Scalar):
                    self._scalar(op, emit)
                elif type(op) in WRITES:
                    self.everything(op, emit, unsure)
                else:
                    raise NotRecorded(op.span, f"{op.name} is not recorded")

    def value(self, value: Value) -> Value:
        """The copy of an integer or buffer."""
        return self.env.get(value, value)

    def values(self, values: Sequence[Value]) -> Indices:
        """The copies of integers; none may be determined by floats."""
        return tuple(map(self.value, values))

    def number(self, emit: Emit, value: Value) -> Value:
        """The number of a float."""
        if value not in self.inputs:
            return self.env.get(value) or whole(emit, 0)
        first = self.inputs[value]
        return whole(emit, 0) if first is None else emit.emit(IndexCast(first, I64))

    def carried(self, emit: Emit, value: Value) -> Value:
        """A float's number, an integer's copy."""
        return self.number(emit, value) if is_float(value.type) else self.value(value)

    def extents(self, buffer: Value) -> tuple[Extent, ...]:
        """The extents of a buffer of the function."""
        found = extents_of(self.function, buffer)
        return tuple(e if isinstance(e, int) else self.value(e) for e in found)

    def element(self, emit: Emit, buffer: Value, indices: Indices) -> Value:
        """The number of an element that is there."""
        if buffer not in self.inputs:
            return emit.load(self.env[buffer], indices)
        first = self.inputs[buffer]
        if first is None:
            return whole(emit, 0)
        place = emit.index(0)
        for index, extent in zip(indices, self.extents(buffer), strict=True):
            place = emit.addi(emit.muli(place, emit.extent(extent)), index)
        return emit.emit(IndexCast(emit.addi(first, place), I64))

    def require(self, op: Op, values: Sequence[Value], what: str) -> None:
        """`NotRecorded` if floats determine any of these."""
        if not self.decided.isdisjoint(values):
            raise NotRecorded(op.span, what)

    def stored(
        self, emit: Emit, number: Value, buffer: Value, indices: Indices, unsure: bool
    ) -> None:
        """Store the number of an element of a buffer of the function."""
        target = self.env[buffer]
        if unsure:
            number = self.log.joined(emit, (emit.load(target, indices), number))
        emit.store(number, target, indices)

    def guarded(
        self, emit: Emit, access: memref.Load | memref.Store, body: Callable[[Emit], Indices]
    ) -> Indices:
        """The body where the indices that integers decide are in bounds; else zeros."""
        inside = emit.emit(literal(True, I1))
        for index, extent in zip(access.indices, self.extents(access.buffer), strict=True):
            if index not in self.decided:
                at = self.value(index)
                low = emit.emit(arith.CmpI("sge", at, emit.index(0)))
                high = emit.emit(arith.CmpI("slt", at, emit.extent(extent)))
                inside = emit.emit(arith.AndI(inside, emit.emit(arith.AndI(low, high))))
        then, otherwise = Emit(emit.span), Emit(emit.span)
        made = body(then)
        then.add(scf.Yield(made))
        zeros = tuple(otherwise.emit(literal(0, v.type)) for v in made)
        otherwise.add(scf.Yield(zeros))
        return emit.add(scf.If(inside, then.block(), otherwise.block()))

    # --- scalars -----------------------------------------------------------------------------

    def _scalar(self, op: Op, emit: Emit) -> None:
        if is_float(op.results[0].type):
            if not isinstance(op, arith.Select):
                raise NotRecorded(op.span, f"{op.name} is not recorded")
            yes, no = self.number(emit, op.true_value), self.number(emit, op.false_value)
            if op.condition in self.decided:
                made = self.log.joined(emit, (yes, no))
            else:
                made = emit.select(self.value(op.condition), yes, no)
            self.env[op.result] = made
            return
        new = op.rebuild({v: self.value(v) for v in op.operands})
        self.env.update(zip(op.results, emit.add(new), strict=True))

    def everything(self, op: Op, emit: Emit, unsure: bool) -> None:
        """All floats that are written depend on all that are read."""
        operands = dict.fromkeys(v for v in op.operands if holds_float(v.type))
        written = [v for v in writes(op) if holds_float(v.type)]
        names = READS.get(type(op), ())
        read = {v for n in names for v in _listed(getattr(op, n))}
        number = whole(emit, 0)
        for value in operands:
            if is_float(value.type):
                number = self.log.joined(emit, (number, self.number(emit, value)))
            elif value in read:
                number = self.total(emit, value, self.extents(value), (), number)
        for buffer in written:
            self.filled(emit, buffer, number, unsure)
        for result in op.results:
            zero = emit.emit(literal(0, I64 if is_float(result.type) else result.type))
            self.env[result] = number if is_float(result.type) else zero

    def total(
        self, emit: Emit, buffer: Value, axes: tuple[Extent | None, ...], at: Indices, union: Value
    ) -> Value:
        """The union of a number and those of elements: all along the axes that have an extent, at
        the next index of `at` along the others.
        """
        return self._total(emit, buffer, axes, (), at, union)

    def _total(
        self,
        emit: Emit,
        buffer: Value,
        axes: tuple[Extent | None, ...],
        before: Indices,
        at: Indices,
        union: Value,
    ) -> Value:
        if not axes:
            return self.log.joined(emit, (union, self.element(emit, buffer, before)))
        if axes[0] is None:
            return self._total(emit, buffer, axes[1:], (*before, at[0]), at[1:], union)
        index, carried, inner = Value(INDEX), Value(I64), Emit(emit.span)
        total = self._total(inner, buffer, axes[1:], (*before, index), at, carried)
        inner.add(scf.Yield((total,)))
        body, upper = inner.block((index, carried)), emit.extent(axes[0])
        return emit.emit(scf.For(emit.index(0), upper, emit.index(1), (union,), body))

    def filled(self, emit: Emit, buffer: Value, number: Value, unsure: bool) -> None:
        def one(inner: Emit, indices: Indices) -> None:
            self.stored(inner, number, buffer, indices, unsure)

        if unsure:
            emit.each(self.extents(buffer), one)
        else:
            emit.add(linalg.Fill(number, self.env[buffer]))


def _listed(value: Value | tuple[Value, ...]) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else (value,)
