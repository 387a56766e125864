"""Calls: functions of the module, record constructors, built-ins by their kind."""

from collections.abc import Callable

from dpc.dsl import ast, typed
from dpc.dsl.builtins import BUILTINS, Builtin
from dpc.dsl.check.along import ALONG
from dpc.dsl.check.arguments import fit, match_arguments, solve
from dpc.dsl.check.arranging import ARRANGING
from dpc.dsl.check.closures import call_value, closure_of_template, function_value
from dpc.dsl.check.composed import COMPOSED
from dpc.dsl.check.context import Body, Operand, Reported, describe
from dpc.dsl.check.copies import COPIES
from dpc.dsl.check.derivative_calls import DERIVATIVES
from dpc.dsl.check.einsum import EINSUM
from dpc.dsl.check.elementwise import ELEMENTWISE
from dpc.dsl.check.function_calls import call_function, signature_text
from dpc.dsl.check.linear_algebra import LINEAR_ALGEBRA
from dpc.dsl.check.making import MAKING
from dpc.dsl.check.products import PRODUCTS
from dpc.dsl.check.random import RANDOM
from dpc.dsl.check.reductions import REDUCTIONS
from dpc.dsl.check.unknown import no_method, unassigned, unknown_name
from dpc.dsl.errors.names import NotCallable
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.errors.types import Misplaced
from dpc.dsl.shapes import Dimension, Poly
from dpc.dsl.types import ArrayType, RecordType, Type, substitute

Handler = Callable[[Body, Builtin, ast.Call], Operand]


def _missing(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    raise body.error(NotSupported(span=node.callee.span, what=f"`{builtin.name}`"))


def _range(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    raise body.error(
        NotSupported(span=node.span, what="`range` as a value", advice="`arange(n)` makes an array")
    )


def _print(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    raise body.error(Misplaced(span=node.span, problem="`print(...)` is a statement, no value"))


def _decorator(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    problem = f"`{builtin.name}` stands before a `def`, as `@{builtin.signature}`"
    raise body.error(Misplaced(span=node.span, problem=problem))


HANDLERS: dict[str, Handler] = {
    "decorator": _decorator,
    "print": _print,
    "missing": _missing,
    "range": _range,
    **ELEMENTWISE,
    **REDUCTIONS,
    **MAKING,
    **COMPOSED,
    **DERIVATIVES,
    **ARRANGING,
    **COPIES,
    **PRODUCTS,
    **EINSUM,
    **ALONG,
    **RANDOM,
    **LINEAR_ALGEBRA,
}


def check_call(body: Body, node: ast.Expr) -> Operand:
    """`callee(arguments)`."""
    assert isinstance(node, ast.Call)
    if not isinstance(node.callee, ast.Name):
        value = function_value(body, node.callee)
        return _odd_callee(body, node) if value is None else call_value(body, value, node)
    name = node.callee.name
    variable = body.lookup(name)
    if variable is not None:
        raise _called_variable(body, variable, node)
    local = body.local_function(name)
    if local is not None:
        return call_value(body, local, node)
    if name in body.assigned_somewhere:
        raise unassigned(body, name, node.callee.span)
    if name in body.names.functions:
        return _call_function(body, body.names.functions[name], node)
    if name in body.names.records:
        return _construct(body, name, node)
    if name in body.names.failed:
        raise Reported
    if name in body.names.templates:
        return call_value(body, closure_of_template(body.names.templates[name]), node)
    if name in BUILTINS and name not in body.names.definitions:
        handler = HANDLERS.get(BUILTINS[name].kind)
        if handler is None:
            raise body.error(NotCallable(span=node.callee.span, name=name, kind="a constant"))
        return handler(body, BUILTINS[name], node)
    if name in body.names.definitions or name in body.dimensions:
        raise body.error(NotCallable(span=node.callee.span, name=name, kind="no function"))
    raise unknown_name(body, name, node.callee.span)


def _called_variable(body: Body, variable: typed.Variable, node: ast.Call) -> Reported:
    name, advice = variable.name, ""
    if isinstance(variable.type, ArrayType):
        given = ", ".join(argument.span.text for argument in node.arguments)
        advice = f"brackets take an element, counted from 0: `{name}[{given}]`"
    hides = " and hides the built-in of that name" if name in BUILTINS else ""
    return body.error(
        NotCallable(
            span=node.callee.span,
            name=name,
            kind="a variable",
            advice=advice,
            origin=(variable.span, f"`{name}` is assigned here{hides}"),
        )
    )


def _odd_callee(body: Body, node: ast.Call) -> Operand:
    callee = node.callee
    if isinstance(callee, ast.Attribute):
        raise no_method(body, node)
    found = body.operand(callee)
    raise body.error(NotCallable(span=callee.span, name=found.text, kind=describe(found.type)))


def _call_function(body: Body, function: typed.Function, node: ast.Call) -> Operand:
    if body.function is None:
        raise body.error(
            NotSupported(
                span=node.span,
                what="calls of functions in defaults",
                advice="give the value a name: `LIMIT = f(2.0)`, then `= LIMIT`",
            )
        )
    if function.result is None and node is not body.statement:
        problem = f"`{function.name}` has no result: its call is a statement, no value"
        raise body.error(Misplaced(span=node.span, problem=problem))
    names = [p.name for p in function.parameters]
    optional = {p.name for p in function.parameters if p.default is not None}
    given = match_arguments(body, node, names, optional, signature_text(function))
    operands = dict(zip(given, body.operands(given.values())))
    return call_function(body, function, operands, node.span)


def _construct(body: Body, here: str, node: ast.Call) -> Operand:
    """`Model(w=..., b=...)`: its dimensions follow from the fields.

    `here`: its name in the file.
    """
    record = body.names.records[here]
    names = [name for name, _ in record.fields]
    listed = ", ".join(f"{name}: {type_}" for name, type_ in record.fields)
    given = match_arguments(body, node, names, set(), f"{record.name}({listed})")
    operands = dict(zip(given, body.operands(given.values())))
    types: dict[str, Type] = {name: operand.type for name, operand in operands.items()}
    bindings = body.names.record_bindings[here]
    dimensions = solve(body, bindings, types, lambda _: Poly.constant(0), node.span)
    mapping = {Dimension(name): poly for name, poly in dimensions.items()}
    made = substitute(record, mapping)
    assert isinstance(made, RecordType)
    values = tuple(
        fit(body, operands[name], type_, f"field `{name}`") for name, type_ in made.fields
    )
    return Operand(typed.MakeRecord(type=made, span=node.span, values=values))
