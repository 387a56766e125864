"""Buffers: NumPy arrays, written in place."""

from math import prod
from typing import cast

import numpy as np

from dpc.compiler.dialects.linalg import Fill
from dpc.compiler.dialects.memref import Alloc, Constant, Copy, Load, Store
from dpc.compiler.interpret.machine import (
    Handler,
    InterpreterError,
    Machine,
    Results,
    check_bounds,
    element,
    uninitialised,
)
from dpc.compiler.ir.core import Op
from dpc.compiler.ir.types import FloatType


def _alloc(machine: Machine, op: Op, operands: Results) -> Results:
    dynamic = iter(operands)
    shape = [next(dynamic) if e is None else e for e in cast(Alloc, op).type.shape]
    if any(e < 0 for e in shape):
        raise InterpreterError(f"memref.alloc: extents {shape} (at {op.span})")
    if machine.steps is not None:
        machine.steps.spend(prod(shape))
    return (uninitialised(shape),)


def _constant(machine: Machine, op: Op, operands: Results) -> Results:
    constant = cast(Constant, op)
    buffer = uninitialised([e or 0 for e in constant.type.shape])
    lift = machine.numbers.lift if isinstance(constant.type.element, FloatType) else int
    for place, value in zip(np.ndindex(buffer.shape), constant.elements, strict=True):
        buffer[place] = lift(value)
    return (buffer,)


def _load(machine: Machine, op: Op, operands: Results) -> Results:
    return (element(operands[0], operands[1:], op),)


def _store(machine: Machine, op: Op, operands: Results) -> Results:
    value, buffer, *indices = operands
    check_bounds(buffer, tuple(indices), op)
    buffer[tuple(indices)] = value
    return ()


def _copy(machine: Machine, op: Op, operands: Results) -> Results:
    source, target = operands
    if source.shape != target.shape:
        raise InterpreterError(f"memref.copy: {source.shape} to {target.shape} (at {op.span})")
    target[...] = source
    return ()


def _fill(machine: Machine, op: Op, operands: Results) -> Results:
    value, buffer = operands
    buffer.fill(value)
    return ()


HANDLERS: dict[type[Op], Handler] = {
    Alloc: _alloc,
    Constant: _constant,
    Load: _load,
    Store: _store,
    Copy: _copy,
    Fill: _fill,
}
