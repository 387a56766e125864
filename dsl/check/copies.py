"""Calls that copy elements: repeat, tile, pad."""

from dpc.dsl import ast
from dpc.dsl.builtins import Builtin
from dpc.dsl.check.arguments import match_arguments
from dpc.dsl.check.arranging import integers
from dpc.dsl.check.axes import constant_axis, keyword_only
from dpc.dsl.check.broadcast import new_extent
from dpc.dsl.check.comprehensions import integer
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import coerce, constant
from dpc.dsl.check.rearranging import (
    Indices,
    array_type,
    assembly,
    flat,
    linear,
    piece,
    plus,
    view,
)
from dpc.dsl.errors.shapes import WrongRank
from dpc.dsl.errors.types import WrongArguments
from dpc.dsl.shapes import ONE, Poly
from dpc.dsl.types import BOOL, I64, ArrayType, ScalarType


def _repeat(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    keyword_only(body, builtin, node, 2)
    given = match_arguments(body, node, ("x", "n", "axis"), {"axis"}, builtin.signature)
    operand, times_operand = body.operands((given["x"], given["n"]))
    type_, span = array_type(body, operand, builtin.name), node.span
    count = new_extent(body, integer(body, times_operand, "`n`"))
    if "axis" in given:
        axis = constant_axis(body, given["axis"], type_.rank, str(type_))
    else:
        operand, axis = flat(body, operand, span), 0
        type_ = array_type(body, operand, builtin.name)
    shape = type_.shape
    wide = view(
        body, operand, (*shape[: axis + 1], count, *shape[axis + 1 :]),
        lambda i: (*i[: axis + 1], *i[axis + 2 :]), span, repeats=True,
    )  # fmt: skip

    def locate(i: Indices) -> Indices:
        place = linear(body, i[axis : axis + 2], (shape[axis], count), span)
        return (*i[:axis], place, *i[axis + 2 :])

    result = ArrayType(type_.element, (*shape[:axis], shape[axis] * count, *shape[axis + 1 :]))
    return assembly(result, (piece(body, wide.expr, locate, span),), span, operand.weak)


def _tile(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """Copies side by side: copy r of element i is at r * extent + i, on each axis."""
    given = match_arguments(body, node, ("x", "n"), set(), builtin.signature)
    operand, span = body.operand(given["x"]), node.span
    type_ = array_type(body, operand, builtin.name)
    counts = [new_extent(body, o) for o in integers(body, given["n"], "`n`")]
    rank = max(len(counts), type_.rank)
    counts = [ONE] * (rank - len(counts)) + counts
    shape = (ONE,) * (rank - type_.rank) + type_.shape
    own = [2 * axis + 1 for axis in range(rank - type_.rank, rank)]
    both = tuple(e for pair in zip(counts, shape) for e in pair)
    wide = view(body, operand, both, lambda i: [i[k] for k in own], span, repeats=True)

    def locate(i: Indices) -> Indices:
        return [linear(body, i[2 * k : 2 * k + 2], both[2 * k : 2 * k + 2], span)
                for k in range(rank)]  # fmt: skip

    result = ArrayType(type_.element, tuple(c * e for c, e in zip(counts, shape)))
    return assembly(result, (piece(body, wide.expr, locate, span),), span, operand.weak)


def _pad(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    given = match_arguments(body, node, ("x", "width", "v"), {"v"}, builtin.signature)
    operand, span = body.operand(given["x"]), node.span
    type_ = array_type(body, operand, builtin.name)
    widths = _widths(body, builtin, given["width"], type_.rank)
    value = Operand(constant(0, I64, span), True)
    if "v" in given:
        value = body.operand(given["v"])
        if not isinstance(value.type, ScalarType):
            raise body.error(
                WrongRank(
                    span=value.span, what="`v` of `pad`", found=str(value.type), expected="a scalar"
                )
            )
    elif type_.element == BOOL:
        value = Operand(constant(False, BOOL, span))
    background = coerce(body, value, type_.element, "`v` of `pad`")

    def locate(i: Indices) -> Indices:
        return [plus(body, index, before, span) for index, (before, _) in zip(i, widths)]

    shape = tuple(before + e + after for e, (before, after) in zip(type_.shape, widths))
    made = piece(body, operand.expr, locate, span)
    return assembly(ArrayType(type_.element, shape), (made,), span, False, background)


def _widths(body: Body, builtin: Builtin, node: ast.Expr, rank: int) -> list[tuple[Poly, Poly]]:
    """`w`, `(before, after)` for every axis, or one such pair for each axis."""
    nested = isinstance(node, ast.TupleDisplay) and any(
        isinstance(item, ast.TupleDisplay) for item in node.items
    )
    nodes = node.items if nested and isinstance(node, ast.TupleDisplay) else (node,) * rank
    pairs: list[tuple[Poly, Poly]] = []
    for item in nodes:
        extents = [new_extent(body, o) for o in integers(body, item, "`width`")]
        if len(extents) > 2 or not extents or len(nodes) != rank:
            raise body.error(
                WrongArguments(
                    span=node.span,
                    problem="`width` is w, (before, after), or one such pair for each axis",
                    signature=builtin.signature,
                )
            )
        pairs.append((extents[0], extents[-1]))
    return pairs


COPIES = {"repeat": _repeat, "tile": _tile, "pad": _pad}
