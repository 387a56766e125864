"""Element types: how operands meet, what widens, how literals adapt, and building of nodes.

Floats: a literal takes the float type around it; integers and bools widen; `f64` with `f32` is an
error. What is computed from integers by `/` or a float function is weak too: `x * (i / n)` divides
in x's type.
"""

import dataclasses
from collections.abc import Iterable, Sequence

from dpc.dsl import typed
from dpc.dsl.check.advice import as_integer
from dpc.dsl.check.context import Body, Operand, known
from dpc.dsl.check.fold import NoValueError, fold, to_element
from dpc.dsl.errors.types import (
    ConstantFails,
    IntegerOverflow,
    MixedPrecision,
    TypeMismatch,
    WrongOperand,
)
from dpc.dsl.shapes import Poly
from dpc.dsl.source import Span
from dpc.dsl.types import (
    BOOL,
    F32,
    F64,
    I32,
    I64,
    ArrayType,
    ScalarType,
    Type,
    element_of,
    shape_of,
    with_shape,
)

KEPT_OPERANDS = {"where": 0, "polygamma": 0, "pow": 1}
"""Position of an operand that keeps its own type when the others adapt."""


def constant(value: bool | int | float, element: ScalarType, span: Span) -> typed.Constant:
    """A constant scalar."""
    whole = isinstance(value, int) and element == I64
    poly = Poly.constant(int(value)) if whole else None
    return typed.Constant(type=element, span=span, value=value, poly=poly)


def value_of(body: Body, operand: Operand, operation: str) -> ScalarType | ArrayType:
    """The type of an operand that must be a scalar or an array."""
    type_ = operand.type
    if isinstance(type_, (ScalarType, ArrayType)):
        return type_
    raise body.error(
        WrongOperand(
            span=operand.span,
            operation=operation,
            expected="scalars and arrays",
            found=str(type_),
        )
    )


def element(operand: Operand) -> ScalarType:
    """The scalar type of a scalar or array operand."""
    assert isinstance(operand.type, (ScalarType, ArrayType))
    return element_of(operand.type)


def join(body: Body, operands: Sequence[Operand], span: Span) -> tuple[ScalarType, bool]:
    """The element type operands meet in, and whether it is still weak; bool if all are bool."""
    strong = {element(o) for o in operands if not o.weak}
    weak = {element(o) for o in operands if o.weak}
    if F64 in strong and F32 in strong:
        left = next(o for o in operands if not o.weak and element(o).is_float)
        right = F32 if element(left) == F64 else F64
        also = {o.span: f"this is `{o.type}`" for o in operands if not o.weak and o.span != span}
        raise body.error(
            MixedPrecision(
                span=span, left=str(element(left)), right=str(right), also=tuple(also.items())
            )
        )
    for float_type in (F64, F32):
        if float_type in strong:
            return float_type, False
    if F64 in weak or F32 in weak:
        return F64, True
    for integer in (I64, I32):
        if integer in strong:
            return integer, False
    if weak - {BOOL}:
        return I64, not strong
    return BOOL, False


def number(element_type: ScalarType) -> ScalarType:
    """Bool counts as an integer."""
    return I64 if element_type == BOOL else element_type


def _retype(expr: typed.Expr, element_type: ScalarType) -> Type:
    assert isinstance(expr.type, (ScalarType, ArrayType))
    return with_shape(element_type, shape_of(expr.type))


def convert(expr: typed.Expr, element_type: ScalarType) -> typed.Expr:
    """An explicit conversion, unless the element type is that already."""
    assert isinstance(expr.type, (ScalarType, ArrayType))
    if element_of(expr.type) == element_type:
        return expr
    if isinstance(expr, typed.Constant) and element_type.is_float:
        return constant(to_element(expr.value, element_type), element_type, expr.span)
    type_ = _retype(expr, element_type)
    return typed.Convert(type=type_, span=expr.span, operand=expr)


