"""Checks the derivatives of one loops-level function in the reference interpreter.

forward against complex steps, reverse against forward (the dot-product identity), and second
derivatives (forward over reverse) against complex steps of the reverse function.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dpc.compiler.ad.forward import jvp
from dpc.compiler.ad.reverse import vjp
from dpc.compiler.dialects.numbers import COMPLEX, REAL, Numbers
from dpc.compiler.interpret.machine import uninitialised
from dpc.compiler.interpret.run import run
from dpc.compiler.ir.core import Function, Module
from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.types import MemRefType, holds_float
from dpc.compiler.ir.verify import verify

STEP = 1e-30
Vector = list[Any]


def function_of(text: str) -> Function:
    """The only function of a text, verified."""
    module = parse_module(text)
    verify(module, "loops")
    (function,) = module.functions
    return function


def evaluate(
    function: Function, sizes: dict[str, int], inputs: Sequence[Any], numbers: Numbers = REAL
) -> Vector:
    """Scalar results, then outputs, of a function that is verified first."""
    module = Module((function,))
    verify(module, "loops")
    arguments: list[Any] = []
    outputs: list[Any] = []
    given = iter(inputs)
    for parameter, value in zip(function.parameters, function.arguments, strict=True):
        if parameter.role == "dimension":
            arguments.append(sizes[parameter.name])
        elif parameter.role == "input":
            arguments.append(next(given))
        else:
            assert isinstance(value.type, MemRefType)
            shape = [e if isinstance(e, int) else sizes[e] for e in parameter.extents]
            outputs.append(uninitialised(shape))
            arguments.append(outputs[-1])
    assert next(given, None) is None
    results = run(module, function.name, arguments, numbers)
    kind = complex if numbers is COMPLEX else float
    return [*results, *(o.astype(kind) for o in outputs)]


def float_inputs(function: Function) -> tuple[bool, ...]:
    """Which inputs hold floats."""
    pairs = zip(function.parameters, function.arguments, strict=True)
    return tuple(holds_float(v.type) for p, v in pairs if p.role == "input")


def result_kinds(function: Function) -> list[bool]:
    """Which of scalar results and outputs hold floats."""
    pairs = zip(function.parameters, function.arguments, strict=True)
    outputs = [holds_float(v.type) for p, v in pairs if p.role == "output"]
    return [*(holds_float(t) for t in function.result_types), *outputs]


def like(value: Any, generator: np.random.Generator) -> Any:
    """Random numbers in the shape of a value."""
    drawn = generator.normal(size=np.shape(value))
    return float(drawn) if np.ndim(value) == 0 else drawn


def dot(left: Vector, right: Vector) -> float:
    """The inner product of two lists of scalars and arrays."""
    return float(sum(np.sum(np.multiply(a, b)) for a, b in zip(left, right, strict=True)))


def complex_step(
    function: Function, sizes: dict[str, int], inputs: Vector, tangents: Vector
) -> Vector:
    """The derivative of all float results along tangents (one for each float input)."""
    moved = list(inputs)
    places = [i for i, flag in enumerate(float_inputs(function)) if flag]
    for place, tangent in zip(places, tangents, strict=True):
        moved[place] = inputs[place] + 1j * STEP * np.asarray(tangent)
        if np.ndim(inputs[place]) == 0:
            moved[place] = complex(moved[place])
    values = evaluate(function, sizes, moved, COMPLEX)
    kinds = result_kinds(function)
    return [np.imag(v) / STEP for v, flag in zip(values, kinds, strict=True) if flag]


def close(left: Vector, right: Vector, tolerance: float) -> None:
    """Assert equality relative to the size of the numbers."""
    for a, b in zip(left, right, strict=True):
        scale = max(1.0, float(np.max(np.abs(b), initial=0.0)))
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * scale)


def check(
    function: Function, sizes: dict[str, int], inputs: Vector, *, tolerance: float = 1e-12
) -> None:
    """First and second derivatives at one point, along random directions."""
    generator = np.random.default_rng(0)
    flags = float_inputs(function)
    kinds = result_kinds(function)
    values = evaluate(function, sizes, inputs)
    tangents = [like(x, generator) for x, flag in zip(inputs, flags, strict=True) if flag]
    outcome = evaluate_jvp(function, sizes, inputs, tangents)
    close(outcome[0], values, tolerance)
    close(outcome[1], complex_step(function, sizes, inputs, tangents), tolerance)
    cotangents = [like(v, generator) for v, flag in zip(values, kinds, strict=True) if flag]
    reverse = vjp(function, flags)
    primal, gradients = evaluate_vjp(function, sizes, inputs, cotangents)
    close(primal, values, tolerance)
    left, right = dot(cotangents, outcome[1]), dot(gradients, tangents)
    assert abs(left - right) <= tolerance * max(1.0, abs(left)), (left, right)
    everything = [*inputs, *cotangents]
    directions = [*tangents, *(like(c, generator) for c in cotangents)]
    second = evaluate_jvp(reverse, sizes, everything, directions)[1]
    close(second, complex_step(reverse, sizes, everything, directions), tolerance)


def evaluate_jvp(
    function: Function, sizes: dict[str, int], inputs: Vector, tangents: Vector
) -> tuple[Vector, Vector]:
    """Values and tangents of the float results, scalars before outputs."""
    found = evaluate(jvp(function, float_inputs(function)), sizes, [*inputs, *tangents])
    scalars = len(function.result_types)
    float_scalars = sum(holds_float(t) for t in function.result_types)
    outputs = len(result_kinds(function)) - scalars
    head, tail = found[: scalars + float_scalars], found[scalars + float_scalars :]
    return [*head[:scalars], *tail[:outputs]], [*head[scalars:], *tail[outputs:]]


def evaluate_vjp(
    function: Function, sizes: dict[str, int], inputs: Vector, cotangents: Vector
) -> tuple[Vector, Vector]:
    """Values, and the gradients of the float inputs in their order."""
    found = evaluate(vjp(function, float_inputs(function)), sizes, [*inputs, *cotangents])
    return split_vjp(function, inputs, found)


def split_vjp(function: Function, inputs: Vector, found: Vector) -> tuple[Vector, Vector]:
    """What the reverse of a function returns, as values and gradients."""
    flags = float_inputs(function)
    active = [x for x, flag in zip(inputs, flags, strict=True) if flag]
    scalars = len(function.result_types)
    scalar_gradients = sum(np.ndim(x) == 0 for x in active)
    outputs = len(result_kinds(function)) - scalars
    rest = found[scalars:]
    of_scalars, arrays = iter(rest[:scalar_gradients]), rest[scalar_gradients:]
    of_arrays = iter(arrays[outputs:])
    gradients = [next(of_scalars) if np.ndim(x) == 0 else next(of_arrays) for x in active]
    return [*found[:scalars], *arrays[:outputs]], gradients
