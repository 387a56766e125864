"""Assignment: where values go, new variables, and literal-typed variables that become floats."""

from contextlib import AbstractContextManager

from dpc.dsl import ast, typed
from dpc.dsl.check.annotations import Annotations
from dpc.dsl.check.arguments import fit, parts
from dpc.dsl.check.broadcast import require_equal, shape_text
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import coerce, constant, convert, element
from dpc.dsl.check.indexing import index_items
from dpc.dsl.check.places import place
from dpc.dsl.errors.functions import FunctionReassigned
from dpc.dsl.errors.names import DimensionAssigned
from dpc.dsl.errors.shapes import ShapeMismatch, UnknownDimension, axes_text
from dpc.dsl.errors.types import BadTarget, WrongUnpacking
from dpc.dsl.shapes import ONE, Dimension, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import (
    BOOL,
    I64,
    ArrayType,
    ScalarType,
    TupleType,
    Type,
    shape_of,
    substitute,
    with_shape,
)

Store = tuple[typed.Place, typed.Expr, Operand]


# --- literal-typed variables ----------------------------------------------------------------


def _merge(old: tuple[ScalarType, bool], new: tuple[ScalarType, bool]) -> tuple[ScalarType, bool]:
    """The (type, weak) of a literal-typed variable that is also assigned a value of type `new`."""
    if new[0].is_float != old[0].is_float:
        return new if new[0].is_float else old
    return new if old[1] and not new[1] else old


def adopt(body: Body, variable: typed.Variable, found: ScalarType, weak: bool) -> bool:
    """Note what a literal-typed variable is assigned; True if its type has to change, and the body
    will be checked again.
    """
    if variable not in body.tentative or found == BOOL:
        return False
    if weak and found.is_float:
        found = body.real
    assert isinstance(variable.type, (ScalarType, ArrayType))
    key = (variable.name, variable.span.start)
    current = variable.type.element if isinstance(variable.type, ArrayType) else variable.type
    if current == BOOL:
        return False
    old = body.promotions.get(key, (current, True))
    merged = _merge(old, (found, weak))
    if merged == old:
        return merged != (current, True)
    body.promotions[key] = merged
    body.promoted = True
    return True


def declare(body: Body, name: str, operand: Operand, span: Span) -> tuple[typed.Variable, Operand]:
    """A new local variable for the value; and the value in the variable's type."""
    type_: Type = operand.type
    weak = operand.weak
    if weak and isinstance(type_, (ScalarType, ArrayType)) and element(operand).is_float:
        operand = Operand(coerce(body, operand, body.real, f"`{name}`"), True)
        type_ = operand.type
    key = (name, span.start)
    if weak and isinstance(type_, (ScalarType, ArrayType)) and key in body.promotions:
        promoted, weak = body.promotions[key]
        type_ = with_shape(promoted, shape_of(type_))
        operand = Operand(coerce(body, operand, promoted, f"`{name}`"), poly=operand.poly)
    variable = typed.Variable(name, type_, span)
    if weak:
        body.tentative.add(variable)
    body.scopes[0].setdefault(name, variable)
    return variable, operand


# --- places ---------------------------------------------------------------------------------


def store(body: Body, target: ast.Expr, operand: Operand) -> Store:
    """The place of one target and the value in its type."""
    match target:
        case ast.Name():
            return _store_name(body, target, operand)
        case ast.Subscript() | ast.Attribute():
            spot = place(body, target)
            return spot, _for_place(body, spot, operand), operand
        case _:
            raise body.error(BadTarget(span=target.span, what=f"`{target.span.text}`"))


def _store_name(body: Body, target: ast.Name, operand: Operand) -> Store:
    name, span = target.name, target.span
    variable = body.lookup(name)
    if variable is None:
        if body.local_function(name) is not None:
            raise body.error(FunctionReassigned(span=span, name=name))
        if name in body.dimensions:
            raise body.error(DimensionAssigned(span=span, name=name, parameter=_binder(body, name)))
        variable, operand = declare(body, name, operand, span)
        return _whole(variable, span), operand.expr, operand
    value = _adopted(body, variable, variable.type, operand)
    if value is None:
        with because_of(body, variable):
            value = fit(body, operand, variable.type, f"`{name}`")
    return _whole(variable, span), value, operand


def because_of(body: Body, variable: typed.Variable) -> AbstractContextManager[None]:
    """Errors show where a variable got its type."""
    return body.because(variable.span, _since(variable))


def _since(variable: typed.Variable) -> str:
    since = "declared here" if variable.is_parameter else "since here"
    return f"`{variable.name}` is `{variable.type}`, {since}"


def _binder(body: Body, name: str) -> Span | None:
    """The parameter that gives a dimension its value."""
    assert body.function is not None
    bound = {b.name: b.parameter for b in body.function.bindings}
    spans = {p.name: p.variable.span for p in body.function.parameters}
    return spans.get(bound.get(name, ""))


def _whole(variable: typed.Variable, span: Span) -> typed.Place:
    return typed.Place(variable, (), (), variable.type, span)


def _adopted(
    body: Body, variable: typed.Variable, type_: Type, operand: Operand
) -> typed.Expr | None:
    """The value, provisionally, where the variable's type has to change first."""
    both = (ScalarType, ArrayType)
    if not isinstance(operand.type, both) or not isinstance(type_, both):
        return None
    if adopt(body, variable, element(operand), operand.weak):
        return typed.Convert(type=type_, span=operand.span, operand=operand.expr)
    return None


