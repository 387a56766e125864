"""A loops-level function as LLVM text for llvmlite.

On entry: verified loops-level IR. On exit: a module with the function's body, which takes every
argument by itself, buffers as `noalias` pointers; one such function for each callee; and the
exported entry that unpacks the slots (`abi` describes them) and gives memory back; and the table
of checks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dpc.compiler.codegen import abi
from dpc.compiler.codegen.footprint import footprint
from dpc.compiler.codegen.rules import (
    arith,
    cf,
    extern,
    func,
    io,
    lapack,
    linalg,
    math,
    memref,
    scf,
    tape,
    vector,
)
from dpc.compiler.codegen.text import Check, ModuleText, Shown
from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects.extern import Call as ExternCall
from dpc.compiler.dialects.func import Forall, Invoke
from dpc.compiler.dialects.io import Print
from dpc.compiler.ir.core import Function, Module, Op, Parameter, Value
from dpc.compiler.ir.types import MemRefType, StackType

RULES: Mapping[type[Op], Rule] = {
    **vector.for_vectors({**arith.RULES, **math.RULES}),
    **vector.RULES,
    **scf.RULES,
    **memref.RULES,
    **linalg.RULES,
    **lapack.RULES,
    **cf.RULES,
    **io.RULES,
    **extern.RULES,
    **func.RULES,
    **tape.RULES,
}
_HANDING_ON = (Print, ExternCall, Invoke, Forall)  # whose operands may be kept elsewhere
SIZE_RANGE = "range(i64 0, -9223372036854775808)"


@dataclass(frozen=True, slots=True)
class CodegenOptions:
    """How code is written: the width of vectors LLVM should prefer, in bits, and that of the
    integers of BLAS and LAPACK; whether elementary functions are the own kernels (C's library
    else), and whether the target has a fused multiply-add, which they use.
    """

    vector_width: int = 512
    integer_bits: int = 64
    kernels: bool = False
    fuses: bool = True


DEFAULT = CodegenOptions()


@dataclass(frozen=True, slots=True)
class LlvmModule:
    """The text of a module, the symbol of its entry, what its checks report, whether it has loops
    that can be interrupted, what its prints show, which routines of BLAS and LAPACK it calls, and
    which C functions: the name in the text, the file, the name there; whether it invokes callees;
    whether it has tasks that threads may share; whether it counts what loops did that are reversed
    from stored states; whether it may run for long, by loops or in a library.
    """

    symbol: str
    text: str
    checks: tuple[Check, ...]
    polls: bool = False
    prints: tuple[Shown, ...] = ()
    routines: tuple[str, ...] = ()
    externs: tuple[tuple[str, str, str], ...] = ()
    recurses: bool = False
    tasks: bool = False
    counts: bool = False
    loops: bool = True


def emit(module: Module, function_name: str, options: CodegenOptions = DEFAULT) -> LlvmModule:
    """One loops-level function as LLVM text; the module's other functions are its callees."""
    function = module.function(function_name)
    symbol = abi.entry_symbol(function_name)
    callees = [f for f in module.functions if f is not function]
    symbols = {f.name: f"{symbol}.{number}" for number, f in enumerate(callees)}
    shared = ModuleText(options.integer_bits, options.kernels, options.fuses)
    attributes = f'nounwind "prefer-vector-width"="{options.vector_width}"'
    writers = [_written(shared, function, abi.FRAME_BYTES, symbols)]
    tasks = {op.callee for f in module.functions for op in f.body.walk() if isinstance(op, Forall)}
    for callee in callees:
        limit = abi.FRAME_BYTES if callee.name in tasks else abi.CALLEE_FRAME_BYTES
        writers.append(_written(shared, callee, limit, symbols))
    if any(w.allocates for w in writers):
        shared.need("dp.finish")
    # Not inlined into the entry, so that what is known of the arguments stays exact.
    parts = _body(writers[0], function, f"{symbol}.body", f"noinline {attributes}")
    for w, callee in zip(writers[1:], callees, strict=True):
        parts += _body(w, callee, symbols[callee.name], attributes)
    parts += [*_entry(writers, function, symbol, attributes), *shared.parts()]
    text = "\n".join(parts) + "\n"
    polls, recurses, counts = (
        any(getattr(w, flag) for w in writers) for flag in ("polls", "invokes", "counts")
    )
    checks, prints, routines = tuple(shared.checks), tuple(shared.prints), tuple(shared.routines)
    externs = tuple((name, *place) for name, place in shared.externs.items())
    loops = bool(polls or recurses or routines or externs or shared.loops)
    flags = (recurses, bool(tasks), counts, loops)
    return LlvmModule(symbol, text, checks, polls, prints, routines, externs, *flags)


def _written(
    shared: ModuleText, function: Function, frame_limit: int, symbols: Mapping[str, str]
) -> Writer:
    """A function's body. What a callee allocates in the arena is released when it returns."""
    writer = Writer(shared, RULES, frame_limit, symbols)
    _bind_arguments(writer, function)
    if function.name in symbols:
        writer.scope(function.body)
    else:
        _write_entry_body(writer, function)
    writer.op(function.body.terminator)
    return writer


