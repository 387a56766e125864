"""Statements. One that has an error is dropped, and its targets are known to be unusable."""

from collections.abc import Callable, Iterable
from contextlib import suppress

from dpc.dsl import ast, typed
from dpc.dsl.check.arguments import fit
from dpc.dsl.check.checkpoints import unwrapped
from dpc.dsl.check.closures import bind_function, closure_of, function_value
from dpc.dsl.check.comprehensions import clause, loop_annotation
from dpc.dsl.check.context import Body, Operand, Reported
from dpc.dsl.check.convert import coerce, constant, element, value_of
from dpc.dsl.check.operators import BINARY, binary, condition
from dpc.dsl.check.parallel import parallel_loop, parallel_range
from dpc.dsl.check.places import place
from dpc.dsl.check.printing import check_print, is_print, text_parts
from dpc.dsl.check.records import field, float_places, operand_for_record
from dpc.dsl.check.targets import (
    adopt,
    annotated,
    because_of,
    broadcasts,
    destructure,
    store,
)
from dpc.dsl.check.type_variables import settled_type
from dpc.dsl.errors.names import OutsideLoop
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.errors.types import BadTarget, Misplaced, TypeMismatch
from dpc.dsl.resolve import assigned_names, target_names
from dpc.dsl.source import Span
from dpc.dsl.types import BOOL, I64, ArrayType, RecordType, ScalarType, TupleType, shape_of


def check_statements(body: Body, nodes: Iterable[ast.Stmt]) -> None:
    """Check statements in order, each on its own."""
    for node in nodes:
        try:
            STATEMENTS[type(node)](body, node)
        except Reported:
            continue


def _assign(body: Body, node: ast.Stmt) -> None:
    assert isinstance(node, ast.Assign)
    try:
        if isinstance(node.target, ast.Name) and node.annotation is None:
            function = function_value(body, node.value)
            if function is not None:
                bind_function(body, node.target.name, node.target.span, function)
                return
        operand = body.operand(node.value)
        if node.annotation is not None:
            if not isinstance(node.target, ast.Name):
                raise body.error(BadTarget(span=node.target.span, what="an annotated part"))
            declared = annotated(body, node.annotation)
            value = fit(body, operand, declared, f"`{node.target.name}`")
            operand = Operand(value, poly=operand.poly)
        pairs = destructure(body, node.target, operand)
        stores = [store(body, target, value) for target, value in pairs]
    except Reported:
        _spoil(body, node.target, node.span)
        raise
    places = tuple(spot for spot, _, _ in stores)
    values = tuple(value for _, value, _ in stores)
    whole = values[0]
    if len(stores) > 1:
        type_ = TupleType(tuple(v.type for v in values))
        whole = typed.MakeTuple(type=type_, span=node.value.span, items=values)
    body.emit(typed.Assign(span=node.span, places=places, value=whole))
    for spot, _, stored in stores:
        _remember(body, spot, stored)


def _remember(body: Body, spot: typed.Place, operand: Operand) -> None:
    """The symbolic value of an integer variable after an assignment."""
    if spot.variable.type != I64:
        return
    if operand.poly is not None and operand.type == I64:
        body.values[spot.variable] = operand.poly
    else:
        body.new_value(spot.variable)


def _spoil(body: Body, target: ast.Expr, span: Span) -> None:
    """A failed assignment: new names are unusable, old ones count as assigned."""
    for name in target_names(target):
        variable = body.scopes[0].setdefault(name.name, None)
        if variable is not None:
            place_ = typed.Place(variable, (), (), variable.type, span)
            nothing = typed.Constant(type=variable.type, span=span, value=0)
            body.emit(typed.Assign(span=span, places=(place_,), value=nothing))


def _augmented(body: Body, node: ast.Stmt) -> None:
    assert isinstance(node, ast.AugmentedAssign)
    operator = f"{node.operator}="
    if node.operator not in BINARY:
        raise body.error(NotSupported(span=node.span, what=f"`{operator}`"))
    spot, value = _place_and_value(body, node)
    if isinstance(spot.type, RecordType):
        value = operand_for_record(body, spot, value, operator)
    _augment(body, spot, value, node)


