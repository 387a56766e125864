"""Text -> logical lines with their comments and blank lines: what `dpc fmt` arranges anew.

Entry: a text that parses. Exit: every token and every comment is in exactly one line; several
statements on one physical line are lines of their own, a body behind its header too.
"""

import re
from dataclasses import dataclass, field

from dpc.dsl.diagnostics import InternalError, Sink
from dpc.dsl.scan import scan
from dpc.dsl.source import Source
from dpc.dsl.tokens import Token

HEADERS = frozenset(("if", "elif", "else", "for", "while", "def", "class"))
OPENING = ("LPAR", "LSQB")
CLOSING = ("RPAR", "RSQB")
_COMMENT = re.compile(r"#[^\r\n]*")


@dataclass
class Word:
    """A token with its comments: on lines of their own before it, and behind it on its line."""

    token: Token
    before: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)

    @property
    def type(self) -> str:
        """The token's terminal."""
        return self.token.type

    @property
    def text(self) -> str:
        """The token's text."""
        return self.token.text


@dataclass
class Line:
    """A logical line or (without words) a comment of its own; `blank`: empty lines before it."""

    level: int
    blank: int
    words: list[Word] = field(default_factory=list)
    comment: str = ""


@dataclass
class _Comment:
    text: str
    start: int
    column: int
    own_line: bool


def logical_lines(source: Source) -> list[Line]:
    """The lines of a text, in order."""
    sink = Sink()
    tokens = scan(source, sink)
    if sink.failed:
        raise InternalError("formatting needs a text that parses")
    return _Reader(source, tokens).run()


class _Reader:
    """Distributes tokens and comments over lines."""

    def __init__(self, source: Source, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.lines: list[Line] = []
        self.columns = [0]
        self.end_of_last = 0

    def run(self) -> list[Line]:
        """All lines."""
        words: list[Word] = []
        position = 0
        for token in self.tokens:
            if token.type in ("INDENT", "DEDENT"):
                continue
            if token.type == "NEWLINE":
                self.finish(words)
                words = []
                continue
            comments = self.comments(position, token.start)
            position = token.end
            if not words:
                column = self.column(token.start)
                self.between(comments, column)
                self.enter(column)
                words = [Word(token)]
            else:
                self.inside(words, token, comments)
        self.between(self.comments(position, len(self.source.text)), 0)
        return self.lines

    def comments(self, start: int, end: int) -> list[_Comment]:
        """The comments between two tokens."""
        found = []
        for match in _COMMENT.finditer(self.source.text, start, end):
            line, _ = self.source.position(match.start())
            lead = self.source.text[self.source.line_starts[line - 1] : match.start()]
            own = not lead.strip(" \t\f\ufeff")
            column = self.column(match.start())
            found.append(_Comment(match.group().rstrip(), match.start(), column, own))
        return found

    def column(self, offset: int) -> int:
        """The column of a character, tabs counted as the scanner does."""
        line, _ = self.source.position(offset)
        lead = self.source.text[self.source.line_starts[line - 1] : offset].lstrip("\ufeff")
        return len(lead.rpartition("\f")[2].expandtabs(8))

    def enter(self, column: int) -> None:
        """Open or close blocks for a line in that column."""
        while self.columns[-1] > column:
            self.columns.pop()
        if self.columns[-1] < column:
            self.columns.append(column)

    def blank_before(self, offset: int) -> int:
        """The empty lines between the last line and the one at an offset."""
        here, _ = self.source.position(offset)
        return max(0, here - self.end_of_last - 1)

    def between(self, comments: list[_Comment], column: int) -> None:
        """Comments before a line in that column: behind the last line, or on their own.

        One further right than that line belongs to the innermost block that holds it.
        """
        for comment in comments:
            if not comment.own_line:
                self.lines[-1].words[-1].behind.append(comment.text)
                continue
            fitting = [n for n, c in enumerate(self.columns) if c <= comment.column]
            following = [n for n, c in enumerate(self.columns) if c <= column]
            if column > self.columns[-1]:
                level = len(self.columns)
            else:
                level = fitting[-1] if comment.column > column else following[-1]
            blank = self.blank_before(comment.start)
            self.lines.append(Line(level, blank, comment=comment.text))
            self.end_of_last = self.source.position(comment.start)[0]

    def inside(self, words: list[Word], token: Token, comments: list[_Comment]) -> None:
        """The next token of a line, after comments inside of brackets."""
        words.append(Word(token))
        for comment in comments:
            if comment.own_line:
                words[-1].before.append(comment.text)
            else:
                words[-2].behind.append(comment.text)

    def finish(self, words: list[Word]) -> None:
        """The end of a logical line: its statements become lines."""
        level = len(self.columns) - 1
        blank = self.blank_before(words[0].token.start)
        self.end_of_last = self.source.position(words[-1].token.end)[0]
        for statement, deeper in split_statements(words):
            self.lines.append(Line(level + deeper, blank, statement))
            blank = 0


def split_statements(words: list[Word]) -> list[tuple[list[Word], int]]:
    """The statements of a logical line, each with 1 if it is the body behind a header."""
    body_start = _body_start(words)
    parts = [(words[:body_start], 0)] if body_start else []
    deeper = 1 if body_start else 0
    current: list[Word] = []
    depth = 0
    for word in words[body_start:]:
        depth += (word.type in OPENING) - (word.type in CLOSING)
        if word.type == "SEMICOLON" and depth == 0:
            current[-1].behind += word.before + word.behind
            parts.append((current, deeper))
            current = []
        else:
            current.append(word)
    if current:
        parts.append((current, deeper))
    return parts


def _body_start(words: list[Word]) -> int:
    """Where a body starts behind its header on one line; 0 if none does, or it is `...`."""
    if words[0].text not in HEADERS:
        return 0
    depth = lambdas = 0
    for index, word in enumerate(words):
        depth += (word.type in OPENING) - (word.type in CLOSING)
        lambdas += word.type == "LAMBDA"
        if word.type == "COLON" and depth == 0:
            if not lambdas:
                rest = words[index + 1 :]
                return 0 if [w.type for w in rest] in ([], ["DOTS"]) else index + 1
            lambdas -= 1
    return 0
