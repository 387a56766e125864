"""Stacks: Python lists. Memory has no limit here: loops keep the tape of all their steps."""

from dpc.compiler.dialects.tape import (
    Block,
    Budget,
    Choose,
    Count,
    Expect,
    Pop,
    Push,
    Reserve,
    Restore,
    Save,
    Split,
    Stack,
)
from dpc.compiler.interpret.machine import (
    Handler,
    InterpreterError,
    Machine,
    Results,
    uninitialised,
)
from dpc.compiler.ir.core import Op

UNLIMITED = 1 << 62


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


def _budget(machine: Machine, op: Op, operands: Results) -> Results:
    return (UNLIMITED,)


def _block(machine: Machine, op: Op, operands: Results) -> Results:
    extents = iter(operands)
    assert isinstance(op, Block)
    return (uninitialised([next(extents) if e is None else e for e in op.type.shape]),)


def _choose(machine: Machine, op: Op, operands: Results) -> Results:
    return 1, max(operands[0], 1)


def _split(machine: Machine, op: Op, operands: Results) -> Results:
    steps, _, frames = operands
    return (steps - frames,)


def _save(machine: Machine, op: Op, operands: Results) -> Results:
    buffer, slots, position = operands
    slots[position] = buffer
    return ()


def _restore(machine: Machine, op: Op, operands: Results) -> Results:
    slots, position, buffer = operands
    buffer[...] = slots[position]
    return ()


def _count(machine: Machine, op: Op, operands: Results) -> Results:
    return ()


HANDLERS: dict[type[Op], Handler] = {
    Stack: _stack,
    Push: _push,
    Pop: _pop,
    Budget: _budget,
    Reserve: _count,
    Block: _block,
    Choose: _choose,
    Split: _split,
    Save: _save,
    Restore: _restore,
    Count: _count,
    Expect: _count,
}
