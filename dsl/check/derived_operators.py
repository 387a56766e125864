"""Calls of `grad(f)`, `value_and_grad(f)`, `jacobian(f)`, `hessian(f)`, `hvp(f)`.

A Jacobian by several parameters, or of a tuple, is a tuple of Jacobians, results outside. All of it
is made of `derivatives.along` and `against`, and of functions written around them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from dpc.dsl import typed
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import constant
from dpc.dsl.check.derivatives import (
    Apply,
    against,
    along,
    differentiated,
    directions,
    parameter_names,
    selected,
    tuple_of,
    written_function,
)
from dpc.dsl.check.derived_source import (
    directional_source,
    forwarding_source,
    item_source,
    jacobian_source,
)
from dpc.dsl.check.function_values import Bound, Derived, FunctionValue, Named, name_of
from dpc.dsl.check.lifting import lifted_call, lifts
from dpc.dsl.check.precision import function_at
from dpc.dsl.check.records import pin
from dpc.dsl.errors.differentiability import NotScalar
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.errors.types import WrongArguments
from dpc.dsl.source import Span
from dpc.dsl.types import (
    ArrayType,
    RecordType,
    ScalarType,
    TupleType,
    Type,
    element_of,
    leaves,
    shape_of,
)


def apply_derived(
    body: Body, value: Derived, operands: Sequence[Operand], span: Span, apply: Apply
) -> Operand:
    """The call of `grad(f)` and its relatives."""
    return _OPERATORS[value.operator](body, value, operands, span, apply)


def _grad(
    body: Body, value: Derived, operands: Sequence[Operand], span: Span, apply: Apply
) -> Operand:
    elementwise = _lifted(body, value, operands, span, apply)
    if elementwise is not None:
        return elementwise
    made = differentiated(body, value.value, operands, span, apply)
    result = made.call.type
    if not isinstance(result, ScalarType) or not result.is_float:
        name = name_of(value.value)
        raise body.error(NotScalar(span=span, function=name, found=f"of type `{result}`"))
    one = Operand(constant(1.0, result, span))
    primal, gradients = against(body, made, selected(body, made, value.wrt), one)
    gradient = tuple_of(gradients, span) if value.several else gradients[0]
    return tuple_of((primal, gradient), span) if value.operator == "value_and_grad" else gradient


def _lifted(
    body: Body, value: Derived, operands: Sequence[Operand], span: Span, apply: Apply
) -> Operand | None:
    """The gradient of a function of scalars, itself one, called with arrays: elementwise."""
    inner: FunctionValue = value
    while isinstance(inner, Bound | Derived):
        if isinstance(inner, Derived) and (inner.operator != "grad" or inner.several):
            return None
        inner = inner.value
    if not isinstance(inner, Named):
        return None
    named = dict(zip((p.name for p in inner.function.parameters), operands))
    function = function_at(body, inner.function, named)
    if not lifts(function, named) or len(operands) > len(function.parameters):
        return None
    text = forwarding_source(len(operands))
    scalar = written_function(body, text, (("_f", value),), tuple(named))
    with body.block():
        lifted_call(body, function, named, span)  # what does not fit is said of the function
        variables = (typed.Variable("_", p.type, span) for p in function.parameters)
        reads = [Operand(typed.Read(type=v.type, span=span, variable=v)) for v in variables]
        reads = reads[: len(operands)]
        selected(body, differentiated(body, value.value, reads, span, apply), value.wrt)
        call = apply(body, scalar, reads, span).expr
    assert isinstance(call, typed.Call)
    return lifted_call(body, call.function, named, span)


def _directional(
    body: Body, value: Derived, operands: Sequence[Operand], span: Span, apply: Apply
) -> Operand:
    """The arguments, then a tangent for each part: the tangent of the value."""
    count = len(directions(value))
    if len(operands) < count:
        problem = "the last arguments are what the Hessian is multiplied by"
        signature = f"hvp(f)(args, {', '.join(directions(value))})"
        raise body.error(WrongArguments(span=span, problem=problem, signature=signature))
    given, tangents = operands[:-count], operands[-count:]
    made = differentiated(body, value.value, given, span, apply)
    return along(body, made, selected(body, made, value.wrt), tangents)[1]


def _hvp(
    body: Body, value: Derived, operands: Sequence[Operand], span: Span, apply: Apply
) -> Operand:
    count = len(directions(value))
    if len(operands) > count:
        with body.block():  # what does not fit the function is said of this call
            differentiated(body, value.value, operands[:-count], span, apply)
    gradient = Derived("grad", value.value, value.wrt, value.several, value.span)
    along_it = Derived("directional", gradient, value.wrt, value.several, span)
    return _directional(body, along_it, operands, span, apply)


def _jacobian(
    body: Body, value: Derived, operands: Sequence[Operand], span: Span, apply: Apply
) -> Operand:
    """One tangent for each element of the parameter: shape of the result, then the parameter's."""
    with body.block():
        made = differentiated(body, value.value, operands, span, apply)
        parts = selected(body, made, value.wrt)
        types, result = [made.type_of(part) for part in parts], made.call.type
    if isinstance(result, TupleType) or value.several:
        return _jacobians(body, value, result, [pin(body, o) for o in operands], span, apply)
    by, ((position, fields),) = types[0], parts
    both = (ScalarType, ArrayType)
    if not isinstance(by, both):
        raise body.error(_of_records(value, by, ".".join((made.names[position], *fields)), span))
    if not isinstance(result, both):
        advice = "differentiate a function that returns one field"
        what = f"the Jacobian of a record (`{result}`)"
        raise body.error(NotSupported(span=span, what=what, advice=advice))
    operand = ".".join((f"p{position}", *fields))
    ranks = len(shape_of(result)), len(shape_of(by))
    text = jacobian_source(len(operands), operand, ranks, str(element_of(result)))
    along_one = Derived("directional", value.value, value.wrt, False, value.span)
    functions: tuple[tuple[str, FunctionValue], ...] = (("_f", value.value), ("_d", along_one))
    if not shape_of(by):
        text, functions = directional_source(len(operands)), functions[1:]
    return apply(body, written_function(body, text, functions), operands, span)


