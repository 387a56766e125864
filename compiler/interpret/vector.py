"""Vectors: tuples with one number for each lane."""

from math import prod
from typing import cast

from dpc.compiler.dialects import vector
from dpc.compiler.interpret.machine import (
    Array,
    Handler,
    InterpreterError,
    Machine,
    Results,
    element,
)
from dpc.compiler.ir.core import Op
from dpc.compiler.ir.types import VectorType


def _lanes(op: Op) -> int:
    """How many lanes an op's vectors have."""
    vectors = (v.type for v in (*op.results, *op.operands) if isinstance(v.type, VectorType))
    return next(vectors).lanes


def _place(array: Array, indices: Results, offset: int, op: Op) -> tuple[int, ...]:
    """The indices of the element that many elements behind the one at `indices`."""
    linear = offset
    for axis, index in enumerate(indices):
        linear += index * prod(array.shape[axis + 1 :])
    if not 0 <= linear < array.size:
        raise InterpreterError(f"{op.name}: {offset} elements behind {indices} (at {op.span})")
    place: list[int] = []
    for extent in reversed(array.shape):
        linear, index = divmod(linear, extent)
        place.append(index)
    return tuple(reversed(place))


def _broadcast(machine: Machine, op: Op, operands: Results) -> Results:
    return (operands * _lanes(op),)


def _step(machine: Machine, op: Op, operands: Results) -> Results:
    return (tuple(range(_lanes(op))),)


def _extract(machine: Machine, op: Op, operands: Results) -> Results:
    return (operands[0][cast(vector.Extract, op).position],)


def _insert(machine: Machine, op: Op, operands: Results) -> Results:
    value, lanes = operands
    position = cast(vector.Insert, op).position
    return ((*lanes[:position], value, *lanes[position + 1 :]),)


def _reduction(machine: Machine, op: Op, operands: Results) -> Results:
    return (cast(vector.Reduction, op).evaluate(machine.numbers, operands[0]),)


def _read(op: Op, array: Array, indices: Results, offsets: Results, masked: Results) -> Results:
    """The lanes; `masked`: the mask and what stands where it does not hold, or nothing."""
    mask, otherwise = masked or ((True,) * len(offsets), offsets)
    return tuple(
        element(array, _place(array, indices, offset, op), op) if holds else other
        for offset, holds, other in zip(offsets, mask, otherwise, strict=True)
    )


def _write(op: Op, value: Results, array: Array, indices: Results, offsets: Results) -> None:
    for lane, offset in zip(value, offsets, strict=True):
        array[_place(array, indices, offset, op)] = lane


def _load(machine: Machine, op: Op, operands: Results) -> Results:
    array, *indices = operands
    return (_read(op, array, tuple(indices), tuple(range(_lanes(op))), ()),)


def _masked_load(machine: Machine, op: Op, operands: Results) -> Results:
    array, *indices, mask, otherwise = operands
    return (_read(op, array, tuple(indices), tuple(range(_lanes(op))), (mask, otherwise)),)


def _gather(machine: Machine, op: Op, operands: Results) -> Results:
    array, *indices, offsets, mask, otherwise = operands
    return (_read(op, array, tuple(indices), offsets, (mask, otherwise)),)


def _store(machine: Machine, op: Op, operands: Results) -> Results:
    value, array, *indices = operands
    _write(op, value, array, tuple(indices), tuple(range(_lanes(op))))
    return ()


def _masked_store(machine: Machine, op: Op, operands: Results) -> Results:
    array, *indices, mask, value = operands
    active = tuple(lane for lane, holds in enumerate(mask) if holds)
    _write(op, tuple(value[lane] for lane in active), array, tuple(indices), active)
    return ()


def _scatter(machine: Machine, op: Op, operands: Results) -> Results:
    array, *indices, offsets, mask, value = operands
    kept = [(v, o) for v, o, holds in zip(value, offsets, mask, strict=True) if holds]
    _write(op, tuple(v for v, _ in kept), array, tuple(indices), tuple(o for _, o in kept))
    return ()


HANDLERS: dict[type[Op], Handler] = {
    vector.Broadcast: _broadcast,
    vector.Step: _step,
    vector.Extract: _extract,
    vector.Insert: _insert,
    vector.Reduction: _reduction,
    vector.Load: _load,
    vector.MaskedLoad: _masked_load,
    vector.Gather: _gather,
    vector.Store: _store,
    vector.MaskedStore: _masked_store,
    vector.Scatter: _scatter,
}
