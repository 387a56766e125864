"""Comprehensions, generators and the `for` clauses they share with loops; array literals."""

from collections.abc import Iterable

from dpc.dsl import ast, typed
from dpc.dsl.check.advice import as_integer
from dpc.dsl.check.context import Body, Operand, extents_of, locals_of
from dpc.dsl.check.convert import constant, convert, number, value_of
from dpc.dsl.check.indexing import range_count
from dpc.dsl.check.operators import condition, guarded
from dpc.dsl.errors.shapes import DependentExtent, ZeroStep
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.errors.types import (
    BadTarget,
    Misplaced,
    NotIterable,
    TypeMismatch,
    WrongArguments,
    WrongOperand,
)
from dpc.dsl.shapes import Poly
from dpc.dsl.source import Span
from dpc.dsl.types import (
    BOOL,
    F64,
    I32,
    I64,
    ArrayType,
    RecordType,
    ScalarType,
    TupleType,
    Type,
    element_of,
    restacked,
    shape_of,
    with_shape,
)

Clause = typed.ForRange | typed.ForElement


def integer(body: Body, operand: Operand, what: str) -> Operand:
    """An i64 scalar; i32 widens."""
    if operand.type == I64:
        return operand
    if operand.type == I32:
        return Operand(convert(operand.expr, I64))
    raise body.error(
        TypeMismatch(
            span=operand.span,
            what=what,
            expected="i64",
            found=str(operand.type),
            advice=as_integer(operand),
        )
    )


def range_bounds(body: Body, node: ast.Call) -> tuple[Operand, Operand, Operand]:
    """Start, stop and step of `range(...)` or `arange(...)`."""
    name = node.callee.span.text
    if node.keywords or not 1 <= len(node.arguments) <= 3:
        raise body.error(
            WrongArguments(
                span=node.span,
                problem=f"`{name}` takes one to three integers",
                signature=f"{name}(stop), {name}(start, stop) or {name}(start, stop, step)",
            )
        )
    bounds = [
        integer(body, operand, f"an argument of `{name}`")
        for operand in body.operands(node.arguments)
    ]
    zero = constant(0, I64, node.span)
    one = constant(1, I64, node.span)
    if len(bounds) == 1:
        bounds.insert(0, Operand(zero, poly=zero.poly))
    if len(bounds) == 2:
        bounds.append(Operand(one, poly=one.poly))
    step = bounds[2].expr
    if isinstance(step, typed.Constant) and step.value == 0:
        raise body.error(ZeroStep(span=step.span))
    return bounds[0], bounds[1], bounds[2]


def is_range(node: ast.Expr) -> bool:
    """`range(...)`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.callee, ast.Name)
        and node.callee.name == "range"
    )


def loop_annotation(body: Body, node: ast.Expr) -> None:
    """Refuses `parallel(...)` and `checkpoint(...)`."""
    if isinstance(node, ast.Call) and isinstance(node.callee, ast.Name):
        name = node.callee.name
        if name in ("parallel", "checkpoint"):
            raise body.error(NotSupported(span=node.span, what=f"`{name}(...)` in a loop"))


def clause(body: Body, target: ast.Expr, iterable: ast.Expr) -> tuple[Clause, Poly | None]:
    """`for target in iterable`: the typed clause with its new variable (not yet in scope), and
    the symbolic number of an array's rows.
    """
    loop_annotation(body, iterable)
    if not isinstance(target, ast.Name):
        if isinstance(target, ast.TupleDisplay):
            body.operand(iterable)
            advice = "take the element apart in the loop: `a, b = v[0], v[1]`"
            what = "several loop variables"
            raise body.error(NotSupported(span=target.span, what=what, advice=advice))
        raise body.error(BadTarget(span=target.span, what="this as a loop variable"))
    if is_range(iterable):
        assert isinstance(iterable, ast.Call)
        start, stop, step = range_bounds(body, iterable)
        variable = typed.Variable(target.name, I64, target.span)
        return typed.ForRange(variable, typed.Range(start.expr, stop.expr, step.expr)), None
    array = body.operand(iterable)
    if isinstance(array.type, RecordType) and array.type.shape:
        extent, *rest = array.type.shape
        record = typed.Variable(target.name, restacked(array.type, tuple(rest)), target.span)
        return typed.ForElement(record, array.expr), extent
    if not isinstance(array.type, ArrayType):
        advice, replacement = "", None
        if isinstance(array.type, ScalarType) and array.type.is_integer:
            replacement = f"range({array.text})"
            advice = f"`{replacement}` counts"
        elif isinstance(array.type, TupleType):
            advice = "brackets make an array: `[a, b, c]`"
        raise body.error(
            NotIterable(
                span=iterable.span,
                found=str(array.type),
                advice=advice,
                replacement=replacement,
            )
        )
    row = with_shape(array.type.element, array.type.shape[1:])
    variable = typed.Variable(target.name, row, target.span)
    return typed.ForElement(variable, array.expr), array.type.shape[0]


def check_comprehension(body: Body, node: ast.Expr) -> Operand:
    """`[element for ... for ...]`: clauses are independent, elements too."""
    assert isinstance(node, ast.Comprehension)
    if not node.is_list:
        problem = "a generator is the only argument of a reduction"
        advice = "put brackets around it for an array"
        raise body.error(Misplaced(span=node.span, problem=problem, advice=advice))
    clauses: list[Clause] = []
    extents: list[Poly] = []
    for part in node.clauses:
        if isinstance(part, ast.IfClause):
            raise body.error(
                NotSupported(
                    span=part.span,
                    what="`if` in an array comprehension",
                    advice="use `a if c else b` for the element, or a reduction: `sum(... if c)`",
                )
            )
        _independent(body, part, clauses)
        made, rows = clause(body, part.target, part.iterable)
        clauses.append(made)
        extents.append(rows if rows is not None else _trips(body, part.iterable))
    with body.scope() as names, body.block() as prelude:
        _declare(body, names, clauses)
        value = body.operand(node.element)
        if not isinstance(value.type, RecordType):
            value_of(body, value, "a comprehension")
    _rectangular(body, value, clauses)
    type_ = _stacked(value.type, tuple(extents))
    expr = typed.Comprehension(
        type=type_,
        span=node.span,
        element=guarded(prelude, value.expr),
        clauses=tuple(clauses),
    )
    return Operand(expr, value.weak)


def _stacked(type_: Type, extents: tuple[Poly, ...]) -> Type:
    """Arrays or records one after another, as one array."""
    if isinstance(type_, RecordType):
        return restacked(type_, extents + type_.shape)
    assert isinstance(type_, (ScalarType, ArrayType))
    return with_shape(element_of(type_), (*extents, *shape_of(type_)))


def _trips(body: Body, iterable: ast.Expr) -> Poly:
    assert isinstance(iterable, ast.Call)
    start, stop, step = range_bounds(body, iterable)
    return range_count(body, start, stop, step, iterable.span)


def _declare(
    body: Body, names: dict[str, typed.Variable | None], clauses: Iterable[Clause]
) -> None:
    for made in clauses:
        names[made.variable.name] = made.variable
        body.new_value(made.variable)


def _mentioned(node: object) -> set[str]:
    """Names inside a syntax tree."""
    if isinstance(node, ast.Name):
        return {node.name}
    if isinstance(node, ast.Node):
        parts = [getattr(node, name) for name in node.__dataclass_fields__ if name != "span"]
        return {name for part in parts for name in _mentioned(part)}
    if isinstance(node, tuple):
        return {name for part in node for name in _mentioned(part)}
    return set()


def _independent(body: Body, part: ast.ForClause, earlier: list[Clause]) -> None:
    used = _mentioned(part.iterable)
    for made in earlier:
        if made.variable.name in used:
            raise body.error(
                DependentExtent(
                    span=part.iterable.span,
                    extent=part.iterable.span.text,
                    variable=made.variable.name,
                )
            )


def _rectangular(body: Body, value: Operand, clauses: list[Clause]) -> None:
    """The element's extents are known outside the comprehension."""
    for extent in extents_of(value.type):
        for local in locals_of(extent):
            if not any(local.key in block.keys for block in body.blocks):
                variables = ", ".join(made.variable.name for made in clauses)
                raise body.error(
                    DependentExtent(span=value.span, extent=str(extent), variable=variables)
                )


