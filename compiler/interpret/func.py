"""Calls and checks."""

from typing import cast

from dpc.compiler.dialects.cf import Assert
from dpc.compiler.dialects.func import Call
from dpc.compiler.interpret.machine import CheckFailed, Handler, Machine, Results
from dpc.compiler.ir.core import Op


def _call(machine: Machine, op: Op, operands: Results) -> Results:
    return machine.call(machine.module.function(cast(Call, op).callee), operands)


def _assert(machine: Machine, op: Op, operands: Results) -> Results:
    condition, *values = operands
    if not condition:
        raise CheckFailed(cast(Assert, op), tuple(values))
    return ()


HANDLERS: dict[type[Op], Handler] = {Call: _call, Assert: _assert}
