"""Calls of elementwise built-ins and conversions."""

from collections.abc import Callable, Sequence

from dpc.dsl import ast, typed
from dpc.dsl.builtins import Builtin
from dpc.dsl.check.arguments import match_arguments
from dpc.dsl.check.broadcast import broadcast
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import (
    adapt,
    checked,
    constant,
    convert,
    element,
    elementwise,
    join,
    meet,
    number,
    value_of,
)
from dpc.dsl.check.fold import NoValueError, to_element
from dpc.dsl.check.operators import power
from dpc.dsl.check.records import by_field, has_record
from dpc.dsl.errors.types import ConstantFails, WrongOperand
from dpc.dsl.source import Span
from dpc.dsl.types import BOOL, F64, I64, SCALARS, ScalarType, shape_of, with_shape

CONVERSIONS = {**SCALARS, "int": I64}


Rule = Callable[[Body, str, list[Operand], Span], Operand]
Handler = Callable[[Body, Builtin, ast.Call], Operand]


def _of_values(rule: Rule) -> Handler:
    """The handler of calls whose arguments are scalars, arrays, or records taken field by field."""

    def handle(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
        given = match_arguments(body, node, builtin.parameters, set(), builtin.signature)
        operands = body.operands(given[name] for name in builtin.parameters)
        return over_fields(body, rule, builtin.name, operands, node.span)

    return handle


def over_fields(body: Body, rule: Rule, name: str, operands: list[Operand], span: Span) -> Operand:
    """The rule on operands, field by field where one of them is a record."""
    if has_record(operands):
        return by_field(body, operands, span, name, lambda parts: rule(body, name, parts, span))
    for operand in operands:
        value_of(body, operand, name)
    return rule(body, name, operands, span)


def in_floats(
    body: Body, operands: Sequence[Operand], span: Span
) -> tuple[list[typed.Expr], ScalarType, bool]:
    """Operands of a float function in their common float type, and whether that is weak."""
    common, weak = join(body, operands, span)
    if not common.is_float:
        common, weak = F64, True
    return [meet(body, o, common) for o in operands], common, weak


def float_function(body: Body, name: str, operands: list[Operand], span: Span) -> Operand:
    """A function of floats by name, applied elementwise."""
    parts, common, weak = in_floats(body, operands, span)
    shape = broadcast(body, operands, span, f"`{name}`")
    return Operand(elementwise(body, name, parts, with_shape(common, shape), span), weak)


def same_type(body: Body, name: str, operands: list[Operand], span: Span) -> Operand:
    """An elementwise function that keeps the common type of its operands."""
    common, weak = join(body, operands, span)
    common = number(common)
    shape = broadcast(body, operands, span, f"`{name}`")
    parts = [meet(body, o, common) for o in operands]
    return Operand(elementwise(body, name, parts, with_shape(common, shape), span), weak)


def extremum(body: Body, name: str, operands: list[Operand], span: Span) -> Operand:
    """`min(a, b, ...)`, `max(a, b, ...)`, from the left."""
    result = operands[0]
    for operand in operands[1:]:
        result = over_fields(body, same_type, name, [result, operand], span)
    return result


def _predicate(body: Body, name: str, operands: list[Operand], span: Span) -> Operand:
    parts, _, _ = in_floats(body, operands, span)
    type_ = value_of(body, operands[0], name)
    result = with_shape(BOOL, shape_of(type_))
    return Operand(elementwise(body, name, parts, result, span))


def _power(body: Body, name: str, operands: list[Operand], span: Span) -> Operand:
    base, exponent = operands
    return power(body, base, exponent, span)


def where(body: Body, name: str, operands: list[Operand], span: Span) -> Operand:
    """One of two operands, elementwise; the first is the condition."""
    test, then, otherwise = operands
    if element(test) != BOOL:
        raise body.error(
            WrongOperand(
                span=test.span, operation="where", expected="a bool first", found=str(test.type)
            )
        )
    common, weak = join(body, (then, otherwise), span)
    shape = broadcast(body, (test, then, otherwise), span, "`where`")
    parts = (test.expr, meet(body, then, common), meet(body, otherwise, common))
    return Operand(elementwise(body, "where", parts, with_shape(common, shape), span), weak)


def _polygamma(body: Body, name: str, operands: list[Operand], span: Span) -> Operand:
    order, x = operands
    if element(order).is_float:
        raise body.error(
            WrongOperand(
                span=order.span,
                operation="polygamma",
                expected="an integer order",
                found=str(order.type),
            )
        )
    (value,), common, weak = in_floats(body, [x], span)
    shape = broadcast(body, (order, x), span, "`polygamma`")
    parts = (convert(order.expr, I64), value)
    return Operand(elementwise(body, "polygamma", parts, with_shape(common, shape), span), weak)


def _convert(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    given = match_arguments(body, node, builtin.parameters, set(), builtin.signature)
    operand = body.operand(given[builtin.parameters[0]])
    value_of(body, operand, builtin.name)
    target = CONVERSIONS.get(builtin.name, body.real)
    if target == BOOL:
        return _to_bool(body, operand, node.span)
    expr = operand.expr
    if isinstance(expr, typed.Constant):
        return _convert_constant(body, expr, target, node.span)
    if operand.weak and target.is_float:
        return Operand(adapt(body, expr, target))
    poly = operand.poly if target == I64 else None
    return Operand(convert(expr, target), poly=poly)


def _convert_constant(body: Body, expr: typed.Constant, target: ScalarType, span: Span) -> Operand:
    if isinstance(expr.value, int):
        value = checked(body, expr.value, target, span)
    else:
        try:
            value = to_element(expr.value, target)
        except NoValueError as failure:
            raise body.error(ConstantFails(span=span, reason=str(failure))) from None
    made = constant(value, target, span)
    return Operand(made, poly=made.poly)


def _to_bool(body: Body, operand: Operand, span: Span) -> Operand:
    found = element(operand)
    if found == BOOL:
        return operand
    type_ = value_of(body, operand, "bool")
    zero = constant(0.0 if found.is_float else 0, found, span)
    result = with_shape(BOOL, shape_of(type_))
    return Operand(elementwise(body, "ne", (operand.expr, zero), result, span))


ELEMENTWISE = {
    "float": _of_values(float_function),
    "number": _of_values(same_type),
    "predicate": _of_values(_predicate),
    "power": _of_values(_power),
    "clip": _of_values(same_type),
    "where": _of_values(where),
    "polygamma": _of_values(_polygamma),
    "convert": _convert,
}
