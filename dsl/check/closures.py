"""Expressions that mean functions, what they capture, and their calls.

Captured values are those at the place of the definition: a named function keeps them in variables
of their own; a lambda that is passed on at once reads them where it stands.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from dpc.dsl import ast, typed
from dpc.dsl.builtins import BUILTINS
from dpc.dsl.check.arguments import fit, match_arguments
from dpc.dsl.check.context import Body, Operand, Reported
from dpc.dsl.check.derivatives import along_captured, parameter_names, wrt_of
from dpc.dsl.check.derived_operators import apply_derived
from dpc.dsl.check.derived_templates import bound, takes_functions
from dpc.dsl.check.function_calls import call_function
from dpc.dsl.check.function_values import (
    Abstract,
    Along,
    Bound,
    BuiltinFunction,
    Closure,
    Derived,
    FunctionType,
    FunctionValue,
    Named,
    name_of,
    span_of,
)
from dpc.dsl.check.headers import is_callable
from dpc.dsl.check.names import read
from dpc.dsl.check.specialise import specialised
from dpc.dsl.errors.functions import FunctionReassigned, NotAFunction, WrongFunction
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.errors.types import WrongArguments
from dpc.dsl.names_in import names_in
from dpc.dsl.resolve import Template, assigned_names
from dpc.dsl.source import Span
from dpc.dsl.types import Type

OPERATORS = ("grad", "value_and_grad", "jacobian", "hessian", "hvp")


# --- which function an expression means -----------------------------------------------------


def function_value(body: Body, node: ast.Expr) -> FunctionValue | None:
    """The function that an expression means; None for anything else."""
    match node:
        case ast.Lambda():
            return closure_of(body, _definition(body, node))
        case ast.Name(name=name):
            return _named(body, name, node.span)
        case ast.Call(callee=ast.Name(name=name)) if name in OPERATORS:
            return _operator(body, node) if _is_builtin(body, name) else None
        case _:
            return None


def _is_builtin(body: Body, name: str) -> bool:
    """No local name hides the built-in."""
    return body.local_function(name) is None and not any(name in s for s in body.scopes)


def _operator(body: Body, node: ast.Call) -> FunctionValue:
    """`grad(f, wrt=...)`: a function made of a function."""
    assert isinstance(node.callee, ast.Name)
    name = node.callee.name
    given = match_arguments(body, node, ("f", "wrt"), {"wrt"}, f"{name}(f, wrt=...)")
    value = function_value(body, given["f"])
    if value is None:
        found = str(body.operand(given["f"]).type)
        raise body.error(NotAFunction(span=given["f"].span, what=f"`{name}`", found=found))
    wrt, several = wrt_of(body, given["wrt"]) if "wrt" in given else (None, False)
    if name == "hessian":
        value, name = Derived("grad", value, wrt, several, node.span), "jacobian"
    return Derived(name, value, wrt, several, node.span)


def _named(body: Body, name: str, span: Span) -> FunctionValue | None:
    local = body.local_function(name)
    if local is not None:
        return local
    known = any(name in scope for scope in body.scopes) or name in body.dimensions
    if known or name in body.assigned_somewhere:
        return None
    if name in body.names.functions:
        return Named(body.names.functions[name])
    if name in body.names.templates:
        if name in body.names.failed:
            raise Reported
        return closure_of_template(body.names.templates[name])
    builtin = BUILTINS.get(name)
    if builtin is not None and name not in body.names.definitions and builtin.kind != "constant":
        return BuiltinFunction(name, span)
    return None


def _definition(body: Body, node: ast.Lambda) -> ast.FunctionDef:
    """A lambda as a function of one statement, the same one whenever it is asked for."""
    lambdas = body.names.lambdas
    if node not in lambdas:
        lambdas[node] = ast.FunctionDef(
            span=node.span,
            name="lambda",
            name_span=node.span,
            parameters=tuple(_untyped(p.name, p.span) for p in node.parameters),
            result=None,
            doc=None,
            body=(ast.Return(span=node.body.span, value=node.body),),
            decorators=(),
        )
    return lambdas[node]


def _untyped(name: str, span: Span) -> ast.Parameter:
    return ast.Parameter(span=span, name=name, name_span=span, annotation=None, default=None)


# --- captures -------------------------------------------------------------------------------


def closure_of(body: Body, node: ast.FunctionDef) -> Closure:
    """The definition with what it captures from the body in which it stands."""
    own = {p.name for p in node.parameters} | assigned_names(node.body)
    captures: list[tuple[str, Operand]] = []
    functions: list[tuple[str, FunctionValue]] = []
    for name in dict.fromkeys(names_in((node.parameters, node.result, node.body))):
        if name in own:
            continue
        if name == node.name:
            advice = "define it at the level of the module and pass it what it uses"
            raise body.error(
                NotSupported(
                    span=node.name_span, what="recursion of local functions", advice=advice
                )
            )
        variable = body.lookup(name)
        if variable is not None:
            captures.append((name, read(body, variable, node.name_span)))
            continue
        function = body.local_function(name)
        if function is not None:
            functions.append((name, function))
    dimensions = tuple(body.dimensions.items())
    return Closure(node, body.names, tuple(captures), tuple(functions), dimensions)


def closure_of_template(template: Template) -> Closure:
    """A function of a module captures nothing."""
    return Closure(template.definition, template.home)


def bind_function(body: Body, name: str, span: Span, value: FunctionValue) -> None:
    """Give a function a local name; what it captured keeps its present value."""
    taken = body.local_function(name) is not None or body.lookup(name) is not None
    if taken or name in body.dimensions:
        raise body.error(FunctionReassigned(span=span, name=name))
    value = _kept(body, value)
    body.blocks[-1].functions[name] = value
    if not name.startswith("_"):
        body.unused_functions[name] = span


def _kept(body: Body, value: FunctionValue) -> FunctionValue:
    """The function with what it captured in variables of its own."""
    match value:
        case Derived():
            return replace(value, value=_kept(body, value.value))
        case Closure():
            kept = tuple(
                (n, Operand(body.temporary(o.expr), poly=o.poly)) for n, o in value.captures
            )
            return replace(value, captures=kept)
        case _:
            return value


# --- calls ----------------------------------------------------------------------------------


def call_value(body: Body, value: FunctionValue, node: ast.Call) -> Operand:
    """A call of a function value, its arguments as written."""
    if isinstance(value, Closure):
        return call_closure(body, value, node)
    if isinstance(value, Derived) and takes_functions(value):
        made, values = bound(body, value, node, function_value, call_closure)
        return apply(body, made, body.operands(values), node.span)
    if isinstance(value, Derived) and node.keywords:
        names = parameter_names(value)
        given = match_arguments(body, node, names, set(), f"{name_of(value)}({', '.join(names)})")
        return apply(body, value, body.operands(given[n] for n in names), node.span)
    if node.keywords:
        problem = f"`{name_of(value)}` takes its arguments by position"
        raise body.error(
            WrongArguments(
                span=node.keywords[0].span, problem=problem, signature=str(_type_of(value) or "")
            )
        )
    return apply(body, value, body.operands(node.arguments), node.span)


def _type_of(value: FunctionValue) -> FunctionType | None:
    return value.type if isinstance(value, Abstract | Bound) else None


def call_closure(body: Body, closure: Closure, node: ast.Call) -> Operand:
    """A call of a definition that is checked for each use, its arguments as written."""
    parameters = closure.definition.parameters
    names = [p.name for p in parameters]
    optional = {p.name for p in parameters if p.default is not None}
    text = f"{closure.definition.name}({', '.join(p.span.text for p in parameters)})"
    written = match_arguments(body, node, names, optional, text)
    given: dict[str, Operand | FunctionValue] = {}
    failed = False
    for parameter in parameters:
        argument = written.get(parameter.name, parameter.default)
        assert argument is not None
        try:
            given[parameter.name] = _argument(body, closure, parameter, argument)
        except Reported:
            failed = True
    if failed:
        raise Reported
    places = {name: argument.span for name, argument in written.items()}
    return specialised(body, closure, given, node.span, trial, places)


def _argument(
    body: Body, closure: Closure, parameter: ast.Parameter, node: ast.Expr
) -> Operand | FunctionValue:
    if not is_callable(parameter.annotation):
        return body.operand(node)
    value = function_value(body, node)
    if value is not None:
        return value
    what = f"argument `{parameter.name}` of `{closure.definition.name}`"
    raise body.error(NotAFunction(span=node.span, what=what, found=str(body.operand(node).type)))


def apply(body: Body, value: FunctionValue, operands: Sequence[Operand], span: Span) -> Operand:
    """A call of a function value with checked arguments, all by position."""
    return _APPLY[type(value)](body, value, operands, span)


def trial(body: Body, value: FunctionValue, takes: tuple[Type, ...], span: Span) -> Type:
    """The type of the result for arguments of these types; nothing is emitted."""
    with body.block():
        made = (typed.Variable("_", type_, span) for type_ in takes)
        reads = [Operand(typed.Read(type=v.type, span=span, variable=v)) for v in made]
        return apply(body, value, reads, span).type


def _wrong(body: Body, value: FunctionValue, takes: int, given: int, span: Span) -> Reported:
    return body.error(
        WrongFunction(
            span=span,
            name=name_of(value),
            takes=_count(takes),
            given=_count(given),
            definition=span_of(value),
        )
    )


def _count(number: int) -> str:
    return f"{number} argument{'' if number == 1 else 's'}"


def _apply_named(
    body: Body, value: FunctionValue, operands: Sequence[Operand], span: Span
) -> Operand:
    assert isinstance(value, Named)
    function = value.function
    needed = sum(p.default is None for p in function.parameters)
    if not needed <= len(operands) <= len(function.parameters):
        raise _wrong(body, value, needed, len(operands), span)
    names = [p.name for p in function.parameters]
    return call_function(body, function, dict(zip(names, operands)), span)


def _apply_abstract(
    body: Body, value: FunctionValue, operands: Sequence[Operand], span: Span
) -> Operand:
    assert isinstance(value, Abstract)
    arguments = _fitted(body, value, value.type, operands, span)
    function = typed.Function(value.name, value.span, None, (), value.type.result, ())
    call = typed.Call(
        type=value.type.result, span=span, function=function, arguments=tuple(arguments)
    )
    return Operand(call)


def _fitted(
    body: Body, value: FunctionValue, type_: FunctionType, operands: Sequence[Operand], span: Span
) -> list[typed.Expr]:
    if len(operands) != len(type_.parameters):
        raise _wrong(body, value, len(type_.parameters), len(operands), span)
    return [
        fit(body, operand, wanted, f"argument {number} of `{name_of(value)}`")
        for number, (operand, wanted) in enumerate(zip(operands, type_.parameters), 1)
    ]


def _apply_bound(
    body: Body, value: FunctionValue, operands: Sequence[Operand], span: Span
) -> Operand:
    assert isinstance(value, Bound)
    arguments = _fitted(body, value, value.type, operands, span)
    fitted = [Operand(e, poly=o.poly) for e, o in zip(arguments, operands, strict=True)]
    result = apply(body, value.value, fitted, span)
    what = f"the result of `{name_of(value.value)}`"
    return Operand(fit(body, result, value.type.result, what))


def _apply_closure(
    body: Body, value: FunctionValue, operands: Sequence[Operand], span: Span
) -> Operand:
    assert isinstance(value, Closure)
    parameters = value.definition.parameters
    needed = [p for p in parameters if p.default is None]
    if not len(needed) <= len(operands) <= len(parameters):
        raise _wrong(body, value, len(needed), len(operands), span)
    given: dict[str, Operand | FunctionValue] = {}
    for position, parameter in enumerate(parameters):
        if is_callable(parameter.annotation):
            what = f"passing `{name_of(value)}`, which takes a function itself"
            raise body.error(NotSupported(span=span_of(value), what=what))
        if position < len(operands):
            given[parameter.name] = operands[position]
        else:
            assert parameter.default is not None
            given[parameter.name] = body.operand(parameter.default)
    return specialised(body, value, given, span, trial)


def _apply_builtin(
    body: Body, value: FunctionValue, operands: Sequence[Operand], span: Span
) -> Operand:
    """A built-in passed by name: a lambda of as many arguments around it."""
    assert isinstance(value, BuiltinFunction)
    key = (value.name, value.span, len(operands))
    if key not in body.names.lambdas:
        names = tuple(ast.Name(span=value.span, name=f"x{i}") for i in range(len(operands)))
        callee = ast.Name(span=value.span, name=value.name)
        call = ast.Call(span=value.span, callee=callee, arguments=names, keywords=())
        body.names.lambdas[key] = ast.FunctionDef(
            span=value.span,
            name=value.name,
            name_span=value.span,
            parameters=tuple(_untyped(n.name, n.span) for n in names),
            result=None,
            doc=None,
            body=(ast.Return(span=value.span, value=call),),
            decorators=(),
        )
    return _apply_closure(body, Closure(body.names.lambdas[key], body.names), operands, span)


def _apply_derived(
    body: Body, value: FunctionValue, operands: Sequence[Operand], span: Span
) -> Operand:
    assert isinstance(value, Derived)
    return apply_derived(body, value, operands, span, apply)


def _apply_along(
    body: Body, value: FunctionValue, operands: Sequence[Operand], span: Span
) -> Operand:
    assert isinstance(value, Along)
    return along_captured(body, value, operands, span, apply)


_APPLY: Mapping[type, Callable[[Body, FunctionValue, Sequence[Operand], Span], Operand]] = {
    Named: _apply_named,
    Abstract: _apply_abstract,
    Bound: _apply_bound,
    Closure: _apply_closure,
    BuiltinFunction: _apply_builtin,
    Derived: _apply_derived,
    Along: _apply_along,
}
