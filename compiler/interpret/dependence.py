"""Which inputs a result can depend on through its derivative: sets of input numbers, shared.

A set is None (empty), a small frozenset, or a tuple of sets: unions are made in constant time and
looked at once, at the end.
"""

from collections.abc import Iterable
from typing import Any, Union

SMALL = 12

Dependence = Union[None, frozenset[int], "tuple[Dependence, ...]"]


def joined(parts: Iterable[Any]) -> Dependence:
    """The union of sets."""
    different: list[Dependence] = []
    small: frozenset[int] = frozenset()
    for part in parts:
        if part is None:
            continue
        if isinstance(part, frozenset):
            small = small | part if small else part
        elif not any(part is other for other in different):
            different.append(part)
    if not different:
        return small if len(small) <= SMALL else (small,) if small else None
    if small:
        different.append(small)
    return different[0] if len(different) == 1 else tuple(different)


def members(dependence: Dependence) -> set[int]:
    """The numbers in a set."""
    found: set[int] = set()
    seen: set[int] = set()
    pending = [dependence]
    while pending:
        part = pending.pop()
        if isinstance(part, frozenset):
            found |= part
        elif part is not None and id(part) not in seen:
            seen.add(id(part))
            pending.extend(part)
    return found
