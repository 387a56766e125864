"""`func` in LLVM: a return stores the results in their slots. Calls are inlined before."""

from dpc.compiler.codegen import abi
from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import func
from dpc.compiler.ir.core import Op, Value

WIDENED = {"i1": "zext", "i32": "sext"}


def _return(w: Writer, op: func.Return) -> None:
    for position, value in enumerate(op.values):
        address = "%results"
        if position:
            address = w.emit(f"getelementptr i8, ptr %results, i64 {8 * position}")
        w.line(f"store {as_slot(w, value)}, ptr {address}")
    w.line(f"ret i32 {abi.OK}")


def as_slot(w: Writer, value: Value) -> str:
    """A value as it lies in its slot, typed."""
    type_ = w.type(value)
    if type_ in WIDENED:
        return f"i64 {w.emit(f'{WIDENED[type_]} {w.typed(value)} to i64')}"
    return w.typed(value)


RULES: dict[type[Op], Rule] = {func.Return: _return}
INLINED_BEFORE: frozenset[type[Op]] = frozenset({func.Call})
