"""The plan of a sparse derivative for given extents and integers: pattern, colours, blocks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dpc.compiler.ad.batched_terms import MAX_LANES
from dpc.compiler.ad.compressed import Parts
from dpc.dsl.types import Leaf, element_of, shape_of
from dpc.runtime.arguments import DTYPES
from dpc.runtime.colouring import Colouring, Indices, Pattern, colour_columns, colour_symmetric
from dpc.runtime.csr import Structure, structure
from dpc.runtime.extents import Dimensions, evaluator

MOST_BYTES = 1 << 26  # of the vectors for one call


@dataclass(frozen=True, slots=True)
class Chunk:
    """Colours from `first` to `last`; elements found in their products, and at which place."""

    first: int
    last: int
    elements: Indices
    places: Indices


@dataclass(frozen=True, slots=True)
class Plan:
    """How the elements of a sparse matrix are computed; `shapes` and `dtypes` of the vectors.

    `blocks` are the structures of the matrices, `positions` where their elements are among all.
    """

    mode: str
    colouring: Colouring
    shapes: tuple[tuple[int, ...], ...]
    dtypes: tuple[np.dtype[Any], ...]
    chunks: tuple[Chunk, ...]
    blocks: tuple[Structure, ...]
    positions: tuple[Indices, ...]
    size: int
    first_seeds: tuple[NDArray[Any], ...]

    def seeds(self, chunk: Chunk) -> tuple[NDArray[Any], ...]:
        """The vectors of a chunk, a leaf each."""
        if chunk.first == 0:
            return self.first_seeds
        return seeds_of(self.colouring, chunk, self.shapes, self.dtypes)

    def arrays(self, products: Callable[..., tuple[NDArray[Any], ...]]) -> list[NDArray[Any]]:
        """The data of all matrices, out of the products with each chunk's vectors."""
        data = self._elements(products)
        return [data if len(p) == len(data) else data[p] for p in self.positions]

    def _elements(self, products: Callable[..., tuple[NDArray[Any], ...]]) -> NDArray[Any]:
        """All elements."""
        parts: list[tuple[Chunk, NDArray[Any]]] = []
        for chunk in self.chunks:
            made = [p.reshape(len(p), prod(p.shape[1:])) for p in products(*self.seeds(chunk))]
            flat = made[0] if len(made) == 1 else np.concatenate(made, axis=1)
            parts.append((chunk, flat.ravel()))
        if len(parts) == 1:
            return parts[0][1].take(parts[0][0].places)
        data = np.empty(self.size)
        for chunk, flat in parts:
            data[chunk.elements] = flat.take(chunk.places)
        return data


def seeds_of(
    colouring: Colouring,
    chunk: Chunk,
    shapes: Sequence[tuple[int, ...]],
    dtypes: Sequence[np.dtype[Any]],
) -> tuple[NDArray[Any], ...]:
    """The sums of the unit vectors of each colour of a chunk, cut into leaves; zeros fill the lanes
    of the last run.
    """
    count = chunk.last - chunk.first
    count += -count % lanes_for(colouring)
    columns = np.flatnonzero((colouring.colours >= chunk.first) & (colouring.colours < chunk.last))
    made = np.zeros((count, len(colouring.colours)))
    made[colouring.colours[columns] - chunk.first, columns] = 1.0
    found, start = [], 0
    for shape, dtype in zip(shapes, dtypes, strict=True):
        size = prod(shape)
        part = made[:, start : start + size].reshape((count, *shape))
        found.append(np.ascontiguousarray(part, dtype))
        start += size
    return tuple(found)


def lanes_for(colouring: Colouring) -> int:
    """How many products one run computes."""
    return min(MAX_LANES, max(colouring.count, 1))


