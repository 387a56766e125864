"""Calls, checks and prints."""

from typing import cast

from dpc.compiler.dialects.ad import Call as KeptCall
from dpc.compiler.dialects.ad import Custom, implementation
from dpc.compiler.dialects.cf import Assert
from dpc.compiler.dialects.func import Call
from dpc.compiler.dialects.io import Print, is_silent, line
from dpc.compiler.interpret.machine import CheckFailed, Handler, Machine, Results
from dpc.compiler.ir.core import Op


def _call(machine: Machine, op: Op, operands: Results) -> Results:
    return machine.call(machine.module.function(cast(Call, op).callee), operands)


def _kept_call(machine: Machine, op: Op, operands: Results) -> Results:
    return machine.call(
        machine.module.function(implementation(cast(KeptCall, op).callee)), operands
    )


def _custom(machine: Machine, op: Op, operands: Results) -> Results:
    return machine.call(cast(Custom, op).function.primal(), operands)


def _assert(machine: Machine, op: Op, operands: Results) -> Results:
    condition, *values = operands
    if not condition:
        raise CheckFailed(cast(Assert, op), tuple(values))
    return ()


def _print(machine: Machine, op: Op, operands: Results) -> Results:
    if not is_silent():
        print(line(cast(Print, op).message, [v.type for v in op.operands], operands))
    return ()


HANDLERS: dict[type[Op], Handler] = {
    Call: _call,
    KeptCall: _kept_call,
    Custom: _custom,
    Assert: _assert,
    Print: _print,
}
