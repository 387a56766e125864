"""Calls of products of arrays: kron, cross."""

from dpc.dsl import ast
from dpc.dsl.builtins import Builtin
from dpc.dsl.check.arguments import match_arguments
from dpc.dsl.check.broadcast import Shape, require_equal, shape_text
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import constant, elementwise
from dpc.dsl.check.operators import binary
from dpc.dsl.check.rearranging import (
    Indices,
    array_type,
    assembly,
    linear,
    once,
    piece,
    plus,
    replaced,
    view,
)
from dpc.dsl.errors.shapes import ShapeMismatch
from dpc.dsl.shapes import ONE, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import I64, ArrayType

THREE = Poly.constant(3)


def _kron(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """The element at i * extent of b + j, on each axis, is a[i] * b[j]."""
    given = match_arguments(body, node, ("a", "b"), set(), builtin.signature)
    operands, span = body.operands((given["a"], given["b"])), node.span
    shapes = [array_type(body, operand, builtin.name).shape for operand in operands]
    rank = max(len(shape) for shape in shapes)
    left, right = ((ONE,) * (rank - len(shape)) + shape for shape in shapes)
    both = tuple(extent for pair in zip(left, right) for extent in pair)
    wide = [
        _spread(body, operand, both, rank - len(shape), side, span)
        for side, (operand, shape) in enumerate(zip(operands, shapes))
    ]
    product = binary(body, "mul", wide[0], wide[1], span, "kron")

    def locate(i: Indices) -> Indices:
        pairs = [slice(2 * axis, 2 * axis + 2) for axis in range(rank)]
        return [linear(body, i[pair], both[pair], span) for pair in pairs]

    assert isinstance(product.type, ArrayType)
    type_ = ArrayType(product.type.element, tuple(m * n for m, n in zip(left, right)))
    made = piece(body, product.expr, locate, span)
    return assembly(type_, (made,), span, product.weak)


def _spread(
    body: Body, operand: Operand, both: Shape, missing: int, side: int, span: Span
) -> Operand:
    """An operand of kron over the axes of both: its own are every other one."""
    return view(body, operand, both, lambda i: i[2 * missing + side :: 2], span, repeats=True)


def _cross(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """Element k is a[k + 1] * b[k + 2] - a[k + 2] * b[k + 1], indices modulo 3."""
    given = match_arguments(body, node, ("a", "b"), set(), builtin.signature)
    span = node.span
    left, right = (once(body, o) for o in body.operands((given["a"], given["b"])))
    for operand in (left, right):
        shape = array_type(body, operand, builtin.name).shape
        if not require_equal(body, shape[-1], THREE, span, "the last axis of `cross`'s argument"):
            raise body.error(
                ShapeMismatch(
                    span=operand.span,
                    what="`cross` of vectors that do not have 3 elements",
                    left=shape_text(shape),
                    right=shape_text((*shape[:-1], THREE)),
                    equation=f"{shape[-1]} == 3",
                )
            )
    first, second = (
        binary(
            body, "mul", _turned(body, left, k, span), _turned(body, right, 3 - k, span), span, "*"
        )
        for k in (1, 2)
    )
    return binary(body, "sub", first, second, span, "cross")


def _turned(body: Body, operand: Operand, amount: int, span: Span) -> Operand:
    """Element k of the last axis is element k + amount, modulo 3."""
    assert isinstance(operand.type, ArrayType)
    last = operand.type.rank - 1

    def locate(i: Indices) -> Indices:
        moved = plus(body, i[last], Poly.constant(amount), span)
        wrapped = elementwise(body, "mod", (moved, constant(3, I64, span)), I64, span)
        return replaced(i, last, wrapped)

    return view(body, operand, (*operand.type.shape[:-1], THREE), locate, span)


PRODUCTS = {"kron": _kron, "cross": _cross}
