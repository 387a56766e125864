"""A function as the reference interpreter runs it: on Python values, in any field of numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dpc.compiler.dialects.numbers import REAL, Numbers
from dpc.compiler.driver import as_module
from dpc.compiler.interpret import run, uninitialised
from dpc.compiler.signature import Entry, Slot
from dpc.dsl.types import element_of, shape_of
from dpc.runtime.marshal import Marshaller
from dpc.runtime.records import Classes
from dpc.runtime.values import Vector

DIGITS = 60  # of high precision
STEP = 25  # steps of differences in high precision are 10 ** -STEP


class Interpreted:
    """An entry that takes what its native function takes."""

    def __init__(self, entry: Entry, classes: Classes) -> None:
        self.function = entry.function
        self._signature = entry.signature
        self._marshaller = Marshaller(entry.signature, classes)

    def arguments(self, values: Sequence[Any]) -> list[Any]:
        """The arguments of the IR function; outputs are uninitialised."""
        return self._arguments(values)[0]

    def run(
        self,
        values: Sequence[Any],
        numbers: Numbers,
        slot: Slot | None = None,
        direction: Vector | None = None,
        step: Any = 0,
    ) -> list[Any]:
        """The float leaves of the results, in their order, at x + step * direction in a slot."""
        arguments, outputs = self._arguments(values)
        if slot is not None and direction is not None:
            inputs = self._signature.inputs
            first = sum(len(s.leaves) for s in inputs[: inputs.index(slot)])
            first += len(self._signature.extents)
            _shift(arguments, first, slot, direction, step, numbers)
        if numbers is not REAL:
            arguments = [_lifted(value, numbers) for value in arguments]
        scalars = run(as_module(self.function), self.function.name, arguments, numbers)
        return self._floats(scalars, outputs)

    def _arguments(self, values: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        frame = self._marshaller.pack(values)
        outputs = [uninitialised(output.shape) for output in frame.outputs]
        dimensions = frame.slots[: len(self._signature.extents)]
        return [*dimensions, *frame.leaves, *outputs], outputs

    def _floats(self, scalars: list[Any], outputs: list[Any]) -> list[Any]:
        left, arrays = iter(scalars), iter(outputs)
        found: list[Any] = []
        for leaf in (leaf for s in self._signature.results for leaf in s.leaves):
            value = next(arrays) if shape_of(leaf.type) else next(left)
            if element_of(leaf.type).is_float:
                found.extend(np.ravel(value) if shape_of(leaf.type) else [value])
        return found


def _lifted(value: Any, numbers: Numbers) -> Any:
    """An array of floats as numbers of the field: matrices are computed with as they are."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        return value
    lifted = np.empty(value.shape, dtype=object)
    for place in np.ndindex(value.shape):
        lifted[place] = numbers.lift(float(value[place]))
    return lifted


def _shift(
    leaves: list[Any], first: int, slot: Slot, direction: Vector, step: Any, numbers: Numbers
) -> None:
    """Add step * direction to the float leaves of a slot, exactly."""
    position = 0
    for index, leaf in enumerate(slot.leaves, first):
        if not element_of(leaf.type).is_float:
            continue
        value = leaves[index]
        part = direction[position : position + np.size(value)]
        position += np.size(value)
        flat = [
            numbers.lift(float(v)) + step * numbers.lift(float(d))
            for v, d in zip(np.ravel(value), part, strict=True)
        ]
        if not isinstance(value, np.ndarray):
            leaves[index] = flat[0]
            continue
        array = np.empty(len(flat), dtype=object)
        array[:] = flat
        leaves[index] = array.reshape(value.shape)
