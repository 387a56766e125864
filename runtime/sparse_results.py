"""How the matrices of a sparse derivative are put together, and found in a result again."""

from collections.abc import Iterator, Sequence
from typing import Any

from dpc.compiler.ad.jacobians import by_parts, derivative_slot
from dpc.compiler.ad.selection import Selected, is_float_leaf, select
from dpc.compiler.signature import Entry, ResultTree, Slot
from dpc.dsl.types import leaves
from dpc.runtime import errors
from dpc.runtime.arguments import describe
from dpc.runtime.marshal import assembler
from dpc.runtime.records import Classes, builder
from dpc.runtime.values import Path, at


class Results:
    """Matrices come one result's leaf after another, those of its parameters' leaves in order."""

    def __init__(self, entry: Entry, wrt: str | tuple[str, ...] | None, classes: Classes) -> None:
        selected, several = select(entry, wrt, first=True)
        names = tuple(s.name.replace(".", "_") for s in selected) if several else None
        assert entry.signature.tree is not None
        self._tree = by_parts(entry.signature.tree, len(selected), names)
        self._together = assembler(self._tree)
        self._places = list(_places(entry, selected))
        self._builders = [builder(slot.type, classes) for slot, _ in self._places]

    def assembled(self, matrices: Sequence[Any]) -> Any:
        """The matrices in the structure of the result; None where there is no derivative."""
        values = []
        for (slot, numbers), build in zip(self._places, self._builders, strict=True):
            by_path = dict.fromkeys((leaf.path for leaf in leaves(slot.type)), None)
            by_path.update((path, matrices[number]) for path, number in numbers.items())
            values.append(build(by_path))
        return self._together(values)

    def taken_apart(self, result: Any, name: str) -> list[Any]:
        """The matrices of a result; `dpc.TypeError` where it has another structure."""
        found: dict[int, Any] = {}
        by_slot = dict(_slots(self._tree, result, "out", name))
        for slot, (_, numbers) in enumerate(self._places):
            for path, number in numbers.items():
                try:
                    found[number] = at(by_slot[slot], path)
                except (AttributeError, KeyError, IndexError, TypeError):
                    what = ".".join(map(str, path))
                    raise errors.TypeError(
                        f"out= of `{name}`: `{what}` is missing in {describe(by_slot[slot])}"
                    ) from None
        return [found[number] for number in sorted(found)]


def _places(entry: Entry, selected: tuple[Selected, ...]) -> Iterator[tuple[Slot, dict[Path, int]]]:
    """For each result and parameter the slot of the derivative, and the matrix at each path."""
    width, top = sum(len(part.leaves) for part in selected), 0
    for result in entry.signature.results:
        height = sum(map(is_float_leaf, result.leaves))
        left = 0
        for part in selected:
            slot = derivative_slot(result, part, True)
            numbers = (
                (top + row) * width + left + column
                for row in range(height)
                for column in range(len(part.leaves))
            )
            yield slot, dict(zip((e.path for e in slot.leaves), numbers, strict=True))
            left += len(part.leaves)
        top += height


def _slots(tree: ResultTree, value: Any, path: str, name: str) -> Iterator[tuple[int, Any]]:
    """The value for each result of a tree."""
    if isinstance(tree, int):
        yield tree, value
        return
    if not isinstance(value, tuple | list) or len(value) != len(tree.items):
        raise errors.TypeError(
            f"out= of `{name}`: `{path}` is a tuple of {len(tree.items)}, as the result is, not"
            f" {describe(value)}"
        )
    for position, (item, part) in enumerate(zip(tree.items, value, strict=True)):
        yield from _slots(item, part, f"{path}[{position}]", name)
