"""Expressions of the grammar -> dsl.ast: one method for each rule, named as the rule.

The LALR parser calls a method when it reduces the rule, with the values of the rule's parts: tokens
and what other methods returned. So building needs no recursion, whatever the depth of the text.
"""

from collections.abc import Callable, Sequence
from typing import Any

from dpc.dsl import ast
from dpc.dsl.diagnostics import Sink
from dpc.dsl.errors.syntax import (
    ArgumentOrder,
    BadEscape,
    BadFormat,
    CannotAssign,
    NotInLanguage,
    RepeatedName,
)
from dpc.dsl.source import Source, Span
from dpc.dsl.texts import EscapeError, decode, format_pieces, split_literal, top_level_mark
from dpc.dsl.tokens import Token, normalized

Parts = list[Any]


class ExpressionBuilder:
    """The rules from `expressions` down. `begin` comes before each parse."""

    def begin(
        self,
        source: Source,
        sink: Sink,
        parse_piece: Callable[[int, int], ast.Expr | None],
    ) -> None:
        """Set what is being parsed; `parse_piece` parses the expression in a range of the text."""
        self.source = source
        self.sink = sink
        self.parse_piece = parse_piece
        # Expressions in parentheses: the node, and its extent with them. Keyed by identity; the
        # node is kept so that the key stays its own.
        self.grouped: dict[int, tuple[ast.Node, Span]] = {}

    # --- spans --------------------------------------------------------------------------------

    def extent(self, part: Any) -> Span:
        """Where a token or node stands, with the parentheses around it."""
        if isinstance(part, Token):
            return Span(self.source, part.start, part.end)
        known = self.grouped.get(id(part))
        span: Span = part.span if known is None else known[1]
        return span

    def cover(self, first: Any, last: Any) -> Span:
        """From the start of one part to the end of another."""
        return Span(self.source, self.extent(first).start, self.extent(last).end)

    # --- atoms --------------------------------------------------------------------------------

    def name(self, parts: Parts) -> ast.Expr:
        token = parts[0]
        return ast.Name(span=self.extent(token), name=normalized(token.text))

    def number(self, parts: Parts) -> ast.Expr:
        text = parts[0].text.replace("_", "").lower()
        hexadecimal = text.startswith("0x")
        value: int | float
        if not hexadecimal and any(c in text for c in ".e"):
            value = float(text)
        else:
            value = int(text, 0)
        return ast.Number(span=self.extent(parts[0]), value=value)

    def boolean(self, parts: Parts) -> ast.Expr:
        return ast.Boolean(span=self.extent(parts[0]), value=parts[0].type == "TRUE")

    def ellipsis(self, parts: Parts) -> ast.Expr:
        return ast.Ellipsis(span=self.extent(parts[0]))

    def group(self, parts: Parts) -> ast.Expr:
        inner: ast.Expr = parts[1]
        self.grouped[id(inner)] = (inner, self.cover(parts[0], parts[2]))
        return inner

    def tuple_display(self, parts: Parts) -> ast.Expr:
        return ast.TupleDisplay(span=self.cover(parts[0], parts[-1]), items=nodes(parts))

    def bare_tuple(self, parts: Parts) -> ast.Expr:
        return ast.TupleDisplay(span=self.cover(parts[0], parts[-1]), items=nodes(parts))

    def list_display(self, parts: Parts) -> ast.Expr:
        return ast.ListDisplay(span=self.cover(parts[0], parts[-1]), items=nodes(parts))

    # --- operators ----------------------------------------------------------------------------

    def binary(self, parts: Parts) -> ast.Expr:
        left, operator, right = parts
        return ast.Binary(
            span=self.cover(left, right), operator=operator.text, left=left, right=right
        )

    def logical(self, parts: Parts) -> ast.Expr:
        left, operator, right = parts
        return ast.Logical(
            span=self.cover(left, right), operator=operator.text, left=left, right=right
        )

    def unary(self, parts: Parts) -> ast.Expr:
        operator, operand = parts
        return ast.Unary(
            span=self.cover(operator, operand), operator=operator.text, operand=operand
        )

    def compare(self, parts: Parts) -> ast.Expr:
        return ast.Compare(
            span=self.cover(parts[0], parts[-1]),
            operators=tuple(token.text for token in parts[1::2]),
            operands=tuple(parts[0::2]),
        )

    def conditional(self, parts: Parts) -> ast.Expr:
        then, _, condition, _, otherwise = parts
        return ast.Conditional(
            span=self.cover(then, otherwise), condition=condition, then=then, otherwise=otherwise
        )

    def names(self, parts: Parts) -> tuple[ast.Expr, ...]:
        return tuple(self.name([t]) for t in parts if t.type == "NAME")

    def lambda_expression(self, parts: Parts) -> ast.Expr:
        parameters = parts[1] if len(parts) == 4 else ()
        self.no_repetition("parameter", [(p.name, p.span) for p in parameters])
        return ast.Lambda(
            span=self.cover(parts[0], parts[-1]), parameters=parameters, body=parts[-1]
        )

    # --- calls, fields, subscripts ------------------------------------------------------------

    def attribute(self, parts: Parts) -> ast.Expr:
        base, _, name = parts
        return ast.Attribute(span=self.cover(base, name), base=base, name=normalized(name.text))

    def keyword(self, parts: Parts) -> ast.Keyword:
        name, _, value = parts
        return ast.Keyword(span=self.cover(name, value), name=normalized(name.text), value=value)

    def arguments(self, parts: Parts) -> tuple[ast.Node, ...]:
        return nodes(parts)

    def call(self, parts: Parts) -> ast.Expr:
        given: tuple[ast.Node, ...] = ()
        if len(parts) == 4:
            given = (parts[2],) if isinstance(parts[2], ast.Expr) else parts[2]
        keywords = tuple(a for a in given if isinstance(a, ast.Keyword))
        arguments = tuple(a for a in given if isinstance(a, ast.Expr))
        if keywords:
            for late in given[given.index(keywords[0]) :]:
                if isinstance(late, ast.Expr):
                    self.sink.report(ArgumentOrder(span=late.span))
            self.no_repetition("argument", [(k.name, k.span) for k in keywords])
        return ast.Call(
            span=self.cover(parts[0], parts[-1]),
            callee=parts[0],
            arguments=arguments,
            keywords=keywords,
        )

    def items(self, parts: Parts) -> tuple[ast.Node, ...]:
        return nodes(parts)

    def slice(self, parts: Parts) -> ast.Slice:
        bounds: list[ast.Expr | None] = [None]
        for part in parts:
            if isinstance(part, Token):
                bounds.append(None)
            else:
                bounds[-1] = part
        start, stop, step = (*bounds, None)[:3]
        return ast.Slice(span=self.cover(parts[0], parts[-1]), start=start, stop=stop, step=step)

    def new_axis(self, parts: Parts) -> ast.NewAxis:
        return ast.NewAxis(span=self.extent(parts[0]))

    def subscript(self, parts: Parts) -> ast.Expr:
        base, _, items, close = parts
        return ast.Subscript(span=self.cover(base, close), base=base, items=items)

    # --- comprehensions -----------------------------------------------------------------------

    def targets(self, parts: Parts) -> ast.Expr:
        target: ast.Expr = parts[0] if len(parts) == 1 else self.bare_tuple(parts)
        self.check_target(target)
        return target

    def for_clause(self, parts: Parts) -> ast.ForClause:
        _, target, _, iterable = parts
        return ast.ForClause(span=self.cover(parts[0], iterable), target=target, iterable=iterable)

    def if_clause(self, parts: Parts) -> ast.IfClause:
        return ast.IfClause(span=self.cover(parts[0], parts[1]), condition=parts[1])

    def clauses(self, parts: Parts) -> tuple[ast.ForClause | ast.IfClause, ...]:
        return tuple(parts)

    def generator(self, parts: Parts) -> ast.Expr:
        element, clauses = parts
        return ast.Comprehension(
            span=self.cover(element, clauses[-1]), element=element, clauses=clauses, is_list=False
        )

    def comprehension(self, parts: Parts) -> ast.Expr:
        return ast.Comprehension(
            span=self.cover(parts[0], parts[3]), element=parts[1], clauses=parts[2], is_list=True
        )

    # --- strings ------------------------------------------------------------------------------

    def text(self, parts: Parts) -> ast.Expr:
        span = self.cover(parts[0], parts[-1])
        pieces: list[str | ast.Expr] = []
        is_format = False
        for token in parts:
            prefix, start, end = split_literal(token.text)
            if "b" in prefix:
                advice = "strings are text; drop the `b`"
                self.sink.report(
                    NotInLanguage(span=self.extent(token), what="a bytes string", advice=advice)
                )
            if "f" in prefix:
                is_format = True
                self.format_text(token.start + start, token.start + end, "r" in prefix, pieces)
            else:
                pieces.append(self.decoded(token.start + start, token.start + end, "r" in prefix))
        merged = _merge(pieces)
        if is_format:
            return ast.FormatText(span=span, parts=merged)
        return ast.Text(span=span, value="".join(str(piece) for piece in merged))

    def decoded(self, start: int, end: int, raw: bool) -> str:
        """The value of a range of literal text."""
        content = self.source.text[start:end]
        try:
            return decode(content, raw)
        except EscapeError as error:
            at = start + error.offset
            span = Span(self.source, at, at + len(error.text))
            self.sink.report(BadEscape(span=span, text=error.text))
            return content

    def format_text(self, start: int, end: int, raw: bool, pieces: list[str | ast.Expr]) -> None:
        """The pieces of an f-string."""
        content = self.source.text[start:end]
        for kind, first, last in format_pieces(content, raw):
            span = Span(self.source, start + first, start + last)
            if kind == "text":
                pieces.append(self.decoded(span.start, span.end, raw))
            elif kind == "stray":
                self.sink.report(
                    BadFormat(span=span, problem="a single `}`", advice="write `}}` for a brace")
                )
            elif last == len(content):
                span = Span(self.source, span.start - 1, span.start)
                self.sink.report(
                    BadFormat(span=span, problem="`{` without `}`", advice="write `{{` for a brace")
                )
            else:
                expression = self.format_expression(span)
                if expression is not None:
                    pieces.append(expression)

    def format_expression(self, span: Span) -> ast.Expr | None:
        """What stands between the braces of an f-string."""
        content = span.text
        if not content.strip():
            around = Span(self.source, span.start - 1, span.end + 1)
            self.sink.report(BadFormat(span=around, problem="an empty expression"))
            return None
        mark = top_level_mark(content)
        if mark is not None:
            rest = Span(self.source, span.start + mark, span.end)
            advice = "values are written in full precision"
            format_ = BadFormat(span=rest, problem="a format", advice=advice, replacement="")
            self.sink.report(format_)
            return None
        for character in "\\#":
            if character in content:
                at = span.start + content.index(character)
                self.sink.report(
                    BadFormat(span=Span(self.source, at, at + 1), problem=f"`{character}`")
                )
                return None
        return self.parse_piece(span.start, span.end)

    # --- checks -------------------------------------------------------------------------------

    def no_repetition(self, what: str, named: Sequence[tuple[str, Span]]) -> None:
        """Report names that occur twice."""
        first: dict[str, Span] = {}
        for name, span in named:
            if name in first:
                self.sink.report(RepeatedName(span=span, what=what, name=name, first=first[name]))
            first.setdefault(name, span)

    def check_target(self, target: ast.Expr) -> None:
        """Report what can't be assigned to."""
        open_ = [target]
        while open_:
            part = open_.pop()
            if isinstance(part, ast.TupleDisplay) and part.items:
                open_.extend(part.items)
            elif not isinstance(part, ast.Name | ast.Subscript | ast.Attribute):
                what = _WHAT.get(type(part), "an expression")
                advice = "write a tuple: `a, b = ...`" if what == "a list" else ""
                if isinstance(part, ast.Call):
                    advice = "an element stands in brackets and is counted from 0: `x[i]`"
                self.sink.report(CannotAssign(span=part.span, what=what, advice=advice))


_WHAT: dict[type[ast.Expr], str] = {
    ast.Number: "a number",
    ast.Boolean: "a constant",
    ast.Text: "a string",
    ast.FormatText: "a string",
    ast.Ellipsis: "`...`",
    ast.Call: "the result of a call",
    ast.Compare: "a comparison",
    ast.ListDisplay: "a list",
    ast.TupleDisplay: "an empty tuple",
    ast.Lambda: "a lambda",
    ast.Comprehension: "a comprehension",
}


def nodes(parts: Parts) -> tuple[Any, ...]:
    """The parts that are not tokens."""
    return tuple(part for part in parts if not isinstance(part, Token))


def _merge(pieces: list[str | ast.Expr]) -> tuple[str | ast.Expr, ...]:
    """Neighbouring literal texts joined, empty ones dropped."""
    merged: list[str | ast.Expr] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        elif piece != "":
            merged.append(piece)
    return tuple(merged)
