"""Functions with `Callable` parameters, checked once for themselves.

Each `Callable` parameter then stands for any function of its type, so that what is wrong in the
definition is said there, whoever calls it and whether anyone does.
"""

from dpc.dsl import ast, typed
from dpc.dsl.check.context import Body, Promotions, Reported
from dpc.dsl.check.expressions import RULES
from dpc.dsl.check.function_values import Abstract, FunctionType
from dpc.dsl.check.functions import check_body, default_of, missing_annotation
from dpc.dsl.check.headers import Header, header_of
from dpc.dsl.resolve import ModuleNames, first_assignments
from dpc.dsl.shapes import Poly
from dpc.dsl.types import I64


def check_template(names: ModuleNames, node: ast.FunctionDef) -> None:
    """Report what is wrong with the definition; then it counts as failed."""
    before = len(names.sink.diagnostics)
    try:
        header = header_of(names, node, {})
        parameters = tuple(_values(names, node, header))
        function = typed.Function(
            name=node.name,
            span=node.name_span,
            doc=node.doc,
            parameters=parameters,
            result=header.result,
            bindings=(*header.values, *(b for row in header.results.values() for b in row)),
            result_dimensions=header.told,
        )
        check_body(names, node.body, function, lambda p: _body(names, node, header, function, p))
    except Reported:
        names.failed.add(node.name)
    if any(d.level == "error" for d in names.sink.diagnostics[before:]):
        names.failed.add(node.name)


def _values(names: ModuleNames, node: ast.FunctionDef, header: Header) -> list[typed.Parameter]:
    """The parameters that are values."""
    made: list[typed.Parameter] = []
    for parameter in node.parameters:
        type_ = header.parameters[parameter.name]
        if type_ is None:
            raise missing_annotation(names, parameter)
        if not isinstance(type_, FunctionType):
            variable = typed.Variable(parameter.name, type_, parameter.name_span, is_parameter=True)
            made.append(typed.Parameter(variable, default_of(names, parameter, type_)))
    return made


def _body(
    names: ModuleNames,
    node: ast.FunctionDef,
    header: Header,
    function: typed.Function,
    promotions: Promotions,
) -> Body:
    parameters = {p.name for p in node.parameters}
    body = Body(
        names,
        RULES,
        function,
        dimensions={n: Poly.dimension(n) for n in sorted(header.own - parameters)},
        assigned_somewhere=first_assignments(node.body, parameters | header.own),
        promotions=promotions,
    )
    for parameter in function.parameters:
        body.scopes[0][parameter.name] = parameter.variable
        if parameter.name in header.own and parameter.type == I64:
            body.values[parameter.variable] = Poly.dimension(parameter.name)
    for entry in node.parameters:
        type_ = header.parameters[entry.name]
        if isinstance(type_, FunctionType):
            value = Abstract(entry.name, entry.name_span, type_)
            body.blocks[0].functions[entry.name] = value
    return body
