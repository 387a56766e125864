"""Array literals: of scalars, of rows that are literals or arrays of one shape, of records."""

from collections.abc import Sequence

from dpc.dsl import ast, typed
from dpc.dsl.check.arguments import fit
from dpc.dsl.check.broadcast import require_shape, shape_text
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import join, meet, value_of
from dpc.dsl.check.records import field, pin
from dpc.dsl.errors.shapes import RaggedLiteral
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.shapes import Poly
from dpc.dsl.source import Span
from dpc.dsl.types import ArrayType, RecordType, ScalarType, restacked, shape_of


def check_list(body: Body, node: ast.Expr) -> Operand:
    """`[a, b]`: the items along a new first axis."""
    assert isinstance(node, ast.ListDisplay)
    if not node.items:
        advice = "arrays do not grow: `zeros(n)` makes one of its size, `zeros(0)` an empty one"
        raise body.error(NotSupported(span=node.span, what="an empty array literal", advice=advice))
    rows = body.operands(node.items)
    first = rows[0].type
    if isinstance(first, RecordType):
        same = [Operand(fit(body, row, first, "an item of this literal")) for row in rows]
        return _records(body, [pin(body, row) for row in same], node.span)
    return _arrays(body, rows, node.span)


def _arrays(body: Body, rows: Sequence[Operand], span: Span) -> Operand:
    for row in rows:
        value_of(body, row, "an array literal")
    common, weak = join(body, rows, span)
    first = rows[0].type
    assert isinstance(first, (ScalarType, ArrayType))
    shape = shape_of(first)
    for row in rows:
        assert isinstance(row.type, (ScalarType, ArrayType))
        found = shape_of(row.type)
        fixed = all(extent.value is not None for extent in (*shape, *found))
        if len(found) != len(shape) or (fixed and found != shape):
            raise body.error(
                RaggedLiteral(
                    span=row.span,
                    found=shape_text(found),
                    expected=shape_text(shape),
                    origin=(rows[0].span, f"this is `{first}`"),
                )
            )
        with body.because(rows[0].span, f"the first is `{first}`"):
            require_shape(body, shape, found, row.span, "the rows of this literal")
    values = [meet(body, row, common) for row in rows]
    elements: list[typed.Expr] = []
    if all(isinstance(value, typed.ArrayLiteral) and _flat(value) for value in values):
        for value in values:
            assert isinstance(value, typed.ArrayLiteral)
            elements.extend(value.elements)
    else:
        elements = values
    type_ = ArrayType(common, (Poly.constant(len(rows)), *shape))
    return Operand(typed.ArrayLiteral(type=type_, span=span, elements=tuple(elements)), weak)


def _flat(literal: typed.ArrayLiteral) -> bool:
    return all(isinstance(element.type, ScalarType) for element in literal.elements)


def _records(body: Body, rows: list[Operand], span: Span) -> Operand:
    """An array of records: a literal for each field."""
    record = rows[0].type
    assert isinstance(record, RecordType)
    values: list[typed.Expr] = []
    for name, type_ in record.fields:
        parts = [field(row, name) for row in rows]
        collect = _records if isinstance(type_, RecordType) else _arrays
        values.append(collect(body, parts, span).expr)
    made = restacked(record, (Poly.constant(len(rows)), *record.shape))
    return Operand(typed.MakeRecord(type=made, span=span, values=tuple(values)))
