"""Arithmetic and elementwise functions of records, field by field.

On exit the fields of a result have the record's own types; integer and bool fields keep the value
of the leftmost record.
"""

from collections.abc import Callable, Sequence

from dpc.dsl import typed
from dpc.dsl.check.arguments import fit
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import element
from dpc.dsl.errors.types import WrongOperand
from dpc.dsl.source import Span
from dpc.dsl.types import ArrayType, RecordType, ScalarType, Type, element_of

RECORD_OPERATORS = frozenset({"+", "-", "*", "/", "**"})
Operation = Callable[[list[Operand]], Operand]


def has_record(operands: Sequence[Operand]) -> bool:
    """True when one of the operands is a record."""
    return any(isinstance(operand.type, RecordType) for operand in operands)


def by_field(
    body: Body, operands: Sequence[Operand], span: Span, what: str, operation: Operation
) -> Operand:
    """The operation on every float field of records of one type; scalars go to every field."""
    lead = next(i for i, o in enumerate(operands) if isinstance(o.type, RecordType))
    record = operands[lead].type
    pinned: list[Operand] = []
    for operand in operands:
        if isinstance(operand.type, RecordType):
            operand = Operand(fit(body, operand, record, f"an operand of `{what}`"))
        elif not isinstance(operand.type, ScalarType):
            raise body.error(
                WrongOperand(
                    span=operand.span,
                    operation=what,
                    expected=f"`{record}` and scalars here",
                    found=str(operand.type),
                )
            )
        pinned.append(pin(body, operand))
    return Operand(_combined(body, pinned, lead, span, what, operation))


def pin(body: Body, operand: Operand) -> Operand:
    """The operand, computed once."""
    expr = operand.expr
    if isinstance(expr, (typed.Constant, typed.Read, typed.Extent)):
        return operand
    return Operand(body.temporary(expr), operand.weak, operand.poly)


def _combined(
    body: Body, operands: list[Operand], lead: int, span: Span, what: str, operation: Operation
) -> typed.Expr:
    type_ = operands[lead].type
    if isinstance(type_, RecordType):
        values = tuple(
            _combined(body, [field(o, name) for o in operands], lead, span, what, operation)
            for name, _ in type_.fields
        )
        return typed.MakeRecord(type=type_, span=span, values=values)
    if not element(operands[lead]).is_float:
        return operands[lead].expr
    return fit(body, operation(operands), type_, f"a field of `{what}`")


def operand_for_record(body: Body, spot: typed.Place, value: Operand, operator: str) -> Operand:
    """What an augmented assignment to a record takes: that type or a scalar, computed once."""
    if operator[:-1] not in RECORD_OPERATORS:
        raise body.error(
            WrongOperand(
                span=spot.span,
                operation=operator,
                expected="scalars and arrays",
                found=str(spot.type),
            )
        )
    if not isinstance(value.type, ScalarType):
        value = Operand(fit(body, value, spot.type, f"the value of `{operator}`"))
    return pin(body, value)


def float_places(spot: typed.Place) -> list[tuple[str, typed.Place]]:
    """The fields of a record's place that arithmetic changes, by name: floats and records."""
    assert isinstance(spot.type, RecordType)
    found: list[tuple[str, typed.Place]] = []
    for name, type_ in spot.type.fields:
        if isinstance(type_, RecordType) or _is_float(type_):
            place = typed.Place(spot.variable, (*spot.fields, name), spot.items, type_, spot.span)
            found.append((name, place))
    return found


def field(operand: Operand, name: str) -> Operand:
    """A field of a record; anything else stays what it is."""
    if not isinstance(operand.type, RecordType):
        return operand
    type_ = operand.type.field(name)
    assert type_ is not None
    return Operand(typed.Field(type=type_, span=operand.span, base=operand.expr, name=name))


def _is_float(type_: Type) -> bool:
    return isinstance(type_, (ScalarType, ArrayType)) and element_of(type_).is_float
