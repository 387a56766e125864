"""Sets of inputs as numbers in a log: what `recorded` computes with in the place of floats."""

from collections.abc import Sequence

from dpc.compiler.ad.emit import Emit
from dpc.compiler.analysis.constants import literal
from dpc.compiler.dialects import arith, memref, scf
from dpc.compiler.dialects.casts import IndexCast
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import I1, I64, INDEX, MemRefType, StackType, Type, holds_float, is_float
from dpc.dsl.source import Span


class NotRecorded(Exception):  # noqa: N818 - what is true of the program, not an error of ours
    """Native code can't record what the function's results depend on; `span` is where."""

    def __init__(self, span: Span | None, why: str) -> None:
        self.span = span
        self.why = why
        super().__init__(why)


def recorded_type(type_: Type) -> Type:
    """Numbers in the place of floats."""
    if isinstance(type_, MemRefType | StackType) and holds_float(type_):
        return MemRefType(type_.shape, I64) if isinstance(type_, MemRefType) else StackType(I64)
    return I64 if is_float(type_) else type_


def whole(emit: Emit, number: int) -> Value:
    """An integer constant."""
    return emit.emit(arith.Constant(number, I64))


class Log:
    """Writes sets: `buffer` has room for `size` numbers, `inputs` is how many inputs there are."""

    def __init__(self, buffer: Value, size: Value, emit: Emit, inputs: Value) -> None:
        self._buffer, self._size = buffer, size
        self._used = emit.emit(memref.Alloc((), MemRefType((1,), I64)))
        emit.store(whole(emit, 0), self._used, (emit.index(0),))
        self._first = emit.addi(inputs, whole(emit, 1))

    def length(self, emit: Emit) -> Value:
        """How long it is."""
        return emit.load(self._used, (emit.index(0),))

    def joined(self, emit: Emit, numbers: Sequence[Value]) -> Value:
        """The number of a union; no new set where at most one of two is there."""
        if not numbers:
            return whole(emit, 0)
        if len(numbers) == 1:
            return numbers[0]
        zero = whole(emit, 0)
        there = [emit.emit(arith.CmpI("ne", n, zero)) for n in numbers]
        several, any_ = emit.emit(literal(False, I1)), there[0]
        for each in there[1:]:
            several = emit.either(several, emit.emit(arith.AndI(any_, each)))
            any_ = emit.either(any_, each)
        only = numbers[0]
        for number in numbers[1:]:
            only = emit.emit(arith.MaxSI(only, number))
        if len(numbers) == 2:
            other = emit.emit(arith.CmpI("ne", *numbers))
            several = emit.emit(arith.AndI(several, other))
        new, old = Emit(emit.span), Emit(emit.span)
        new.add(scf.Yield((self._new(new, numbers),)))
        old.add(scf.Yield((only,)))
        return emit.emit(scf.If(several, new.block(), old.block()))

    def _new(self, emit: Emit, numbers: Sequence[Value]) -> Value:
        at = self.length(emit)
        end = emit.addi(at, whole(emit, len(numbers) + 1))
        fits = emit.emit(arith.CmpI("sle", end, emit.emit(IndexCast(self._size, I64))))
        inside, outside = Emit(emit.span), Emit(emit.span)
        place = inside.emit(IndexCast(at, INDEX))
        for offset, number in enumerate((whole(inside, len(numbers)), *numbers)):
            inside.store(number, self._buffer, (inside.addi(place, inside.index(offset)),))
        inside.add(scf.Yield())
        outside.add(scf.Yield())
        emit.add(scf.If(fits, inside.block(), outside.block()))
        emit.store(end, self._used, (emit.index(0),))
        return emit.addi(at, self._first)
