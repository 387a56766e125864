"""Directional derivatives in high-precision arithmetic: the last word on a derivative.

In f64 no step may be both small enough for a strongly curved function and large enough for its
rounding, and J v itself may have lost its digits. The reference interpreter runs the same IR, of
the function and of its forward derivative, in 60 digits, where a step of 1e-25 is both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from dpc.compiler.dialects.numbers import REAL, Numbers, mp_numbers
from dpc.compiler.driver import as_module
from dpc.compiler.interpret import CheckFailed, run, uninitialised
from dpc.compiler.signature import Slot
from dpc.dsl.types import element_of, shape_of
from dpc.runtime.function import Function
from dpc.runtime.marshal import Marshaller
from dpc.runtime.values import Vector

DIGITS = 60
STEP = 25  # the step is 10 ** -STEP
# The interpreter takes about ten thousand times as long as native code.
LONGEST_CALL = 2e-4


@dataclass(frozen=True, slots=True)
class Precise:
    """J v from a difference quotient and from the forward derivative, both in high precision;
    `rounded` is the forward derivative with every operation rounded to f64.
    """

    quotient: Vector
    tangent: Vector
    rounded: Vector


class Referee:
    """Judges the forward derivative of one function."""

    def __init__(self, function: Function, derivative: Function) -> None:
        self._function = _Interpreted(function)
        self._derivative = _Interpreted(derivative)
        self._native = function

    def derivatives(
        self, values: list[Any], tangents: list[Any], slot: Slot, direction: Vector
    ) -> Precise | None:
        """J v for a direction in one parameter, which `tangents` hold for all float parameters.

        None outside of the domain, for functions that run long, and where mpmath is missing.
        """
        try:
            numbers = mp_numbers(DIGITS)
        except ImportError:
            return None
        start = perf_counter()
        self._native(*values)
        if perf_counter() - start > LONGEST_CALL:
            return None
        step = numbers.lift(10) ** -STEP
        try:
            ahead = self._function.run(values, numbers, slot, direction, step)
            behind = self._function.run(values, numbers, slot, direction, -step)
            precise, rounded = (
                self._derivative.run([*values, *tangents], n) for n in (numbers, REAL)
            )
        except CheckFailed:
            return None
        quotients = [float((a - b) / (2 * step)) for a, b in zip(ahead, behind, strict=True)]
        half = len(ahead)
        tangent, again = ([float(v) for v in both[half:]] for both in (precise, rounded))
        return Precise(np.array(quotients), np.array(tangent), np.array(again))


class _Interpreted:
    """A function as the reference interpreter runs it."""

    def __init__(self, function: Function) -> None:
        self._entry = function.entry
        self._marshaller = Marshaller(self._entry.signature, function.origin.classes)

    def run(
        self,
        values: Sequence[Any],
        numbers: Numbers,
        slot: Slot | None = None,
        direction: Vector | None = None,
        step: Any = 0,
    ) -> list[Any]:
        """The float leaves of the results, in their order, at x + step * direction in a slot."""
        signature, function = self._entry.signature, self._entry.function
        frame = self._marshaller.pack(values)
        leaves = list(frame.leaves)
        if slot is not None and direction is not None:
            first = sum(len(s.leaves) for s in signature.inputs[: signature.inputs.index(slot)])
            _shift(leaves, first, slot, direction, step, numbers)
        outputs = [uninitialised(output.shape) for output in frame.outputs]
        dimensions = list(frame.slots[: len(signature.extents)])
        arguments = [*dimensions, *leaves, *outputs]
        scalars = run(as_module(function), function.name, arguments, numbers)
        return self._floats(scalars, outputs)

    def _floats(self, scalars: list[Any], outputs: list[Any]) -> list[Any]:
        left, arrays = iter(scalars), iter(outputs)
        found: list[Any] = []
        for leaf in (leaf for s in self._entry.signature.results for leaf in s.leaves):
            value = next(arrays) if shape_of(leaf.type) else next(left)
            if element_of(leaf.type).is_float:
                found.extend(np.ravel(value) if shape_of(leaf.type) else [value])
        return found


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
