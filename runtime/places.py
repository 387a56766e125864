"""Places of a source, as plans and reports show them."""

from typing import Any

from dpc.dsl.source import Span

HEADS = ("for ", "while ", "if ")
WIDEST = 48  # characters of source shown of a value


def shown(span: Span | None) -> str:
    """The source on one line; of a loop or branch the head."""
    if span is None:
        return ""
    head = span.text.find("\n") if span.text.startswith(HEADS) else -1
    whole = span if head < 0 else Span(span.source, span.start, span.start + head)
    return whole.one_line(WIDEST)


def place(span: Span | None) -> str:
    """File and line."""
    return "" if span is None else f"{span.source.name}:{span.line}"


def place_data(span: Span | None) -> dict[str, Any] | None:
    """File, line and column as plain data."""
    if span is None:
        return None
    return {"file": span.source.name, "line": span.line, "column": span.column}
