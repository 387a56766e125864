"""Calls of the random numbers: functions of a seed and a counter, elementwise.

They are computed in f64, then rounded to the working precision; `uniform` never rounds to 1.
"""

from dpc.dsl import ast, typed
from dpc.dsl.builtins import Builtin
from dpc.dsl.check.arguments import match_arguments
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import convert, value_of
from dpc.dsl.check.lifting import lifted_call, lifts
from dpc.dsl.errors.types import WrongOperand
from dpc.dsl.types import F32, F64, I64, element_of


def _random(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    given = match_arguments(body, node, ("seed", "i"), set(), builtin.signature)
    operands = dict(zip(given, body.operands(given.values())))
    for operand in operands.values():
        if not element_of(value_of(body, operand, builtin.name)).is_integer:
            raise body.error(
                WrongOperand(
                    span=operand.span,
                    operation=builtin.name,
                    expected="integers",
                    found=str(operand.type),
                )
            )
    single = builtin.name == "uniform" and body.real == F32
    name = f"{builtin.name}_single_number" if single else f"{builtin.name}_number"
    function = body.written("random", F64)[name]
    if lifts(function, operands):
        found = lifted_call(body, function, operands, node.span).expr
        return Operand(convert(found, body.real))
    arguments = tuple(convert(operands[p.name].expr, I64) for p in function.parameters)
    found = typed.Call(type=F64, span=node.span, function=function, arguments=arguments)
    return Operand(convert(found, body.real))


RANDOM = {"random": _random}
