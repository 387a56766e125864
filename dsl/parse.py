"""Text -> dsl.ast, with recovery: every independent syntax error of a file is reported in one run.

Exit: every node has its span; no diagnostic means that the text is a legal module of the grammar
(and parses with Python's `ast`). After errors the tree is what prune.py leaves: it can be checked.
"""

import os
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, cast

from dpc.dsl import ast
from dpc.dsl.build_statements import Builder
from dpc.dsl.cache_folder import cache_folder
from dpc.dsl.diagnostics import Sink
from dpc.dsl.errors.syntax import MissingBlock, MixedTabs, UnexpectedIndent, UnexpectedText
from dpc.dsl.explain import explain
from dpc.dsl.prune import prune
from dpc.dsl.scan import scan, scan_piece
from dpc.dsl.source import Source, Span
from dpc.dsl.stop import Stop
from dpc.dsl.tokens import Token

if TYPE_CHECKING:
    from lark import Lark
    from lark.lexer import Token as LarkToken

_LAYOUT = frozenset(("NEWLINE", "INDENT", "DEDENT"))
# Later parts of statements that the language leaves out.
_BELONGS_TO = {
    "except": "try",
    "finally": "try",
    "case": "match",
    "==": "<<",
    ">>": "<<",
    "...": ">>",
}
# The automaton reports to one builder, so one parse runs at a time.
_LOCK = RLock()
_BUILDER = Builder()
_automaton: "list[Lark]" = []


def parse(source: Source, sink: Sink) -> ast.ModuleTree:
    """The tree of a module; what is wrong with the text goes to the sink."""
    with _LOCK:

        def parse_piece(start: int, end: int) -> ast.Expr | None:
            return _parse_piece(source, sink, start, end)

        _BUILDER.begin(source, sink, parse_piece)
        tree = _Run(source, sink, scan(source, sink)).file()
    if tree is None:
        return ast.ModuleTree(source=source, doc=None, items=())
    return prune(tree, sink)


def _load_automaton() -> "Lark":
    """The LALR automaton, built once and kept in the user's cache directory between processes."""
    if not _automaton:
        # Imported here because it takes longer than everything that `dpc --help` needs.
        from lark import Lark

        text = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
        _automaton.append(
            Lark(
                text,
                parser="lalr",
                lexer="basic",
                start=["file", "piece"],
                keep_all_tokens=True,
                maybe_placeholders=False,
                transformer=_BUILDER,
                cache=_cache_file(),
            )
        )
    return _automaton[0]


