"""Functions of scalars called with arrays: elementwise, with broadcasting."""

from collections.abc import Mapping

from dpc.dsl import typed
from dpc.dsl.check.arguments import fit
from dpc.dsl.check.broadcast import broadcast
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import coerce
from dpc.dsl.source import Span
from dpc.dsl.types import ArrayType, ScalarType, with_shape


def lifts(function: typed.Function, operands: Mapping[str, Operand]) -> bool:
    """True when a function whose parameters and result are all scalars is given an array."""
    scalars = all(isinstance(p.type, ScalarType) for p in function.parameters)
    given = any(isinstance(operand.type, ArrayType) for operand in operands.values())
    return scalars and isinstance(function.result, ScalarType) and given


def lifted_call(
    body: Body, function: typed.Function, operands: Mapping[str, Operand], span: Span
) -> Operand:
    """The call with every argument broadcast to the common shape."""
    assert isinstance(function.result, ScalarType)
    arguments: list[typed.Expr] = []
    for parameter in function.parameters:
        if parameter.name not in operands:
            assert parameter.default is not None
            arguments.append(parameter.default)
            continue
        operand = operands[parameter.name]
        what = f"argument `{parameter.name}` of `{function.name}`"
        assert isinstance(parameter.type, ScalarType)
        if isinstance(operand.type, ArrayType):
            arguments.append(coerce(body, operand, parameter.type, what))
        else:
            arguments.append(fit(body, operand, parameter.type, what))
    shape = broadcast(body, list(operands.values()), span, f"`{function.name}`")
    type_ = with_shape(function.result, shape)
    return Operand(
        typed.LiftedCall(type=type_, span=span, function=function, arguments=tuple(arguments))
    )
