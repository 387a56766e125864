"""Constants of a module: folded where that is possible, else computed by `ModuleNames.evaluate`.

What is computed is checked as the body of a function without parameters. Exit: constants are made
of `Constant`, `ConstantArray`, `MakeRecord` and `MakeTuple`.
"""

from collections.abc import Iterator
from dataclasses import replace

from dpc.dsl import ast, typed
from dpc.dsl.check.arguments import fit
from dpc.dsl.check.calling import calls, reached, refused, refused_rule
from dpc.dsl.check.context import Body, Operand, Reported
from dpc.dsl.check.convert import constant
from dpc.dsl.check.expressions import RULES
from dpc.dsl.check.targets import annotated, destructure
from dpc.dsl.check.type_variables import generalised
from dpc.dsl.diagnostics import CompileError
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.errors.types import BadTarget, ConstantFails, NotConstant
from dpc.dsl.resolve import Computed, ModuleNames, NoConstant, target_names
from dpc.dsl.shapes import Dimension, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import (
    SCALARS,
    ArrayType,
    RecordType,
    ScalarType,
    TupleType,
    Type,
    leaves,
    substitute,
)

MAX_ELEMENTS = 65536
MAX_RANGE = 1000


def define_constant(names: ModuleNames, node: ast.ConstantDef) -> None:
    """Give the names that a constant's definition has their values; `Reported` if that fails."""
    targets = target_names(node.target)
    function = typed.Function(
        name=targets[0].name if targets else "constant",
        span=node.target.span,
        doc=None,
        parameters=(),
        result=None,
        bindings=(),
        module=names.qualifier,
    )
    body = Body(names, RULES, function)
    with body.block() as statements:
        pairs = list(_pairs(body, node))
        wanted = [k for k, (_, value) in enumerate(pairs) if known_value(value) is None]
        for k in wanted:
            target, value = pairs[k]
            pairs[k] = target, _returned(body, value, k)
        whole = [pairs[k][1] for k in wanted]
        if wanted:
            made = typed.MakeTuple(
                type=TupleType(tuple(v.type for v in whole)),
                span=node.value.span,
                items=tuple(v.expr for v in whole),
            )
            body.emit(typed.Return(span=node.value.span, value=made))
    if wanted:
        function.result = made.type
        function.body = tuple(statements)
        found = _computed(names, function, node.value.span)
        for k, made_of in zip(wanted, _values(found, function.result, node.value.span)):
            pairs[k] = pairs[k][0], Operand(made_of, pairs[k][1].weak)
    for target, value in pairs:
        known = known_value(value)
        assert known is not None
        names.constants.setdefault(target.name, known)
        if value.weak:
            names.literals.add(target.name)


def _pairs(body: Body, node: ast.ConstantDef) -> Iterator[tuple[ast.Name, Operand]]:
    """Names and their values, in the types that an annotation declares."""
    values = _range_values(body, node)
    operand = values if values is not None else body.operand(node.value)
    for target, value in destructure(body, node.target, operand):
        if not isinstance(target, ast.Name):
            raise body.error(BadTarget(span=target.span, what=f"`{target.span.text}`"))
        if node.annotation is not None:
            declared = annotated(body, node.annotation)
            value = Operand(fit(body, value, declared, f"`{target.name}`"), items=value.items)
        yield target, value


def _range_values(body: Body, node: ast.ConstantDef) -> Operand | None:
    """The integers of `range(...)` with constant arguments, as a tuple."""
    call = node.value
    callee = call.callee if isinstance(call, ast.Call) else None
    several = isinstance(node.target, ast.TupleDisplay)
    if not several or not isinstance(callee, ast.Name) or callee.name != "range":
        return None
    assert isinstance(call, ast.Call)
    bounds: list[int] = []
    for operand in body.operands(call.arguments):
        expr = operand.expr
        if not isinstance(expr, typed.Constant) or not isinstance(expr.value, int):
            raise body.error(NotConstant(span=operand.span, what="an argument of `range`"))
        bounds.append(int(expr.value))
    if not 1 <= len(bounds) <= 3 or (len(bounds) == 3 and bounds[2] == 0):
        raise body.error(NotConstant(span=call.span, what="this range"))
    numbers = range(*bounds)
    if len(numbers) > MAX_RANGE:
        raise body.error(NotSupported(span=call.span, what="so many constants at once"))
    made = (constant(i, SCALARS["i64"], call.span) for i in numbers)
    items = tuple(Operand(expr, weak=True, poly=expr.poly) for expr in made)
    type_ = TupleType(tuple(i.type for i in items))
    whole = typed.MakeTuple(type=type_, span=call.span, items=tuple(i.expr for i in items))
    return Operand(whole, items=items)


