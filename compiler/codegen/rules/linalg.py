"""`linalg` in LLVM: plain loops over whole buffers."""

from dpc.compiler.codegen.rules.memref import as_stored, byte_count, element_count, element_type
from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import lapack, linalg
from dpc.compiler.ir.core import Op

ALL_BITS_ZERO = ("0x0000000000000000", "0", "false")


def _fill(w: Writer, op: linalg.Fill) -> None:
    if w.value(op.value) in ALL_BITS_ZERO:
        name = "llvm.memset.p0.i64"
        w.module.declare(name, f"declare void @{name}(ptr, i8, i64, i1)")
        base, size = w.value(op.buffer), byte_count(w, op.buffer)
        w.line(f"call void @{name}(ptr {base}, i8 0, i64 {size}, i1 false)")
        return
    count, value = element_count(w, op.buffer), as_stored(w, op.value)
    head, body, done = w.label("fill"), w.label("body"), w.label("done")
    before, index, following = w.current, w.name("i"), w.name("i")
    w.jump(head)
    w.start(head)
    w.line(f"{index} = phi i64 [ 0, %{before} ], [ {following}, %{body} ]")
    w.branch(w.emit(f"icmp slt i64 {index}, {count}"), body, done)
    w.start(body)
    element, base = element_type(op.buffer), w.value(op.buffer)
    address = w.emit(f"getelementptr inbounds {element}, ptr {base}, i64 {index}")
    w.line(f"store {value}, ptr {address}")
    w.line(f"{following} = add nuw nsw i64 {index}, 1")
    w.jump(head, w.module.loop(vectorise=True))
    w.start(done)


RULES: dict[type[Op], Rule] = {linalg.Fill: _fill}
_KEPT: tuple[type[Op], ...] = (linalg.Matmul, *lapack.OPS)
EXPANDED_BEFORE = frozenset(op for op in _KEPT if op is not lapack.Routine)
