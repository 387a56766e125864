"""Functions: signatures first, then bodies.

A body is checked again from the start when a literal-typed variable turned out to need another
type (`total = 0` that later receives floats); only the last run's diagnostics count.
"""

from collections.abc import Callable, Mapping, Sequence

from dpc.dsl import ast, typed
from dpc.dsl.check.annotations import (
    Annotations,
    bindings_of,
    dimension_names,
    require_told,
)
from dpc.dsl.check.arguments import fit
from dpc.dsl.check.context import Body, Promotions, Reported
from dpc.dsl.check.expressions import RULES
from dpc.dsl.check.flow import check_flow
from dpc.dsl.check.statements import check_statements
from dpc.dsl.check.suspicious import warn_of_suspicious
from dpc.dsl.diagnostics import Sink
from dpc.dsl.errors.names import UnusedVariable
from dpc.dsl.errors.shapes import BadDimension, UnknownDimension
from dpc.dsl.errors.types import MissingAnnotation, NotConstant
from dpc.dsl.resolve import ModuleNames, first_assignments
from dpc.dsl.shapes import Poly
from dpc.dsl.source import Span
from dpc.dsl.types import I64, ScalarType, Type


def check_signature(
    names: ModuleNames, node: ast.FunctionDef, variables: Mapping[str, Type] | None = None
) -> typed.Function:
    """The function without its body; `variables` are the types that type variables stand for."""
    known = variables or {}
    failed = False
    parameters: list[typed.Parameter] = []
    for parameter in node.parameters:
        try:
            parameters.append(_parameter(names, parameter, known))
        except Reported:
            failed = True
    try:
        result = None
        if node.result is not None:
            result = Annotations(names, f"{node.name}()", known).type_of(node.result)
    except Reported:
        failed = True
    if failed:
        raise Reported
    integers = [p.name for p in parameters if p.type == I64]
    bindings, unknown = bindings_of([(p.name, p.type) for p in parameters], integers)
    function = typed.Function(
        name=node.name,
        span=node.name_span,
        doc=node.doc,
        parameters=tuple(parameters),
        result=result,
        bindings=bindings,
        module=names.qualifier,
        result_span=None if node.result is None else node.result.span,
    )
    _determined(names, node, function, unknown, result)
    return function


def _determined(
    names: ModuleNames,
    node: ast.FunctionDef,
    function: typed.Function,
    unknown: set[str],
    result: Type | None,
) -> None:
    """Every dimension is bound by the parameters."""
    for parameter, made in zip(node.parameters, function.parameters):
        assert parameter.annotation is not None
        _no_other_value(names, function, made, parameter.annotation.span)
        for name in sorted(dimension_names(made.type) & unknown):
            names.sink.report(UnknownDimension(span=parameter.annotation.span, name=name))
    bound = {binding.name for binding in function.bindings}
    missing = dimension_names(result) - bound - unknown if result is not None else set()
    integers = {p.name for p in function.parameters if p.type == I64}
    for name in sorted(missing & integers):
        function.bindings = (*function.bindings, typed.Binding(name, "", (), 0))
    function.result_dimensions = tuple(sorted(missing - integers))
    if node.result is not None and result is not None:
        require_told(names, node.result.span, result, function.result_dimensions)
    if unknown:
        raise Reported


def _no_other_value(
    names: ModuleNames, function: typed.Function, made: typed.Parameter, span: Span
) -> None:
    """No dimension of a parameter has the name of one that is no integer."""
    others = {p.name: p.type for p in function.parameters if p.type != I64}
    for name in sorted(dimension_names(made.type) & set(others)):
        advice = f"`{name}` is a parameter of type `{others[name]}`; extents are `i64`"
        names.sink.report(BadDimension(span=span, text=name, advice=advice))
        raise Reported


def _parameter(
    names: ModuleNames, node: ast.Parameter, variables: Mapping[str, Type]
) -> typed.Parameter:
    if node.annotation is None:
        raise missing_annotation(names, node)
    type_ = Annotations(names, node.name, variables).type_of(node.annotation)
    variable = typed.Variable(node.name, type_, node.name_span, is_parameter=True)
    return typed.Parameter(variable, default_of(names, node, type_))


def missing_annotation(names: ModuleNames, node: ast.Parameter) -> Reported:
    """Report a parameter of a function of the module that has no type."""
    what = f"parameter `{node.name}`"
    return Annotations(names).error(MissingAnnotation(span=node.name_span, what=what))


def default_of(names: ModuleNames, node: ast.Parameter, type_: Type) -> typed.Constant | None:
    """The value of a parameter's default, None without one."""
    if node.default is None:
        return None
    body = Body(names, RULES)
    value = body.operand(node.default)
    if isinstance(type_, ScalarType):
        expr = fit(body, value, type_, f"the default of `{node.name}`")
        if isinstance(expr, typed.Constant):
            return expr
    what, advice = f"the default of `{node.name}`", "only scalars have defaults"
    raise body.error(NotConstant(span=node.default.span, what=what, advice=advice))


def check_function(
    names: ModuleNames,
    node: ast.FunctionDef,
    function: typed.Function,
    variables: Mapping[str, Type] | None = None,
) -> None:
    """Fill in the body of a function of the module; `variables` as for `check_signature`."""

    def new_body(promotions: Promotions) -> Body:
        body = _new_body(names, node, function, promotions)
        body.variables = variables or {}
        return body

    check_body(names, node.body, function, new_body)


def check_body(
    names: ModuleNames,
    nodes: Sequence[ast.Stmt],
    function: typed.Function,
    new_body: Callable[[Promotions], Body],
) -> None:
    """Fill in the body; reports what is wrong with it. `new_body` starts from the parameters."""
    promotions: Promotions = {}
    outer = names.sink
    try:
        while True:
            names.sink = Sink()
            body = new_body(promotions)
            with body.block() as statements:
                for parameter in function.parameters:
                    if body.values.get(parameter.variable) is None:
                        body.new_value(parameter.variable)
                check_statements(body, nodes)
            if not body.promoted:
                break
        function.body = tuple(statements)
        check_flow(function, names.sink)
        if not names.sink.failed:
            for name, span in body.unused_functions.items():
                names.sink.report(UnusedVariable(span=span, name=name))
            warn_of_suspicious(function, names.sink)
    finally:
        found, names.sink = names.sink, outer
        for diagnostic in found.diagnostics:
            outer.report(diagnostic)


def _new_body(
    names: ModuleNames,
    node: ast.FunctionDef,
    function: typed.Function,
    promotions: Promotions,
) -> Body:
    bound = {binding.name for binding in function.bindings}
    parameters = {p.name for p in function.parameters}
    body = Body(
        names,
        RULES,
        function,
        dimensions={name: Poly.dimension(name) for name in sorted(bound - parameters)},
        assigned_somewhere=first_assignments(node.body, parameters | bound),
        promotions=promotions,
    )
    for parameter in function.parameters:
        body.scopes[0][parameter.name] = parameter.variable
        if parameter.name in bound:
            body.values[parameter.variable] = Poly.dimension(parameter.name)
    return body
