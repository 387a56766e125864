"""Constants of a module: the value of a function without parameters, found by the interpreter."""

from typing import Any

from dpc.compiler.dialects.cf import result_name
from dpc.compiler.dialects.io import silenced
from dpc.compiler.interpret import run, uninitialised
from dpc.compiler.interpret.machine import CheckFailed, Steps, StepsSpent
from dpc.compiler.ir.core import Module
from dpc.compiler.signature import Entry, Signature
from dpc.dsl.resolve import Computed, NoConstant
from dpc.dsl.types import Leaf, element_of, shape_of

MAX_STEPS = 3_000_000
"""How many operations of the interpreter a constant may take: some seconds."""


def computed(entry: Entry) -> Computed:
    """The leaves of what a function without parameters returns; `NoConstant` if it fails.

    It is run anew where its result turns out to have other extents than it was given.
    """
    signature, extents = entry.signature, dict.fromkeys(entry.signature.result_dimensions, 0)
    steps, learnt = Steps(MAX_STEPS), set[str]()
    while True:
        try:
            with silenced():
                leaves = _run(entry, extents, steps)
        except CheckFailed as failure:
            name = result_name(failure.op.message) if failure.op.kind == "result" else ""
            if name not in extents or name in learnt:
                raise NoConstant(str(failure), failure.op.span) from None
            learnt.add(name)
            extents[name] = failure.values[0]
        except StepsSpent:
            reason = f"it takes more than {MAX_STEPS:_} steps".replace("_", " ")
            raise NoConstant(reason) from None
        except MemoryError:
            raise NoConstant("it takes more memory than there is") from None
        else:
            values = zip(_leaves(signature), leaves, strict=True)
            return Computed(tuple(_plain(leaf, value) for leaf, value in values), extents)


def _leaves(signature: Signature) -> list[Leaf]:
    return [leaf for slot in signature.results for leaf in slot.leaves]


def _run(entry: Entry, extents: dict[str, int], steps: Steps) -> list[Any]:
    """The leaves of the result, in order."""
    function, leaves = entry.function, _leaves(entry.signature)
    dimensions = [poly.evaluate(extents) for poly in entry.signature.extents]
    shapes = [tuple(e.evaluate(extents) for e in shape_of(leaf.type)) for leaf in leaves]
    outputs = [uninitialised(shape) for shape in shapes if shape]
    module = Module((function,), function.name)
    scalars = iter(run(module, function.name, [*dimensions, *outputs], steps=steps))
    arrays = iter(outputs)
    return [next(arrays if shape else scalars) for shape in shapes]


def _plain(leaf: Leaf, value: Any) -> tuple[bool | int | float, ...]:
    """The elements of a leaf as Python's numbers, in row-major order."""
    element = element_of(leaf.type)
    number = float if element.is_float else int if element.is_integer else bool
    return tuple(map(number, value.flat)) if shape_of(leaf.type) else (number(value),)
