"""The pattern of a Jacobian found by the interpreter: where native code can't record it."""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from dpc.compiler.ad.compressed import Parts
from dpc.compiler.ad.rules.table import carries
from dpc.compiler.driver import as_module
from dpc.compiler.interpret.dependence import Dependence, members
from dpc.compiler.interpret.pattern import inspect
from dpc.compiler.signature import Entry
from dpc.dsl.types import ArrayType, Leaf, element_of
from dpc.runtime.colouring import Pattern
from dpc.runtime.extents import Dimensions, evaluator
from dpc.runtime.sparsity import shape


def interpreted_pattern(
    entry: Entry, parts: Parts, leaves: Sequence[Any], dimensions: Dimensions
) -> Pattern:
    """What each element of the results may depend on, for the leaves of the arguments.

    Raises `NoPattern`, and `IndexError` where the program leaves an array's bounds for sure.
    """
    starts: dict[int, int] = {}
    columns = 0
    for position, leaf in zip(parts.positions, parts.parameters, strict=True):
        starts[position] = columns
        columns += prod(shape(leaf, dimensions))
    arguments: list[Any] = [evaluator(e)(dimensions) for e in entry.signature.extents]
    inputs = [leaf for slot in entry.signature.inputs for leaf in slot.leaves]
    for position, (leaf, value) in enumerate(zip(inputs, leaves, strict=True)):
        arguments.append(_inspected(leaf, value, starts.get(position)))
    results = [leaf for slot in entry.signature.results for leaf in slot.leaves]
    outputs = [
        np.full(shape(leaf, dimensions), None, object)
        for leaf in results
        if isinstance(leaf.type, ArrayType)
    ]
    module = as_module(entry.function)
    scalars = iter(inspect(module, entry.function.name, [*arguments, *outputs], carries))
    arrays = iter(outputs)
    rows: list[Dependence] = []
    for leaf in results:
        found = next(arrays).flat if isinstance(leaf.type, ArrayType) else [next(scalars)]
        if element_of(leaf.type).is_float:
            rows.extend(found)
    return _gathered(rows, columns)


def _inspected(leaf: Leaf, value: Any, start: int | None) -> Any:
    """An argument for the inspector: numbers of inputs in the place of active floats."""
    if not element_of(leaf.type).is_float:
        return value if isinstance(leaf.type, ArrayType) else int(value)
    if not isinstance(leaf.type, ArrayType):
        return None if start is None else frozenset((start,))
    made = np.full(value.size, None, object)
    if start is not None:
        for i in range(value.size):
            made[i] = frozenset((start + i,))
    return made.reshape(value.shape)


def _gathered(rows: Sequence[Dependence], columns: int) -> Pattern:
    found: list[int] = []
    counts = []
    for row in rows:
        own = sorted(members(row))
        counts.append(len(own))
        found += own
    return Pattern(
        (len(rows), columns),
        np.repeat(np.arange(len(rows), dtype=np.int64), counts),
        np.array(found, np.int64),
    )