def _augment(body: Body, spot: typed.Place, value: Operand, node: ast.AugmentedAssign) -> None:
    """`spot op= value`; of a record every float field."""
    if isinstance(spot.type, RecordType):
        for name, part in float_places(spot):
            _augment(body, part, field(value, name), node)
        return
    operator = f"{node.operator}="
    value_of(body, value, operator)
    name = BINARY[node.operator]
    variable = spot.variable
    poly = body.values.get(variable) if spot.type == I64 and not spot.items else None
    current = Operand(_current(spot), variable in body.tentative, poly)
    if isinstance(spot.type, ArrayType) and isinstance(value.type, (ScalarType, ArrayType)):
        broadcasts(body, spot, shape_of(value.type), value.span)
    result = binary(body, name, current, value, node.span, operator)
    assert isinstance(result.type, (ScalarType, ArrayType))
    if isinstance(spot.type, ScalarType) and isinstance(result.type, ArrayType):
        raise body.error(
            TypeMismatch(
                span=node.value.span,
                what=f"the value of `{operator}`",
                expected=str(spot.type),
                found=str(value.type),
                advice="`sum(...)` makes one number of an array",
            )
        )
    expr = value.expr
    if not adopt(body, variable, element(result), result.weak):
        with because_of(body, variable):
            coerce(body, Operand(result.expr, result.weak), element(current), f"`{operator}`")
            if name != "pow" or element(value).is_float:
                expr = coerce(body, value, element(current), f"the value of `{operator}`")
    body.emit(typed.AugmentedAssign(span=node.span, place=spot, operator=name, value=expr))
    _remember(body, spot, result)


def _place_and_value(body: Body, node: ast.AugmentedAssign) -> tuple[typed.Place, Operand]:
    """Both sides, so that errors of both are reported."""
    if isinstance(node.target, ast.TupleDisplay):
        raise body.error(BadTarget(span=node.target.span, what="a tuple in parts"))
    failed = False
    try:
        spot = place(body, node.target)
    except Reported:
        failed = True
    value = body.operand(node.value)
    if failed:
        raise Reported
    return spot, value


def _current(spot: typed.Place) -> typed.Expr:
    """Reading a place (for its type; the statement reads it itself)."""
    expr: typed.Expr = typed.Read(type=spot.variable.type, span=spot.span, variable=spot.variable)
    if not spot.fields and not spot.items:
        return expr
    return typed.Index(type=spot.type, span=spot.span, base=expr, items=spot.items)


def _test(body: Body, node: ast.Expr) -> typed.Expr:
    """A condition; a wrong one is reported and stands as True, so that the rest is checked."""
    try:
        return condition(body, node)
    except Reported:
        return constant(True, BOOL, node.span)


def _if(body: Body, node: ast.Stmt) -> None:
    assert isinstance(node, ast.If)
    test = _test(body, node.condition)
    before = dict(body.values)
    with body.block() as then:
        check_statements(body, node.then)
    after_then, body.values = body.values, dict(before)
    with body.block() as otherwise:
        check_statements(body, node.otherwise)
    body.emit(
        typed.If(span=node.span, condition=test, then=tuple(then), otherwise=tuple(otherwise))
    )
    for variable in [*after_then, *(v for v in body.values if v not in after_then)]:
        if after_then.get(variable) != body.values.get(variable):
            body.new_value(variable)


def _for(body: Body, node: ast.Stmt) -> None:
    assert isinstance(node, ast.For)
    assigned = assigned_names(node.body)
    loop: typed.ForRange | typed.ForElement | None = None
    given = checkpoint = None
    with suppress(Reported):
        given = parallel_range(body, node.iterable)
        iterable, checkpoint = unwrapped(body, given or node.iterable)
        loop, _ = clause(body, node.target, iterable)
    outer = frozenset(v for names in body.scopes for v in names.values() if v is not None)
    body.loops += 1
    with body.scope() as names, body.block() as inner:
        body.forget(assigned)
        for name in target_names(node.target):
            names[name.name] = loop.variable if loop is not None else None
        if loop is not None:
            body.new_value(loop.variable)
        check_statements(body, node.body)
    body.loops -= 1
    if given is not None and isinstance(loop, typed.ForRange):
        body.emit(parallel_loop(body, loop, tuple(inner), outer, node.span))
    elif loop is not None:
        made = typed.For(span=node.span, clause=loop, body=tuple(inner), checkpoint=checkpoint)
        body.emit(made)
    body.forget(assigned)


def _while(body: Body, node: ast.Stmt) -> None:
    assert isinstance(node, ast.While)
    asked, checkpoint = unwrapped(body, node.condition)
    loop_annotation(body, asked)
    assigned = assigned_names(node.body)
    with body.block() as prelude:
        body.forget(assigned)
        test = _test(body, asked)
    body.loops += 1
    with body.block() as inner:
        body.forget(assigned)
        check_statements(body, node.body)
    body.loops -= 1
    body.emit(
        typed.While(
            span=node.span,
            condition=test,
            body=tuple(inner),
            prelude=tuple(prelude),
            checkpoint=checkpoint,
        )
    )
    body.forget(assigned)


