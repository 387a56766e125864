"""Minimum cuts: Dinic's algorithm (E. A. Dinic, Soviet Math. Dokl. 11, 1970)."""

from collections import deque
from collections.abc import Iterable

from dpc.dsl.diagnostics import InternalError

UNLIMITED = 1 << 62


def minimum_cut(
    count: int, edges: Iterable[tuple[int, int, int]], source: int, sink: int
) -> list[bool]:
    """For each of `count` nodes whether it is on the source's side of a minimum cut, the smallest
    such side. Edges are (from, to, capacity >= 0); `UNLIMITED` ones are never cut.
    """
    network = _Network(count)
    for start, end, capacity in edges:
        network.add(start, end, capacity)
    while True:
        levels = network.levels(source)
        if levels[sink] < 0:
            return [level >= 0 for level in levels]
        network.saturate(source, sink, levels)


class _Network:
    """Residual capacities; edge 2k and edge 2k + 1 are each other's reverse."""

    def __init__(self, count: int) -> None:
        self.out: list[list[int]] = [[] for _ in range(count)]
        self.ends: list[int] = []
        self.room: list[int] = []

    def add(self, start: int, end: int, capacity: int) -> None:
        """An edge and its reverse."""
        self.out[start].append(len(self.ends))
        self.out[end].append(len(self.ends) + 1)
        self.ends += (end, start)
        self.room += (capacity, 0)

    def levels(self, source: int) -> list[int]:
        """The distance of each node from the source along edges with room, -1 for none."""
        found = [-1] * len(self.out)
        found[source] = 0
        waiting = deque((source,))
        while waiting:
            node = waiting.popleft()
            for edge in self.out[node]:
                end = self.ends[edge]
                if self.room[edge] and found[end] < 0:
                    found[end] = found[node] + 1
                    waiting.append(end)
        return found

    def saturate(self, source: int, sink: int, levels: list[int]) -> None:
        """Fill shortest paths until none is left."""
        following = [0] * len(self.out)
        path: list[int] = []
        node = source
        while True:
            if node == sink:
                node = self._fill(path)
            edge = self._onward(node, levels, following)
            if edge is not None:
                path.append(edge)
                node = self.ends[edge]
            elif path:
                node = self.ends[path.pop() ^ 1]
                following[node] += 1
            else:
                return

    def _onward(self, node: int, levels: list[int], following: list[int]) -> int | None:
        """The next edge with room to a node one level further."""
        edges = self.out[node]
        while following[node] < len(edges):
            edge = edges[following[node]]
            if self.room[edge] and levels[self.ends[edge]] == levels[node] + 1:
                return edge
            following[node] += 1
        return None

    def _fill(self, path: list[int]) -> int:
        """Send what a path carries; it is cut back to, and the answer is, where it is full now."""
        amount = min(self.room[edge] for edge in path)
        if amount >= UNLIMITED:
            raise InternalError("no finite cut")
        for edge in path:
            self.room[edge] -= amount
            self.room[edge ^ 1] += amount
        first = next(k for k, edge in enumerate(path) if not self.room[edge])
        start = self.ends[path[first] ^ 1]
        del path[first:]
        return start
