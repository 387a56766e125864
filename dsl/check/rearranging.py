"""Building of views and assemblies: elements of an array in other places."""

from collections.abc import Callable, Iterable, Sequence
from math import prod

from dpc.dsl import typed
from dpc.dsl.check.broadcast import Shape
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import elementwise
from dpc.dsl.errors.types import WrongOperand
from dpc.dsl.shapes import ONE, ZERO, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import I64, ArrayType

Indices = Sequence[typed.Expr]
Locate = Callable[[Indices], Indices]


def array_type(body: Body, operand: Operand, operation: str) -> ArrayType:
    """The type of an operand that must be an array."""
    if isinstance(operand.type, ArrayType):
        return operand.type
    raise body.error(
        WrongOperand(
            span=operand.span, operation=operation, expected="an array", found=str(operand.type)
        )
    )


def once(body: Body, operand: Operand) -> Operand:
    """The operand, computed once however often it is read."""
    if isinstance(operand.expr, (typed.Read, typed.Constant, typed.Extent)):
        return operand
    return Operand(body.temporary(operand.expr), operand.weak, operand.poly)


def index_variable(body: Body, name: str, span: Span) -> tuple[typed.Variable, typed.Expr]:
    """A fresh index variable of a comprehension, and reading it."""
    variable = typed.Variable(name, I64, span)
    return variable, typed.Read(type=I64, span=span, variable=variable)


def _variables(
    body: Body, rank: int, span: Span
) -> tuple[tuple[typed.Variable, ...], tuple[typed.Expr, ...]]:
    pairs = [index_variable(body, f"i{axis}", span) for axis in range(rank)]
    return tuple(v for v, _ in pairs), tuple(r for _, r in pairs)


def view(
    body: Body, operand: Operand, shape: Shape, locate: Locate, span: Span, repeats: bool = False
) -> Operand:
    """The array of that shape whose element at i is the operand's at `locate(i)`."""
    assert isinstance(operand.type, ArrayType)
    variables, reads = _variables(body, len(shape), span)
    made = typed.View(
        type=ArrayType(operand.type.element, shape),
        span=span,
        operand=operand.expr,
        variables=variables,
        indices=tuple(locate(reads)),
        repeats=repeats,
    )
    return Operand(made, operand.weak)


def piece(body: Body, value: typed.Expr, locate: Locate, span: Span) -> typed.Piece:
    """A piece whose element at i goes to `locate(i)`."""
    assert isinstance(value.type, ArrayType)
    variables, reads = _variables(body, value.type.rank, span)
    return typed.Piece(value, variables, tuple(locate(reads)))


def assembly(
    type_: ArrayType,
    pieces: Iterable[typed.Piece],
    span: Span,
    weak: bool,
    background: typed.Expr | None = None,
) -> Operand:
    """An array made of pieces."""
    made = typed.Assembly(type=type_, span=span, background=background, pieces=tuple(pieces))
    return Operand(made, weak)


# --- index arithmetic -----------------------------------------------------------------------


def plus(body: Body, index: typed.Expr, amount: Poly, span: Span) -> typed.Expr:
    """`index + amount`."""
    if amount == ZERO:
        return index
    return elementwise(body, "add", (index, body.extent(amount, span)), I64, span)


def times(body: Body, index: typed.Expr, factor: Poly, span: Span) -> typed.Expr:
    """`index * factor`."""
    if factor == ONE:
        return index
    return elementwise(body, "mul", (index, body.extent(factor, span)), I64, span)


def size_of(shape: Shape) -> Poly:
    """The number of elements."""
    return prod(shape, start=ONE)


def linear(body: Body, indices: Indices, shape: Shape, span: Span) -> typed.Expr:
    """The position of an element in row-major order."""
    terms = [
        times(body, index, size_of(shape[axis + 1 :]), span) for axis, index in enumerate(indices)
    ]
    total = terms[0]
    for term in terms[1:]:
        total = elementwise(body, "add", (total, term), I64, span)
    return total


def replaced(indices: Indices, axis: int, index: typed.Expr) -> Indices:
    """The indices with another one at an axis."""
    return (*indices[:axis], index, *indices[axis + 1 :])


# --- shapes ---------------------------------------------------------------------------------


def flat(body: Body, operand: Operand, span: Span) -> Operand:
    """The elements in row-major order, on one axis."""
    assert isinstance(operand.type, ArrayType)
    shape = operand.type.shape
    if len(shape) == 1:
        return operand
    type_ = ArrayType(operand.type.element, (size_of(shape),))
    made = piece(body, operand.expr, lambda i: (linear(body, i, shape, span),), span)
    return assembly(type_, (made,), span, operand.weak)


def reshaped(body: Body, operand: Operand, shape: Shape, span: Span) -> Operand:
    """The elements in row-major order in a shape of the same size."""
    assert isinstance(operand.type, ArrayType)
    if operand.type.shape == shape:
        return operand
    row = flat(body, operand, span)
    if len(shape) == 1:
        return row
    return view(body, row, shape, lambda i: (linear(body, i, shape, span),), span)


def permuted(body: Body, operand: Operand, axes: Sequence[int], span: Span) -> Operand:
    """Axis k of the result is axis `axes[k]` of the operand."""
    assert isinstance(operand.type, ArrayType)
    if list(axes) == sorted(axes):
        return operand
    shape = tuple(operand.type.shape[axis] for axis in axes)
    inverse = sorted(range(len(axes)), key=lambda k: axes[k])
    return view(body, operand, shape, lambda i: tuple(i[k] for k in inverse), span)
