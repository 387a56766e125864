"""`io` in LLVM: a print hands its values to the caller's `show`, where there is one.

Values lie in slots as `abi` says; an array takes one for its address and one for each extent.
"""

from dpc.compiler.codegen import abi
from dpc.compiler.codegen.rules.func import as_slot
from dpc.compiler.codegen.text import UNLIKELY, Shown
from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import io
from dpc.compiler.ir.core import Op
from dpc.compiler.ir.types import MemRefType


def _print(w: Writer, op: io.Print) -> None:
    number = len(w.module.prints)
    w.module.prints.append(Shown(op.message, tuple(v.type for v in op.values)))
    place = w.emit(f"getelementptr i8, ptr %context, i64 {abi.OFFSETS['show']}", "at")
    show = w.emit(f"load ptr, ptr {place}", "show")
    shows, done = w.label("print"), w.label("on")
    w.branch(w.emit(f"icmp ne ptr {show}, null"), shows, done)
    w.start(shows)
    slots: list[str] = []
    for value in op.values:
        slots.append(as_slot(w, value))
        if isinstance(value.type, MemRefType):
            slots.extend(f"i64 {extent}" for extent in w.extents[value])
    table = w.name("shown")
    w.frame.append(f"{table} = alloca [{max(len(slots), 1)} x i64], align 8")
    for position, slot in enumerate(slots):
        address = w.emit(f"getelementptr i8, ptr {table}, i64 {8 * position}", "at")
        w.line(f"store {slot}, ptr {address}")
    status = w.emit(f"call i32 {show}(ptr %context, i64 {number}, ptr {table})", "status")
    stop = w.label("stop")
    w.branch(w.emit(f"icmp ne i32 {status}, 0"), stop, done, UNLIKELY)
    w.cold += [f"{stop}:", f"  ret i32 {abi.INTERRUPTED}"]
    w.start(done)


RULES: dict[type[Op], Rule] = {io.Print: _print}
