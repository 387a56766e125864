"""Stacks: Python lists."""

from dpc.compiler.dialects.tape import Pop, Push, Stack
from dpc.compiler.interpret.machine import Handler, InterpreterError, Machine, Results
from dpc.compiler.ir.core import Op


def _stack(machine: Machine, op: Op, operands: Results) -> Results:
    return ([],)


def _push(machine: Machine, op: Op, operands: Results) -> Results:
    stack, value = operands
    stack.append(value)
    return ()


def _pop(machine: Machine, op: Op, operands: Results) -> Results:
    (stack,) = operands
    if not stack:
        raise InterpreterError(f"tape.pop: the stack is empty (at {op.span})")
    return (stack.pop(),)


HANDLERS: dict[type[Op], Handler] = {Stack: _stack, Push: _push, Pop: _pop}
