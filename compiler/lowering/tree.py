"""Walks over the typed tree: what an expression or statement reads."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from dpc.dsl import typed

_PARTS = (
    typed.Expr,
    typed.At,
    typed.Slice,
    typed.Gather,
    typed.Range,
    typed.ForRange,
    typed.ForElement,
    typed.Piece,
)


_FIELD_NAMES: dict[type, tuple[str, ...]] = {}  # filled on demand


def _field_names(kind: type) -> tuple[str, ...]:
    if kind not in _FIELD_NAMES:
        named = (f.name for f in fields(kind))
        _FIELD_NAMES[kind] = tuple(n for n in named if n not in ("type", "span", "poly"))
    return _FIELD_NAMES[kind]


def parts(node: Any) -> Iterator[Any]:
    """The expressions, indices and clauses directly inside an expression, index or clause."""
    if isinstance(node, typed.Guarded):
        for stmt in node.prelude:
            yield from parts(stmt)
    for name in _field_names(type(node)):
        value = getattr(node, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, _PARTS):
                yield item


def reads(*nodes: Any) -> dict[typed.Variable, None]:
    """Every variable that is read inside, in order of first appearance."""
    found: dict[typed.Variable, None] = {}
    pending = list(reversed(nodes))
    while pending:
        node = pending.pop()
        if isinstance(node, typed.Read):
            found[node.variable] = None
        pending.extend(reversed(list(parts(node))))
    return found


def size(node: Any) -> int:
    """The number of nodes."""
    return 1 + sum(size(part) for part in parts(node))
