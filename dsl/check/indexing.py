"""Indices and slices: elements, rows, gathered elements, new axes; constants from the end."""

from dpc.dsl import ast, typed
from dpc.dsl.check.advice import as_integer
from dpc.dsl.check.broadcast import broadcast
from dpc.dsl.check.context import Body, Operand, is_nonnegative
from dpc.dsl.check.convert import constant, convert, elementwise
from dpc.dsl.errors.shapes import ConstantOutOfBounds, TooManyIndices, ZeroStep
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.errors.types import NotConstant, WrongOperand
from dpc.dsl.shapes import ONE, ZERO, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import BOOL, I32, I64, ArrayType, ScalarType

IndexNode = ast.Expr | ast.Slice | ast.NewAxis


def constant_integer(body: Body, node: IndexNode, what: str) -> int:
    """The integer that an expression is, known at compile time."""
    if isinstance(node, ast.Expr):
        expr = body.operand(node).expr
        if isinstance(expr, typed.Constant) and isinstance(expr.value, int):
            return int(expr.value)
    raise body.error(NotConstant(span=node.span, what=what))


def index_items(
    body: Body, base: ArrayType, nodes: tuple[IndexNode, ...], span: Span
) -> tuple[tuple[typed.IndexItem, ...], tuple[Poly, ...]]:
    """The items of an index, one for each axis of the base and each new axis; and what is left of
    the shape.
    """
    nodes = _spread(body, base, nodes)
    given = sum(not isinstance(n, ast.NewAxis) for n in nodes)
    if given > base.rank:
        for node in nodes:
            if isinstance(node, ast.Name | ast.Attribute):
                body.operand(node)  # another system's name says more
        raise body.error(TooManyIndices(span=span, given=given, found=str(base), rank=base.rank))
    items: list[typed.IndexItem] = []
    axis = 0
    for node in nodes:
        if isinstance(node, ast.NewAxis):
            items.append(typed.NewAxis())
            continue
        items.append(_item(body, node, base.shape[axis], axis))
        axis += 1
    items += [whole_axis(body, extent, span) for extent in base.shape[axis:]]
    return tuple(items), _shape(body, items, span)


def _spread(body: Body, base: ArrayType, nodes: tuple[IndexNode, ...]) -> tuple[IndexNode, ...]:
    """The index with a `:` for each axis that `...` stands for."""
    dots = [k for k, node in enumerate(nodes) if isinstance(node, ast.Ellipsis)]
    if not dots:
        return nodes
    if len(dots) > 1:
        what, advice = "`...` twice in one index", "write a `:` for each axis"
        raise body.error(NotSupported(span=nodes[dots[1]].span, what=what, advice=advice))
    others = sum(not isinstance(n, ast.NewAxis | ast.Ellipsis) for n in nodes)
    whole = ast.Slice(span=nodes[dots[0]].span, start=None, stop=None, step=None)
    filling = (whole,) * max(base.rank - others, 0)
    return (*nodes[: dots[0]], *filling, *nodes[dots[0] + 1 :])


def _shape(body: Body, items: list[typed.IndexItem], span: Span) -> tuple[Poly, ...]:
    """The shape of what an index takes; its index arrays must broadcast together."""
    indices = [Operand(item.index) for item in items if isinstance(item, typed.Gather)]
    placed = typed.layout(items)
    shape: dict[int, Poly] = {}
    for item, axis in zip(items, placed.axes, strict=True):
        if isinstance(item, typed.Slice):
            shape[axis] = item.extent
        elif isinstance(item, typed.NewAxis):
            shape[axis] = ONE
        elif isinstance(item, typed.Gather) and axis not in shape:
            gathered = broadcast(body, indices, span, "the index arrays")
            shape |= {axis + k: extent for k, extent in enumerate(gathered)}
    return tuple(shape[axis] for axis in sorted(shape))


def whole_axis(body: Body, extent: Poly, span: Span) -> typed.Slice:
    """`:`."""
    return typed.Slice(constant(0, I64, span), body.extent(extent, span), 1, extent)


def _item(body: Body, node: ast.Expr | ast.Slice, extent: Poly, axis: int) -> typed.IndexItem:
    if isinstance(node, ast.Slice):
        return _slice(body, node, extent, axis)
    given = body.operand(node)
    if isinstance(given.type, ArrayType) and given.type.element in (I64, I32):
        return typed.Gather(given.expr if given.type.element == I64 else convert(given.expr, I64))
    operand = _integer(body, given)
    if isinstance(operand.expr, typed.Constant):
        index = int(operand.expr.value)
        _constant_in_bounds(body, node.span, index, extent, axis)
        if index < 0:
            return typed.At(body.extent(extent + Poly.constant(index), node.span))
    return typed.At(operand.expr)


