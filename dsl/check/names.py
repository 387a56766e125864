"""Bare names and attributes: variables, dimensions, constants, fields, `.shape`, `.T`."""

from dataclasses import replace

from dpc.dsl import ast, typed
from dpc.dsl.builtins import BUILTINS
from dpc.dsl.builtins.constants import VALUES
from dpc.dsl.check.context import Body, Operand, Reported, known
from dpc.dsl.check.convert import constant
from dpc.dsl.check.unknown import (
    fields_text,
    other_module,
    unassigned,
    unknown_attribute,
    unknown_name,
)
from dpc.dsl.errors.names import (
    NotAValue,
    UnknownField,
    UseBeforeDefinition,
)
from dpc.dsl.errors.types import WrongOperand
from dpc.dsl.resolve import nearest
from dpc.dsl.source import Span
from dpc.dsl.types import F64, I64, SCALARS, ArrayType, RecordType, ScalarType, TupleType


def check_name(body: Body, node: ast.Expr) -> Operand:
    """A name, looked up in locals, dimensions, the module, built-ins."""
    assert isinstance(node, ast.Name)
    name, span = node.name, node.span
    variable = body.lookup(name)
    if variable is not None:
        return read(body, variable, span)
    if body.local_function(name) is not None:
        raise _not_a_value(body, "function", name, span)
    if name in body.assigned_somewhere:
        raise unassigned(body, name, span)
    if name in body.dimensions:
        poly = body.dimensions[name]
        return Operand(body.extent(poly, span), poly=poly)
    if name in body.names.failed:
        raise Reported
    if name in body.names.constants:
        return _constant(body.names.constants[name], span, name in body.names.literals)
    return _other_name(body, name, span)


def _constant(value: typed.Expr, span: Span, weak: bool) -> Operand:
    """A constant of the module, used here."""
    match value:
        case typed.Constant(type=ScalarType() as type_):
            used = constant(value.value, type_, span)
            return Operand(used, weak, used.poly)
        case typed.MakeTuple(items=items):
            parts = tuple(_constant(item, span, weak) for item in items)
            return Operand(
                replace(value, span=span, items=tuple(p.expr for p in parts)), items=parts
            )
        case typed.MakeRecord(values=values):
            parts = tuple(_constant(item, span, False) for item in values)
            whole = replace(value, span=span, values=tuple(p.expr for p in parts))
            return Operand(whole, items=parts)
        case _:
            return Operand(replace(value, span=span), weak)


def _other_name(body: Body, name: str, span: Span) -> Operand:
    if name in body.names.functions or name in body.names.templates:
        raise _not_a_value(body, "function", name, span)
    if name in body.names.records or name in body.names.aliases or name in SCALARS:
        advice = "a type stands in annotations"
        if name in body.names.records:
            advice = f"make a value: `{name}(...)`"
        raise body.error(NotAValue(span=span, kind="type", name=name, advice=advice))
    if name in body.names.definitions:
        definition = body.names.definitions[name]
        raise body.error(UseBeforeDefinition(span=span, name=name, definition=definition))
    if name in VALUES:
        return Operand(constant(VALUES[name], F64, span), weak=True)
    if name in BUILTINS:
        raise _not_a_value(body, "built-in", name, span)
    raise unknown_name(body, name, span)


def _not_a_value(body: Body, kind: str, name: str, span: Span) -> Reported:
    advice = f"call it, `{name}(...)`, or pass it to a parameter of type `Callable`"
    return body.error(NotAValue(span=span, kind=kind, name=name, advice=advice))


def read(body: Body, variable: typed.Variable, span: Span) -> Operand:
    """The current value of a variable."""
    body.use_type(variable.type, span, f"`{variable.name}`")
    poly = body.values.get(variable)
    expr = typed.Read(type=variable.type, span=span, poly=known(poly), variable=variable)
    return Operand(expr, variable in body.tentative, poly, tuple_items(expr))


def tuple_items(expr: typed.Expr) -> tuple[Operand, ...]:
    """The items of a tuple in a variable; none for other types."""
    if not isinstance(expr.type, TupleType):
        return ()
    fields = (
        typed.Field(type=type_, span=expr.span, base=expr, name=position)
        for position, type_ in enumerate(expr.type.items)
    )
    return tuple(Operand(field, items=tuple_items(field)) for field in fields)


def check_attribute(body: Body, node: ast.Expr) -> Operand:
    """`base.name`: a field of a record; `x.shape` and `x.T` of an array."""
    assert isinstance(node, ast.Attribute)
    elsewhere = other_module(body, node, called=False)
    if elsewhere is not None:
        raise elsewhere
    base = body.operand(node.base)
    match base.type:
        case RecordType() as record if node.name != "shape" or not record.shape:
            return _field(body, base, record, node)
        case RecordType():
            return shape(body, base, node.span)
        case ArrayType() if node.name == "shape":
            return shape(body, base, node.span)
        case ArrayType() if node.name == "T":
            return transpose(body, base, node.span)
        case _:
            raise unknown_attribute(body, base, node)


def _field(body: Body, base: Operand, record: RecordType, node: ast.Attribute) -> Operand:
    type_ = record.field(node.name)
    if type_ is None:
        raise body.error(
            UnknownField(
                span=node.span,
                owner=f"`{record.name}`",
                name=node.name,
                suggestion=nearest(node.name, (name for name, _ in record.fields)),
                advice=fields_text(record, node.name),
            )
        )
    if base.items:
        return base.items[[name for name, _ in record.fields].index(node.name)]
    return Operand(typed.Field(type=type_, span=node.span, base=base.expr, name=node.name))


def shape(body: Body, base: Operand, span: Span) -> Operand:
    """`x.shape`: a tuple of extents."""
    assert isinstance(base.type, (ArrayType, RecordType))
    items = tuple(Operand(body.extent(e, span), poly=e) for e in base.type.shape)
    type_ = TupleType((I64,) * len(items))
    tuple_ = typed.MakeTuple(type=type_, span=span, items=tuple(i.expr for i in items))
    return Operand(tuple_, items=items)


def transpose(body: Body, base: Operand, span: Span) -> Operand:
    """`x.T`: the axes reversed."""
    if not isinstance(base.type, ArrayType):
        raise body.error(
            WrongOperand(
                span=base.span, operation="transpose", expected="an array", found=str(base.type)
            )
        )
    type_ = ArrayType(base.type.element, base.type.shape[::-1])
    return Operand(typed.Transpose(type=type_, span=span, operand=base.expr), base.weak)
