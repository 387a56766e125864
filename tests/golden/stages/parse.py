"""Stage `parse`: the untyped tree, one node a line, with the text of every leaf."""

from collections.abc import Iterator, Sequence
from typing import Any

from dpc.dsl import ast
from dpc.dsl.diagnostics import Sink
from dpc.dsl.parse import parse
from dpc.dsl.render import render_all
from dpc.dsl.source import Source, Span


def dump(source: Source, arguments: Sequence[str]) -> str:
    sink = Sink()
    tree = parse(source, sink)
    if sink.diagnostics:
        return render_all(sorted(sink.diagnostics, key=lambda d: d.span.start))
    lines = [f"doc {tree.doc!r}"] if tree.doc is not None else []
    for item in tree.items:
        lines.extend(_lines("", item, 0))
    return "\n".join(lines)


def _lines(label: str, value: Any, depth: int) -> Iterator[str]:
    lead = "  " * depth + (f"{label}: " if label else "")
    if isinstance(value, ast.Node):
        fields = [(name, getattr(value, name)) for name in type(value).__slots__]
        plain = [f" {n}={_plain(v)}" for n, v in fields if not _holds_nodes(v) and v is not None]
        yield f"{lead}{type(value).__name__} {_place(value.span)}{''.join(plain)}"
        for name, part in fields:
            if _holds_nodes(part):
                yield from _lines(name, part, depth + 1)
    elif isinstance(value, tuple) and value:
        for part in value:
            yield from _lines(label, part, depth)
    elif isinstance(value, str):
        yield f"{lead}{value!r}"


def _holds_nodes(value: Any) -> bool:
    is_tuple = isinstance(value, tuple)
    return isinstance(value, ast.Node) or (is_tuple and any(isinstance(v, ast.Node) for v in value))


def _plain(value: Any) -> str:
    return _place(value) if isinstance(value, Span) else repr(value)


def _place(span: Span) -> str:
    end_line, end_column = span.source.position(span.end)
    end = f"{end_column}" if end_line == span.line else f"{end_line}:{end_column}"
    return f"{span.line}:{span.column}-{end}"
