"""Strong products as ordinary ones: right unless a derivative result turns out NaN."""

from dpc.compiler.dialects.arith import MulF, MulZ
from dpc.compiler.ir.core import Module, Op, Value
from dpc.compiler.ir.rewrite import rebuild_block


def plain_products(module: Module) -> Module:
    """Multiply derivatives and partials by plain multiplication."""
    return module.map(lambda f: f.with_body(rebuild_block(f.body, {}, _lower)))


def _lower(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
    if not isinstance(op, MulZ):
        return None
    product = MulF(op.lhs, op.rhs, span=op.span)
    return [product], product.results
