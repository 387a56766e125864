"""Calls of built-ins that work along one axis: cumsum, sort, argmax, searchsorted and their kin."""

from dpc.dsl import ast, typed
from dpc.dsl.builtins import Builtin
from dpc.dsl.check.arguments import match_arguments
from dpc.dsl.check.axes import constant_axis, constant_flag, keyword_only
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import convert, join, meet, number, value_of
from dpc.dsl.check.making import upto
from dpc.dsl.check.rearranging import array_type, flat, index_variable, once, permuted, view
from dpc.dsl.errors.shapes import WrongRank
from dpc.dsl.errors.types import WrongArguments
from dpc.dsl.shapes import ONE, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import (
    I64,
    ArrayType,
    ScalarType,
    element_of,
    shape_of,
    with_shape,
)


def call_of(
    function: typed.Function, arguments: tuple[typed.Expr, ...], extent: Poly, span: Span
) -> typed.Expr:
    """A call of a function whose first argument has the extent n."""
    assert isinstance(function.result, (ScalarType, ArrayType))
    shape = (extent,) * len(shape_of(function.result))
    return typed.Call(
        type=with_shape(element_of(function.result), shape),
        span=span,
        function=function,
        arguments=arguments,
        dimensions={"n": extent},
    )


def along(body: Body, function: typed.Function, operand: Operand, axis: int, span: Span) -> Operand:
    """A function of one row applied to every row along an axis; rows of results stay there."""
    assert isinstance(operand.type, ArrayType)
    assert isinstance(function.result, (ScalarType, ArrayType))
    shape = operand.type.shape
    extent = shape[axis]
    if len(shape) == 1:
        return Operand(call_of(function, (operand.expr,), extent, span), operand.weak)
    operand = once(body, operand)
    outer = [index_variable(body, f"r{k}", span) for k in range(len(shape)) if k != axis]
    reads = tuple(read for _, read in outer)
    others = tuple(e for k, e in enumerate(shape) if k != axis)
    row = view(body, operand, (extent,), lambda i: (*reads[:axis], i[0], *reads[axis:]), span)
    element = call_of(function, (row.expr,), extent, span)
    rows = typed.Comprehension(
        type=ArrayType(
            element_of(function.result), (*others, *(extent for _ in shape_of(function.result)))
        ),
        span=span,
        element=element,
        clauses=tuple(upto(body, v, e, span) for (v, _), e in zip(outer, others)),
    )
    result = Operand(rows, operand.weak)
    if isinstance(function.result, ScalarType):
        return result
    last = len(shape) - 1
    order = [k if k < axis else last if k == axis else k - 1 for k in range(len(shape))]
    return permuted(body, result, order, span)


def _array_and_axis(
    body: Body, builtin: Builtin, node: ast.Call, optional: tuple[str, ...] = ("axis",)
) -> tuple[Operand, ArrayType, dict[str, ast.Expr]]:
    keyword_only(body, builtin, node, 1)
    given = match_arguments(body, node, ("x", *optional), set(optional), builtin.signature)
    operand = body.operand(given["x"])
    return operand, array_type(body, operand, builtin.name), given


def _scan(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """cumsum, cumprod: along the last axis by default; bools are counted."""
    operand, type_, given = _array_and_axis(body, builtin, node)
    name = {"cumsum": "running_sum", "cumprod": "running_product"}[builtin.name]
    axis = type_.rank - 1
    if "axis" in given:
        axis = constant_axis(body, given["axis"], type_.rank, str(type_))
    element = number(type_.element)
    operand = Operand(convert(operand.expr, element), operand.weak)
    return along(body, body.written("scans", element)[name], operand, axis, node.span)


def _sorted(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """sort, argsort: stable, NaN last, along the last axis by default."""
    operand, type_, given = _array_and_axis(body, builtin, node)
    name = {"sort": "ascending", "argsort": "ascending_order"}[builtin.name]
    axis = type_.rank - 1
    if "axis" in given:
        axis = constant_axis(body, given["axis"], type_.rank, str(type_))
    found = along(body, body.written("ordering", type_.element)[name], operand, axis, node.span)
    return found if builtin.name == "sort" else Operand(found.expr)


def _position(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """argmin, argmax: of the whole array as if it were flat, or along an axis."""
    operand, type_, given = _array_and_axis(body, builtin, node, ("axis", "keepdims"))
    name = {"argmin": "first_least", "argmax": "first_largest"}[builtin.name]
    function, span = body.written("ordering", type_.element)[name], node.span
    keepdims = "keepdims" in given and constant_flag(body, given["keepdims"], "keepdims")
    axes = tuple(range(type_.rank))
    if "axis" in given:
        axes = (constant_axis(body, given["axis"], type_.rank, str(type_)),)
    else:
        operand = flat(body, operand, span)
    axis = axes[0]
    extent = array_type(body, operand, builtin.name).shape[axis]
    body.emit(typed.NotEmpty(span=span, extent=extent, what=builtin.name))
    found = Operand(along(body, function, operand, axis, span).expr)
    if not keepdims:
        return found
    shape = tuple(ONE if k in axes else e for k, e in enumerate(type_.shape))
    if isinstance(found.type, ScalarType):
        return Operand(typed.Fill(type=ArrayType(I64, shape), span=span, value=found.expr))
    return view(body, found, shape, lambda i: (*i[:axis], *i[axis + 1 :]), span)


def _search(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """searchsorted: for each v the first position that keeps x ascending (the last for "right")."""
    given = match_arguments(body, node, ("x", "v", "side"), {"side"}, builtin.signature)
    array, wanted = (once(body, o) for o in body.operands((given["x"], given["v"])))
    type_, span = array_type(body, array, builtin.name), node.span
    if type_.rank != 1:
        raise body.error(
            WrongRank(
                span=array.span, what=f"the first argument of `{builtin.name}`",
                found=str(type_), expected="an array with one axis",
            )
        )  # fmt: skip
    found = value_of(body, wanted, builtin.name)
    common, _ = join(body, (array, wanted), span)
    function = body.written("ordering", common)[f"search_{_side(body, builtin, given)}"]
    x, v = (body.temporary(meet(body, o, common)) for o in (array, wanted))
    extent = type_.shape[0]
    if isinstance(found, ScalarType):
        return Operand(call_of(function, (x, v), extent, span))
    pairs = [index_variable(body, f"r{k}", span) for k in range(found.rank)]
    items = tuple(typed.At(read) for _, read in pairs)
    element = typed.Index(type=common, span=span, base=v, items=items)
    made = typed.Comprehension(
        type=ArrayType(I64, found.shape),
        span=span,
        element=call_of(function, (x, element), extent, span),
        clauses=tuple(upto(body, w, e, span) for (w, _), e in zip(pairs, found.shape)),
    )
    return Operand(made)


def _side(body: Body, builtin: Builtin, given: dict[str, ast.Expr]) -> str:
    if "side" not in given:
        return "left"
    node = given["side"]
    if isinstance(node, ast.Text) and node.value in ("left", "right"):
        return node.value
    raise body.error(
        WrongArguments(
            span=node.span, problem='`side` is "left" or "right"', signature=builtin.signature
        )
    )


ALONG = {
    "scan": _scan,
    "sorted": _sorted,
    "position": _position,
    "search": _search,
}
