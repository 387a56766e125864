"""Where the parser stopped: what the rules that explain syntax errors look at."""

from collections.abc import Sequence
from dataclasses import dataclass

from dpc.dsl.source import Source, Span
from dpc.dsl.tokens import Token


@dataclass(frozen=True)
class Stop:
    """A logical line, the position in it of the token that can't stand there, and what could."""

    source: Source
    line: Sequence[Token]
    index: int
    accepted: frozenset[str]

    @property
    def token(self) -> Token:
        """The token that can't stand there."""
        return self.line[self.index]

    @property
    def before(self) -> Token | None:
        """The token before it on the line."""
        return self.line[self.index - 1] if self.index else None

    @property
    def after(self) -> Token | None:
        """The token after it on the line."""
        return self.line[self.index + 1] if self.index + 1 < len(self.line) else None

    @property
    def span(self) -> Span:
        """Where the token stands."""
        return Span(self.source, self.token.start, self.token.end)

    @property
    def bracket(self) -> str:
        """The innermost bracket that is open before the token; empty if none is."""
        open_: list[str] = []
        for token in self.line[: self.index]:
            if token.type in ("LPAR", "LSQB"):
                open_.append(token.text)
            elif token.type in ("RPAR", "RSQB"):
                open_.pop()
        return open_[-1] if open_ else ""

    def since(self, token: Token | None) -> Span:
        """From an earlier token to this one."""
        return self.span if token is None else Span(self.source, token.start, self.token.end)

    def follows(self, text: str) -> bool:
        """True when `text` stands directly before the token, without space."""
        before = self.before
        return before is not None and before.text == text and before.end == self.token.start
