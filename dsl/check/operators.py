"""Operators: arithmetic, comparison, logic and conditionals."""

import dataclasses

from dpc.dsl import ast, typed
from dpc.dsl.check.advice import as_bits, as_condition
from dpc.dsl.check.broadcast import broadcast, require_shape
from dpc.dsl.check.context import Body, Operand, describe
from dpc.dsl.check.convert import (
    convert,
    element,
    elementwise,
    join,
    meet,
    number,
    value_of,
)
from dpc.dsl.check.linear import matmul
from dpc.dsl.check.records import RECORD_OPERATORS, by_field, has_record
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.errors.types import ConditionNotBool, ConstantFails, TypeMismatch, WrongOperand
from dpc.dsl.shapes import Poly
from dpc.dsl.source import Span
from dpc.dsl.types import (
    BOOL,
    F64,
    I64,
    ArrayType,
    ScalarType,
    shape_of,
    with_shape,
)

BINARY = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "&": "and",
    "|": "or",
    "^": "xor",
}
COMPARE = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}


def check_unary(body: Body, node: ast.Expr) -> Operand:
    """`-x`, `+x`, `~x`, `not x`."""
    assert isinstance(node, ast.Unary)
    if node.operator == "not":
        return Operand(
            elementwise(body, "not", (condition(body, node.operand, "not"),), BOOL, node.span)
        )
    operand = body.operand(node.operand)
    if node.operator != "~" and has_record((operand,)):
        span, operator = node.span, node.operator
        return by_field(
            body, (operand,), span, operator, lambda parts: _unary(body, operator, parts[0], span)
        )
    return _unary(body, node.operator, operand, node.span)


def _unary(body: Body, operator: str, operand: Operand, span: Span) -> Operand:
    type_ = value_of(body, operand, operator)
    found = element(operand)
    if operator == "~":
        if found.is_float:
            raise _not_integers(body, operand, "~")
        invert = elementwise(body, "invert", (operand.expr,), type_, span)
        return Operand(invert, operand.weak)
    expr = convert(operand.expr, number(found))
    if operator == "+":
        return Operand(expr, operand.weak, operand.poly)
    poly = -operand.poly if operand.poly is not None else None
    result = with_shape(number(found), shape_of(type_))
    return Operand(elementwise(body, "neg", (expr,), result, span, poly), operand.weak, poly)


def _not_integers(body: Body, operand: Operand, operation: str) -> Exception:
    return body.error(
        WrongOperand(
            span=operand.span,
            operation=operation,
            expected="bools and integers",
            found=str(operand.type),
            advice=as_bits(operand, operation),
        )
    )


def check_binary(body: Body, node: ast.Expr) -> Operand:
    """An arithmetic operator or `@`."""
    assert isinstance(node, ast.Binary)
    left, right = body.operands((node.left, node.right))
    if node.operator == "@":
        return matmul(body, left, right, node.span, "@")
    return binary(body, BINARY[node.operator], left, right, node.span, node.operator)


def binary(
    body: Body, name: str, left: Operand, right: Operand, span: Span, operator: str
) -> Operand:
    """An elementwise operator on two operands that broadcast."""
    if has_record((left, right)) and operator in RECORD_OPERATORS:
        return by_field(
            body,
            (left, right),
            span,
            operator,
            lambda parts: binary(body, name, parts[0], parts[1], span, operator),
        )
    for operand in (left, right):
        value_of(body, operand, operator)
    if name in ("and", "or", "xor"):
        for operand in (left, right):
            if element(operand).is_float:
                raise _not_integers(body, operand, operator)
    if name == "pow":
        return power(body, left, right, span)
    common, weak = join(body, (left, right), span)
    if name not in ("and", "or", "xor"):
        common = number(common)
    if name == "div" and not common.is_float:
        common, weak = F64, True
    shape = broadcast(body, (left, right), span, f"`{operator}`")
    poly = symbolic(name, left.poly, right.poly) if common == I64 else None
    parts = (meet(body, left, common), meet(body, right, common))
    expr = elementwise(body, name, parts, with_shape(common, shape), span, poly)
    return Operand(expr, weak, poly)


def symbolic(name: str, left: Poly | None, right: Poly | None) -> Poly | None:
    """The symbolic value of integer arithmetic, where it is a polynomial."""
    if left is None or right is None:
        return None
    match name:
        case "add":
            return left + right
        case "sub":
            return left - right
        case "mul":
            return left * right
        case "floordiv" if right.value is not None and right.value > 0:
            return left // right.value
        case _:
            return None


def power(body: Body, base: Operand, exponent: Operand, span: Span) -> Operand:
    """`base ** exponent`; an integer exponent stays an integer."""
    base_type, exponent_type = element(base), element(exponent)
    shape = broadcast(body, (base, exponent), span, "`**`")
    if exponent_type.is_float or (exponent_type != BOOL and not base_type.is_float):
        common, weak = join(body, (base, exponent), span)
        parts = (meet(body, base, number(common)), meet(body, exponent, number(common)))
        common = number(common)
    else:
        common, weak = number(base_type), base.weak
        parts = (convert(base.expr, common), convert(exponent.expr, I64))
    power_value = parts[1].value if isinstance(parts[1], typed.Constant) else 0
    if not common.is_float and power_value < 0:
        raise body.error(ConstantFails(span=span, reason="a negative power of an integer"))
    return Operand(elementwise(body, "pow", parts, with_shape(common, shape), span), weak)


