"""Typed tree -> array level: functions and modules.

Entry: a checked module (see `dsl.typed`). Exit: one IR function for each function, named by its
symbol, its arguments the dimensions and then the leaves of the parameters, its results all leaves
of the result in order; arrays are tensors; functions call each other.
"""

from dpc.compiler.dialects import func
from dpc.compiler.ir.core import Block, Function, Module, Parameter, Value
from dpc.compiler.ir.types import INDEX, Type
from dpc.compiler.lowering.expressions import HANDLERS
from dpc.compiler.lowering.ir_types import value_type
from dpc.compiler.lowering.leaving import structured
from dpc.compiler.lowering.scope import Scope
from dpc.compiler.lowering.signature import extents_of, leaf_name, sized_symbol
from dpc.compiler.lowering.statements import StatementLowering, copy_to_buffer
from dpc.compiler.lowering.variables import VariableAnalysis
from dpc.dsl import typed
from dpc.dsl.check.calling import reached, returns_once
from dpc.dsl.shapes import Poly
from dpc.dsl.types import ArrayType, leaves


def lower_module(module: typed.Module) -> Module:
    """Every function of a checked module at the array level, with all that they call."""
    functions = reached((*module.functions.values(), *module.imports.values()))
    lowered = [lower_function(f) for f in functions]
    dynamic = (f for f in functions if f.result_dimensions and returns_once(f))
    lowered.extend(lower_function(f, sized=True) for f in dynamic)
    return Module(tuple(lowered), module.source.name)


def lower_function(function: typed.Function, sized: bool = False) -> Function:
    """One function at the array level.

    Extents that the value returned determines are arguments, checked, or if it is `sized` results,
    after all others.
    """
    scope = Scope(function.span, HANDLERS)
    scope.result_dimensions = frozenset(map(Poly.dimension, function.result_dimensions))
    scope.returns_extents = sized
    parameters, arguments = _arguments(function, scope)
    body = structured(function)
    variables = VariableAnalysis(tuple(p.variable for p in function.parameters), body)
    for parameter in function.parameters:
        for leaf in variables.bound_buffers(parameter.variable):
            copy_to_buffer(scope, leaf)
    StatementLowering(scope, variables, function).block(body)
    if function.result is None:
        scope.add(func.Return())
    ops = (*scope.entry.ops, *scope.builder.ops)
    results = () if function.result is None else leaves(function.result)
    learnt = function.result_dimensions if sized else ()
    types: tuple[Type, ...] = (
        *(value_type(leaf.type) for leaf in results),
        *(INDEX for _ in learnt),
    )
    name = sized_symbol(function) if sized else function.symbol
    return Function(name, parameters, types, Block(arguments, ops), function.span)


def _arguments(
    function: typed.Function, scope: Scope
) -> tuple[tuple[Parameter, ...], tuple[Value, ...]]:
    """The IR arguments; the scope learns what each is."""
    parameters: list[Parameter] = []
    arguments: list[Value] = []
    for poly in extents_of(function):
        if scope.returns_extents and poly in scope.result_dimensions:
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
