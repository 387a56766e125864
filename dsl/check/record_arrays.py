"""Arrays of records, which are stored field by field: their elements and parts.

`a[i]` is a record of `a.w[i]` and so on, so on exit every index is one of an array of scalars.
"""

from dpc.dsl import ast, typed
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.indexing import IndexNode, index_items, whole_axis
from dpc.dsl.check.records import field, pin
from dpc.dsl.errors.shapes import TooManyIndices
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.source import Span
from dpc.dsl.types import F64, ArrayType, RecordType, restacked

Items = tuple[typed.IndexItem, ...]


def part(body: Body, base: Operand, node: ast.Subscript) -> Operand:
    """`a[i]`, `a[1:]`: a record, or an array of fewer records."""
    record = base.type
    assert isinstance(record, RecordType)
    items, type_ = record_items(body, record, node.items, node.span)
    return _part(body, pin(body, base), items, len(record.shape), type_, node.span)


def record_items(
    body: Body, record: RecordType, nodes: tuple[IndexNode, ...], span: Span
) -> tuple[Items, RecordType]:
    """The items of an index of an array of records, and the type of what it takes."""
    rank = len(record.shape)
    given = sum(not isinstance(node, ast.Ellipsis) for node in nodes)
    if given > rank:
        raise body.error(TooManyIndices(span=span, given=given, found=str(record), rank=rank))
    items, shape = index_items(body, ArrayType(F64, record.shape), nodes, span)
    if any(isinstance(item, typed.NewAxis) for item in items):
        raise body.error(NotSupported(span=span, what="a new axis of an array of records"))
    return items, restacked(record, shape)


def _part(
    body: Body, base: Operand, items: Items, rank: int, type_: RecordType, span: Span
) -> Operand:
    """The record of what the items take of each field, whose first `rank` axes are the array's."""
    fields: list[Operand] = []
    for name, found in type_.fields:
        inner = field(base, name)
        if isinstance(found, RecordType):
            fields.append(_part(body, inner, items, rank, found, span))
            continue
        assert isinstance(inner.type, ArrayType)
        rest = tuple(whole_axis(body, extent, span) for extent in inner.type.shape[rank:])
        index = typed.Index(type=found, span=span, base=inner.expr, items=(*items, *rest))
        fields.append(Operand(index))
    values = tuple(f.expr for f in fields)
    made = typed.MakeRecord(type=type_, span=span, values=values)
    return Operand(made, items=tuple(fields))