def generator(body: Body, kind: str, node: ast.Comprehension, span: Span) -> Operand:
    """`sum(element for ... if ...)`: clauses nest, ranges may depend on earlier variables."""
    clauses: list[Clause | typed.Expr] = []
    variables: list[Clause] = []
    with body.scope() as names:
        for part in node.clauses:
            if variables:
                made = _inner_clause(body, names, part, variables)
            elif isinstance(part, ast.ForClause):
                made, _ = clause(body, part.target, part.iterable)
            else:
                raise body.error(NotSupported(span=part.span, what="`if` before `for`"))
            clauses.append(made)
            if isinstance(made, (typed.ForRange, typed.ForElement)):
                variables.append(made)
                names[made.variable.name] = made.variable
        with body.block() as prelude:
            _declare(body, names, variables)
            value = body.operand(node.element)
            if not isinstance(value.type, ScalarType):
                raise body.error(
                    NotSupported(
                        span=value.span,
                        what=f"`{kind}` of arrays over a generator",
                        advice=f"`{kind}([...], axis=0)`, or a loop with `+=`",
                    )
                )
            expr, weak = reduced_element(body, kind, value)
    made_expr = typed.ReduceGenerator(
        type=expr.type,
        span=span,
        kind=kind,
        element=guarded(prelude, expr),
        clauses=tuple(clauses),
    )
    return Operand(made_expr, weak)


def _inner_clause(
    body: Body,
    names: dict[str, typed.Variable | None],
    part: ast.ForClause | ast.IfClause,
    variables: list[Clause],
) -> Clause | typed.Expr:
    with body.block() as prelude:
        _declare(body, names, variables)
        if isinstance(part, ast.IfClause):
            test = condition(body, part.condition)
        else:
            made, _ = clause(body, part.target, part.iterable)
    if isinstance(part, ast.IfClause):
        return guarded(prelude, test)
    if isinstance(made, typed.ForElement):
        return typed.ForElement(made.variable, guarded(prelude, made.array))
    bounds = made.range
    return typed.ForRange(
        made.variable, typed.Range(guarded(prelude, bounds.start), bounds.stop, bounds.step)
    )


def reduced_element(body: Body, kind: str, operand: Operand) -> tuple[typed.Expr, bool]:
    """An operand of a reduction in the element type that the reduction computes in."""
    type_ = value_of(body, operand, kind)
    found = element_of(type_)
    if kind in ("any", "all"):
        if found != BOOL:
            raise body.error(
                WrongOperand(
                    span=operand.span,
                    operation=kind,
                    expected="bools",
                    found=str(type_),
                    advice="compare first: `any(x != 0)`",
                )
            )
        return operand.expr, False
    if kind in ("mean", "logsumexp") and not found.is_float:
        return convert(operand.expr, F64), True
    if kind in ("sum", "prod"):
        return convert(operand.expr, number(found)), operand.weak
    return operand.expr, operand.weak
