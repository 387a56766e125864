"""Typed tree -> array level: functions and modules.

Entry: a checked module (see `dsl.typed`). Exit: one IR function for each function, named by its
symbol, its arguments the dimensions and then the leaves of the parameters, its results all leaves
of the result in order; arrays are tensors; functions call each other. A function with a
derivative rule stands for a call of its body, which has another name (see `custom`).
"""

from dataclasses import replace

from dpc.compiler.dialects import ad, func
from dpc.compiler.ir.core import Block, Function, Module
from dpc.compiler.ir.types import INDEX, Type
from dpc.compiler.lowering.custom import kept_call
from dpc.compiler.lowering.expressions import HANDLERS
from dpc.compiler.lowering.ir_types import value_type
from dpc.compiler.lowering.leaving import structured
from dpc.compiler.lowering.parameters import bound_arguments
from dpc.compiler.lowering.result_extents import extents_function
from dpc.compiler.lowering.scope import Scope
from dpc.compiler.lowering.signature import sized_symbol
from dpc.compiler.lowering.statements import StatementLowering, copy_to_buffer
from dpc.compiler.lowering.variables import VariableAnalysis
from dpc.dsl import typed
from dpc.dsl.check.calling import calls_itself, reached, returns_once
from dpc.dsl.types import leaves


def lower_module(module: typed.Module) -> Module:
    """Every function of a checked module at the array level, with all that they call."""
    functions = reached((*module.functions.values(), *module.imports.values()))
    recursive = frozenset(f.symbol for f in functions if calls_itself(f))
    lowered: list[Function] = []
    for function in functions:
        if function.extern is not None:
            lowered.append(kept_call(function))
            continue
        made = lower_function(function, recursive=recursive)
        if function.rule is not None:
            lowered.append(kept_call(function))
            made = replace(made, name=ad.implementation(made.name))
        lowered.append(made)
    for function in (f for f in functions if f.result_dimensions):
        if returns_once(function):
            lowered.append(lower_function(function, True, recursive))
        else:
            lowered.append(lower_function(extents_function(function), recursive=recursive))
    return Module(tuple(lowered), module.source.name)


def lower_function(
    function: typed.Function, sized: bool = False, recursive: frozenset[str] = frozenset()
) -> Function:
    """One function at the array level; `recursive` are the symbols of those that call themselves.

    Extents that the value returned determines are arguments, checked, or if it is `sized` results,
    after all others.
    """
    scope = Scope(function.span, HANDLERS)
    scope.recursive = recursive
    scope.result_dimensions = frozenset(function.result_dimensions)
    scope.returns_extents = sized
    parameters, arguments = bound_arguments(function, scope)
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
