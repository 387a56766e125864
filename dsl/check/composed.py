"""Built-ins that are written with others: outer, diag, trace, eye, tril, triu."""

import dataclasses

from dpc.dsl import ast, typed
from dpc.dsl.builtins import Builtin
from dpc.dsl.check.arguments import match_arguments
from dpc.dsl.check.broadcast import new_extent
from dpc.dsl.check.comprehensions import integer
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import constant, convert, elementwise, number
from dpc.dsl.check.indexing import index_items
from dpc.dsl.check.making import upto
from dpc.dsl.check.operators import binary
from dpc.dsl.check.rearranging import index_variable, once
from dpc.dsl.errors.shapes import WrongRank, axes_text
from dpc.dsl.shapes import Poly
from dpc.dsl.source import Span
from dpc.dsl.types import BOOL, I64, ArrayType, ScalarType


def _arrays(
    body: Body, builtin: Builtin, node: ast.Call, names: tuple[str, ...], ranks: tuple[int, ...]
) -> list[tuple[Operand, ArrayType]]:
    given = match_arguments(body, node, names, set(), builtin.signature)
    found: list[tuple[Operand, ArrayType]] = []
    for operand in body.operands(given[name] for name in names):
        if not isinstance(operand.type, ArrayType) or operand.type.rank not in ranks:
            raise body.error(
                WrongRank(
                    span=operand.span,
                    what=f"the argument of `{builtin.name}`",
                    found=str(operand.type),
                    expected=f"an array with {axes_text(*ranks)}",
                )
            )
        if isinstance(operand.expr, typed.Read):
            found.append((operand, operand.type))
        else:
            found.append((Operand(body.temporary(operand.expr)), operand.type))
    return found


def _outer(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    pairs = _arrays(body, builtin, node, ("a", "b"), (1,))
    (left, left_type), (right, _) = pairs
    column = (ast.Slice(span=node.span, start=None, stop=None, step=None),)
    items, shape = index_items(body, left_type, (*column, ast.NewAxis(span=node.span)), node.span)
    tall = typed.Index(
        type=ArrayType(left_type.element, shape), span=left.span, base=left.expr, items=items
    )
    return binary(body, "mul", Operand(tall, left.weak), right, node.span, "outer")


def _diagonal(body: Body, type_: ArrayType, span: Span) -> Poly:
    """The length of a matrix's diagonal."""
    rows, columns = type_.shape
    if rows == columns:
        return rows
    sides = (body.extent(rows, span), body.extent(columns, span))
    return new_extent(body, Operand(elementwise(body, "min", sides, I64, span)))


def _at(matrix: Operand, element: ScalarType, *indices: typed.Expr) -> typed.Expr:
    return typed.Index(
        type=element,
        span=matrix.span,
        base=matrix.expr,
        items=tuple(typed.At(i) for i in indices),
    )


def _trace(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    ((matrix, type_),) = _arrays(body, builtin, node, ("a",), (2,))
    variable, i = index_variable(body, "i", node.span)
    summed = number(type_.element)
    made = typed.ReduceGenerator(
        type=summed,
        span=node.span,
        kind="sum",
        element=convert(_at(matrix, type_.element, i, i), summed),
        clauses=(upto(body, variable, _diagonal(body, type_, node.span), node.span),),
    )
    return Operand(made, matrix.weak)


def _diag(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    ((array, type_),) = _arrays(body, builtin, node, ("x",), (1, 2))
    span, extent = node.span, type_.shape[0]
    variable, i = index_variable(body, "i", span)
    if type_.rank == 2:
        extent = _diagonal(body, type_, span)
        made = typed.Comprehension(
            type=ArrayType(type_.element, (extent,)),
            span=span,
            element=_at(array, type_.element, i, i),
            clauses=(upto(body, variable, extent, span),),
        )
        return Operand(made, array.weak)
    second, j = index_variable(body, "j", span)
    zero = _number(0, type_.element, span)
    value = _choose("eq", i, j, _at(array, type_.element, i), zero, type_.element)
    made = typed.Comprehension(
        type=ArrayType(type_.element, (extent, extent)),
        span=span,
        element=value,
        clauses=(upto(body, variable, extent, span), upto(body, second, extent, span)),
    )
    return Operand(made, array.weak)


def _number(value: int, element: ScalarType, span: Span) -> typed.Constant:
    if element.is_float:
        return constant(float(value), element, span)
    return constant(bool(value) if element == BOOL else value, element, span)


def _choose(
    comparison: str,
    i: typed.Expr,
    j: typed.Expr,
    then: typed.Expr,
    otherwise: typed.Expr,
    element: ScalarType,
) -> typed.Expr:
    test = typed.Elementwise(type=BOOL, span=i.span, name=comparison, operands=(i, j))
    return typed.Conditional(
        type=element, span=i.span, condition=test, then=then, otherwise=otherwise
    )


def _eye(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    given = match_arguments(body, node, ("n", "m"), {"m"}, builtin.signature)
    extents = [
        new_extent(body, integer(body, operand, "an extent"))
        for operand in body.operands(given.values())
    ]
    rows, columns = extents[0], extents[-1]
    span = node.span
    first, i = index_variable(body, "i", span)
    second, j = index_variable(body, "j", span)
    value = _choose("eq", i, j, _number(1, body.real, span), _number(0, body.real, span), body.real)
    made = typed.Comprehension(
        type=ArrayType(body.real, (rows, columns)),
        span=span,
        element=value,
        clauses=(upto(body, first, rows, span), upto(body, second, columns, span)),
    )
    return Operand(made)


def _triangle(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """Elements on one side of the k-th diagonal, itself included: j - i <= k or j - i >= k."""
    given = match_arguments(body, node, ("a", "k"), {"k"}, builtin.signature)
    plain = dataclasses.replace(node, arguments=(given["a"],), keywords=())
    ((matrix, type_),) = _arrays(body, builtin, plain, ("a",), (2,))
    span, element = node.span, type_.element
    first, i = index_variable(body, "i", span)
    second, j = index_variable(body, "j", span)
    if "k" in given:
        offset = once(body, integer(body, body.operand(given["k"]), "`k`"))
        i = elementwise(body, "add", (i, offset.expr), I64, span)
    comparison = "ge" if builtin.name == "tril" else "le"
    zero = _number(0, element, span)
    at = _at(matrix, element, typed.Read(type=I64, span=span, variable=first), j)
    value = _choose(comparison, i, j, at, zero, element)
    made = typed.Comprehension(
        type=type_,
        span=span,
        element=value,
        clauses=(
            upto(body, first, type_.shape[0], span),
            upto(body, second, type_.shape[1], span),
        ),
    )
    return Operand(made, matrix.weak)


COMPOSED = {
    "outer": _outer,
    "trace": _trace,
    "diag": _diag,
    "eye": _eye,
    "triangle": _triangle,
}
