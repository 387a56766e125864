"""Calls that make arrays: zeros, full, arange and their like; `len`."""

import dataclasses

from dpc.dsl import ast, typed
from dpc.dsl.builtins import Builtin
from dpc.dsl.check.arguments import match_arguments
from dpc.dsl.check.broadcast import new_extent
from dpc.dsl.check.comprehensions import integer, range_bounds
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import constant, convert, element, value_of
from dpc.dsl.check.indexing import range_count
from dpc.dsl.check.operators import binary
from dpc.dsl.check.rearranging import index_variable
from dpc.dsl.errors.types import WrongArguments, WrongOperand
from dpc.dsl.habits import TYPES
from dpc.dsl.shapes import Poly
from dpc.dsl.source import Span
from dpc.dsl.types import (
    BOOL,
    I64,
    SCALARS,
    ArrayType,
    RecordType,
    ScalarType,
    TupleType,
)


def _shape(body: Body, nodes: tuple[ast.Expr, ...], node: ast.Call) -> tuple[Poly, ...]:
    """The extents given as integers, or as one tuple of integers."""
    operands = body.operands(nodes)
    if len(operands) == 1 and isinstance(operands[0].type, TupleType):
        operands = list(operands[0].items)
    if not operands:
        raise body.error(WrongArguments(span=node.span, problem="a shape is missing"))
    if len(nodes) == 1 and isinstance(nodes[0], ast.ListDisplay):
        inside = ", ".join(item.span.text for item in nodes[0].items)
        problem = f"`{node.callee.span.text}` takes extents without brackets: `{inside}`"
        raise body.error(WrongArguments(span=nodes[0].span, problem=problem))
    return tuple(new_extent(body, integer(body, o, "an extent")) for o in operands)


def _dtype(body: Body, builtin: Builtin, node: ast.Call) -> ScalarType:
    for keyword in node.keywords:
        name = keyword.value.name if isinstance(keyword.value, ast.Name) else ""
        if keyword.name != "dtype" or name not in (*SCALARS, "real"):
            habit = TYPES.get(keyword.value.span.text.strip("\"'").rpartition(".")[2])
            hint = f"; did you mean `{habit.here}`?" if habit is not None and habit.here else ""
            raise body.error(
                WrongArguments(
                    span=keyword.span,
                    problem=f"`{builtin.name}` takes the keyword `dtype=`, a scalar type{hint}",
                    signature=builtin.signature,
                )
            )
        return SCALARS.get(name, body.real)
    return body.real


def _unit(name: str, type_: ScalarType, span: Span) -> typed.Constant:
    one = name.startswith("ones")
    value: bool | int | float = int(one)
    if type_ == BOOL:
        value = one
    elif type_.is_float:
        value = float(one)
    return constant(value, type_, span)


def _zeros(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    dtype = _dtype(body, builtin, node)
    type_ = ArrayType(dtype, _shape(body, node.arguments, node))
    value = _unit(builtin.name, dtype, node.span)
    return Operand(typed.Fill(type=type_, span=node.span, value=value))


def _full(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    given = match_arguments(body, node, ("shape", "v"), set(), builtin.signature)
    shape = _shape(body, (given["shape"],), node)
    value = body.operand(given["v"])
    if not isinstance(value.type, ScalarType):
        raise body.error(
            WrongOperand(
                span=value.span, operation="full", expected="a scalar", found=str(value.type)
            )
        )
    type_ = ArrayType(value.type, shape)
    return Operand(typed.Fill(type=type_, span=node.span, value=value.expr), value.weak)


def _like(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    given = match_arguments(body, node, ("x",), set(), builtin.signature)
    operand = body.operand(given["x"])
    type_ = value_of(body, operand, builtin.name)
    value = _unit(builtin.name, element(operand), node.span)
    if isinstance(type_, ScalarType):
        return Operand(value)
    return Operand(typed.Fill(type=type_, span=node.span, value=value))


def _length(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    given = match_arguments(body, node, ("x",), set(), builtin.signature)
    operand = body.operand(given["x"])
    shape = operand.type.shape if isinstance(operand.type, (ArrayType, RecordType)) else ()
    if not shape:
        raise body.error(
            WrongOperand(
                span=operand.span, operation="len", expected="an array", found=str(operand.type)
            )
        )
    poly = shape[0]
    return Operand(body.extent(poly, node.span), poly=poly)


def upto(body: Body, variable: typed.Variable, extent: Poly, span: Span) -> typed.ForRange:
    """`for variable in range(extent)`."""
    zero, one = constant(0, I64, span), constant(1, I64, span)
    return typed.ForRange(variable, typed.Range(zero, body.extent(extent, span), one))


def _arange(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    start, stop, step = range_bounds(body, node)
    extent = range_count(body, start, stop, step, node.span)
    variable, read = index_variable(body, "i", node.span)
    made = typed.Comprehension(
        type=ArrayType(I64, (extent,)),
        span=node.span,
        element=read,
        clauses=(typed.ForRange(variable, typed.Range(start.expr, stop.expr, step.expr)),),
    )
    return Operand(made)


def _linspace(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """Points start + i * ((stop - start) / (n - 1)), both ends exact."""
    given = match_arguments(body, node, ("start", "stop", "n"), set(), builtin.signature)
    span = node.span
    extent = new_extent(body, integer(body, body.operand(given["n"]), "`n`"))
    first, last = (_end(body, o) for o in body.operands((given["start"], given["stop"])))
    variable, read = index_variable(body, "i", span)
    one = Operand(constant(1, I64, span), True)
    gaps = binary(body, "sub", Operand(body.extent(extent, span)), one, span, "-")
    step = binary(body, "div", binary(body, "sub", last, first, span, "-"), gaps, span, "/")
    offset = binary(body, "mul", Operand(read), step, span, "*")
    point = binary(body, "add", first, offset, span, "+")
    result = element(point)
    value = _unless(read, gaps.expr, convert(last.expr, result), point.expr)
    value = _unless(read, constant(0, I64, span), convert(first.expr, result), value)
    made = typed.Comprehension(
        type=ArrayType(result, (extent,)),
        span=span,
        element=value,
        clauses=(upto(body, variable, extent, span),),
    )
    return Operand(made, point.weak)


def _unless(
    i: typed.Expr, position: typed.Expr, there: typed.Expr, else_: typed.Expr
) -> typed.Expr:
    """`there if i == position else else_`."""
    test = typed.Elementwise(type=BOOL, span=i.span, name="eq", operands=(i, position))
    return typed.Conditional(
        type=else_.type, span=i.span, condition=test, then=there, otherwise=else_
    )


def _end(body: Body, end: Operand) -> Operand:
    """An end of a linspace: a scalar, computed once."""
    if isinstance(end.type, ScalarType):
        return dataclasses.replace(end, expr=_pinned(body, end.expr))
    raise body.error(
        WrongOperand(span=end.span, operation="linspace", expected="scalars", found=str(end.type))
    )


def _pinned(body: Body, expr: typed.Expr) -> typed.Expr:
    return expr if isinstance(expr, (typed.Constant, typed.Read)) else body.temporary(expr)


MAKING = {
    "zeros": _zeros,
    "full": _full,
    "like": _like,
    "length": _length,
    "arange": _arange,
    "linspace": _linspace,
}

__all__ = ["MAKING", "upto"]
