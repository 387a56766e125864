"""`real` of imported modules: a call instantiates them at the precision of its arguments."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dpc.dsl import typed
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.function_values import Closure, FunctionValue
from dpc.dsl.names_in import names_in
from dpc.dsl.types import ScalarType, Type, element_of, leaves


def function_at(
    body: Body, function: typed.Function, operands: Mapping[str, Operand]
) -> typed.Function:
    """The function in the precision of the arguments, where it is written in `real`."""
    wanted = _precision(operands.values())
    if wanted is None or not function.module or body.names.instantiate is None:
        return function
    if all(found == wanted for p in function.parameters for found in _floats(p.type)):
        return function
    home = body.names.instantiate(function.module, wanted)
    made = None if home is None else home.functions.get(function.name)
    if made is None or [p.type for p in made.parameters] == [p.type for p in function.parameters]:
        return function
    return made


def closure_at(
    body: Body, closure: Closure, given: Mapping[str, Operand | FunctionValue]
) -> Closure:
    """The same for a function that takes functions or has type variables; what functions among
    the arguments captured decides where no argument does.
    """
    definition, home = closure.definition, closure.home
    template = home.templates.get(definition.name)
    if template is None or template.definition is not definition or not home.qualifier:
        return closure
    written = (tuple(p.annotation for p in definition.parameters), definition.result)
    if "real" not in set(names_in(written)) or body.names.instantiate is None:
        return closure
    values = [value for value in given.values() if isinstance(value, Operand)]
    functions = [value for value in given.values() if isinstance(value, Closure)]
    captured = (operand for value in functions for _, operand in value.captures)
    wanted = _precision(values) or _precision(captured)
    if wanted is None or wanted == home.real:
        return closure
    made = body.names.instantiate(home.qualifier, wanted)
    if made is None or definition.name not in made.templates:
        return closure
    return replace(closure, definition=made.templates[definition.name].definition, home=made)


def _precision(operands: Iterable[Operand]) -> ScalarType | None:
    """The one float type of the operands that are not made of literals."""
    found = {float_ for o in operands if not o.weak for float_ in _floats(o.type)}
    return found.pop() if len(found) == 1 else None


def _floats(type_: Type) -> list[ScalarType]:
    """The float types in a type."""
    return [e for e in (element_of(leaf.type) for leaf in leaves(type_)) if e.is_float]
