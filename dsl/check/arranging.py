"""Calls that put arrays together or their elements in other places: concat, reshape, roll, ..."""

from dpc.dsl import ast, typed
from dpc.dsl.builtins import Builtin
from dpc.dsl.check.arguments import match_arguments
from dpc.dsl.check.axes import constant_axes, constant_axis, keyword_only
from dpc.dsl.check.broadcast import (
    Shape,
    new_extent,
    require_equal,
    require_shape,
    shape_text,
)
from dpc.dsl.check.comprehensions import integer
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import constant, elementwise, join, meet
from dpc.dsl.check.names import transpose
from dpc.dsl.check.rearranging import (
    Indices,
    array_type,
    assembly,
    flat,
    permuted,
    piece,
    plus,
    replaced,
    reshaped,
    size_of,
    view,
)
from dpc.dsl.errors.shapes import ShapeMismatch, WrongRank, axes_text
from dpc.dsl.errors.types import WrongArguments
from dpc.dsl.shapes import ONE, ZERO, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import BOOL, I64, ArrayType, ScalarType, TupleType


def _several(body: Body, builtin: Builtin, node: ast.Call) -> tuple[list[Operand], ast.Expr | None]:
    """Any number of values (or one tuple of them), and `axis=`."""
    axis: ast.Expr | None = None
    for keyword in node.keywords:
        if keyword.name != "axis" or axis is not None:
            raise body.error(
                WrongArguments(
                    span=keyword.span,
                    problem=f"`{builtin.name}` takes arrays and the keyword `axis=`",
                    signature=builtin.signature,
                )
            )
        axis = keyword.value
    if len(node.arguments) == 1 and isinstance(node.arguments[0], ast.ListDisplay):
        raise body.error(
            WrongArguments(
                span=node.arguments[0].span,
                problem=f"`{builtin.name}` takes its arrays one by one, without brackets",
                signature=builtin.signature,
            )
        )
    operands = body.operands(node.arguments)
    if len(operands) == 1 and operands[0].items:
        operands = list(operands[0].items)
    if not operands:
        raise body.error(
            WrongArguments(
                span=node.span,
                problem=f"`{builtin.name}` needs at least one array",
                signature=builtin.signature,
            )
        )
    return operands, axis


