"""Names of values in text: from their hints, each once a function."""

import re

from dpc.compiler.ir.core import Value

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_$.]")


def spelled(hint: str) -> str:
    """A hint with the characters that a name in text may have; "" for none or a mere number."""
    text = _NOT_IN_NAMES.sub("_", hint)
    if text.isdigit():
        return ""
    return f"_{text}" if text[:1].isdigit() else text


class Names:
    """Gives each value of a function its `%name`, when it is defined."""

    def __init__(self) -> None:
        self._names: dict[Value, str] = {}
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def define(self, value: Value, default: str = "", wanted: str = "") -> str:
        """A new name for a value: after `wanted`, else its own hint, else `default`."""
        base = spelled(wanted) or spelled(value.name) or default
        name = base
        while not name or name in self._taken:
            number = self._next.get(base, 0)
            self._next[base] = number + 1
            name = f"{base}_{number}" if base else str(number)
        self._taken.add(name)
        self._names[value] = f"%{name}"
        return f"%{name}"

    def __getitem__(self, value: Value) -> str:
        """The name of a value; a mark that cannot be parsed for one that was never defined."""
        return self._names.get(value, f"%<undefined {value.name}>")