def _for_place(body: Body, spot: typed.Place, operand: Operand) -> typed.Expr:
    """The value for part of a variable: broadcast to a slice, exactly a field's type."""
    provisional = _adopted(body, spot.variable, spot.type, operand)
    if provisional is not None:
        return provisional
    both = (ScalarType, ArrayType)
    slices = spot.items and isinstance(spot.type, ArrayType)
    if not slices or not isinstance(operand.type, both):
        with because_of(body, spot.variable):
            return fit(body, operand, spot.type, f"`{' '.join(spot.span.text.split())}`")
    assert isinstance(spot.type, ArrayType)
    value = coerce(body, operand, spot.type.element, f"`{spot.span.text}`")
    if broadcasts(body, spot, shape_of(operand.type), operand.span):
        return _spread(value, spot.type)
    return value


def broadcasts(body: Body, spot: typed.Place, given: tuple[Poly, ...], span: Span) -> bool:
    """Makes sure that a shape fits the place; True if some axis has to stretch."""
    assert isinstance(spot.type, ArrayType)
    shape = spot.type.shape
    stretched = len(given) < len(shape)
    tail = shape[len(shape) - len(given) :] if len(given) <= len(shape) else ()
    fits = len(given) <= len(shape)
    equation = f"{axes_text(len(given))} == {axes_text(len(shape))}"
    for axis, (wanted, extent) in enumerate(zip(tail, given)):
        if extent == ONE and wanted != ONE:
            stretched = True
        elif fits:
            note = f"axis {axis - len(given)} of `{spot.span.text}` and the value"
            fits = require_equal(body, wanted, extent, span, note)
            equation = f"{wanted} == {extent}"
    if not fits:
        raise body.error(
            ShapeMismatch(
                span=span,
                what=f"storing into `{spot.span.text}`",
                left=shape_text(shape),
                right=shape_text(given),
                equation=equation,
                origin=(spot.variable.span, _since(spot.variable)),
            )
        )
    return stretched


def _spread(value: typed.Expr, type_: ArrayType) -> typed.Expr:
    """The value stretched to the shape of an array."""
    if isinstance(value.type, ScalarType):
        return typed.Fill(type=type_, span=value.span, value=value)
    zero = convert(constant(0, I64, value.span), type_.element)
    if type_.element == BOOL:
        zero = constant(False, BOOL, value.span)
    rest = typed.Fill(type=type_, span=value.span, value=zero)
    always = constant(True, BOOL, value.span)
    return typed.Elementwise(
        type=type_, span=value.span, name="where", operands=(always, value, rest)
    )


# --- destructuring --------------------------------------------------------------------------


def destructure(body: Body, target: ast.Expr, operand: Operand) -> list[tuple[ast.Expr, Operand]]:
    """Targets and their values, nested tuples flattened."""
    if not isinstance(target, ast.TupleDisplay):
        return [(target, operand)]
    values = _values(body, operand, len(target.items))
    if values is None or len(values) != len(target.items):
        count = len(values) if values is not None else None
        described = f"{count} values" if count is not None else f"a value of type `{operand.type}`"
        raise body.error(
            WrongUnpacking(span=target.span, targets=len(target.items), values=described)
        )
    return [
        pair
        for item, value in zip(target.items, values)
        if not _discarded(body, item)
        for pair in destructure(body, item, value)
    ]


def _discarded(body: Body, target: ast.Expr) -> bool:
    """True for `_`, which takes any value, unless it is a variable of the function; as a loop's
    variable it is gone from here on.
    """
    if not isinstance(target, ast.Name) or target.name != "_" or "_" in body.scopes[0]:
        return False
    for scope in body.scopes[1:]:
        scope.pop("_", None)
    return True


def _values(body: Body, operand: Operand, count: int) -> tuple[Operand, ...] | None:
    if isinstance(operand.type, TupleType):
        return parts(body, operand)
    if not isinstance(operand.type, ArrayType) or operand.type.shape[0].value is None:
        return None
    extent = operand.type.shape[0].value
    array = body.temporary(operand.expr)
    zero = ast.Number(span=operand.span, value=0)
    made: list[Operand] = []
    for position in range(min(extent, count + 1)):
        node = ast.Number(span=zero.span, value=position)
        items, shape = index_items(body, operand.type, (node,), operand.span)
        type_ = with_shape(operand.type.element, shape)
        made.append(Operand(typed.Index(type=type_, span=operand.span, base=array, items=items)))
    return tuple(made)


def annotated(body: Body, node: ast.Expr) -> Type:
    """A local annotation; its dimension names are dimensions or integer variables in scope."""
    type_ = Annotations(body.names, variables=body.variables).type_of(node)
    mapping: dict[Dimension, Poly] = {}
    for name, span in _dimension_spans(node):
        if Dimension(name) in mapping or name in body.names.constants:
            continue
        variable = body.lookup(name)
        if variable is not None and variable.type == I64:
            poly = body.values.get(variable)
            if poly is not None:
                mapping[Dimension(name)] = body.use(poly, span, f"`{name}`")
        elif name not in body.dimensions:
            raise body.error(UnknownDimension(span=span, name=name))
        else:
            mapping[Dimension(name)] = body.use(body.dimensions[name], span, f"`{name}`")
    return substitute(type_, mapping)


def _dimension_spans(node: ast.Expr) -> list[tuple[str, Span]]:
    """The names inside the brackets or parentheses of an annotation."""
    match node:
        case ast.Subscript(items=items):
            return [pair for item in items if isinstance(item, ast.Expr) for pair in _names(item)]
        case ast.Call(arguments=arguments):
            return [pair for argument in arguments for pair in _names(argument)]
        case _:
            return []


def _names(node: ast.Expr) -> list[tuple[str, Span]]:
    match node:
        case ast.Name(name=name):
            return [(name, node.span)]
        case ast.Binary(left=left, right=right):
            return _names(left) + _names(right)
        case ast.Unary(operand=operand):
            return _names(operand)
        case _:
            return []
