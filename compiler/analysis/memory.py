"""What is known at a point of a traversal: a scoped table, and versions of buffers.

A version changes whenever the buffer may have been written; an entry whose key holds the version
is then out of reach. Entries and versions made in a scope are forgotten when it ends, so the caller
clobbers after a block what the block wrote.
"""

import struct
from collections.abc import Iterable
from typing import Any

from dpc.compiler.analysis.trail import Trail
from dpc.compiler.ir.core import Value


class MemoryState(Trail):
    """A table with scopes; `version` numbers states of buffers."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[Any, Any] = {}
        self._versions: dict[Value, int] = {}
        self._next = 1

    def get(self, key: Any) -> Any:
        """The entry, or None."""
        return self._entries.get(key)

    def put(self, key: Any, entry: Any) -> None:
        """Make an entry until the scope ends."""
        self.remember(self._entries, key, entry)

    def version(self, buffer: Value) -> int:
        """The number of the buffer's present state."""
        return self._versions.get(buffer, 0)

    def clobber(self, buffers: Iterable[Value]) -> None:
        """The buffers may have changed: states never seen before."""
        for buffer in buffers:
            self.remember(self._versions, buffer, self._next)
            self._next += 1


def float_bits(value: bool | int | float) -> Any:
    """A key that tells constants apart: zeros by sign, NaNs are all one."""
    return struct.pack("<d", value) if isinstance(value, float) else value