def _concat(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    operands, axis_node = _several(body, builtin, node)
    types = [array_type(body, operand, builtin.name) for operand in operands]
    first, span = types[0], node.span
    axis = 0 if axis_node is None else constant_axis(body, axis_node, first.rank, str(first))
    for operand, type_ in zip(operands, types):
        with body.because(operands[0].span, f"the first is `{first}`"):
            _fits_beside(body, operand, type_, first, axis)
    common, weak = join(body, operands, span)
    pieces: list[typed.Piece] = []
    offset = ZERO
    for operand, type_ in zip(operands, types):
        start = offset

        def locate(i: Indices, start: Poly = start) -> Indices:
            return replaced(i, axis, plus(body, i[axis], start, span))

        pieces.append(piece(body, meet(body, operand, common), locate, span))
        offset = offset + type_.shape[axis]
    shape = (*first.shape[:axis], offset, *first.shape[axis + 1 :])
    return assembly(ArrayType(common, shape), pieces, span, weak)


def _fits_beside(
    body: Body, operand: Operand, type_: ArrayType, first: ArrayType, axis: int
) -> None:
    if type_.rank != first.rank:
        raise body.error(
            WrongRank(
                span=operand.span,
                what="the argument of `concat`",
                found=str(type_),
                expected=f"{axes_text(first.rank)}, as the first has",
            )
        )
    pairs = zip(first.shape, type_.shape)
    expected = tuple(right if k == axis else left for k, (left, right) in enumerate(pairs))
    require_shape(body, expected, type_.shape, operand.span, "`concat`")


def _stack(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    operands, axis_node = _several(body, builtin, node)
    common, weak = join(body, operands, node.span) if _scalars(operands) else (None, False)
    count, span = Poly.constant(len(operands)), node.span
    if common is not None:
        if axis_node is not None:
            constant_axis(body, axis_node, 1, f"{common}[{count}]")
        elements = tuple(meet(body, operand, common) for operand in operands)
        type_ = ArrayType(common, (count,))
        return Operand(typed.ArrayLiteral(type=type_, span=span, elements=elements), weak)
    types = [array_type(body, operand, builtin.name) for operand in operands]
    first = types[0]
    text = f"the result, which has {first.rank + 1} axes"
    axis = 0 if axis_node is None else constant_axis(body, axis_node, first.rank + 1, text)
    for operand, type_ in zip(operands, types):
        with body.because(operands[0].span, f"the first is `{first}`"):
            if type_.rank != first.rank:
                raise _other_shape(body, operand, first)
            require_shape(body, first.shape, type_.shape, operand.span, "`stack`")
    element, weak = join(body, operands, span)
    pieces = []
    for position, operand in enumerate(operands):
        place = constant(position, I64, span)

        def locate(i: Indices, place: typed.Expr = place) -> Indices:
            return (*i[:axis], place, *i[axis:])

        pieces.append(piece(body, meet(body, operand, element), locate, span))
    shape = (*first.shape[:axis], count, *first.shape[axis:])
    return assembly(ArrayType(element, shape), pieces, span, weak)


def _scalars(operands: list[Operand]) -> bool:
    return all(isinstance(operand.type, ScalarType) for operand in operands)


def _other_shape(body: Body, operand: Operand, first: ArrayType) -> Exception:
    return body.error(
        WrongRank(
            span=operand.span,
            what="the argument of `stack`",
            found=str(operand.type),
            expected=f"the shape of the first, {shape_text(first.shape)}",
        )
    )


# --- shapes ---------------------------------------------------------------------------------


def integers(body: Body, node: ast.Expr, what: str) -> list[Operand]:
    """An integer or a tuple of integers."""
    operand = body.operand(node)
    found = list(operand.items) if isinstance(operand.type, TupleType) else [operand]
    return [integer(body, item, what) for item in found]


def _reshape(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    given = match_arguments(body, node, ("x", "shape"), set(), builtin.signature)
    operand = body.operand(given["x"])
    type_ = array_type(body, operand, builtin.name)
    wanted = integers(body, given["shape"], "an extent")
    free = [k for k, o in enumerate(wanted) if _is_minus_one(o)]
    if len(free) > 1 or not wanted:
        raise body.error(
            WrongArguments(
                span=given["shape"].span,
                problem="one extent of a shape may be -1, and a shape has at least one",
                signature=builtin.signature,
            )
        )
    known = [ONE if k in free else new_extent(body, o) for k, o in enumerate(wanted)]
    total = size_of(type_.shape)
    if free:
        known[free[0]] = _quotient(body, total, size_of(tuple(known)), node.span)
    shape = tuple(known)
    _same_size(body, type_.shape, shape, node.span)
    return reshaped(body, operand, shape, node.span)


def _is_minus_one(operand: Operand) -> bool:
    return isinstance(operand.expr, typed.Constant) and operand.expr.value == -1


def _quotient(body: Body, total: Poly, known: Poly, span: Span) -> Poly:
    """`total / known`, as a polynomial where it is one."""
    if known.value is not None and known.value > 0:
        return total // known.value
    exact = _divided(total, known)
    if exact is not None:
        return exact
    parts = (body.extent(total, span), body.extent(known, span))
    return body.bind(Operand(elementwise(body, "floordiv", parts, I64, span)))


def _divided(total: Poly, divisor: Poly) -> Poly | None:
    """The polynomial times `divisor` that is `total`, for a divisor of one term."""
    if len(divisor.terms) != 1:
        return None
    ((factors, scale),) = divisor.terms
    terms = []
    for monomial, coefficient in total.terms:
        left = list(monomial)
        for atom in factors:
            if atom not in left:
                return None
            left.remove(atom)
        if coefficient % scale:
            return None
        terms.append((tuple(left), coefficient // scale))
    return Poly(tuple(terms))


def _same_size(body: Body, found: Shape, wanted: Shape, span: Span) -> None:
    left, right = size_of(found), size_of(wanted)
    if not require_equal(body, left, right, span, "the number of elements of `reshape`"):
        raise body.error(
            ShapeMismatch(
                span=span,
                what="`reshape` to another number of elements",
                left=shape_text(found),
                right=shape_text(wanted),
                equation=f"{left} == {right}",
            )
        )


def _transpose(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    given = match_arguments(body, node, ("a", "axes"), {"axes"}, builtin.signature)
    operand = body.operand(given["a"])
    if "axes" not in given:
        return transpose(body, operand, node.span)
    type_ = array_type(body, operand, builtin.name)
    axes = constant_axes(body, given["axes"], type_.rank, str(type_))
    if len(axes) != type_.rank:
        raise body.error(
            WrongArguments(
                span=given["axes"].span,
                problem=f"`axes` names each of the {type_.rank} axes of `{type_}` once",
                signature=builtin.signature,
            )
        )
    return permuted(body, operand, axes, node.span)


# --- order ----------------------------------------------------------------------------------


def _flip(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    keyword_only(body, builtin, node, 1)
    given = match_arguments(body, node, ("x", "axis"), {"axis"}, builtin.signature)
    operand, span = body.operand(given["x"]), node.span
    type_ = array_type(body, operand, builtin.name)
    axes = tuple(range(type_.rank))
    if "axis" in given:
        axes = constant_axes(body, given["axis"], type_.rank, str(type_))

    def locate(indices: Indices) -> Indices:
        for axis in axes:
            last = body.extent(type_.shape[axis] - ONE, span)
            mirrored = elementwise(body, "sub", (last, indices[axis]), I64, span)
            indices = replaced(indices, axis, mirrored)
        return indices

    return view(body, operand, type_.shape, locate, span)


def _roll(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """Element i comes from i - shift, both modulo the extent (a shift in 0 .. extent - 1)."""
    keyword_only(body, builtin, node, 2)
    given = match_arguments(body, node, ("x", "shift", "axis"), {"axis"}, builtin.signature)
    operand, shift = body.operands((given["x"], given["shift"]))
    type_, span = array_type(body, operand, builtin.name), node.span
    shift = integer(body, shift, "`shift`")
    if "axis" not in given and type_.rank > 1:
        rolled = _rolled(body, flat(body, operand, span), shift, 0, span)
        return reshaped(body, rolled, type_.shape, span)
    axis = constant_axis(body, given["axis"], type_.rank, str(type_)) if "axis" in given else 0
    return _rolled(body, operand, shift, axis, span)


def _rolled(body: Body, operand: Operand, shift: Operand, axis: int, span: Span) -> Operand:
    assert isinstance(operand.type, ArrayType)
    extent = operand.type.shape[axis]
    size = body.extent(extent, span)
    divisor = elementwise(body, "max", (size, constant(1, I64, span)), I64, span)
    offset = body.temporary(elementwise(body, "mod", (shift.expr, divisor), I64, span))

    def locate(i: Indices) -> Indices:
        plain = elementwise(body, "sub", (i[axis], offset), I64, span)
        wrapped = elementwise(body, "add", (plain, size), I64, span)
        early = elementwise(body, "lt", (i[axis], offset), BOOL, span)
        source = typed.Elementwise(
            type=I64, span=span, name="where", operands=(early, wrapped, plain)
        )
        return replaced(i, axis, source)

    return view(body, operand, operand.type.shape, locate, span)


ARRANGING = {
    "concat": _concat,
    "stack": _stack,
    "reshape": _reshape,
    "transpose": _transpose,
    "flip": _flip,
    "roll": _roll,
}