def adapt(body: Body, expr: typed.Expr, element_type: ScalarType) -> typed.Expr:
    """A weak expression in another element type: its literals are of that type from the start."""
    assert isinstance(expr.type, (ScalarType, ArrayType))
    if element_of(expr.type) == element_type:
        return expr
    type_ = _retype(expr, element_type)
    match expr:
        case typed.Constant(value=value):
            return constant(checked(body, value, element_type, expr.span), element_type, expr.span)
        case typed.ConstantArray(values=values):
            held = tuple(checked(body, v, element_type, expr.span) for v in values)
            return dataclasses.replace(expr, type=type_, values=held)
        case typed.Conditional():
            return dataclasses.replace(
                expr,
                type=type_,
                then=adapt(body, expr.then, element_type),
                otherwise=adapt(body, expr.otherwise, element_type),
            )
        case typed.ArrayLiteral():
            made = tuple(adapt(body, e, element_type) for e in expr.elements)
            return dataclasses.replace(expr, type=type_, elements=made)
        case typed.Fill() | typed.Guarded():
            inner = adapt(body, expr.value, element_type)
            return dataclasses.replace(expr, type=type_, value=inner)
        case typed.Comprehension():
            inner = adapt(body, expr.element, element_type)
            return dataclasses.replace(expr, type=type_, element=inner)
        case typed.Convert() if element_of(expr.type).is_float:
            return convert(expr.operand, element_type)
        case typed.Elementwise() if element_of(expr.type).is_float:
            kept = KEPT_OPERANDS.get(expr.name, -1)
            operands = tuple(
                o if i == kept and not _is_float(o) else adapt(body, o, element_type)
                for i, o in enumerate(expr.operands)
            )
            return dataclasses.replace(expr, type=type_, operands=operands)
        case _:
            return convert(expr, element_type)


def _is_float(expr: typed.Expr) -> bool:
    assert isinstance(expr.type, (ScalarType, ArrayType))
    return element_of(expr.type).is_float


def checked(
    body: Body, value: bool | int | float, element_type: ScalarType, span: Span
) -> bool | int | float:
    """The constant in that type; reports one that does not fit."""
    try:
        return to_element(value, element_type)
    except NoValueError:
        raise body.error(
            IntegerOverflow(span=span, value=str(value), type=str(element_type))
        ) from None


def meet(body: Body, operand: Operand, element_type: ScalarType) -> typed.Expr:
    """An operand in an element type that `join` found: widened, or adapted where weak."""
    if operand.weak:
        return adapt(body, operand.expr, element_type)
    return convert(operand.expr, element_type)


def widens(found: ScalarType, expected: ScalarType) -> bool:
    """A strong value of type `found` may silently become `expected`."""
    if found == expected:
        return True
    if expected.is_float:
        return found.is_integer
    return found == I32 and expected == I64


def coerce(body: Body, operand: Operand, element_type: ScalarType, what: str) -> typed.Expr:
    """A value for a place of a fixed element type: adapts or widens, else an error."""
    found = element(operand)
    adapts = operand.weak and (element_type.is_float or element_type.is_integer == found.is_integer)
    if adapts and element_type != BOOL:
        return adapt(body, operand.expr, element_type)
    if widens(found, element_type):
        return convert(operand.expr, element_type)
    narrow = found != BOOL and element_type != BOOL
    raise body.error(
        TypeMismatch(
            span=operand.span,
            what=what,
            expected=str(_retype(operand.expr, element_type)),
            found=str(operand.type),
            advice=_narrowing(operand, element_type) if narrow else "",
        )
    )


def _narrowing(operand: Operand, element_type: ScalarType) -> str:
    advice = as_integer(operand) if element_type.is_integer else ""
    whole = advice.startswith(("write", "`//`"))
    return advice if whole else f"convert explicitly: `{element_type}({operand.text})`"


def elementwise(
    body: Body,
    name: str,
    operands: Iterable[typed.Expr],
    type_: ScalarType | ArrayType,
    span: Span,
    poly: Poly | None = None,
) -> typed.Expr:
    """The elementwise node, folded when all operands are constants."""
    parts = tuple(operands)
    if isinstance(type_, ScalarType):
        values = tuple(p.value for p in parts if isinstance(p, typed.Constant))
        if len(values) == len(parts):
            folded = _folded(body, name, values, type_, span)
            if folded is not None:
                return constant(folded, type_, span)
    return typed.Elementwise(type=type_, span=span, name=name, operands=parts, poly=known(poly))


def _folded(
    body: Body, name: str, values: tuple[bool | int | float, ...], type_: ScalarType, span: Span
) -> bool | int | float | None:
    try:
        return fold(name, values, type_)
    except NoValueError as failure:
        raise body.error(ConstantFails(span=span, reason=str(failure))) from None
