"""The bare names in a piece of syntax."""

from collections.abc import Iterator
from dataclasses import fields

from dpc.dsl import ast


def names_in(node: object) -> Iterator[str]:
    """Every bare name in a piece of syntax, in order."""
    if isinstance(node, ast.Name):
        yield node.name
    elif isinstance(node, tuple):
        for item in node:
            yield from names_in(item)
    elif isinstance(node, ast.Node):
        for each in fields(node):
            if each.name != "span":
                yield from names_in(getattr(node, each.name))
