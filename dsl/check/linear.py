"""`@` and `dot`."""

from dpc.dsl import typed
from dpc.dsl.check.broadcast import Shape, labelled, require_equal, shape_text
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.contract import dot_product, matrix_product
from dpc.dsl.check.convert import join, meet, number
from dpc.dsl.errors.shapes import ShapeMismatch
from dpc.dsl.errors.types import WrongOperand
from dpc.dsl.source import Span
from dpc.dsl.types import ArrayType, with_shape

PRODUCTS = {"@": matrix_product, "dot": dot_product}


def matmul(body: Body, left: Operand, right: Operand, span: Span, name: str) -> Operand:
    """The product of vectors and matrices: contracts left's last axis with right's first
    (last but one). Batches of matrices are sums of products.
    """
    left_shape, right_shape = _shape(body, left, name), _shape(body, right, name)
    common, weak = join(body, (left, right), span)
    common = number(common)
    if max(len(left_shape), len(right_shape)) > 2:
        return PRODUCTS[name](body, left, right, span, name)
    inner, outer = left_shape[-1], right_shape[0]
    note = f"the last axis of `{left.text}` and the first of `{right.text}`"
    if not require_equal(body, inner, outer, span, note):
        raise body.error(
            ShapeMismatch(
                span=span,
                what=f"`{name}`",
                left=shape_text(left_shape),
                right=shape_text(right_shape),
                equation=f"{inner} == {outer}",
                also=labelled((left, right), span),
            )
        )
    shape = left_shape[:-1] + right_shape[1:]
    expr = typed.MatMul(
        type=with_shape(common, shape),
        span=span,
        left=meet(body, left, common),
        right=meet(body, right, common),
    )
    return Operand(expr, weak)


def _shape(body: Body, operand: Operand, name: str) -> Shape:
    """The shape of an array."""
    if not isinstance(operand.type, ArrayType):
        raise body.error(
            WrongOperand(
                span=operand.span,
                operation=name,
                expected="vectors and matrices",
                found=str(operand.type),
                advice="use `*` with a scalar",
            )
        )
    return operand.type.shape
