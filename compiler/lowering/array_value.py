"""Arrays as functions of their indices: what an array expression is lowered to.

Elementwise operations, slices, transposes and broadcasts compose such functions, so one expression
becomes one `array.generate` where its value is needed as a whole.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from dpc.compiler.dialects.array import Extract
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Value
from dpc.dsl.types import ArrayType

# Emits the element at some indices (index values) with the given builder.
Element = Callable[[tuple[Value, ...]], Value]


@dataclass(frozen=True, slots=True)
class Array:
    """An array value.

    `element` emits the element at given indices at the current insertion point; the value is fixed
    when the Array is made. `view`: an element costs one extract, so it may be asked for repeatedly.
    `stable`: it does not read a buffer that may change later. `tensor`: the tensor whose value it
    is, if it has been computed.
    """

    type: ArrayType
    element: Element
    view: bool = False
    stable: bool = True
    tensor: Value | None = None

    def reindexed(self, type_: ArrayType, mapping: Callable[..., tuple[Value, ...]]) -> "Array":
        """The array of another shape whose element at i is this one's at `mapping(i)`."""
        return replace(
            self,
            type=type_,
            element=lambda indices: self.element(mapping(indices)),
            tensor=None,
        )


def of_tensor(
    builder: Callable[[], Builder], type_: ArrayType, tensor: Value, stable: bool = True
) -> Array:
    """The array that a tensor is; `builder` tells the current insertion point."""
    return Array(
        type_,
        lambda indices: builder().emit(Extract(tensor, indices)),
        view=True,
        stable=stable,
        tensor=tensor,
    )
