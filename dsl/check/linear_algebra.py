"""Calls of linear algebra: matrices are square where they must be, right sides fit."""

from collections.abc import Callable

from dpc.dsl import ast, typed
from dpc.dsl.builtins import Builtin
from dpc.dsl.check.arguments import match_arguments
from dpc.dsl.check.broadcast import labelled, require_equal, shape_text
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import convert, element, elementwise, join, meet
from dpc.dsl.errors.shapes import ShapeMismatch, WrongRank
from dpc.dsl.errors.types import NotConstant
from dpc.dsl.shapes import Poly
from dpc.dsl.source import Span
from dpc.dsl.types import BOOL, F64, I64, ArrayType, TupleType, Type, shape_of


def _array(
    body: Body, builtin: Builtin, operand: Operand, name: str, ranks: tuple[int, ...]
) -> None:
    type_ = operand.type
    if not isinstance(type_, ArrayType) or type_.rank not in ranks:
        axes = " or ".join(str(rank) for rank in ranks)
        raise body.error(
            WrongRank(
                span=operand.span,
                what=f"`{name}` of `{builtin.name}`",
                found=str(type_),
                expected=f"an array with {axes} axes",
            )
        )


def _require(body: Body, left: Operand, right: Operand, axis: int, span: Span, what: str) -> None:
    """Axis 0 of the one is as long as axis `axis` of the other."""
    rows, columns = shape_of(left.type)[0], shape_of(right.type)[axis]  # type: ignore[arg-type]
    if not require_equal(body, rows, columns, span, what):
        raise body.error(
            ShapeMismatch(
                span=span,
                what=what,
                left=shape_text(shape_of(left.type)),  # type: ignore[arg-type]
                right=shape_text(shape_of(right.type)),  # type: ignore[arg-type]
                equation=f"{rows} == {columns}",
                also=labelled((left, right), span),
            )
        )


def _square(body: Body, builtin: Builtin, operand: Operand) -> None:
    _array(body, builtin, operand, "a", (2,))
    rows, columns = shape_of(operand.type)  # type: ignore[arg-type]
    note = f"the axes of `{builtin.name}`'s argument"
    if not require_equal(body, rows, columns, operand.span, note):
        raise body.error(
            ShapeMismatch(
                span=operand.span,
                what=f"`{builtin.name}` of a matrix that is not square",
                left=shape_text((rows, columns)),
                right=shape_text((rows, rows)),
                equation=f"{rows} == {columns}",
            )
        )


def _float(operand: Operand) -> Operand:
    """The operand in floats; integers widen."""
    if element(operand).is_float:
        return operand
    return Operand(convert(operand.expr, F64), weak=True)


def _option(body: Body, given: dict[str, ast.Expr], name: str, default: bool) -> bool:
    if name not in given:
        return default
    operand = body.operand(given[name])
    if not isinstance(operand.expr, typed.Constant) or operand.type != BOOL:
        raise body.error(NotConstant(span=operand.span, what=f"`{name}`"))
    return bool(operand.expr.value)


def _made(
    builtin: Builtin,
    node: ast.Call,
    type_: Type,
    operands: tuple[typed.Expr, ...],
    options: tuple[bool, ...] = (),
) -> typed.LinearAlgebra:
    return typed.LinearAlgebra(
        type=type_, span=node.span, name=builtin.name, operands=operands, options=options
    )


def _factorisation(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """A square matrix to one of its size."""
    given = match_arguments(body, node, ("a",), set(), builtin.signature)
    operand = body.operand(given["a"])
    _square(body, builtin, operand)
    value = _float(operand)
    return Operand(_made(builtin, node, value.type, (value.expr,)), value.weak)


def _determinant(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """A square matrix to a scalar."""
    given = match_arguments(body, node, ("a",), set(), builtin.signature)
    operand = body.operand(given["a"])
    _square(body, builtin, operand)
    value = _float(operand)
    return Operand(_made(builtin, node, element(value), (value.expr,)), value.weak)


def _eigh(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """A square matrix to a vector and a matrix."""
    given = match_arguments(body, node, ("a",), set(), builtin.signature)
    operand = body.operand(given["a"])
    _square(body, builtin, operand)
    value = _float(operand)
    assert isinstance(value.type, ArrayType)
    type_ = TupleType((ArrayType(value.type.element, value.type.shape[:1]), value.type))
    return Operand(_made(builtin, node, type_, (value.expr,)))


def _shorter(body: Body, rows: Poly, columns: Poly, span: Span) -> Poly:
    """The smaller of two extents: one of them where that is certain, else known at run time."""
    difference = (rows - columns).value
    if difference is not None:
        return columns if difference > 0 else rows
    sides = (body.extent(rows, span), body.extent(columns, span))
    local = body.fresh(f"min({rows}, {columns})")
    least = elementwise(body, "min", sides, I64, span)
    body.emit(typed.BindExtent(span=span, key=local.key, value=least))
    return Poly.atom(local)


def _rectangular(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """A matrix to the factors of its reduced factorisation."""
    given = match_arguments(body, node, ("a",), set(), builtin.signature)
    operand = body.operand(given["a"])
    _array(body, builtin, operand, "a", (2,))
    value = _float(operand)
    assert isinstance(value.type, ArrayType)
    element, (rows, columns) = value.type.element, value.type.shape
    least = _shorter(body, rows, columns, node.span)
    middle = ((least,),) if builtin.kind == "svd" else ()
    shapes = ((rows, least), *middle, (least, columns))
    type_ = TupleType(tuple(ArrayType(element, shape) for shape in shapes))
    return Operand(_made(builtin, node, type_, (value.expr,)))


def _solve(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    given = match_arguments(body, node, ("a", "b"), set(), builtin.signature)
    return _solution(body, builtin, node, given, ())


def _solve_triangular(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    names = ("a", "b", "lower", "trans")
    given = match_arguments(body, node, names, {"lower", "trans"}, builtin.signature)
    options = (_option(body, given, "lower", True), _option(body, given, "trans", False))
    return _solution(body, builtin, node, given, options)


def _solution(
    body: Body,
    builtin: Builtin,
    node: ast.Call,
    given: dict[str, ast.Expr],
    options: tuple[bool, ...],
) -> Operand:
    """The unknown has the shape of the right side."""
    a, b = body.operands((given["a"], given["b"]))
    _square(body, builtin, a)
    _array(body, builtin, b, "b", (1, 2))
    note = f"axis 0 of `{b.text}` and of `{a.text}`"
    _require(body, b, a, 0, node.span, note)
    a, b = _float(a), _float(b)
    common, weak = join(body, (a, b), node.span)
    left, right = meet(body, a, common), meet(body, b, common)
    return Operand(_made(builtin, node, right.type, (left, right), options), weak)


LINEAR_ALGEBRA: dict[str, Callable[[Body, Builtin, ast.Call], Operand]] = {
    "factorisation": _factorisation,
    "determinant": _determinant,
    "eigh": _eigh,
    "qr": _rectangular,
    "svd": _rectangular,
    "solve": _solve,
    "solve_triangular": _solve_triangular,
}
