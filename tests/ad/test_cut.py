"""Minimum cuts against all cuts of small graphs."""

from itertools import product

import numpy as np
import pytest

from dpc.compiler.ad.cut import UNLIMITED, minimum_cut
from dpc.dsl.diagnostics import InternalError

Edges = list[tuple[int, int, int]]


def weight(edges: Edges, side: list[bool]) -> int:
    return sum(c for a, b, c in edges if side[a] and not side[b])


def best(count: int, edges: Edges) -> int:
    """The least weight of all cuts between node 0 and the last."""
    inner = product((False, True), repeat=count - 2)
    return min(weight(edges, [True, *side, False]) for side in inner)


@pytest.mark.parametrize("seed", range(150))
def test_random_graphs(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(2, 9))
    edges: Edges = []
    for _ in range(int(random.integers(0, 4 * count))):
        start, end = (int(k) for k in random.integers(0, count, 2))
        edges.append((start, end, int(random.integers(0, 7))))
    side = minimum_cut(count, edges, 0, count - 1)
    assert side[0]
    assert not side[-1]
    assert weight(edges, side) == best(count, edges)


def test_the_side_of_the_source_is_the_smallest() -> None:
    edges = [(0, 1, 3), (1, 2, 3), (2, 3, 3)]
    assert minimum_cut(4, edges, 0, 3) == [True, False, False, False]


def test_unlimited_edges_are_not_cut() -> None:
    edges = [(0, 1, UNLIMITED), (1, 2, 5), (1, 3, 2), (2, 3, UNLIMITED)]
    assert minimum_cut(4, edges, 0, 3) == [True, True, False, False]
    with pytest.raises(InternalError, match="no finite cut"):
        minimum_cut(2, [(0, 1, UNLIMITED)], 0, 1)


def test_long_chains_need_no_deep_stack() -> None:
    count = 5000
    edges = [(k, k + 1, 2 if k == 3000 else 9) for k in range(count - 1)]
    assert sum(minimum_cut(count, edges, 0, count - 1)) == 3001
