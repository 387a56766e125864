"""The plan of a sparse derivative whose elements are stored by the function itself.

For each pair of a result and a parameter, native code stores up to K derivatives and columns for
each row (`compiler.ad.direct`). Where all K are there and ascend, its array is the matrix's data;
elsewhere the elements are taken from it in order, those of one column added up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dpc.compiler.ad.direct import Pair
from dpc.runtime.colouring import Indices
from dpc.runtime.csr import Structure, compact, structure

Array = NDArray[Any]
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the elements of a matrix are: `shape` of what native code fills; `places` in order,
    None if all are in their places; `starts` of those of one column, None if each stands alone.
    """

    shape: Shape
    places: Indices | None = None
    starts: Indices | None = None

    def elements(self, filled: Array) -> Array:
        """The data of the matrix."""
        if self.places is None:
            return filled.reshape(-1)
        data = filled.reshape(-1).take(self.places)
        if self.starts is None or not len(self.starts):
            return data
        return np.add.reduceat(data, self.starts)


@dataclass(frozen=True, slots=True)
class LocalPlan:
    """`blocks` are the structures of all matrices; `placed` has an entry for each of them that has
    elements, by number, in the order of the native results.
    """

    blocks: tuple[Structure, ...]
    placed: dict[int, Placed]

    def arrays(self, fill: Callable[..., Any], targets: Sequence[Array] | None) -> list[Array]:
        """The data of all matrices; `fill(out=...)` computes them. `targets`: where they go."""
        given = [None if targets is None else targets[b] for b in self.placed]
        rooms = [self._room(b, t) for b, t in zip(self.placed, given, strict=True)]
        fill(out=(*rooms, None))  # the last result is a number
        found = [np.empty(0, b.dtype) for b in self.blocks] if targets is None else list(targets)
        for (number, placed), room in zip(self.placed.items(), rooms, strict=True):
            if targets is None:
                found[number] = placed.elements(room)
            elif not np.may_share_memory(room, targets[number]):
                targets[number][:] = placed.elements(room)
        return found

    def _room(self, number: int, target: Array | None) -> Array:
        """What native code fills: the target itself where that can be; else zeros, as it may not
        write everywhere.
        """
        placed, dtype = self.placed[number], self.blocks[number].dtype
        if placed.places is not None:
            return np.zeros(placed.shape, dtype)
        if target is None:
            return np.empty(placed.shape, dtype)
        fits = target.flags.carray and target.dtype == dtype
        return target.reshape(placed.shape) if fits else np.empty(placed.shape, dtype)


def local_plan(
    pairs: Sequence[Pair],
    columns: Sequence[Array],
    heights: Sequence[Shape],
    widths: Sequence[int],
    dtypes: Sequence[np.dtype[Any]],
) -> LocalPlan:
    """The plan out of the columns that native code found; shapes and types of the results, numbers
    of elements of the parameters.
    """
    found = {(p.result, p.parameter): c for p, c in zip(pairs, columns, strict=True)}
    blocks: list[Structure] = []
    placed: dict[int, Placed] = {}
    for result, (shape, dtype) in enumerate(zip(heights, dtypes, strict=True)):
        for parameter, width in enumerate(widths):
            size = prod(shape), width
            here = found.get((result, parameter))
            if here is None:
                nothing = np.zeros(0, np.int64)
                blocks.append(structure(nothing, nothing, size, dtype))
                continue
            block, placed[len(blocks)] = _block(here, size, dtype)
            blocks.append(block)
    return LocalPlan(tuple(blocks), placed)


def _block(columns: Array, size: tuple[int, int], dtype: np.dtype[Any]) -> tuple[Structure, Placed]:
    most = columns.shape[-1]
    flat = columns.reshape(size[0], most)
    if (flat >= 0).all() and (flat[:, 1:] > flat[:, :-1]).all():
        pointers = np.arange(size[0] + 1, dtype=np.int64) * most
        return compact(flat.reshape(-1), pointers, size, dtype), Placed(columns.shape)
    there = np.flatnonzero(flat.reshape(-1) >= 0)
    rows, own = there // most, flat.reshape(-1)[there]
    order = np.lexsort((own, rows))
    places, rows, own = there[order], rows[order], own[order]
    first = np.ones(len(own), bool)
    first[1:] = (np.diff(rows) != 0) | (np.diff(own) != 0)
    starts = None if first.all() else np.flatnonzero(first)
    made = structure(rows[first], own[first], size, dtype)
    return made, Placed(columns.shape, places, starts)
