"""Derivatives in high-precision arithmetic: the last word on a derivative.

In f64 no step may be both small enough for a strongly curved function and large enough for its
rounding, and J v or J^T c itself may have lost its digits. The reference interpreter runs the same
IR, of the function and of its derivatives, in 60 digits, where a step of 1e-25 is both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from dpc.compiler.dialects.numbers import REAL, Numbers, mp_numbers
from dpc.compiler.interpret import CheckFailed
from dpc.compiler.passes.expand_custom import holds_extern
from dpc.compiler.signature import Slot
from dpc.runtime.function import Function
from dpc.runtime.interpreted import DIGITS, STEP, Interpreted
from dpc.runtime.values import Vector

# The interpreter takes about ten thousand times as long as native code.
LONGEST_CALL = 2e-4

SHAKEN = 3  # times
MOVE = 1e-20  # small enough to change no branch
EPSILON = 2.0**-52


@dataclass(frozen=True, slots=True)
class Twice:
    """What a derivative function returns after the value, in high precision, and how far rounding
    to f64 moves it.

    In f64 itself a derivative that is 0 may come out exact by luck: `shaken` numbers tell how large
    the numbers are that cancel.
    """

    exact: Vector
    noise: Vector


class Referee:
    """Judges the derivatives of one function."""

    def __init__(self, function: Function, forward: Function, reverse: Function) -> None:
        self._native = function
        self._function = _interpreted(function)
        self._forward = forward
        self._reverse = reverse

    def quotient(self, values: list[Any], slot: Slot, direction: Vector) -> Vector | None:
        """J v from a difference quotient, for a direction in one parameter; None as `forward`."""
        numbers = self._numbers(values)
        if numbers is None:
            return None
        step = numbers.lift(10) ** -STEP
        try:
            ahead = self._function.run(values, numbers, slot, direction, step)
            behind = self._function.run(values, numbers, slot, direction, -step)
        except CheckFailed:
            return None
        return np.array([float((a - b) / (2 * step)) for a, b in zip(ahead, behind, strict=True)])

    def forward(self, values: list[Any], tangents: Sequence[Any]) -> Twice | None:
        """J v along tangents of all float parameters.

        None outside of the domain, for functions that run long, and where mpmath is missing.
        """
        return self._twice(self._forward, values, tangents)

    def reverse(self, values: list[Any], cotangent: Any) -> Twice | None:
        """J^T c for all float parameters, one after another; None as for `forward`."""
        return self._twice(self._reverse, values, (cotangent,))

    def _twice(self, derivative: Function, values: list[Any], rest: Sequence[Any]) -> Twice | None:
        numbers = self._numbers(values)
        if numbers is None:
            return None
        interpreted = _interpreted(derivative)
        given = [*values, *rest]
        try:
            count = len(self._function.run(values, REAL))
            exact = interpreted.run(given, numbers)[count:]
            rounded = interpreted.run(given, REAL)[count:]
            shaken = [interpreted.run(given, n)[count:] for n in _shaken()]
        except CheckFailed:
            return None
        moved = [_distance(found, exact) * (EPSILON / MOVE) for found in shaken]
        noise = np.max([_distance(rounded, exact), *moved], axis=0)
        return Twice(np.array([float(v) for v in exact]), noise)

    def _numbers(self, values: list[Any]) -> Numbers | None:
        """The field of high precision, where the function is short enough for it."""
        if holds_extern(self._native.entry.function):
            return None  # C functions compute in the machine's precision
        start = perf_counter()
        self._native(*values)
        if perf_counter() - start > LONGEST_CALL:
            return None
        try:
            return mp_numbers(DIGITS)
        except ImportError:
            return None


def _shaken() -> list[Numbers]:
    """Numbers that are moved in different ways."""
    # mpmath is a test dependency, absent from an ordinary installation.
    from dpc.compiler.dialects.numbers_shaken import ShakenNumbers

    return [ShakenNumbers(DIGITS, MOVE, seed) for seed in range(SHAKEN)]


def _distance(found: Sequence[Any], exact: Sequence[Any]) -> Vector:
    """How far numbers are from others of high precision."""
    return np.array([abs(float(b - a)) for a, b in zip(found, exact, strict=True)])


def _interpreted(function: Function) -> Interpreted:
    return Interpreted(function.entry, function.origin.classes)
