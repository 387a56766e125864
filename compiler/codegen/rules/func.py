"""`func` in LLVM: a return stores the results in their slots, an invocation reads them there.

An invocation looks first whether another one may be open: whether the context's `deepest` allows
it, and whether this function's frame lies above the end of the stack. Calls are inlined before.
"""

from dpc.compiler.codegen import abi
from dpc.compiler.codegen.text import UNLIKELY
from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import func
from dpc.compiler.dialects.cf import TOO_DEEP
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


def _invoke(w: Writer, op: func.Invoke) -> None:
    w.poll()
    place, before = _enter(w, op)
    results = "null"
    if op.results:
        results = w.name("results")
        w.frame.append(f"{results} = alloca [{len(op.results)} x i64], align 8")
    operands = ", ".join(("ptr %context", f"ptr {results}", *(w.typed(v) for v in op.arguments)))
    status = w.emit(f'call i32 @"{w.callees[op.callee]}"({operands})', "status")
    failed, done = w.label("failed"), w.label("done")
    w.branch(w.emit(f"icmp ne i32 {status}, {abi.OK}"), failed, done, UNLIKELY)
    w.cold += [f"{failed}:", f"  ret i32 {status}"]
    w.start(done)
    w.line(f"store i64 {before}, ptr {place}")
    for position, value in enumerate(op.results):
        address = w.emit(f"getelementptr i8, ptr {results}, i64 {8 * position}")
        type_ = w.type(value)
        if type_ in WIDENED:
            w.names[value] = w.emit(f"trunc i64 {w.emit(f'load i64, ptr {address}')} to {type_}")
        else:
            w.names[value] = w.emit(f"load {type_}, ptr {address}", value.name)


def _enter(w: Writer, op: func.Invoke) -> tuple[str, str]:
    """One more invocation is open, if there is room: where that is counted, and the count before.

    Counting after the call too, so that no invocation is the last thing a function does: LLVM would
    make a loop of it, which need not end.
    """
    if not w.invokes:
        frame = "llvm.frameaddress.p0"
        w.module.declare(frame, f"declare ptr @{frame}(i32)")
        at = f"getelementptr i8, ptr %context, i64 {abi.OFFSETS['stack_end']}"
        w.frame += [
            f"%stack.end.at = {at}",
            "%stack.end = load ptr, ptr %stack.end.at",
            f"%frame.at = call ptr @{frame}(i32 0)",
            "%stack.full = icmp ult ptr %frame.at, %stack.end",
        ]
        w.invokes = True
    depth, deepest = (
        w.emit(f"getelementptr i8, ptr %context, i64 {abi.OFFSETS[name]}", "at")
        for name in ("depth", "deepest")
    )
    before = w.emit(f"load i64, ptr {depth}", "depth")
    most = w.emit(f"load i64, ptr {deepest}", "deepest")
    over = w.emit(f"icmp sge i64 {before}, {most}")
    refused = w.emit(f"or i1 {over}, %stack.full")
    number = w.check("depth", TOO_DEEP, op.span, ("i64",))
    w.fail_if(refused, number, (f"i64 {before}",))
    w.line(f"store i64 {w.emit(f'add nuw nsw i64 {before}, 1')}, ptr {depth}")
    return depth, before


RULES: dict[type[Op], Rule] = {func.Return: _return, func.Invoke: _invoke}
INLINED_BEFORE: frozenset[type[Op]] = frozenset({func.Call})