def _write_entry_body(w: Writer, function: Function) -> None:
    """The ops; among the first, the question for the memory that they surely need."""
    known = footprint(function)
    for number, op in enumerate(function.body.ops[:-1]):
        if known is not None and number == known.start:
            memref.ask(w, known)
        w.op(op)


def _bind_arguments(w: Writer, function: Function) -> None:
    """Name the arguments and note the extents of the buffers."""
    for argument in function.arguments:
        w.names[argument] = w.name(argument.name or "arg")
        if isinstance(argument.type, StackType):
            tape.bind(w, argument, w.names[argument])
    for argument in function.arguments:
        if isinstance(argument.type, MemRefType):
            w.extents[argument] = tuple(
                str(e) if isinstance(e, int) else w.value(e) for e in function.extents(argument)
            )


def _attributes(argument: Value, parameter: Parameter, shown: bool) -> str:
    """What LLVM may assume of an argument of the inner function; those shown are handed on."""
    if parameter.role == "dimension":
        return f"noundef {SIZE_RANGE}"
    if isinstance(argument.type, StackType):
        return "noalias noundef captures(none)"
    if not isinstance(argument.type, MemRefType):
        return "noundef"
    size = abi.element_bytes(argument.type.element)
    access = "readonly " if parameter.role == "input" else ""
    captures = "" if shown else "captures(none) "
    text = f"noalias noundef {access}{captures}align {size}"
    for extent in argument.type.shape:
        if extent is None:
            return text
        size *= extent
    return f"{text} dereferenceable({size})" if size else text


def _body(w: Writer, function: Function, symbol: str, attributes: str) -> list[str]:
    """The function that takes its arguments one by one."""
    leaving = (op for op in function.body.walk() if isinstance(op, _HANDING_ON))
    shown = {v for op in leaving for v in op.operands}
    arguments = [
        "ptr noalias noundef %context",
        "ptr noalias noundef captures(none) %results",
        *(
            f"{w.type(a)} {_attributes(a, p, a in shown)} {w.value(a)}"
            for a, p in zip(function.arguments, function.parameters, strict=True)
        ),
    ]
    return [
        f'define internal i32 @"{symbol}"({", ".join(arguments)}) {attributes} {{',
        "entry:",
        *(f"  {line}" for line in w.frame),
        *(line for line in w.lines if line),  # holes that stayed empty
        *w.cold,
        "}",
    ]


def _entry(writers: list[Writer], function: Function, symbol: str, attributes: str) -> list[str]:
    """The exported function: slots to arguments, memory back at the end."""
    w = writers[0]
    allocates, polls = (any(getattr(w, flag) for w in writers) for flag in ("allocates", "polls"))
    lines = [f'define i32 @"{symbol}"(ptr %context, ptr %slots) {attributes} {{']
    operands = ["ptr %context", "ptr %results"]
    for position, argument in enumerate(function.arguments):
        lines.append(f"  %at.{position} = getelementptr i8, ptr %slots, i64 {8 * position}")
        type_ = w.type(argument)
        stored = abi.memory_type(argument.type) if type_ == "i1" else type_  # type: ignore[arg-type]
        name = f"%slot.{position}"
        lines.append(f"  {name} = load {stored}, ptr %at.{position}")
        if type_ == "i1":
            lines.append(f"  %bit.{position} = trunc i8 {name} to i1")
            name = f"%bit.{position}"
        operands.append(f"{type_} {name}")
    results_at = 8 * len(function.arguments)
    lines.append(f"  %results = getelementptr i8, ptr %slots, i64 {results_at}")
    if any(each.invokes for each in writers):
        lines.append(f"  %depth = getelementptr i8, ptr %context, i64 {abi.OFFSETS['depth']}")
        lines.append("  store i64 0, ptr %depth")
    if allocates:
        for name in ("peak", "wanted", "certain", "tight"):
            lines.append(f"  %{name} = getelementptr i8, ptr %context, i64 {abi.OFFSETS[name]}")
            lines.append(f"  store i64 0, ptr %{name}")
    if polls:
        lines += _ask_first()
    lines.append(f'  %status = call i32 @"{symbol}.body"({", ".join(operands)})')
    if allocates:
        lines.append("  call void @dp.finish(ptr %context)")
    return [*lines, "  ret i32 %status", "}"]


def _ask_first() -> list[str]:
    """Set the interrupt word so that `attend`, where there is one, is asked at once."""
    return [
        f"  %attend.at = getelementptr i8, ptr %context, i64 {abi.OFFSETS['attend']}",
        "  %attend = load ptr, ptr %attend.at",
        "  %attends = icmp ne ptr %attend, null",
        "  br i1 %attends, label %ask, label %run",
        "ask:",
        f"  %word.at = getelementptr i8, ptr %context, i64 {abi.OFFSETS['interrupt']}",
        "  %word = load ptr, ptr %word.at",
        f"  store atomic i32 {abi.ASK}, ptr %word monotonic, align 4",
        "  br label %run",
        "run:",
    ]
