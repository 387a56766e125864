"""Shapes that must agree: proved, refused, or checked at run time."""

from collections.abc import Iterable, Sequence

from dpc.dsl import typed
from dpc.dsl.check.context import Body, Operand, is_nonnegative
from dpc.dsl.errors.shapes import NegativeExtent, ShapeMismatch
from dpc.dsl.shapes import ONE, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import ArrayType, ScalarType, shape_of

Shape = tuple[Poly, ...]


def shape_text(shape: Shape) -> str:
    """`[n, d]`; a scalar's is `[]`."""
    return f"[{', '.join(str(e) for e in shape)}]"


def differ(left: Poly, right: Poly) -> bool:
    """Certainly different, whatever the dimensions are."""
    difference = (left - right).value
    return difference is not None and difference != 0


def require_equal(body: Body, left: Poly, right: Poly, span: Span, what: str) -> bool:
    """Make sure two extents are equal, by a check at run time if need be; False if they differ."""
    if left == right:
        return True
    if differ(left, right):
        return False
    pair = (min(left, right), max(left, right))
    if any(pair in block.equal for block in body.blocks):
        return True
    body.use(left, span, what)
    body.use(right, span, what)
    body.blocks[-1].equal.add(pair)
    body.emit(typed.ShapeCheck(span=span, left=left, right=right, what=what))
    return True


def labelled(operands: Iterable[Operand], span: Span) -> tuple[tuple[Span, str], ...]:
    """The type of each array beside it, for a message about all of them at `span`."""
    found: dict[Span, str] = {}
    for operand in operands:
        if isinstance(operand.type, ArrayType) and operand.span != span:
            found.setdefault(operand.span, f"this is `{operand.type}`")
    return tuple(sorted(found.items(), key=lambda item: item[0].start))


def require_shape(
    body: Body,
    expected: Shape,
    found: Shape,
    span: Span,
    what: str,
    operands: Iterable[Operand] = (),
) -> None:
    """Two shapes of one rank are the same; `operands`: the values that have them."""
    for axis, (left, right) in enumerate(zip(expected, found, strict=True)):
        if not require_equal(body, left, right, span, f"axis {axis} of {what}"):
            raise body.error(
                ShapeMismatch(
                    span=span,
                    what=what,
                    left=shape_text(expected),
                    right=shape_text(found),
                    equation=f"{left} == {right}",
                    also=labelled(operands, span),
                )
            )


def broadcast(body: Body, operands: Sequence[Operand], span: Span, what: str) -> Shape:
    """The common shape of operands, by NumPy's rules; only the constant extent 1 stretches."""
    result: Shape = ()
    so_far = ""
    for operand in operands:
        assert isinstance(operand.type, (ScalarType, ArrayType))
        shape = shape_of(operand.type)
        result = _broadcast_two(body, result, shape, span, what, (so_far, operand.text), operands)
        if shape:
            so_far = operand.text
    return result


def _broadcast_two(
    body: Body,
    left: Shape,
    right: Shape,
    span: Span,
    what: str,
    names: tuple[str, str],
    operands: Sequence[Operand],
) -> Shape:
    rank = max(len(left), len(right))
    padded_left = (ONE,) * (rank - len(left)) + left
    padded_right = (ONE,) * (rank - len(right)) + right
    merged: list[Poly] = []
    for axis, (a, b) in enumerate(zip(padded_left, padded_right, strict=True)):
        if a == ONE or b == ONE:
            merged.append(b if a == ONE else a)
            continue
        note = f"axis {axis - rank} of `{names[0]}` and `{names[1]}`"
        if not require_equal(body, a, b, span, note):
            raise body.error(
                ShapeMismatch(
                    span=span,
                    what=what,
                    left=shape_text(left),
                    right=shape_text(right),
                    equation=f"{a} == {b}",
                    advice="" if len(left) == len(right) else _advice(left, right),
                    also=labelled(operands, span),
                )
            )
        merged.append(a)
    return tuple(merged)


def _advice(left: Shape, right: Shape) -> str:
    longer, shorter = (left, right) if len(left) > len(right) else (right, left)
    if longer[: len(shorter)] == shorter:
        return "shapes align at the right; `[:, None]` adds an axis"
    return ""


def new_extent(body: Body, value: Operand) -> Poly:
    """The extent of a new array: an integer that is checked to be at least 0."""
    poly = body.bind(value)
    return nonnegative(body, poly, value.span)


def nonnegative(body: Body, poly: Poly, span: Span) -> Poly:
    """The extent, checked at run time to be at least 0 unless that is certain."""
    if is_nonnegative(poly):
        return poly
    if poly.value is not None:
        raise body.error(NegativeExtent(span=span, extent=str(poly)))
    local = body.fresh(str(poly))
    body.emit(typed.BindExtent(span=span, key=local.key, value=body.extent(poly, span)))
    return poly