def _constant_in_bounds(body: Body, span: Span, index: int, extent: Poly, axis: int) -> None:
    size = extent.value
    if size is not None and not -size <= index < size:
        raise body.error(
            ConstantOutOfBounds(span=span, index=str(index), axis=axis, extent=str(size))
        )


def _integer(body: Body, operand: Operand) -> Operand:
    """An index as an i64 scalar."""
    match operand.type:
        case ScalarType() as scalar if scalar == I64:
            return operand
        case ScalarType() as scalar if scalar == I32:
            return Operand(convert(operand.expr, I64))
        case ArrayType() as array if array.element == BOOL:
            raise body.error(
                NotSupported(
                    span=operand.span,
                    what="boolean masks",
                    advice="`where(mask, a, b)` chooses by element; `sum(where(mask, x, 0.0))`",
                )
            )
        case _:
            raise body.error(
                WrongOperand(
                    span=operand.span,
                    operation="[...]",
                    expected="an integer",
                    found=str(operand.type),
                    advice=as_integer(operand),
                )
            )


def _slice(body: Body, node: ast.Slice, extent: Poly, axis: int) -> typed.Slice:
    step = 1 if node.step is None else constant_integer(body, node.step, "the step of a slice")
    if step == 0:
        raise body.error(ZeroStep(span=node.span))
    size = Operand(body.extent(extent, node.span), poly=extent)
    last = _plus(body, size, -1, node.span)
    before = Operand(constant(-1, I64, node.span), poly=Poly.constant(-1))
    zero = Operand(constant(0, I64, node.span), poly=ZERO)
    first_default, end_default = (zero, size) if step > 0 else (last, before)
    start = _bound(body, node.start, extent, axis, first_default, step)
    stop = _bound(body, node.stop, extent, axis, end_default, step)
    low, high = (start, stop) if step > 0 else (stop, start)
    assert low.poly is not None
    assert high.poly is not None
    count = _count(low.poly, high.poly, abs(step))
    if count.value is not None and count.value < 0:
        raise body.error(
            ConstantOutOfBounds(span=node.span, index=node.span.text, axis=axis, extent=str(extent))
        )
    return typed.Slice(start.expr, stop.expr, step, body.use(count, node.span, "this slice"))


def _count(low: Poly, high: Poly, step: int) -> Poly:
    return (high - low + Poly.constant(step - 1)) // step


def _plus(body: Body, operand: Operand, amount: int, span: Span) -> Operand:
    assert operand.poly is not None
    poly = operand.poly + Poly.constant(amount)
    return Operand(body.extent(poly, span), poly=poly)


def _bound(
    body: Body, node: ast.Expr | None, extent: Poly, axis: int, default: Operand, step: int
) -> Operand:
    """A bound of a slice, with its symbolic value; a negative constant counts from the end."""
    if node is None:
        return default
    operand = _integer(body, body.operand(node))
    if isinstance(operand.expr, typed.Constant):
        index = int(operand.expr.value)
        size = extent.value
        highest = size if step > 0 else None if size is None else size - 1
        if size is not None and highest is not None and not -size <= index <= highest:
            raise body.error(
                ConstantOutOfBounds(span=node.span, index=str(index), axis=axis, extent=str(size))
            )
        if index < 0:
            poly = extent + Poly.constant(index)
            return Operand(body.extent(poly, node.span), poly=poly)
        return Operand(operand.expr, poly=Poly.constant(index))
    poly = body.bind(operand)
    if operand.poly is not None:
        return Operand(operand.expr, poly=poly)
    return Operand(body.extent(poly, node.span), poly=poly)


def range_count(body: Body, start: Operand, stop: Operand, step: Operand, span: Span) -> Poly:
    """How many integers a range has, as the extent of a comprehension's axis."""
    stride = step.expr.value if isinstance(step.expr, typed.Constant) else None
    if stride is None:
        raise body.error(NotConstant(span=step.span, what="the step of a comprehension's range"))
    low, high = (start, stop) if stride > 0 else (stop, start)
    size = int(abs(stride))
    if low.poly is not None and high.poly is not None:
        count = _count(low.poly, high.poly, size)
        if is_nonnegative(count):
            return body.use(count, span, "this range")
        if count.value is not None:
            return ZERO
    return _bound_count(body, low, high, size, span)


def _bound_count(body: Body, low: Operand, high: Operand, step: int, span: Span) -> Poly:
    """max(0, (high - low + step - 1) // step), computed where it stands."""
    expr = elementwise(body, "sub", (high.expr, low.expr), I64, span)
    if step > 1:
        one_less, stride = constant(step - 1, I64, span), constant(step, I64, span)
        expr = elementwise(body, "add", (expr, one_less), I64, span)
        expr = elementwise(body, "floordiv", (expr, stride), I64, span)
    count = elementwise(body, "max", (expr, constant(0, I64, span)), I64, span)
    local = body.fresh(" ".join(span.text.split()))
    body.emit(typed.BindExtent(span=span, key=local.key, value=count))
    return Poly.atom(local)
