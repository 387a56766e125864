"""`extern` in LLVM: calls of C functions, whose addresses the loader of the code provides."""

from dpc.compiler.codegen.support import PURE
from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import extern
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import I1, MemRefType, Type


def _call(w: Writer, op: extern.Call) -> None:
    name = op.linked
    passed = op.passed
    result = _returned(w, op.results[0]) if op.results else "void"
    memory = any(isinstance(v.type, MemRefType) for v in passed)
    facts = PURE if op.repeatable and not memory else "nounwind"
    types = ", ".join(_spelled(w, v) for v in passed)
    w.module.declare(name, f"declare {result} @{name}({types}) {facts}")
    w.module.externs[name] = (op.path, op.symbol)
    text = f"@{name}({', '.join(f'{_spelled(w, v)} {w.value(v)}' for v in passed)})"
    if op.results:
        w.result(op, f"call {result} {text}")
    else:
        w.line(f"call void {text}")


def _spelled(w: Writer, value: Value) -> str:
    """The type as C's calling convention has it."""
    type_: Type = value.type
    return f"{w.type(value)} zeroext" if type_ == I1 else w.type(value)


def _returned(w: Writer, value: Value) -> str:
    """The same for what is returned."""
    return f"zeroext {w.type(value)}" if value.type == I1 else w.type(value)


RULES: dict[type[Op], Rule] = {extern.Call: _call}
