"""Functions with derivative rules of their own: what stands in the module under their names.

Entry: a typed function with a rule. Exit: a function of its name that holds one `ad.call` of its
body (which stands under `ad.implementation`), and how the rule's arguments relate to its own.
"""

from dpc.compiler.dialects import ad, func
from dpc.compiler.ir.core import Block, Function, Value
from dpc.compiler.lowering.expressions import HANDLERS, call_result
from dpc.compiler.lowering.ir_types import value_type
from dpc.compiler.lowering.parameters import bound_arguments
from dpc.compiler.lowering.scope import Leaf, Scope
from dpc.dsl import typed
from dpc.dsl.types import ArrayType, TupleType, Type, element_of, leaves


def kept_call(function: typed.Function) -> Function:
    """The function that calls the body of a function, or a C function, which is not inlined."""
    scope = Scope(function.span, HANDLERS)
    parameters, arguments = bound_arguments(function, scope)
    assert function.result is not None
    types = tuple(value_type(leaf.type) for leaf in leaves(function.result))
    call = ad.Call(function.symbol, arguments, types)
    values = zip(scope.add(call), leaves(function.result), strict=True)
    found = [_result(scope, value, leaf.type) for value, leaf in values]
    scope.add(func.Return(tuple(found)))
    body = Block(arguments, (*scope.entry.ops, *scope.builder.ops))
    return Function(function.symbol, parameters, types, body, function.span)


def _result(scope: Scope, value: Value, type_: Type) -> Value:
    """A result; an array as an operation that tells its extents."""
    if not isinstance(type_, ArrayType):
        return value
    made: Leaf = call_result(scope, value, type_)
    assert not isinstance(made, Value)
    return scope.tensor(scope.generate(type_, made.element))


def layout_of(function: typed.Function) -> ad.RuleLayout:
    """How the arguments of a function's rule relate to its own."""
    carried: list[int] = []
    count = 0
    for parameter in function.parameters:
        own = range(count, count + len(leaves(parameter.type)))
        count = own.stop
        if _holds_floats(parameter.type):
            carried.extend(own)
    assert function.result is not None
    listed = leaves(function.result)
    arrays = [isinstance(leaf.type, ArrayType) for leaf in listed]
    numbers = sorted(range(len(listed)), key=lambda i: arrays[i])
    places = [numbers.index(i) for i in range(len(listed))]
    seeded: list[int] = []
    done = 0
    whole = function.result
    for item in whole.items if isinstance(whole, TupleType) else (whole,):
        own = range(done, done + len(leaves(item)))
        done = own.stop
        if _holds_floats(item):
            seeded.extend(places[i] for i in own)
    return ad.RuleLayout(tuple(carried), tuple(places), tuple(seeded))


def _holds_floats(type_: Type) -> bool:
    return any(element_of(leaf.type).is_float for leaf in leaves(type_))
