"""The arguments of a function at the array level: its dimensions, then the leaves of parameters."""

from dpc.compiler.ir.core import Parameter, Value
from dpc.compiler.ir.types import INDEX
from dpc.compiler.lowering.ir_types import value_type
from dpc.compiler.lowering.scope import Scope
from dpc.compiler.lowering.signature import extents_of, leaf_name
from dpc.dsl import typed
from dpc.dsl.shapes import dimensions_in
from dpc.dsl.types import ArrayType, leaves


def bound_arguments(
    function: typed.Function, scope: Scope
) -> tuple[tuple[Parameter, ...], tuple[Value, ...]]:
    """The IR arguments; the scope learns what each is."""
    parameters: list[Parameter] = []
    arguments: list[Value] = []
    for poly in extents_of(function):
        if scope.returns_extents and dimensions_in(poly) & scope.result_dimensions:
            continue
        parameters.append(Parameter(str(poly), "dimension"))
        arguments.append(Value(INDEX, None, str(poly)))
        scope.bind_dimension(poly, arguments[-1])
    for parameter in function.parameters:
        for position, leaf in enumerate(leaves(parameter.type)):
            name = leaf_name(parameter.name, leaf)
            value = Value(value_type(leaf.type), None, name)
            arguments.append(value)
            if isinstance(leaf.type, ArrayType):
                extents = (e.value if e.value is not None else str(e) for e in leaf.type.shape)
                parameters.append(Parameter(name, "input", tuple(extents)))
                scope.env[parameter.variable, position] = scope.of_tensor(leaf.type, value)
            else:
                parameters.append(Parameter(name, "input"))
                scope.env[parameter.variable, position] = value
    return tuple(parameters), tuple(arguments)
