"""Scopes for tables and lists that an analysis changes while it walks a function."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_MISSING = object()


class Trail:
    """Base of what forgets at the end of a scope the changes that were made inside."""

    def __init__(self) -> None:
        self._trail: list[tuple[Any, Any, Any]] = []

    @contextmanager
    def scope(self) -> Iterator[None]:
        """What is learnt inside is forgotten at the end."""
        mark = len(self._trail)
        try:
            yield
        finally:
            while len(self._trail) > mark:
                table, key, before = self._trail.pop()
                if key is None:
                    table.pop()
                elif before is _MISSING:
                    del table[key]
                else:
                    table[key] = before

    def remember(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        """Set an entry of any table until the scope ends; keys are not None."""
        self._trail.append((table, key, table.get(key, _MISSING)))
        table[key] = value

    def append(self, items: list[Any], item: Any) -> None:
        """Append to any list until the scope ends."""
        items.append(item)
        self._trail.append((items, None, None))
