"""`cf` in LLVM: a check branches to a cold block that reports and leaves the function."""

from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import cf
from dpc.compiler.ir.core import Op


def _assert(w: Writer, op: cf.Assert) -> None:
    number = w.check(op.kind, op.message, op.span, tuple(w.type(v) for v in op.values))
    failed = w.emit(f"xor i1 {w.value(op.condition)}, true")
    w.fail_if(failed, number, tuple(w.typed(v) for v in op.values))


RULES: dict[type[Op], Rule] = {cf.Assert: _assert}
