"""`func` in LLVM: a return stores the results in their slots, an invocation reads them there.

A task runs through `dp.forall`, which hands it to the context's pool of threads or runs it here.
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


def _forall(w: Writer, op: func.Forall) -> None:
    """What a task is given lies in a frame that all its runs read."""
    w.module.need("dp.forall")
    frame = w.name("given")
    w.frame.append(f"{frame} = alloca [{len(op.arguments) + 1} x i64], align 8")
    for position, value in enumerate(op.arguments):
        address = w.emit(f"getelementptr i8, ptr {frame}, i64 {8 * position}")
        w.line(f"store {as_slot(w, value)}, ptr {address}")
    symbol = w.callees[op.callee]
    w.module.runs[symbol] = _run(w, op, symbol)
    operands = f'ptr %context, ptr @"{symbol}.run", ptr {frame}, {w.typed(op.count)}'
    status = w.emit(f"call i32 @dp.forall({operands}, {w.typed(op.work)})", "status")
    failed, done = w.label("failed"), w.label("done")
    w.branch(w.emit(f"icmp ne i32 {status}, {abi.OK}"), failed, done, UNLIKELY)
    w.cold += [f"{failed}:", f"  ret i32 {status}"]
    w.start(done)


def _run(w: Writer, op: func.Forall, symbol: str) -> str:
    """The function that runs a task for one number, with what lies in the frame."""
    operands, lines = ["ptr %context", "ptr null"], []
    for position, value in enumerate(op.arguments):
        type_, name = w.type(value), f"%given.{position}"
        wide = "i64" if type_ in WIDENED else type_
        lines.append(f"  %at.{position} = getelementptr i8, ptr %frame, i64 {8 * position}")
        lines.append(f"  {name} = load {wide}, ptr %at.{position}")
        if type_ in WIDENED:
            lines.append(f"  %narrow.{position} = trunc i64 {name} to {type_}")
            name = f"%narrow.{position}"
        operands.append(f"{type_} {name}")
    operands.insert(2 + op.position, "i64 %number")
    return "\n".join(
        (
            f'define internal i32 @"{symbol}.run"(ptr %context, ptr %frame, i64 %number)',
            "    nounwind {",
            "  %over = icmp slt i64 %number, 0",
            "  br i1 %over, label %finish, label %run",
            "finish:",
            "  call void @dp.finish(ptr %context)",
            f"  ret i32 {abi.OK}",
            "run:",
            *lines,
            f'  %status = call i32 @"{symbol}"({", ".join(operands)})',
            "  ret i32 %status",
            "}",
        )
    )


RULES: dict[type[Op], Rule] = {
    func.Return: _return,
    func.Invoke: _invoke,
    func.Forall: _forall,
}
INLINED_BEFORE: frozenset[type[Op]] = frozenset({func.Call})
