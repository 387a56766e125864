"""Where the items of an index put their axes.

Index arrays and integers beside them are one block, to which the arrays broadcast. Its axes stand
where the first of these items does; in front of all others where a slice or a new axis parts them,
as in NumPy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dpc.dsl.typed.expressions import At, Gather, IndexItem
from dpc.dsl.types import ArrayType


@dataclass(frozen=True, slots=True)
class Layout:
    """`axes`: for each item the first axis of the result that is its own, an integer's is of no
    meaning; `rank`: how many axes the index arrays have together.
    """

    axes: tuple[int, ...]
    rank: int


def layout(items: Sequence[IndexItem]) -> Layout:
    """Where each item's axes are in the result."""
    gathers = [item for item in items if isinstance(item, Gather)]
    rank = max((rank_of(item) for item in gathers), default=0)
    block = [k for k, item in enumerate(items) if isinstance(item, At | Gather)] if gathers else []
    together = not block or block[-1] - block[0] < len(block)
    axis = 0 if together else rank
    start = 0
    axes: list[int] = []
    for k, item in enumerate(items):
        if together and block and k == block[0]:
            start = axis
            axis += rank
        if isinstance(item, At | Gather):
            axes.append(start)
        else:
            axes.append(axis)
            axis += 1
    return Layout(tuple(axes), rank)


def rank_of(item: Gather) -> int:
    """The number of axes of an index array."""
    assert isinstance(item.index.type, ArrayType)
    return item.index.type.rank