def plan_of(pattern: Pattern, parts: Parts, dimensions: Dimensions, mode: str) -> Plan:
    """The plan for a pattern; `mode` is "symmetric" for a Hessian."""
    if mode == "symmetric":
        colouring, mode = colour_symmetric(_both_ways(pattern)), "forward"
        pattern = _both_ways(pattern)
    else:
        mode, colouring = _coloured(pattern, mode)
    seeded = parts.parameters if mode == "forward" else parts.results
    shapes = tuple(shape(e, dimensions) for e in seeded)
    dtypes = tuple(DTYPES[element_of(e.type).name] for e in seeded)
    rows = pattern.shape[0 if mode == "forward" else 1]
    chunks = tuple(_chunks(colouring, rows))
    found = list(_blocks(pattern, parts, dimensions))
    first = seeds_of(colouring, chunks[0], shapes, dtypes)
    blocks, positions = tuple(b for b, _ in found), tuple(p for _, p in found)
    return Plan(
        mode, colouring, shapes, dtypes, chunks, blocks, positions, len(pattern.rows), first
    )


def _coloured(pattern: Pattern, mode: str) -> tuple[str, Colouring]:
    """The mode, and colours of the columns in forward mode, of the rows in reverse; "auto" takes
    forward mode unless it needs more than twice as many.
    """
    if mode == "auto":
        fewest = pattern.transposed.fullest_row
        if pattern.fullest_row <= 2 * fewest:
            forward = colour_columns(pattern)
            if forward.count <= 2 * fewest:
                return "forward", forward
        reverse = _by_rows(pattern)
        if pattern.fullest_row > 2 * reverse.count:
            return "reverse", reverse
        forward = colour_columns(pattern)
        both = ("forward", forward), ("reverse", reverse)
        return both[forward.count > 2 * reverse.count]
    return mode, colour_columns(pattern) if mode == "forward" else _by_rows(pattern)


def _by_rows(pattern: Pattern) -> Colouring:
    """Colours of the rows; elements in the order of the pattern."""
    made = colour_columns(pattern.transposed)
    order = np.lexsort((pattern.rows, pattern.columns))
    colour, row = np.empty_like(made.colour), np.empty_like(made.row)
    colour[order], row[order] = made.colour, made.row
    return Colouring(made.colours, made.count, colour, row)


def _both_ways(pattern: Pattern) -> Pattern:
    size = pattern.shape[1]
    keys = np.unique(
        np.concatenate(
            [pattern.rows * size + pattern.columns, pattern.columns * size + pattern.rows]
        )
    )
    return Pattern(pattern.shape, keys // max(size, 1), keys % max(size, 1))


def _chunks(colouring: Colouring, rows: int) -> Iterator[Chunk]:
    widest = max(len(colouring.colours), rows, 1)
    lanes = lanes_for(colouring)
    most = max(1, MOST_BYTES // (8 * widest * lanes)) * lanes
    for first in range(0, max(colouring.count, 1), most):
        last = min(first + most, colouring.count)
        elements = np.flatnonzero((colouring.colour >= first) & (colouring.colour < last))
        places = (colouring.colour[elements] - first) * rows + colouring.row[elements]
        yield Chunk(first, last, elements, places)


# --- blocks ----------------------------------------------------------------------------------


def shape(leaf: Leaf, dimensions: Dimensions) -> tuple[int, ...]:
    """The extents of a leaf."""
    return tuple(evaluator(e)(dimensions) for e in shape_of(leaf.type))


def _blocks(
    pattern: Pattern, parts: Parts, dimensions: Dimensions
) -> Iterator[tuple[Structure, Indices]]:
    """The blocks of the matrix, those of one result after another, and where their elements are."""
    top = 0
    for result in parts.results:
        height = prod(shape(result, dimensions))
        left = 0
        for by in parts.parameters:
            width = prod(shape(by, dimensions))
            inside = (pattern.rows >= top) & (pattern.rows < top + height)
            inside &= (pattern.columns >= left) & (pattern.columns < left + width)
            positions = np.flatnonzero(inside)
            rows, columns = pattern.rows[positions] - top, pattern.columns[positions] - left
            dtype = DTYPES[element_of(result.type).name]
            yield structure(rows, columns, (height, width), dtype), positions
            left += width
        top += height
