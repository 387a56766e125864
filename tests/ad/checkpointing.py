"""Loops to be reversed from stored states, run in the interpreter under any schedule."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dpc.compiler.ad.checkpoint import allow_checkpoints
from dpc.compiler.ad.reverse import Reversed, reverse_of, vjp
from dpc.compiler.dialects import tape
from dpc.compiler.driver import Compiled, Options, front
from dpc.compiler.interpret.machine import Handler, Machine, Results, uninitialised
from dpc.compiler.interpret.run import run
from dpc.compiler.ir.core import Function, Module, Op
from dpc.compiler.ir.types import holds_float
from dpc.compiler.ir.verify import verify
from dpc.dsl.source import Source
from tests.ad.harness import float_inputs

# How many steps to run before the next state is stored; (steps, slots, frames).
Split = Callable[[int, int, int], int]


def halves(steps: int, slots: int, frames: int) -> int:
    """A split that is not optimal."""
    return steps - frames if slots == 1 else max(1, steps // 2)


def loops_level(text: str, name: str) -> Function:
    """The loops level of a function of a text."""
    return Compiled(front(Source("test.dp", text))).entry(name, Options()).function


def reversed_from_states(function: Function) -> Reversed:
    """The reverse of a function whose loops may run again."""
    (allowed,) = allow_checkpoints(Module((function,))).functions
    return reverse_of(allowed, float_inputs(allowed))


def reversed_from_tapes(function: Function) -> Function:
    """The reverse of a function that keeps the tape of all steps."""
    return vjp(function, float_inputs(function))


def scheduled(
    slots: int, frames: int, counts: Counter[str], split: Split = halves
) -> Callable[[Handler], Handler]:
    """Handlers that follow a schedule, and count."""

    def around(handler: Handler) -> Handler:
        def handle(machine: Machine, op: Op, operands: Results) -> Results:
            if isinstance(op, tape.Choose):
                return slots, frames
            if isinstance(op, tape.Split):
                return (split(*operands),)
            if isinstance(op, tape.Count):
                counts[op.kind] += operands[0]
            return handler(machine, op, operands)

        return handle

    return around


def values(
    function: Function,
    sizes: dict[str, int],
    inputs: Sequence[Any],
    around: Callable[[Handler], Handler] | None = None,
) -> list[Any]:
    """Scalar results, then outputs; cotangents behind `inputs` are drawn at random."""
    module = Module((function,))
    verify(module, "loops")
    generator = np.random.default_rng(1)
    given = iter(inputs)
    arguments: list[Any] = []
    outputs: list[Any] = []
    for parameter, value in zip(function.parameters, function.arguments, strict=True):
        shape = [e if isinstance(e, int) else sizes[e] for e in parameter.extents]
        if parameter.role == "dimension":
            arguments.append(sizes[parameter.name])
        elif parameter.role == "output":
            outputs.append(uninitialised(shape))
            arguments.append(outputs[-1])
        elif (known := next(given, None)) is not None:
            arguments.append(known)
        else:
            assert holds_float(value.type)
            drawn = generator.normal(size=shape)
            arguments.append(drawn if shape else float(drawn))
    results = run(module, function.name, arguments, around=around)
    return [*results, *(o.astype(float) for o in outputs)]
