"""How the values of a caller map to the arguments of an IR function.

The IR function of a signature has these arguments, in order:
1. dimensions: one index for each polynomial of `extents`;
2. inputs: the leaves of every slot of `inputs`, in order (scalars by value, arrays as buffers);
3. outputs: a buffer for each array leaf of the slots of `results`, in order;
and returns the scalar leaves of `results`, in order.
"""

from dataclasses import dataclass
from typing import Union

from dpc.compiler.ir.core import Function
from dpc.dsl.shapes import Poly
from dpc.dsl.typed import Binding
from dpc.dsl.types import Leaf, Type


@dataclass(frozen=True, slots=True)
class Slot:
    """One value of the caller: a parameter, a tangent, a cotangent, a result, a gradient.

    `leaves` are those leaves of `type` that cross the boundary: all of them for primal values, the
    float ones for tangents, cotangents and gradients (the others are zero there), fewer still when
    only a field was asked for.
    """

    name: str
    type: Type
    leaves: tuple[Leaf, ...]
    default: bool | int | float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A tuple of results; named where `names` is given."""

    items: tuple["ResultTree", ...]
    names: tuple[str, ...] | None = None


ResultTree = Union[int, Group]  # an index into Signature.results, or a tuple of trees


@dataclass(frozen=True, slots=True)
class Signature:
    """Arguments and results of a function as its caller sees them.

    `bindings` say how dimension variables follow from the extents of the arguments, in an order in
    which they can be solved. `tree` is how the results are put together; None for no result.
    `told`: whenever any result is NaN, a scalar among them is, so that arrays need no look.
    """

    name: str
    doc: str | None
    bindings: tuple[Binding, ...]
    extents: tuple[Poly, ...]
    inputs: tuple[Slot, ...]
    results: tuple[Slot, ...]
    tree: ResultTree | None
    told: bool = False

    @property
    def result_dimensions(self) -> tuple[str, ...]:
        """Dimensions that no argument determines: the value returned does."""
        bound = {binding.name for binding in self.bindings}
        alone = (str(poly) for poly in self.extents if len(poly.terms) == 1)
        return tuple(
            name for name in alone if name not in bound and Poly.dimension(name) in self.extents
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """A function that can be differentiated and compiled: its signature and its loops-level IR.

    `origin` is how a transform made it (`ad.terms.Term`), for the transforms that follow.
    """

    signature: Signature
    function: Function
    origin: object = None
