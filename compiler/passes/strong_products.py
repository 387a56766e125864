"""Strong products spelt out: `0 if a == 0 or b == 0 else a * b`."""

from dpc.compiler.analysis.constants import literal
from dpc.compiler.dialects.arith import CmpF, MulF, MulZ, OrI, Select
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Module, Op, Value
from dpc.compiler.ir.rewrite import rebuild_block


def strong_products(module: Module) -> Module:
    """Make every product of a derivative and a partial 0 when either factor is."""
    return module.map(lambda f: f.with_body(rebuild_block(f.body, {}, _lower)))


def _lower(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
    if not isinstance(op, MulZ):
        return None
    build = Builder(op.span)
    zero = build.emit(literal(0.0, op.lhs.type))
    left = build.emit(CmpF("oeq", op.lhs, zero))
    right = build.emit(CmpF("oeq", op.rhs, zero))
    either = build.emit(OrI(left, right))
    product = build.emit(MulF(op.lhs, op.rhs))
    value = build.emit(Select(either, zero, product))
    return build.ops, (value,)
