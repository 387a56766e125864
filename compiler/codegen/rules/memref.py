"""`memref` in LLVM: bare pointers and row-major address arithmetic.

Indices are in bounds, so linear indices are neither negative nor beyond 2^63 bytes: `nuw nsw`,
`inbounds`.
"""

from dpc.compiler.codegen import abi
from dpc.compiler.codegen.footprint import Footprint
from dpc.compiler.codegen.literals import literal
from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import memref
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import I1, MemRefType

ALLOCATION = "out of memory: {} bytes could not be allocated"


def element_type(buffer: Value) -> str:
    """The type of a buffer's elements in memory."""
    assert isinstance(buffer.type, MemRefType)
    return abi.memory_type(buffer.type.element)


def product(w: Writer, factors: tuple[str, ...]) -> str:
    """The product of sizes that is known not to overflow."""
    total = "1"
    for factor in factors:
        if total == "1":
            total = factor
        elif factor != "1":
            total = w.emit(f"mul nuw nsw i64 {total}, {factor}", "size")
    return total


def element_count(w: Writer, buffer: Value) -> str:
    """How many elements a buffer has."""
    return product(w, w.extents[buffer])


def byte_count(w: Writer, buffer: Value) -> str:
    """How many bytes a buffer has."""
    assert isinstance(buffer.type, MemRefType)
    return product(w, (*w.extents[buffer], str(abi.element_bytes(buffer.type.element))))


def address(w: Writer, buffer: Value, indices: tuple[Value, ...], *, masked: bool = False) -> str:
    """The address of an element; `masked`: it may lie outside of the buffer, being unused then."""
    flags, inside = ("", "") if masked else (" nuw nsw", " inbounds")
    linear = "0"
    for index, extent in zip(indices, w.extents[buffer], strict=True):
        text = w.value(index)
        if linear != "0":
            scaled = w.emit(f"mul{flags} i64 {linear}, {extent}", "row")
            linear = scaled if text == "0" else w.emit(f"add{flags} i64 {scaled}, {text}", "at")
        else:
            linear = text
    base = w.value(buffer)
    if linear == "0":
        return base
    element = element_type(buffer)
    return w.emit(f"getelementptr{inside} {element}, ptr {base}, i64 {linear}", "at")


def _load(w: Writer, op: memref.Load) -> None:
    place = address(w, op.buffer, op.indices)
    stored = f"load {element_type(op.buffer)}, ptr {place}"
    if op.result.type == I1:
        w.result(op, f"trunc i8 {w.emit(stored)} to i1")
    else:
        w.result(op, stored)


def _store(w: Writer, op: memref.Store) -> None:
    place = address(w, op.buffer, op.indices)
    w.line(f"store {as_stored(w, op.value)}, ptr {place}")


def as_stored(w: Writer, value: Value) -> str:
    """A scalar as it lies in memory, typed."""
    if value.type == I1:
        return f"i8 {w.emit(f'zext i1 {w.value(value)} to i8')}"
    return w.typed(value)


def _alloc(w: Writer, op: memref.Alloc) -> None:
    dynamic = iter(op.extents)
    extents = tuple(w.value(next(dynamic)) if e is None else str(e) for e in op.type.shape)
    w.extents[op.result] = extents
    size = abi.element_bytes(op.type.element)
    if all(e.isdigit() for e in extents):
        for extent in extents:
            size *= int(extent)
        if size <= abi.STACK_BYTES and w.frame_bytes + size <= w.frame_limit:
            _on_stack(w, op, size)
            return
    _in_arena(w, op, checked_bytes(w, extents, abi.element_bytes(op.type.element)))


def _constant(w: Writer, op: memref.Constant) -> None:
    type_ = abi.memory_type(op.type.element)
    w.extents[op.result] = tuple(str(e) for e in op.type.shape)
    elements = ", ".join(
        f"{type_} {int(v) if op.type.element == I1 else literal(v, op.type.element)}"
        for v in op.elements
    )
    w.names[op.result] = w.module.constant(f"[{len(op.elements)} x {type_}] [{elements}]")


def _on_stack(w: Writer, op: memref.Alloc, size: int) -> None:
    """One place in the frame: a block that runs again finds it uninitialised, as it may be."""
    w.frame_bytes += size
    name = w.name(op.result.name or "buffer")
    element = element_type(op.result)
    count = size // abi.element_bytes(op.type.element)
    w.frame.append(f"{name} = alloca [{count} x {element}], align {abi.ALIGNMENT}")
    w.names[op.result] = name


def checked_bytes(w: Writer, extents: tuple[str, ...], size: int) -> str:
    """The size in bytes; all ones, which no machine has, when the product overflows."""
    total, overflow = str(size), ""
    for extent in extents:
        types = ("i64", "i64")
        name = "llvm.umul.with.overflow.i64"
        pair = w.intrinsic(name, "{ i64, i1 }", types, total, extent)
        total = w.emit(f"extractvalue {{ i64, i1 }} {pair}, 0", "bytes")
        wrapped = w.emit(f"extractvalue {{ i64, i1 }} {pair}, 1")
        overflow = w.emit(f"or i1 {overflow}, {wrapped}") if overflow else wrapped
    return w.emit(f"select i1 {overflow}, i64 -1, i64 {total}", "bytes") if overflow else total


def _in_arena(w: Writer, op: memref.Alloc, size: str) -> None:
    w.module.need("dp.alloc")
    name = w.call("ptr", "dp.alloc", f"ptr %context, i64 {size}")
    number = w.check("memory", ALLOCATION, op.span, ("i64",))
    failed = w.emit(f"icmp eq ptr {name}, null")
    w.fail_if(failed, number, (f"i64 {size}",), abi.MEMORY)
    w.names[op.result] = name
    w.arena[-1].append(name)
    w.allocates = True


def ask(w: Writer, known: Footprint) -> None:
    """Leave at once where the call may not have what it surely needs."""
    for op in known.ops:
        w.op(op)
    w.module.need("dp.reserve")
    size = w.value(known.total)
    operands = f"ptr %context, i64 {size}, i1 {str(known.whole).lower()}"
    refused = w.call("i1", "dp.reserve", operands)
    number = w.check("memory", ALLOCATION, known.span, ("i64",))
    w.fail_if(refused, number, (f"i64 {size}",), abi.MEMORY)
    w.allocates = True


def _copy(w: Writer, op: memref.Copy) -> None:
    """Two buffers never overlap, so `memcpy`."""
    name = "llvm.memcpy.p0.p0.i64"
    w.module.declare(name, f"declare void @{name}(ptr, ptr, i64, i1)")
    target, source, size = w.value(op.target), w.value(op.source), byte_count(w, op.source)
    w.line(f"call void @{name}(ptr {target}, ptr {source}, i64 {size}, i1 false)")


RULES: dict[type[Op], Rule] = {
    memref.Alloc: _alloc,
    memref.Constant: _constant,
    memref.Load: _load,
    memref.Store: _store,
    memref.Copy: _copy,
}
__all__ = [
    "ALLOCATION", "RULES", "address", "as_stored", "ask", "byte_count", "checked_bytes",
    "element_count",
    "element_type", "product",
]  # fmt: skip
