"""Runs a function of a module, at the array level or the loops level, in a field of numbers."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dpc.compiler.dialects import ad
from dpc.compiler.dialects import func as func_dialect
from dpc.compiler.dialects.numbers import REAL, Numbers
from dpc.compiler.interpret import (
    array,
    extern,
    factorisations,
    func,
    linear_algebra,
    memref,
    routines,
    scalars,
    scf,
    tape,
    vector,
)
from dpc.compiler.interpret.machine import Handler, Machine, Steps, admitted, released
from dpc.compiler.ir.core import Module, Op

HANDLERS: dict[type[Op], Handler] = {
    **scalars.HANDLERS,
    **scf.HANDLERS,
    **memref.HANDLERS,
    **linear_algebra.HANDLERS,
    **factorisations.HANDLERS,
    **routines.HANDLERS,
    **func.HANDLERS,
    **extern.HANDLERS,
    **array.HANDLERS,
    **tape.HANDLERS,
    **vector.HANDLERS,
}


DEEPEST = 5000  # calls of the program's functions open at once
CALLING = (
    func_dialect.Call, func_dialect.Invoke, func_dialect.Forall, ad.Call, ad.Custom
)  # fmt: skip
FRAMES_EACH = 60  # of Python, for one of them: two for each block inside another


@contextmanager
def _room(module: Module) -> Iterator[int]:
    """Room on Python's stack for calls of each other; how many may be open."""
    everyone = (g for f in module.functions for g in (f, *f.callees))
    calls = any(isinstance(op, CALLING) for f in everyone for op in f.body.walk())
    if not calls:
        yield 0
        return
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, DEEPEST * FRAMES_EACH))
    try:
        yield DEEPEST
    finally:
        sys.setrecursionlimit(before)


def run(
    module: Module,
    name: str,
    arguments: Sequence[Any],
    numbers: Numbers = REAL,
    around: Callable[[Handler], Handler] | None = None,
    steps: Steps | None = None,
) -> list[Any]:
    """The results of a function for one argument each: dimensions, inputs, outputs.

    Arrays are NumPy arrays, outputs are written in place (pass `uninitialised(shape)` to learn
    of elements that were not). `around` makes of each op's handler the one that is used, for those
    who watch. Raises `CheckFailed` when a check of the program does not hold, `StepsSpent` when it
    takes more than `steps`, and `InterpreterError` when the IR is wrong.
    """
    function = module.function(name)
    # strict=False: a wrong number of arguments is reported by the call.
    taken = [
        admitted(value.type, argument, numbers)
        for value, argument in zip(function.arguments, arguments, strict=False)
    ]
    taken.extend(arguments[len(taken) :])
    handlers = HANDLERS if around is None else {op: around(h) for op, h in HANDLERS.items()}
    with _room(module) as deepest:
        machine = Machine(module, numbers, handlers, steps=steps, deepest=deepest)
        results = machine.call(function, taken)
    return [released(t, v) for t, v in zip(function.result_types, results, strict=True)]