def _jacobians(
    body: Body,
    value: Derived,
    result: Type,
    operands: Sequence[Operand],
    span: Span,
    apply: Apply,
) -> Operand:
    """The Jacobians of each result, by each of several parameters."""
    if isinstance(result, TupleType):
        names = parameter_names(value.value)
        items = (item_source(len(operands), position) for position in range(len(result.items)))
        functions = (("_f", value.value),)
        each = [
            replace(value, value=written_function(body, text, functions, names)) for text in items
        ]
    else:
        each = [replace(value, wrt=(path,), several=False) for path in value.wrt or ()]
    return tuple_of([_jacobian(body, one, operands, span, apply) for one in each], span)


def _of_records(value: Derived, by: Type, path: str, span: Span) -> NotSupported:
    """The Jacobian by a record: its fields one by one are what can be written."""
    floats = [leaf for leaf in leaves(by) if element_of(leaf.type).is_float]
    listed = ", ".join(f'"{".".join((path, *map(str, leaf.path)))}"' for leaf in floats)
    several = f"({listed})" if len(floats) > 1 else listed
    advice = f"name its fields: `{value.operator}({name_of(value.value)}, wrt={several})`"
    fields = isinstance(by, RecordType) and not by.shape
    return NotSupported(
        span=span, what=f"the Jacobian by a record (`{by}`)", advice=advice if fields else ""
    )


_OPERATORS: dict[str, Callable[[Body, Derived, Sequence[Operand], Span, Apply], Operand]] = {
    "grad": _grad,
    "value_and_grad": _grad,
    "jacobian": _jacobian,
    "hvp": _hvp,
    "directional": _directional,
}
