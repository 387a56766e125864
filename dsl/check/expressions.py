"""The table of expression rules: one for each kind of syntax node."""

from dpc.dsl import ast, typed
from dpc.dsl.check.calls import check_call
from dpc.dsl.check.comprehensions import check_comprehension
from dpc.dsl.check.context import Body, Operand, Rule
from dpc.dsl.check.convert import constant
from dpc.dsl.check.literals import check_list
from dpc.dsl.check.names import check_attribute, check_name
from dpc.dsl.check.operators import (
    check_binary,
    check_compare,
    check_conditional,
    check_logical,
    check_unary,
)
from dpc.dsl.check.subscripts import check_subscript
from dpc.dsl.errors.names import NotAValue
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.errors.types import IntegerOverflow, Misplaced
from dpc.dsl.shapes import Poly
from dpc.dsl.types import BOOL, F64, I64, TupleType


def _number(body: Body, node: ast.Expr) -> Operand:
    assert isinstance(node, ast.Number)
    if isinstance(node.value, float):
        return Operand(constant(node.value, F64, node.span), weak=True)
    if node.value >= 2**63:
        raise body.error(IntegerOverflow(span=node.span, value=str(node.value), type="i64"))
    value = constant(node.value, I64, node.span)
    return Operand(value, weak=True, poly=Poly.constant(node.value))


def _boolean(body: Body, node: ast.Expr) -> Operand:
    assert isinstance(node, ast.Boolean)
    return Operand(constant(node.value, BOOL, node.span))


def _text(body: Body, node: ast.Expr) -> Operand:
    advice = "strings are messages of `assert` and `print`; choose by a bool or an integer"
    if node.span.text.strip("\"'").lower().lstrip("+-") in ("inf", "infinity", "nan"):
        advice = "write `inf` or `nan`, without quotes"
    raise body.error(Misplaced(span=node.span, problem="a string is not a value", advice=advice))


def _ellipsis(body: Body, node: ast.Expr) -> Operand:
    raise body.error(NotSupported(span=node.span, what="`...`"))


def _lambda(body: Body, node: ast.Expr) -> Operand:
    advice = "give it a name inside of a function, pass it on, or define it with `def`"
    raise body.error(NotAValue(span=node.span, kind="function", name="lambda", advice=advice))


def _tuple(body: Body, node: ast.Expr) -> Operand:
    assert isinstance(node, ast.TupleDisplay)
    items = tuple(body.operands(node.items))
    type_ = TupleType(tuple(i.type for i in items))
    expr = typed.MakeTuple(type=type_, span=node.span, items=tuple(i.expr for i in items))
    return Operand(expr, items=items)


RULES: dict[type[ast.Expr], Rule] = {
    ast.Number: _number,
    ast.Boolean: _boolean,
    ast.Text: _text,
    ast.FormatText: _text,
    ast.Ellipsis: _ellipsis,
    ast.Lambda: _lambda,
    ast.Name: check_name,
    ast.Attribute: check_attribute,
    ast.Subscript: check_subscript,
    ast.Call: check_call,
    ast.Unary: check_unary,
    ast.Binary: check_binary,
    ast.Logical: check_logical,
    ast.Compare: check_compare,
    ast.Conditional: check_conditional,
    ast.TupleDisplay: _tuple,
    ast.ListDisplay: check_list,
    ast.Comprehension: check_comprehension,
}
