"""Tokens of IR text."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r]+|//[^\n]*)
  | (?P<newline>\n)
  | (?P<string>"(?:[^"\\\n]|\\.)*")
  | (?P<value>%[\w$.]+)
  | (?P<symbol>@(?:[A-Za-z_][\w$.]*|"(?:[^"\\\n]|\\.)*"))
  | (?P<label>\^\w+)
  | (?P<type>(?:memref|tensor|vector)<[^<>\n]*>|!tape\.stack<\w+>)
  | (?P<number>-?(?:0x[0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?))
  | (?P<word>[A-Za-z_][\w$.]*)
  | (?P<mark>->|[(){}\[\],:=])
    """,
    re.VERBOSE | re.ASCII,
)


class IRSyntaxError(ValueError):
    """Text that is not IR; `line` says where."""

    def __init__(self, message: str, line: int) -> None:
        self.line = line
        super().__init__(f"line {line}: {message}")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text; kind is a group of the token pattern, or "end"."""

    kind: str
    text: str
    line: int


def tokenize(text: str) -> list[Token]:
    """All tokens of a text but spaces and comments, and an "end" after them."""
    tokens: list[Token] = []
    line = 1
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise IRSyntaxError(f"unexpected character {text[position]!r}", line)
        position = match.end()
        kind = match.lastgroup or ""
        if kind == "newline":
            line += 1
        elif kind != "space":
            tokens.append(Token(kind, match.group(), line))
    tokens.append(Token("end", "the end of the text", line))
    return tokens


class TokenStream:
    """Tokens with a position; the verbs every parsing function uses."""

    def __init__(self, text: str) -> None:
        self._tokens = tokenize(text)
        self._position = 0

    @property
    def current(self) -> Token:
        """The next token."""
        return self._tokens[self._position]

    def error(self, message: str) -> IRSyntaxError:
        """An error at the token taken last."""
        return IRSyntaxError(message, self._tokens[max(self._position - 1, 0)].line)

    def unexpected(self, wanted: str) -> IRSyntaxError:
        """An error at the next token, which should be another."""
        return IRSyntaxError(f"expected {wanted}, found {self.current.text}", self.current.line)

    def take(self, kind: str, what: str) -> str:
        """The next token's text, which must be of a kind."""
        token = self.current
        if token.kind != kind:
            raise self.unexpected(what)
        self._position += 1
        return token.text

    def accept(self, text: str) -> bool:
        """Whether the next token is this word or mark; takes it if so."""
        token = self.current
        if token.text != text or token.kind not in ("word", "mark"):
            return False
        self._position += 1
        return True

    def expect(self, text: str) -> None:
        """Take this word or mark."""
        if not self.accept(text):
            raise self.unexpected(f"`{text}`")
