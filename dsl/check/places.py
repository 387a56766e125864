"""Where an assignment stores: `a[i, j]`, `m.w`, `m.inner.w[i]`, `a[i].w[j]`."""

from dpc.dsl import ast, typed
from dpc.dsl.check.context import Body
from dpc.dsl.check.indexing import IndexNode, index_items
from dpc.dsl.check.record_arrays import record_items
from dpc.dsl.check.unknown import fields_text, unassigned
from dpc.dsl.errors.names import DimensionAssigned, UnknownField
from dpc.dsl.errors.shapes import TooManyIndices
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.errors.types import BadTarget, WrongOperand
from dpc.dsl.resolve import nearest
from dpc.dsl.types import ArrayType, RecordType, Type, with_shape


def place(body: Body, target: ast.Expr) -> typed.Place:
    """Part of a variable. Fields of elements of arrays of records are parts of the field's own
    array: `a[i].w[j]` is `a.w[i, j]`.
    """
    steps: list[ast.Subscript | ast.Attribute] = []
    node = target
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        steps.insert(0, node)
        node = node.base
    if not isinstance(node, ast.Name):
        raise body.error(BadTarget(span=target.span, what=f"`{target.span.text}`"))
    variable = _variable(body, node)
    type_: Type = variable.type
    fields: list[str] = []
    nodes: tuple[IndexNode, ...] = ()
    last = 0  # where the items of the last pair of brackets start
    for step in steps:
        if isinstance(step, ast.Attribute):
            _enough_axes(body, type_, nodes, step)
            type_ = _field(body, type_, step)
            fields.append(step.name)
            continue
        if any(not isinstance(item, ast.Expr) for item in nodes):
            raise body.error(
                NotSupported(
                    span=target.span,
                    what="assigning an element of a slice",
                    advice="use one pair of brackets: `a[i, j] = ...`",
                )
            )
        last = len(nodes)
        nodes += step.items
    body.use_type(type_, target.span, f"`{node.name}`")
    if not nodes:
        return typed.Place(variable, tuple(fields), (), type_, target.span)
    items, found = _items(body, type_, nodes, target)
    _no_gather(body, items[:last], target)
    return typed.Place(variable, tuple(fields), items, found, target.span)


def _items(
    body: Body, type_: Type, nodes: tuple[IndexNode, ...], target: ast.Expr
) -> tuple[tuple[typed.IndexItem, ...], Type]:
    """The items of a place and the type of what it holds."""
    if isinstance(type_, RecordType) and type_.shape:
        return record_items(body, type_, nodes, target.span)
    if not isinstance(type_, ArrayType):
        raise body.error(
            WrongOperand(span=target.span, operation="[...]", expected="an array", found=str(type_))
        )
    items, shape = index_items(body, type_, nodes, target.span)
    if any(isinstance(item, typed.NewAxis) for item in items):
        raise body.error(BadTarget(span=target.span, what="a new axis"))
    return items, with_shape(type_.element, shape)


def _enough_axes(
    body: Body, type_: Type, nodes: tuple[IndexNode, ...], step: ast.Attribute
) -> None:
    """The indices before a field are of axes that the array of records has."""
    rank = len(type_.shape) if isinstance(type_, RecordType) else 0
    if len(nodes) > rank:
        raise body.error(
            TooManyIndices(span=step.base.span, given=len(nodes), found=str(type_), rank=rank)
        )


def _no_gather(body: Body, items: tuple[typed.IndexItem, ...], target: ast.Expr) -> None:
    """Pairs of brackets before the last mean one place only where each takes an axis away."""
    if any(isinstance(item, typed.Gather) for item in items):
        advice = "use one pair of brackets: `a[i, indices] = ...`"
        what = "an integer array among several pairs of brackets"
        raise body.error(NotSupported(span=target.span, what=what, advice=advice))


def _variable(body: Body, node: ast.Name) -> typed.Variable:
    variable = body.lookup(node.name)
    if variable is not None:
        return variable
    if node.name in body.dimensions:
        raise body.error(DimensionAssigned(span=node.span, name=node.name))
    if node.name in body.names.definitions:
        what, advice = f"`{node.name}`, a name of the module", "use a local variable"
        raise body.error(BadTarget(span=node.span, what=what, advice=advice))
    raise unassigned(body, node.name, node.span)


def _field(body: Body, type_: Type, node: ast.Attribute) -> Type:
    found = type_.field(node.name) if isinstance(type_, RecordType) else None
    if found is not None:
        return found
    names = [name for name, _ in type_.fields] if isinstance(type_, RecordType) else []
    raise body.error(
        UnknownField(
            span=node.span,
            owner=f"`{type_}`",
            name=node.name,
            suggestion=nearest(node.name, names),
            advice=fields_text(type_, node.name) if isinstance(type_, RecordType) else "",
        )
    )
