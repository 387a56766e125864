"""`base[items]` by what the base is: an array, an array of records, a tuple."""

from dpc.dsl import ast, typed
from dpc.dsl.check.arguments import parts
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.indexing import constant_integer, index_items
from dpc.dsl.check.record_arrays import part
from dpc.dsl.errors.shapes import ConstantOutOfBounds, TooManyIndices
from dpc.dsl.errors.types import WrongOperand
from dpc.dsl.types import ArrayType, RecordType, TupleType, with_shape


def check_subscript(body: Body, node: ast.Expr) -> Operand:
    """`base[items]`."""
    assert isinstance(node, ast.Subscript)
    base = body.operand(node.base)
    if isinstance(base.type, TupleType):
        return _tuple_item(body, base, node)
    if isinstance(base.type, RecordType) and base.type.shape:
        return part(body, base, node)
    if not isinstance(base.type, ArrayType):
        raise body.error(
            WrongOperand(
                span=node.base.span, operation="[...]", expected="an array", found=str(base.type)
            )
        )
    items, shape = index_items(body, base.type, node.items, node.span)
    type_ = with_shape(base.type.element, shape)
    expr = typed.Index(type=type_, span=node.span, base=base.expr, items=items)
    return Operand(expr, base.weak)


def _tuple_item(body: Body, base: Operand, node: ast.Subscript) -> Operand:
    assert isinstance(base.type, TupleType)
    first, size = node.items[0], len(base.type.items)
    index = constant_integer(body, first, "an index of a tuple")
    if len(node.items) > 1:
        raise body.error(
            TooManyIndices(span=node.span, given=len(node.items), found=str(base.type), rank=1)
        )
    if not -size <= index < size:
        raise body.error(
            ConstantOutOfBounds(span=first.span, index=str(index), axis=0, extent=str(size))
        )
    return parts(body, base)[index]
