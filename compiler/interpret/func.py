"""Calls, checks and prints."""

from dataclasses import replace
from typing import cast

from dpc.compiler.dialects.ad import Call as KeptCall
from dpc.compiler.dialects.ad import Custom, implementation
from dpc.compiler.dialects.cf import Assert
from dpc.compiler.dialects.func import Call, Forall, Invoke
from dpc.compiler.dialects.io import Print, is_silent, line
from dpc.compiler.interpret.machine import CheckFailed, Handler, Machine, Results
from dpc.compiler.ir.core import Module, Op


def _call(machine: Machine, op: Op, operands: Results) -> Results:
    callee = cast(Call | Invoke, op).callee
    return machine.inner(op).call(machine.module.function(callee), operands)


def _forall(machine: Machine, op: Op, operands: Results) -> Results:
    every = cast(Forall, op)
    callee = machine.module.function(every.callee)
    count, _, *arguments = operands
    for number in range(count):
        passed = (*arguments[: every.position], number, *arguments[every.position :])
        machine.inner(op).call(callee, passed)
    return ()


def _kept_call(machine: Machine, op: Op, operands: Results) -> Results:
    callee = implementation(cast(KeptCall, op).callee)
    return machine.inner(op).call(machine.module.function(callee), operands)


def _custom(machine: Machine, op: Op, operands: Results) -> Results:
    primal = cast(Custom, op).function.primal()
    return replace(machine.inner(op), module=Module((primal,))).call(primal, operands)


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
    Invoke: _call,
    Forall: _forall,
    KeptCall: _kept_call,
    Custom: _custom,
    Assert: _assert,
    Print: _print,
}