def _break(body: Body, node: ast.Stmt) -> None:
    _inside_loop(body, node, "break")
    body.emit(typed.Break(span=node.span))


def _continue(body: Body, node: ast.Stmt) -> None:
    _inside_loop(body, node, "continue")
    body.emit(typed.Continue(span=node.span))


def _inside_loop(body: Body, node: ast.Stmt, word: str) -> None:
    if body.loops == 0:
        raise body.error(OutsideLoop(span=node.span, statement=word))


def _pass(body: Body, node: ast.Stmt) -> None:
    """Nothing."""


def _return(body: Body, node: ast.Stmt) -> None:
    assert isinstance(node, ast.Return)
    function = body.function
    assert function is not None
    value: typed.Expr | None = None
    try:
        if node.value is not None:
            operand = body.operand(node.value)
            if function.result is None and body.infers_result:
                function.result = settled_type(body, operand)
            if function.result is None:
                problem = f"`{function.name}` declares no result"
                advice = f"write it after the parameters: `-> {operand.type}`"
                raise body.error(Misplaced(span=node.span, problem=problem, advice=advice))
            with body.because(function.result_span, "the result is declared here"):
                value = fit(body, operand, function.result, "the result")
        elif function.result is not None:
            problem = f"`{function.name}` returns a value of type `{function.result}`"
            origin = _declared(function)
            raise body.error(Misplaced(span=node.span, problem=problem, origin=origin))
    finally:
        body.emit(typed.Return(span=node.span, value=value))


def _declared(function: typed.Function) -> tuple[Span, str] | None:
    span = function.result_span
    return None if span is None else (span, "the result is declared here")


def _assert(body: Body, node: ast.Stmt) -> None:
    assert isinstance(node, ast.Assert)
    message = _message(body, node.message)
    if isinstance(node.condition, ast.Boolean) and not node.condition.value:
        body.emit(typed.Assert(span=node.span, condition=None, message=message))
        return
    if isinstance(node.condition, ast.TupleDisplay):
        problem = "an assertion takes a condition and a message, not a tuple"
        advice = 'leave the parentheses out: `assert condition, "message"`'
        raise body.error(Misplaced(span=node.condition.span, problem=problem, advice=advice))
    test = condition(body, node.condition)
    body.emit(typed.Assert(span=node.span, condition=test, message=message))


def _message(body: Body, node: ast.Expr | None) -> tuple[str | typed.Expr, ...]:
    match node:
        case None:
            return ()
        case ast.Text() | ast.FormatText():
            return text_parts(body, node)
        case _:
            raise body.error(
                Misplaced(
                    span=node.span,
                    problem="the message of an assertion is a string",
                    advice='values stand in an f-string: `f"x is {x}"`',
                )
            )


def _expression(body: Body, node: ast.Stmt) -> None:
    assert isinstance(node, ast.ExpressionStatement)
    value = node.value
    if isinstance(value, ast.Text):
        return
    if isinstance(value, ast.Ellipsis):
        raise body.error(NotSupported(span=node.span, what="functions without a body"))
    if is_print(body, value):
        assert isinstance(value, ast.Call)
        check_print(body, value)
        return
    body.statement = value
    operand = body.operand(value)
    if isinstance(operand.expr, typed.Call) and operand.expr.function.result is None:
        body.emit(typed.Assign(span=node.span, places=(), value=operand.expr))
        return
    raise body.error(
        Misplaced(
            span=node.span,
            problem="the value of this expression is not used",
            advice="functions have no side effects: assign the value or remove the line",
        )
    )


def _nested(body: Body, node: ast.Stmt) -> None:
    assert isinstance(node, ast.FunctionDef)
    try:
        bind_function(body, node.name, node.name_span, closure_of(body, node))
    except Reported:
        body.scopes[0].setdefault(node.name, None)
        raise


STATEMENTS: dict[type[ast.Stmt], Callable[[Body, ast.Stmt], None]] = {
    ast.Assign: _assign,
    ast.AugmentedAssign: _augmented,
    ast.ExpressionStatement: _expression,
    ast.If: _if,
    ast.For: _for,
    ast.While: _while,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Pass: _pass,
    ast.Return: _return,
    ast.Assert: _assert,
    ast.FunctionDef: _nested,
}
