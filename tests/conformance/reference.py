"""The reference interpreter behind the interface of `dpc.Function`.

A function of a module is run as it was lowered, before any pass; a derivative, or a function with
one inside or with a parallel loop, at the loops level, its parallel loops in blocks.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

import dpc
from dpc.compiler.dialects.ad import Derivative
from dpc.compiler.dialects.cf import Assert, result_name
from dpc.compiler.dialects.scf import For
from dpc.compiler.interpret import run, uninitialised
from dpc.compiler.interpret.machine import CheckFailed
from dpc.compiler.ir.core import Module, Op
from dpc.compiler.lowering import lower_module
from dpc.compiler.passes.distribute import distribute
from dpc.dsl.types import shape_of
from dpc.runtime import errors
from dpc.runtime.binding import Arguments
from dpc.runtime.marshal import Frame, Marshaller


def interpreted(function: dpc.Function) -> Callable[..., Any]:
    """The function, run by the interpreter: same arguments, results and errors."""
    signature = function.signature
    arguments, marshaller = Arguments(signature), Marshaller(signature, function.origin.classes)
    leaves = [leaf for slot in signature.results for leaf in slot.leaves]

    def call(*args: Any, **kwargs: Any) -> Any:
        values = arguments.bind(args, kwargs)
        frame = marshaller.pack(values)
        try:
            results = _results(function, frame)
        except CheckFailed as failure:
            if failure.op.kind != "result":
                raise _exception(failure.op, failure) from None
            # The value returned told an extent of the result: run again with it.
            frame = marshaller.pack(values, {result_name(failure.op.message): failure.values[0]})
            results = _results(function, frame)
        arrays = iter(frame.outputs)
        for leaf, value in zip(leaves, results, strict=True):
            if shape_of(leaf.type):
                next(arrays)[...] = np.array(value.tolist()).reshape(value.shape)
        scalars = [v for e, v in zip(leaves, results, strict=True) if not shape_of(e.type)]
        # One store of all scalar results, in the layout of the native code.
        marshaller._scalars.pack_into(frame.slots, marshaller._scalars_at, *scalars)
        return marshaller.unpack(frame)

    return call


def _results(function: dpc.Function, frame: Frame) -> list[Any]:
    """The leaves of the results, in order."""
    extents = [poly.evaluate(frame.dimensions) for poly in function.signature.extents]
    given = [*extents, *(np.copy(v) if isinstance(v, np.ndarray) else v for v in frame.leaves)]
    if not function.origin.is_derivative:
        primal = function.origin.primal
        module = lower_module(primal.compiled.module)
        ops = (op for f in module.functions for op in f.body.walk())
        if not any(isinstance(op, Derivative) or _is_parallel(op) for op in ops):
            return run(module, primal.name, given)
    return _at_loops(function, frame, given)


def _is_parallel(op: Op) -> bool:
    """True for loops whose sums are made in the order of their blocks."""
    return isinstance(op, For) and op.parallel


def _at_loops(function: dpc.Function, frame: Frame, given: list[Any]) -> list[Any]:
    outputs = [uninitialised(output.shape) for output in frame.outputs]
    entry = function.entry.function
    module = distribute(Module((entry,), entry.name))
    scalars = iter(run(module, entry.name, [*given, *outputs]))
    arrays = iter(outputs)
    slots = function.signature.results
    return [next(arrays if shape_of(e.type) else scalars) for s in slots for e in s.leaves]


def _exception(check: Assert, failure: CheckFailed) -> errors.RuntimeError:
    assert check.span is not None
    kind = errors.ShapeError if check.kind == "shape" else errors.RuntimeError
    return kind(str(failure), check.span.source.name, check.span.line, check.kind)
