"""Structured control flow."""

from typing import cast

from dpc.compiler.dialects.scf import For, If, While
from dpc.compiler.interpret.machine import Handler, InterpreterError, Machine, Results
from dpc.compiler.ir.core import Op


def _for(machine: Machine, op: Op, operands: Results) -> Results:
    loop = cast(For, op)
    lower, upper, step, *carried = operands
    if step <= 0:
        raise InterpreterError(f"scf.for: the step is {step} (at {op.span})")
    state = tuple(carried)
    for i in range(lower, upper, step):
        state = machine.yielded(loop.body, (i, *state))
    return state


def _if(machine: Machine, op: Op, operands: Results) -> Results:
    branch = cast(If, op)
    return machine.yielded(branch.then if operands[0] else branch.otherwise, ())


def _while(machine: Machine, op: Op, operands: Results) -> Results:
    loop = cast(While, op)
    bound = None if loop.bound is None else machine.environment[loop.bound]
    state = machine.values(loop.inits)
    trips = 0
    while True:
        go_on, *forwarded = machine.yielded(loop.before, state)
        state = tuple(forwarded)
        if not go_on:
            return state
        trips += 1
        if bound is not None and trips > bound:
            raise InterpreterError(f"scf.while: more than {bound} iterations (at {op.span})")
        state = machine.yielded(loop.body, state)


HANDLERS: dict[type[Op], Handler] = {For: _for, If: _if, While: _while}
