"""What is known at a point of a traversal: a scoped table, and versions of buffers.

A version changes whenever the buffer may have been written; an entry whose key holds the version
is then out of reach. Entries and versions made in a scope are forgotten when it ends, so the caller
clobbers after a block what the block wrote.
"""

import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from dpc.compiler.ir.core import Value

_MISSING = object()


class MemoryState:
    """A table with scopes; `version` numbers states of buffers."""

    def __init__(self) -> None:
        self._entries: dict[Any, Any] = {}
        self._versions: dict[Value, int] = {}
        self._next = 1
        self._trail: list[tuple[dict[Any, Any], Any, Any]] = []

    def get(self, key: Any) -> Any:
        """The entry, or None."""
        return self._entries.get(key)

    def put(self, key: Any, entry: Any) -> None:
        """Make an entry until the scope ends."""
        self._set(self._entries, key, entry)

    def version(self, buffer: Value) -> int:
        """The number of the buffer's present state."""
        return self._versions.get(buffer, 0)

    def clobber(self, buffers: Iterable[Value]) -> None:
        """The buffers may have changed: states never seen before."""
        for buffer in buffers:
            self._set(self._versions, buffer, self._next)
            self._next += 1

    @contextmanager
    def scope(self) -> Iterator[None]:
        """What is learnt inside is forgotten at the end."""
        mark = len(self._trail)
        try:
            yield
        finally:
            while len(self._trail) > mark:
                table, key, before = self._trail.pop()
                if before is _MISSING:
                    del table[key]
                else:
                    table[key] = before

    def _set(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        self._trail.append((table, key, table.get(key, _MISSING)))
        table[key] = value


def float_bits(value: bool | int | float) -> Any:
    """A key that tells constants apart: zeros by sign, NaNs are all one."""
    return struct.pack("<d", value) if isinstance(value, float) else value
