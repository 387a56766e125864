"""`out=`: arrays of the caller that the results of a call go to.

They are validated like arguments, before anything runs. Native code writes straight into what is
contiguous and overlaps no argument and no other target; the rest is copied when the call is over.
A call that fails may have written some elements.
"""

from typing import Any

import numpy as np

from dpc.compiler.signature import ResultTree, Signature
from dpc.dsl.types import ArrayType, Leaf
from dpc.runtime import errors
from dpc.runtime.arguments import DTYPES, Array, describe
from dpc.runtime.extents import Dimensions, evaluator
from dpc.runtime.marshal import Frame
from dpc.runtime.values import at


class Targets:
    """The arrays for one call."""

    def __init__(self, signature: Signature, out: Any) -> None:
        self._function = signature.name
        self._given: list[tuple[str, ArrayType, Array]] = []
        self._copied: list[tuple[int, Array]] = []
        by_slot: dict[int, tuple[str, Any]] = {}
        self._walk(signature.tree, out, "out", by_slot)
        for position, slot in enumerate(signature.results):
            name, value = by_slot[position]
            for leaf in slot.leaves:
                if isinstance(leaf.type, ArrayType):
                    self._add(name, leaf, leaf.type, value)

    def _walk(
        self, tree: ResultTree | None, value: Any, name: str, found: dict[int, tuple[str, Any]]
    ) -> None:
        """The value for each result."""
        if tree is None:
            raise self._refuse(f"`{self._function}` returns nothing")
        if isinstance(tree, int):
            found[tree] = (name, value)
            return
        if not isinstance(value, tuple | list) or len(value) != len(tree.items):
            raise self._refuse(
                f"`{name}` is a tuple of {len(tree.items)}, as the result is, not {describe(value)}"
            )
        for position, (item, part) in enumerate(zip(tree.items, value, strict=True)):
            self._walk(item, part, f"{name}[{position}]", found)

    def _add(self, root: str, leaf: Leaf, type_: ArrayType, value: Any) -> None:
        name = root + "".join(f".{p}" if isinstance(p, str) else f"[{p}]" for p in leaf.path)
        try:
            array = at(value, leaf.path)
        except (AttributeError, KeyError, IndexError, TypeError):
            raise self._refuse(f"`{name}` is missing in {describe(value)}") from None
        expected = DTYPES[type_.element.name]
        if not isinstance(array, np.ndarray) or isinstance(array, np.ma.MaskedArray):
            raise self._refuse(f"`{name}`: expected an array, given {describe(array)}")
        if array.dtype != expected or array.ndim != type_.rank:
            raise self._refuse(f"`{name}`: expected {type_}, given {describe(array)}")
        if not array.flags.writeable:
            raise self._refuse(f"`{name}` can't be written to")
        self._given.append((name, type_, array))

    def allocate(self, dimensions: Dimensions, arguments: list[Any]) -> list[Array]:
        """An array for each output; `dpc.ShapeError` where a shape is not that of the result."""
        outputs: list[Array] = []
        for name, type_, array in self._given:
            shape = tuple(evaluator(e)(dimensions) for e in type_.shape)
            if array.shape != shape:
                raise errors.ShapeError(
                    f"`{name}` of `{self._function}` has shape {array.shape}, expected {shape}",
                    kind="shape",
                )
            others = [a for a in (*arguments, *outputs) if isinstance(a, np.ndarray)]
            apart = not any(np.may_share_memory(array, other) for other in others)
            if array.flags.carray and array.dtype.isnative and apart:
                outputs.append(array)
            else:
                self._copied.append((len(outputs), array))
                outputs.append(np.empty(shape, DTYPES[type_.element.name]))
        return outputs

    def finish(self, frame: Frame) -> None:
        """Copy what native code could not write in its place."""
        for position, array in self._copied:
            array[...] = frame.outputs[position]
            frame.outputs[position] = array

    def _refuse(self, text: str) -> errors.TypeError:
        return errors.TypeError(f"out= of `{self._function}`: {text}")