def condition(body: Body, node: ast.Expr, operator: str = "") -> typed.Expr:
    """A condition: one bool; `operator`: the word that combines it with others."""
    operand = body.operand(node)
    if operand.type == BOOL:
        return operand.expr
    advice = as_condition(operand)
    if operator and isinstance(operand.type, ArrayType):
        sign = {"and": "&", "or": "|", "not": "~"}[operator]
        advice = f"`{operator}` combines single bools; of arrays it is `{sign}`, with parentheses"
    raise body.error(ConditionNotBool(span=operand.span, found=str(operand.type), advice=advice))


def guarded(prelude: list[typed.Stmt], value: typed.Expr) -> typed.Expr:
    """The value after its prelude, if there is one."""
    if not prelude:
        return value
    return typed.Guarded(type=value.type, span=value.span, prelude=tuple(prelude), value=value)


def check_logical(body: Body, node: ast.Expr) -> Operand:
    """`and`, `or` on bools; the right side runs only when it decides."""
    assert isinstance(node, ast.Logical)
    left = condition(body, node.left, node.operator)
    with body.block() as prelude:
        right = condition(body, node.right, node.operator)
    right = guarded(prelude, right)
    if isinstance(left, typed.Constant):
        decides = bool(left.value) == (node.operator == "or")
        return Operand(left if decides else right)
    return Operand(
        typed.ShortCircuit(
            type=BOOL, span=node.span, operator=node.operator, left=left, right=right
        )
    )


def check_compare(body: Body, node: ast.Expr) -> Operand:
    """`a < b`, elementwise; `a < b <= c` on scalars."""
    assert isinstance(node, ast.Compare)
    for operator in node.operators:
        if operator not in COMPARE:
            raise body.error(NotSupported(span=node.span, what=f"the operator `{operator}`"))
    if len(node.operators) > 1:
        return _chain(body, node)
    operands = body.operands(node.operands)
    for operand in operands:
        value_of(body, operand, node.operators[0])
    common, _ = join(body, operands, node.span)
    name = COMPARE[node.operators[0]]
    if name not in ("eq", "ne"):
        common = number(common)
    shape = broadcast(body, operands, node.span, f"`{node.operators[0]}`")
    parts = tuple(meet(body, o, common) for o in operands)
    return Operand(elementwise(body, name, parts, with_shape(BOOL, shape), node.span))


def _chain(body: Body, node: ast.Compare) -> Operand:
    operands: list[Operand] = list(body.operands(node.operands[:2]))
    for later in node.operands[2:]:
        with body.block() as prelude:
            operand = body.operand(later)
        operands.append(dataclasses.replace(operand, expr=guarded(prelude, operand.expr)))
    for operand in operands:
        if not isinstance(operand.type, ScalarType):
            raise body.error(
                WrongOperand(
                    span=operand.span,
                    operation="a chained comparison",
                    expected="scalars",
                    found=str(operand.type),
                    advice="write `(a < b) & (b < c)` for arrays",
                )
            )
    common = number(join(body, operands, node.span)[0])
    return Operand(
        typed.CompareChain(
            type=BOOL,
            span=node.span,
            operators=tuple(COMPARE[o] for o in node.operators),
            operands=tuple(meet(body, o, common) for o in operands),
        )
    )


def check_conditional(body: Body, node: ast.Expr) -> Operand:
    """`then if condition else otherwise`: one type, one shape."""
    assert isinstance(node, ast.Conditional)
    test = condition(body, node.condition)
    with body.block() as then_prelude:
        then = body.operand(node.then)
    with body.block() as else_prelude:
        otherwise = body.operand(node.otherwise)
    for operand in (then, otherwise):
        body.use_type(operand.type, operand.span, f"`{operand.text}`")
    arms, weak = _one_type(body, then, otherwise, node.span)
    expr = typed.Conditional(
        type=arms[0].type,
        span=node.span,
        condition=test,
        then=guarded(then_prelude, arms[0]),
        otherwise=guarded(else_prelude, arms[1]),
    )
    return Operand(expr, weak)


def _one_type(
    body: Body, then: Operand, otherwise: Operand, span: Span
) -> tuple[tuple[typed.Expr, typed.Expr], bool]:
    left, right = then.type, otherwise.type
    both = (ScalarType, ArrayType)
    if isinstance(left, both) and isinstance(right, both):
        if len(shape_of(left)) == len(shape_of(right)):
            require_shape(
                body, shape_of(left), shape_of(right), span, "`if ... else`", (then, otherwise)
            )
            common, weak = join(body, (then, otherwise), span)
            return (meet(body, then, common), meet(body, otherwise, common)), weak
    elif left == right:
        return (then.expr, otherwise.expr), False
    raise body.error(
        TypeMismatch(
            span=otherwise.span,
            what="the other value of this conditional",
            expected=describe(left).split("`")[1],
            found=str(right),
        )
    )
