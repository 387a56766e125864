"""Builds blocks: an insertion point with a current source span."""

from collections.abc import Iterator
from contextlib import contextmanager

from dpc.compiler.ir.core import Block, Op, Value
from dpc.dsl.source import Span


class Builder:
    """Appends ops to a list; ops without a span get the builder's."""

    __slots__ = ("ops", "span")

    def __init__(self, span: Span | None = None) -> None:
        self.ops: list[Op] = []
        self.span = span

    def add(self, op: Op) -> tuple[Value, ...]:
        """Append an op; its results."""
        if op.span is None:
            op.span = self.span
        self.ops.append(op)
        return op.results

    def emit(self, op: Op) -> Value:
        """Append an op with one result; the result."""
        (value,) = self.add(op)
        return value

    @contextmanager
    def at(self, span: Span | None) -> Iterator[None]:
        """Ops added inside come from this span."""
        before = self.span
        self.span = span if span is not None else before
        try:
            yield
        finally:
            self.span = before

    def block(self, arguments: tuple[Value, ...] = ()) -> Block:
        """The ops so far as a block; the builder starts empty again."""
        ops = tuple(self.ops)
        self.ops = []
        return Block(arguments, ops)

    def nested(self) -> "Builder":
        """A new builder for an inner block, with the same span."""
        return Builder(self.span)


def named(value: Value, name: str) -> Value:
    """Give a value a printing hint."""
    value.name = name
    return value


__all__ = ["Builder", "named"]
