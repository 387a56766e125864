"""Which columns of a sparse matrix can share one product, and where its elements are found then.

A product with the sum of the unit vectors of one colour holds, in each row, the element of the one
column of that colour that has any. For a symmetric matrix a star colouring needs fewer: an element
or its mirror image stands alone (A. Gebremedhin, A. Tarafdar, F. Manne, A. Pothen 2007, "New
acyclic and star coloring algorithms with application to computing Hessians").

Greedy, in the order of the columns and from the fullest to the emptiest; the better of both. No
package on PyPI has star colourings, and SciPy's `group_columns` is private.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pattern:
    """The elements of a matrix that may differ from 0, in the order of CSR."""

    shape: tuple[int, int]
    rows: Indices
    columns: Indices

    @property
    def transposed(self) -> "Pattern":
        """The mirror image."""
        order = np.lexsort((self.rows, self.columns))
        return Pattern(self.shape[::-1], self.columns[order], self.rows[order])

    @property
    def pointers(self) -> Indices:
        """Where each row begins."""
        return np.searchsorted(self.rows, np.arange(self.shape[0] + 1))

    @property
    def fullest_row(self) -> int:
        """How many elements a row has at most: columns need at least as many colours."""
        return int(np.diff(self.pointers).max(initial=0))

    def by_row(self) -> list[list[int]]:
        """The columns of each row."""
        ends = self.pointers
        columns = self.columns.tolist()
        return [columns[a:b] for a, b in pairwise(ends.tolist())]


@dataclass(frozen=True, slots=True)
class Colouring:
    """Colours of the columns, -1 where there is none, and for each element the colour and the row
    it is read from.
    """

    colours: Indices
    count: int
    colour: Indices
    row: Indices


def colour_columns(pattern: Pattern) -> Colouring:
    """No two columns of one colour have an element in one row."""
    by_row, by_column = pattern.by_row(), pattern.transposed.by_row()
    found = min((_distant(by_row, by_column, o) for o in _orders(by_column)), key=max, default=[])
    colours = _without_empty(np.array(found, np.int64), pattern.columns)
    count = int(colours.max(initial=-1)) + 1
    return Colouring(colours, count, colours[pattern.columns], pattern.rows)


def _orders(neighbours: list[list[int]]) -> list[Sequence[int]]:
    count = len(neighbours)
    if not count:
        return []
    return [range(count), sorted(range(count), key=lambda v: -len(neighbours[v]))]


def _distant(
    by_row: list[list[int]], by_column: list[list[int]], order: Sequence[int]
) -> list[int]:
    """Greedy colours of columns; a row knows the colours it has met, as the bits of a number."""
    colours = [0] * len(by_column)
    met = [0] * len(by_row)
    for column in order:
        forbidden = 0
        for row in by_column[column]:
            forbidden |= met[row]
        lowest = ~forbidden & (forbidden + 1)
        colours[column] = lowest.bit_length() - 1
        for row in by_column[column]:
            met[row] |= lowest
    return colours


def _least(forbidden: set[int]) -> int:
    colour = 0
    while colour in forbidden:
        colour += 1
    return colour


def colour_symmetric(pattern: Pattern) -> Colouring:
    """A star colouring of a symmetric pattern."""
    neighbours = [[c for c in columns if c != row] for row, columns in enumerate(pattern.by_row())]
    stars = [_Stars(neighbours, order) for order in _orders(neighbours)]
    if not stars:
        return colour_columns(pattern)
    best = min(stars, key=lambda s: max(s.colours))
    if pattern.fullest_row <= max(best.colours):
        plain = colour_columns(pattern)
        if plain.count <= max(best.colours):
            return plain
    colours = np.array(best.colours, np.int64)
    rows, columns = pattern.rows, pattern.columns
    alone = np.array(
        [
            i == j or best.met[i][best.colours[j]] == 1
            for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
        ],
        bool,
    )
    colour = np.where(alone, colours[columns], colours[rows])
    used = _without_empty(colours, columns)
    return Colouring(used, int(used.max()) + 1, colour, np.where(alone, rows, columns))


def _without_empty(colours: Indices, columns: Indices) -> Indices:
    """Columns that have no element need no product: their colour is -1."""
    made = np.full_like(colours, -1)
    made[columns] = colours[columns]
    return made


class _Stars:
    """A colouring without a path of four vertices in two colours, made vertex by vertex.

    met[w][c]: how many neighbours of w have colour c. forbidden[w]: colours that a neighbour of w
    may not get, as it would be the end of such a path: w has a neighbour x of that colour, and x
    another neighbour of the colour of w.
    """

    def __init__(self, neighbours: list[list[int]], order: Sequence[int]) -> None:
        count = len(neighbours)
        self._neighbours = neighbours
        self.colours = [-1] * count
        self.met: list[dict[int, int]] = [{} for _ in range(count)]
        self._first: list[dict[int, int]] = [{} for _ in range(count)]
        self._forbidden: list[set[int]] = [set() for _ in range(count)]
        for vertex in order:
            self._give(vertex, _least(self._excluded(vertex)))

    def _excluded(self, vertex: int) -> set[int]:
        excluded: set[int] = set()
        for neighbour in self._neighbours[vertex]:
            colour = self.colours[neighbour]
            if colour < 0:
                continue
            excluded.add(colour)
            excluded |= self._forbidden[neighbour]
            if self.met[vertex][colour] > 1:
                # The vertex joins two of that colour: they may have no neighbour of its own.
                excluded.update(self.met[neighbour])
        return excluded

    def _give(self, vertex: int, colour: int) -> None:
        self.colours[vertex] = colour
        for neighbour in self._neighbours[vertex]:
            met = self.met[neighbour]
            met[colour] = met.get(colour, 0) + 1
            first = self._first[neighbour].setdefault(colour, vertex)
            own = self.colours[neighbour]
            if own < 0:
                continue
            if met[colour] == 2:
                self._forbidden[first].add(own)
            if met[colour] > 1:
                self._forbidden[vertex].add(own)
            if self.met[vertex][own] > 1:
                self._forbidden[neighbour].add(colour)
