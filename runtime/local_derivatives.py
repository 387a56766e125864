"""The derivatives of a fragment at a point, in 60 digits: against differences and each other.

- forward: J v lies between the difference quotients of both sides, element by element;
- reverse: <c, J v> = <J^T c, v>.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dpc.compiler.ad.forms import FORMS
from dpc.compiler.ad.forward import jvp
from dpc.compiler.ad.fragment import Fragment
from dpc.compiler.ad.reverse import vjp
from dpc.compiler.dialects import ad, lapack, tape
from dpc.compiler.dialects.numbers import Number, mp_numbers
from dpc.compiler.driver import as_module
from dpc.compiler.interpret import UNINITIALISED, run, uninitialised
from dpc.compiler.ir.core import Function, Op, Value
from dpc.compiler.ir.types import MemRefType, holds_float
from dpc.runtime.interpreted import DIGITS, STEP

TOLERANCE = 1e-15
JUMP = 1e15  # a quotient this large is a jump, across which any finite derivative is accepted


@dataclass(frozen=True, slots=True)
class Wrong:
    """One number of a derivative that is not what it should be; mode: "forward" or "reverse"."""

    mode: str
    found: float
    expected: float


@dataclass(frozen=True, slots=True)
class Point:
    """What a fragment is run on: extents, inputs, and shapes of its outputs."""

    dimensions: tuple[int, ...]
    inputs: tuple[Any, ...]
    shapes: tuple[tuple[int, ...], ...]


class LocalDerivatives:
    """A fragment and its derivatives, made once, to be judged at any number of points.

    Raises ImportError where mpmath is missing.
    """

    def __init__(self, part: Fragment) -> None:
        self._function = part.function
        self._active = [i for i, v in enumerate(part.inputs) if holds_float(v.type)]
        self._buffers = [isinstance(v.type, MemRefType) for v in part.inputs]
        self._float_outputs = [i for i, v in enumerate(part.outputs) if holds_float(v.type)]
        flags = (True,) * len(part.inputs)
        self._forward = jvp(part.function, flags)
        ops = tuple(part.function.body.walk())
        # What holds tapes is a reverse sweep already; those are only differentiated forward.
        taped = any(isinstance(op, tape.Stack) for op in ops)
        self._reverse = None if taped else vjp(part.function, flags)
        self._differs = any(isinstance(op, ad.StopGradient) or _is_given_factors(op) for op in ops)
        # Factors carry no derivative: what uses them takes the matrix along.
        made = {op.factors for op in ops if isinstance(op, lapack.Lu)}
        arguments = part.function.arguments[-len(part.outputs) :] if part.outputs else ()
        self._factors = {i for i, v in enumerate(arguments) if v in made}
        self._numbers = mp_numbers(DIGITS)

    def wrong(self, point: Point, random: np.random.Generator) -> Wrong | None:
        """What is wrong at a point; None when all is right, or when nothing can be said because
        values are not finite.
        """
        tangents = {i: self._draw(point.inputs[i], random) for i in self._active}
        outputs, dots = self._outputs(point), self._outputs(point, self._float_outputs)
        extra = (*tangents.values(),)
        scalars = self._run(self._forward, point, point.inputs, (*extra, *outputs, *dots))
        half = len(self._function.result_types)
        values = [*scalars[:half], *_elements(outputs[i] for i in self._float_outputs)]
        for i, dot in zip(self._float_outputs, dots, strict=True):
            if i in self._factors:
                dot.fill(UNINITIALISED)
        slopes = [*scalars[half:], *_elements(dots)]
        if not all(self._is_finite(v) for v in (*values, *slopes)):
            return None
        if not self._differs:
            wrong = self._against_differences(point, tangents, values, slopes)
            if wrong is not None:
                return wrong
        return self._against_forward(point, tangents, slopes, random)

    def _against_differences(
        self, point: Point, tangents: dict[int, Any], values: list[Number], slopes: list[Number]
    ) -> Wrong | None:
        step = self._numbers.lift(10) ** -STEP
        ahead, behind = (self._values(point, tangents, h) for h in (step, -step))
        for here, slope, after, before in zip(values, slopes, ahead, behind, strict=True):
            known = (here, slope, after, before)
            if not all(self._is_number(v) and self._is_finite(v) for v in known):
                continue
            right, left = (after - here) / step, (here - before) / step
            if max(abs(right), abs(left)) > JUMP:
                continue
            slack = TOLERANCE * (1 + max(abs(right), abs(left)))
            if not min(left, right) - slack <= slope <= max(left, right) + slack:
                return Wrong("forward", float(slope), float((right + left) / 2))
        return None

    def _against_forward(
        self,
        point: Point,
        tangents: dict[int, Any],
        slopes: list[Number],
        random: np.random.Generator,
    ) -> Wrong | None:
        if self._reverse is None:
            return None
        scalars = len(self._function.result_types)
        drawn = random.standard_normal(len(slopes))
        weights = [
            self._numbers.lift(float(w) if self._is_number(s) else 0.0)
            for w, s in zip(drawn, slopes, strict=True)
        ]
        outputs = self._outputs(point)
        seeds = self._shaped(weights[scalars:], [outputs[i].shape for i in self._float_outputs])
        gradients = [
            uninitialised(np.shape(point.inputs[i])) for i in self._active if self._buffers[i]
        ]
        arguments = (*weights[:scalars], *seeds, *outputs, *gradients)
        results = self._run(self._reverse, point, point.inputs, arguments)
        rest, arrays = iter(results[scalars:]), iter(gradients)
        products = [
            (a, b)
            for i in self._active
            for a, b in zip(
                _elements([next(arrays)]) if self._buffers[i] else [next(rest)],
                _elements([tangents[i]]) if self._buffers[i] else [tangents[i]],
                strict=True,
            )
        ]
        pairs = [(w, s) for w, s in zip(weights, slopes, strict=True) if self._is_number(s)]
        found, expected = (
            sum((a * b for a, b in p), self._numbers.lift(0)) for p in (products, pairs)
        )
        scale = 1 + sum(abs(a * b) for a, b in (*products, *pairs))
        if not self._is_finite(found) or abs(found - expected) <= TOLERANCE * scale:
            return None
        return Wrong("reverse", float(found), float(expected))

    # --- running -----------------------------------------------------------------------------

    def _run(
        self, function: Function, point: Point, inputs: Sequence[Any], rest: Sequence[Any]
    ) -> list[Any]:
        arguments = (*point.dimensions, *inputs, *rest)
        return run(as_module(function), function.name, arguments, self._numbers)

    def _values(self, point: Point, tangents: dict[int, Any], step: Number) -> list[Number]:
        """Float results at x + step * v."""
        moved = list(point.inputs)
        for i, direction in tangents.items():
            moved[i] = self._moved(moved[i], direction, step)
        outputs = self._outputs(point)
        scalars = self._run(self._function, point, moved, outputs)
        return [*scalars, *_elements(outputs[i] for i in self._float_outputs)]

    def _moved(self, value: Any, direction: Any, step: Number) -> Any:
        if not isinstance(value, np.ndarray):
            return self._numbers.lift(value) + step * direction
        moved = uninitialised(value.shape)
        for place, element in np.ndenumerate(value):
            if self._is_number(element):
                moved[place] = self._numbers.lift(float(element)) + step * direction[place]
        return moved

    def _draw(self, value: Any, random: np.random.Generator) -> Any:
        """A random direction of a value's shape."""
        if not isinstance(value, np.ndarray):
            return self._numbers.lift(float(random.standard_normal()))
        drawn = uninitialised(value.shape)
        for place in np.ndindex(*value.shape):
            drawn[place] = self._numbers.lift(float(random.standard_normal()))
        return drawn

    def _outputs(self, point: Point, chosen: Iterable[int] | None = None) -> tuple[Any, ...]:
        indices = range(len(point.shapes)) if chosen is None else chosen
        return tuple(uninitialised(point.shapes[i]) for i in indices)

    def _shaped(self, numbers: list[Number], shapes: list[tuple[int, ...]]) -> list[Any]:
        left, arrays = iter(numbers), []
        for shape in shapes:
            array = uninitialised(shape)
            for place in np.ndindex(*shape):
                array[place] = next(left)
            arrays.append(array)
        return arrays

    def _is_number(self, value: Any) -> bool:
        return value is not UNINITIALISED

    def _is_finite(self, value: Any) -> bool:
        return value is UNINITIALISED or bool(self._numbers.isfinite(value))


def _is_given_factors(op: Op) -> bool:
    """True for an op with factors from outside, whose rule differentiates the matrix they are of:
    differences with the factors held fixed say nothing about it.
    """
    factors = getattr(op, "factors", None)
    return isinstance(factors, Value) and type(op) in FORMS and factors.op is None


def _elements(arrays: Iterable[Any]) -> list[Any]:
    """All elements of arrays, one after another."""
    return [v for array in arrays for v in array.ravel()]