def known_value(operand: Operand) -> typed.Expr | None:
    """The value of an operand that needs no computing, None for others."""
    if operand.poly is not None and operand.poly.value is not None:
        return constant(operand.poly.value, SCALARS["i64"], operand.span)
    if operand.items and isinstance(operand.expr, typed.MakeTuple):
        items = [known_value(item) for item in operand.items]
        known = tuple(item for item in items if item is not None)
        return replace(operand.expr, items=known) if len(known) == len(items) else None
    return _known(operand.expr)


def _known(expr: typed.Expr) -> typed.Expr | None:
    match expr:
        case typed.Constant() | typed.ConstantArray():
            return expr
        case typed.ArrayLiteral(elements=elements):
            values = [e.value for e in elements if isinstance(e, typed.Constant)]
            if len(values) < len(elements):
                return None
            return typed.ConstantArray(type=expr.type, span=expr.span, values=tuple(values))
        case typed.MakeTuple(items=items):
            parts = tuple(p for p in map(_known, items) if p is not None)
            return replace(expr, items=parts) if len(parts) == len(items) else None
        case typed.MakeRecord(values=items):
            parts = tuple(p for p in map(_known, items) if p is not None)
            return replace(expr, values=parts) if len(parts) == len(items) else None
        case _:
            return None


# --- values that are computed ---------------------------------------------------------------


def _returned(body: Body, value: Operand, position: int) -> Operand:
    """The value as a result whose extents it tells itself."""
    type_ = generalised(value.type, f"{position}")
    assert body.function is not None
    found = {str(e): None for leaf in leaves(type_) for e in _dimensions(leaf.type)}
    body.function.result_dimensions += tuple(found)
    expr = fit(body, value, type_, f"`{value.text}`")
    if isinstance(expr.type, ArrayType | RecordType):
        expr = replace(expr, type=type_)
    return Operand(expr, value.weak)


def _dimensions(type_: ScalarType | ArrayType) -> Iterator[Poly]:
    """The extents of a generalised type that are dimensions."""
    shape = type_.shape if isinstance(type_, ArrayType) else ()
    return (e for e in shape if e.value is None and e == Poly.dimension(str(e)))


def _computed(names: ModuleNames, function: typed.Function, span: Span) -> Computed:
    """What the function returns."""
    if names.sink.failed:
        raise Reported  # what it calls may be wrong
    if names.evaluate is None:
        names.sink.report(NotSupported(span=span, what="this constant expression"))
        raise Reported
    for inner in reached([function]):
        if (inner.rule and refused_rule(inner)) or any(refused(inner, c) for c in calls(inner)):
            raise Reported  # when all functions are known
        if inner.extern is not None:
            what = f"the C function `{inner.name}` in a module constant"
            advice = "call it in a function"
            names.sink.report(NotSupported(span=span, what=what, advice=advice))
            raise Reported
    try:
        found = names.evaluate(function)
    except NoConstant as failure:
        failing = None if failure.span is None or _within(failure.span, span) else failure.span
        names.sink.report(ConstantFails(span=span, reason=failure.reason, failing=failing))
        raise Reported from None
    except CompileError as error:
        for diagnostic in error.diagnostics:
            names.sink.report(diagnostic)
        raise Reported from None
    if any(len(leaf) > MAX_ELEMENTS for leaf in found.leaves):
        what = f"a constant of more than {MAX_ELEMENTS} elements"
        advice = "let a function return it"
        names.sink.report(NotSupported(span=span, what=what, advice=advice))
        raise Reported
    return found


def _within(inner: Span, outer: Span) -> bool:
    same = inner.source is outer.source
    return same and outer.start <= inner.start and inner.end <= outer.end


def _values(found: Computed, type_: Type, span: Span) -> list[typed.Expr]:
    """The items of the tuple that was computed."""
    extents = {Dimension(name): Poly.constant(value) for name, value in found.extents.items()}
    known = iter(found.leaves)

    def made(part: Type) -> typed.Expr:
        match part:
            case ScalarType():
                return constant(next(known)[0], part, span)
            case ArrayType():
                return typed.ConstantArray(type=part, span=span, values=next(known))
            case RecordType(fields=fields):
                values = tuple(made(t) for _, t in fields)
                return typed.MakeRecord(type=part, span=span, values=values)
            case TupleType(items=items):
                return typed.MakeTuple(type=part, span=span, items=tuple(map(made, items)))

    whole = made(substitute(type_, extents))
    assert isinstance(whole, typed.MakeTuple)
    return list(whole.items)
