"""Memory in recordings: see `recording`."""

from collections.abc import Callable

from dpc.compiler.ad.emit import Emit, Extent
from dpc.compiler.ad.record_log import NotRecorded, recorded_type, whole
from dpc.compiler.ad.recording import Indices, Recording
from dpc.compiler.analysis.constants import literal
from dpc.compiler.dialects import linalg, memref, tape
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import I64, MemRefType, StackType, holds_float, is_float


def _alloc(self: Recording, op: memref.Alloc, emit: Emit, unsure: bool) -> None:
    self.require(op, op.extents, "floats decide how long an array is")
    type_ = recorded_type(op.type)
    assert isinstance(type_, MemRefType)
    made = self.env[op.result] = emit.emit(memref.Alloc(self.values(op.extents), type_))
    if holds_float(op.type):
        emit.add(linalg.Fill(whole(emit, 0), made))


def _constant(self: Recording, op: memref.Constant, emit: Emit, unsure: bool) -> None:
    if holds_float(op.type):
        made = self.env[op.result] = emit.emit(memref.Alloc((), MemRefType(op.type.shape, I64)))
        emit.add(linalg.Fill(whole(emit, 0), made))
    else:
        self.env[op.result] = emit.emit(op.with_attributes())


def _load(self: Recording, op: memref.Load, emit: Emit, unsure: bool) -> None:
    """Along the axes where floats decide the index, it may be any element."""
    at, axes = _known(self, op)
    floats, several = is_float(op.result.type), any(e is not None for e in axes)

    def read(inner: Emit) -> Indices:
        if floats and several:
            return (self.total(inner, op.buffer, axes, at, whole(inner, 0)),)
        if floats:
            return (self.element(inner, op.buffer, at),)
        if several:
            return (inner.emit(literal(0, op.result.type)),)
        return (inner.load(self.value(op.buffer), at),)

    (made,) = self.guarded(emit, op, read) if unsure else read(emit)
    self.env[op.result] = made


def _known(
    self: Recording, op: memref.Load | memref.Store
) -> tuple[Indices, tuple[Extent | None, ...]]:
    """The indices that integers decide; for the other axes their extents, else None."""
    unknown = [i in self.decided for i in op.indices]
    at = tuple(self.value(i) for i, n in zip(op.indices, unknown, strict=True) if not n)
    pairs = zip(self.extents(op.buffer), unknown, strict=True)
    return at, tuple(e if n else None for e, n in pairs)


def _store(self: Recording, op: memref.Store, emit: Emit, unsure: bool) -> None:
    """Along the axes where floats decide the index, each element may be the one."""
    at, axes = _known(self, op)
    if not is_float(op.value.type):
        if not unsure and all(e is None for e in axes):
            emit.store(self.value(op.value), self.value(op.buffer), at)
        return
    number = self.number(emit, op.value)
    loops = tuple(e for e in axes if e is not None)

    def one(inner: Emit, indices: Indices) -> None:
        known, any_ = iter(at), iter(indices)
        place = tuple(next(known) if e is None else next(any_) for e in axes)
        self.stored(inner, number, op.buffer, place, unsure or bool(loops))

    def write(inner: Emit) -> Indices:
        inner.each(loops, one)
        return ()

    if unsure:
        self.guarded(emit, op, write)
    else:
        write(emit)


def _copy(self: Recording, op: memref.Copy, emit: Emit, unsure: bool) -> None:
    if not holds_float(op.source.type):
        if not unsure:
            emit.add(memref.Copy(self.value(op.source), self.value(op.target)))
        return
    if not unsure and op.source not in self.inputs:
        emit.add(memref.Copy(self.env[op.source], self.env[op.target]))
        return

    def one(inner: Emit, indices: Indices) -> None:
        number = self.element(inner, op.source, indices)
        self.stored(inner, number, op.target, indices, unsure)

    emit.each(self.extents(op.target), one)


def _fill(self: Recording, op: linalg.Fill, emit: Emit, unsure: bool) -> None:
    if holds_float(op.buffer.type):
        self.filled(emit, op.buffer, self.number(emit, op.value), unsure)
    elif not unsure:
        emit.add(linalg.Fill(self.value(op.value), self.value(op.buffer)))


def _lines(self: Recording, emit: Emit, matrix: Value, axis: int) -> Value:
    """The unions of the elements at each index along an axis."""
    extents = self.extents(matrix)
    count = extents[axis]
    shape = (count if isinstance(count, int) else None,)
    made = emit.alloc(MemRefType(shape, I64), (count,))

    def one(inner: Emit, indices: Indices) -> None:
        axes = tuple(None if i == axis else e for i, e in enumerate(extents))
        inner.store(self.total(inner, matrix, axes, indices, whole(inner, 0)), made, indices)

    emit.each((count,), one)
    return made


def _matmul(self: Recording, op: linalg.Matmul, emit: Emit, unsure: bool) -> None:
    """Each element of c gets its row of a and its column of b."""
    m, n = self.extents(op.c)
    rows = _lines(self, emit, op.a, 0 if op.kind[0] == "n" else 1)
    columns = _lines(self, emit, op.b, 1 if op.kind[1] == "n" else 0)

    def both(inner: Emit, indices: Indices) -> None:
        i, j = indices
        old = inner.load(self.env[op.c], indices)
        parts = (old, inner.load(rows, (i,)), inner.load(columns, (j,)))
        inner.store(self.log.joined(inner, parts), self.env[op.c], indices)

    emit.each((m, n), both)


def _stack(self: Recording, op: tape.Stack, emit: Emit, unsure: bool) -> None:
    type_ = recorded_type(op.type)
    assert isinstance(type_, StackType)
    self.env[op.result] = emit.emit(tape.Stack(type_))


def _push(self: Recording, op: tape.Push, emit: Emit, unsure: bool) -> None:
    _require_sure(op, unsure)
    emit.add(tape.Push(self.value(op.stack), self.carried(emit, op.value)))


def _pop(self: Recording, op: tape.Pop, emit: Emit, unsure: bool) -> None:
    _require_sure(op, unsure)
    self.env[op.result] = emit.emit(tape.Pop(self.value(op.stack)))


def _require_sure(op: Op, unsure: bool) -> None:
    if unsure:
        raise NotRecorded(op.span, "floats decide what a tape holds")


MEMORY: dict[type[Op], Callable[..., None]] = {
    memref.Alloc: _alloc,
    memref.Constant: _constant,
    memref.Load: _load,
    memref.Store: _store,
    memref.Copy: _copy,
    linalg.Fill: _fill,
    linalg.Matmul: _matmul,
    tape.Stack: _stack,
    tape.Push: _push,
    tape.Pop: _pop,
}
