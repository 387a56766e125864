"""Array values."""

from collections.abc import Callable
from itertools import product
from typing import Any, cast

from dpc.compiler.dialects.arith import wrap
from dpc.compiler.dialects.array import Assign, Extract, Generate, Read, Reduce
from dpc.compiler.dialects.numbers import Numbers
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
from dpc.compiler.ir.types import FloatType, Type

Combine = Callable[[Any, Any], Any]


def _generate(machine: Machine, op: Op, operands: Results) -> Results:
    generate = cast(Generate, op)
    for extent, static in zip(operands, generate.static, strict=True):
        if extent < 0 or static not in (None, extent):
            raise InterpreterError(f"array.generate: extents {operands} (at {op.span})")
    tensor = uninitialised(operands)
    for indices in product(*map(range, operands)):
        (tensor[indices],) = machine.yielded(generate.body, indices)
    return (tensor,)


def _float_combine(kind: str, numbers: Numbers, width: int) -> Combine:
    table: dict[str, Combine] = {
        "add": numbers.add,
        "mul": numbers.mul,
        "min": numbers.minimum,
        "max": numbers.maximum,
    }
    combine = table[kind]
    return lambda left, right: numbers.round_to(combine(left, right), width)


def _int_combine(kind: str, type_: Type) -> Combine:
    from_kind: dict[str, Combine] = {
        "add": lambda a, b: a + b,
        "mul": lambda a, b: a * b,
        "min": min,
        "max": max,
        "and": lambda a, b: a & b,
        "or": lambda a, b: a | b,
    }
    combine = from_kind[kind]
    return lambda left, right: wrap(combine(left, right), type_)


def _reduce(machine: Machine, op: Op, operands: Results) -> Results:
    reduce = cast(Reduce, op)
    *extents, total = operands
    type_ = reduce.init.type
    if isinstance(type_, FloatType):
        combine = _float_combine(reduce.kind, machine.numbers, type_.width)
    else:
        combine = _int_combine(reduce.kind, type_)
    for indices in product(*map(range, extents)):
        (value,) = machine.yielded(reduce.body, indices)
        total = combine(total, value)
    return (total,)


def _extract(machine: Machine, op: Op, operands: Results) -> Results:
    return (element(operands[0], operands[1:], op),)


def _read(machine: Machine, op: Op, operands: Results) -> Results:
    return (operands[0].copy(),)


def _assign(machine: Machine, op: Op, operands: Results) -> Results:
    assign = cast(Assign, op)
    tensor, buffer, *extents = operands
    if tensor.shape != tuple(extents):
        raise InterpreterError(f"array.assign: {tensor.shape} is not {extents} (at {op.span})")
    written: set[Results] = set()
    for indices in product(*map(range, extents)):
        place = machine.yielded(assign.body, indices)
        check_bounds(buffer, place, op)
        if place in written:
            raise InterpreterError(f"array.assign: {place} is written twice (at {op.span})")
        written.add(place)
        buffer[place] = tensor[indices]
    return ()


HANDLERS: dict[type[Op], Handler] = {
    Generate: _generate,
    Reduce: _reduce,
    Extract: _extract,
    Read: _read,
    Assign: _assign,
}