def _cache_file() -> Any:
    """Where the automaton is kept; False where nothing can be kept."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return str(folder / "grammar.lalr") if os.access(folder, os.W_OK) else False


class _Run:
    """One walk of the automaton over a file's tokens."""

    def __init__(self, source: Source, sink: Sink, tokens: list[Token]) -> None:
        self.source = source
        self.sink = sink
        end = len(source.text)
        self.tokens = [*tokens, Token("$END", "", end, end)]
        self.cursor: Any = _load_automaton().parse_interactive(start="file")
        self.state = self.cursor.parser_state
        self.result: Any = None
        self.dropped: set[int] = set()
        self.refused: set[str] = set()
        self.line_start = 0
        self.saved: tuple[list[Any], list[Any]] = ([], [])

    def file(self) -> ast.ModuleTree | None:
        """The tree; None if nothing could be made of the tokens."""
        index = 0
        while index < len(self.tokens):
            index = self.step(index)
        return cast("ast.ModuleTree | None", self.result)

    def feed(self, token: Token) -> bool:
        """Advance over a token; False if it can't stand here."""
        # Imported here because lark is only imported when something is parsed.
        from lark.exceptions import UnexpectedToken

        try:
            self.result = self.state.feed_token(cast("LarkToken", token), token.type == "$END")
        except UnexpectedToken:
            return False
        return True

    def step(self, index: int) -> int:
        """Take the token at an index; returns the index to go on with."""
        token = self.tokens[index]
        if index == 0 or self.tokens[index - 1].type in _LAYOUT:
            self.line_start = index
            self.saved = (list(self.state.state_stack), list(self.state.value_stack))
        if index in self.dropped:
            return index + 1
        if token.type == "BROKEN":
            return self.replace_line()
        if self.feed(token):
            return index + 1
        if self.expects_block():
            self.missing_block(index)
            return index
        if token.type == "INDENT":
            self.drop_indent(index)
            return index + 1
        if token.type in ("DEDENT", "$END"):
            self.close_decorators(index)
            return index
        self.report(index)
        return self.replace_line()

    def report(self, index: int) -> None:
        """Say what is wrong at a token; parts of a refused statement are refused with it."""
        line = self.tokens[self.line_start : self.line_end() + 1]
        word = line[0].text
        if _BELONGS_TO.get(word, word) in self.refused and word in _BELONGS_TO:
            return
        self.refused.add(word)
        # Reductions made on sight of the token have narrowed what could stand there.
        self.restore()
        for token in self.tokens[self.line_start : index]:
            self.feed(token)
        accepted = frozenset(self.cursor.accepts())
        found = explain(Stop(self.source, line, index - self.line_start, accepted))
        if isinstance(found, UnexpectedText) and found.expected == "a name":
            self.refused.add(f"name {found.span.text}")
        elif any(f"name {token.text}" in self.refused for token in line):
            return
        self.sink.report(found)

    def line_end(self) -> int:
        """The index of the NEWLINE that ends the current logical line."""
        index = self.line_start
        while self.tokens[index].type != "NEWLINE":
            index += 1
        return index

    def replace_line(self) -> int:
        """Put a placeholder in the place of the current line."""
        self.restore()
        if self.expects_block():
            self.missing_block(self.line_start)
        self.placeholder()
        return self.line_end() + 1

    def restore(self) -> None:
        """Forget what was read of the current line."""
        state_stack, value_stack = self.saved
        self.state.state_stack[:] = state_stack
        self.state.value_stack[:] = value_stack

    def placeholder(self) -> bool:
        """Advance over a line about which nothing is said; False if no line can stand here."""
        return self.feed(Token("BROKEN", "", 0, 0)) and self.feed(Token("NEWLINE", "", 0, 0))

    def expects_block(self) -> bool:
        """True after a header, where only an INDENT may follow."""
        return set(self.cursor.choices()) == {"INDENT"}

    def missing_block(self, index: int) -> None:
        """A header whose block is missing: report it, and give it an empty one."""
        end = index - 1
        while self.tokens[end].type != "NEWLINE":
            end -= 1
        start = end
        while start > 0 and self.tokens[start - 1].type not in _LAYOUT:
            start -= 1
        header = Span(self.source, self.tokens[start].start, self.tokens[end - 1].end)
        if index >= len(self.tokens) - 1 or self.tokens[index].type == "DEDENT":
            span = Span(self.source, header.end, header.end)
        else:
            span = Span(self.source, self.tokens[index].start, self.tokens[index].end)
        self.sink.report(
            MissingBlock(span=span, header=self.tokens[start].text, header_span=header)
        )
        self.feed(Token("INDENT", "", header.end, header.end))
        self.placeholder()
        self.feed(Token("DEDENT", "", header.end, header.end))

    def drop_indent(self, index: int) -> None:
        """An INDENT without header: report it and forget it and its DEDENT."""
        first = self.tokens[index + 1]
        span = Span(self.source, first.start, first.end)
        mixed = (d for d in self.sink.diagnostics if isinstance(d, MixedTabs))
        if all(d.span.line != span.line for d in mixed):
            self.sink.report(UnexpectedIndent(span=span))
        depth = 0
        for at in range(index, len(self.tokens)):
            depth += {"INDENT": 1, "DEDENT": -1}.get(self.tokens[at].type, 0)
            if depth == 0:
                self.dropped.add(at)
                return

    def close_decorators(self, index: int) -> None:
        """The end of a block or file after a decorator."""
        token = self.tokens[index]
        span = Span(self.source, token.start, token.start)
        found = "end of the file" if token.type == "$END" else "end of the block"
        self.sink.report(UnexpectedText(span=span, found=found, expected="a function"))
        if not self.placeholder():
            self.dropped.add(index)


def _parse_piece(source: Source, sink: Sink, start: int, end: int) -> ast.Expr | None:
    """The expression between the braces of an f-string; None after an error."""
    from lark.exceptions import UnexpectedToken  # as in `feed`

    scanned = scan_piece(source, sink, start, end)
    if scanned is None:
        return None
    tokens = [*scanned, Token("$END", "", end, end)]
    cursor: Any = _load_automaton().parse_interactive(start="piece")
    for index, token in enumerate(tokens):
        is_end = token.type == "$END"
        try:
            result = cursor.parser_state.feed_token(cast("LarkToken", token), is_end)
        except UnexpectedToken:
            sink.report(explain(Stop(source, tokens, index, frozenset(cursor.accepts()))))
            return None
    return cast("ast.Expr", result)
