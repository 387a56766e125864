"""From the token where the parser stopped to what the user did: the wording of syntax errors.

Each rule looks at one situation and returns a diagnostic or None; the first that answers counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.errors.syntax import (
    AssignmentInCondition,
    ChainedAssignment,
    MissingColon,
    NotInLanguage,
    UnexpectedText,
)
from dpc.dsl.source import Source, Span
from dpc.dsl.tokens import KEYWORDS, OPERATORS, Token


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


# Statements of Python that the language leaves out, by their first word.
_STATEMENTS = {
    "import": ("`import x`", "write `from x import name`"),
    "try": ("`try`", "run-time errors end the call; use `assert` or test before"),
    "except": ("`except`", "run-time errors end the call; use `assert` or test before"),
    "finally": ("`finally`", "run-time errors end the call"),
    "raise": ("`raise`", 'write `assert False, "message"`'),
    "with": ("`with`", "nothing needs to be closed here; write the body alone"),
    "del": ("`del`", "values need no deletion"),
    "global": ("`global`", "pass the value in and return the new one"),
    "nonlocal": ("`nonlocal`", "pass the value in and return the new one"),
    "async": ("`async`", "functions run to their end"),
    "match": ("`match`", "write `if` / `elif`"),
}

# Words and operators of Python's expressions that the language leaves out.
_EXPRESSIONS = {
    "is": ("`is`", "values have no identity; compare with `==`"),
    "yield": ("`yield`", "fill an array and return it"),
    "await": ("`await`", "functions run to their end"),
    "{": ("a set or dictionary", "use an array, or a record (`class`)"),
    ":=": ("`:=`", "assign in a statement of its own"),
    "<<": ("`<<`", "multiply by a power of 2"),
    ">>": ("`>>`", "divide with `//` by a power of 2"),
    "<<=": ("`<<=`", "multiply by a power of 2"),
    ">>=": ("`>>=`", "divide with `//` by a power of 2"),
    "None": ("`None` here", "it stands only in brackets, where it adds an axis: `x[:, None]`"),
}

# Pairs of operators that other languages write.
_PAIRS = {
    ("&", "&"): ("`&&`", "write `and`"),
    ("|", "|"): ("`||`", "write `or`"),
    ("<", ">"): ("`<>`", "write `!=`"),
    ("==", "="): ("`===`", "write `==`"),
    ("=", ">"): ("`=>`", "greater or equal is `>=`"),
    ("=", "<"): ("`=<`", "less or equal is `<=`"),
}

_HEADERS = frozenset(("if", "elif", "else", "for", "while", "def", "class"))


def explain(stop: Stop) -> Diagnostic:
    """The diagnostic for a place where the parser can't go on."""
    for rule in _RULES:
        diagnostic = rule(stop)
        if diagnostic is not None:
            return diagnostic
    return UnexpectedText(span=stop.span, found=_found(stop.token), expected=_expected(stop))


def _statement(stop: Stop) -> Diagnostic | None:
    first = stop.line[0]
    known = _STATEMENTS.get(first.text)
    if known is None or (first.type == "NAME" and stop.index != 1) or stop.index > 1:
        return None
    return NotInLanguage(
        span=Span(stop.source, first.start, first.end), what=known[0], advice=known[1]
    )


def _expression(stop: Stop) -> Diagnostic | None:
    known = _EXPRESSIONS.get(stop.token.text)
    if known is None:
        return None
    advice = known[1]
    if stop.before is not None and stop.before.text == "return" and stop.token.text == "None":
        advice = "write `return` alone"
    return NotInLanguage(span=stop.span, what=known[0], advice=advice)


def _membership(stop: Stop) -> Diagnostic | None:
    negated = stop.token.text == "not" and stop.after is not None and stop.after.text == "in"
    if not negated and (stop.token.text != "in" or stop.line[0].text == "for"):
        return None
    what = "`not in`" if negated else "`in` as an operator"
    last = stop.after if negated and stop.after is not None else stop.token
    span = Span(stop.source, stop.token.start, last.end)
    return NotInLanguage(span=span, what=what, advice="write `any(v == x for v in a)`")


def _pair(stop: Stop) -> Diagnostic | None:
    for (first, second), (what, advice) in _PAIRS.items():
        if stop.token.text == second and stop.follows(first):
            return NotInLanguage(span=stop.since(stop.before), what=what, advice=advice)
    return None


def _increment(stop: Stop) -> Diagnostic | None:
    if stop.token.type != "NEWLINE" or stop.index < 3:
        return None
    target, first, second = stop.line[stop.index - 3 : stop.index]
    if first.type != "SIGN" or first.text != second.text or first.end != second.start:
        return None
    span = Span(stop.source, first.start, second.end)
    advice = f"write `{target.text} {first.text}= 1`"
    return NotInLanguage(span=span, what=f"`{first.text * 2}`", advice=advice)


def _star(stop: Stop) -> Diagnostic | None:
    before = stop.before
    if stop.token.text == "/" and stop.line[0].text == "def":
        return NotInLanguage(span=stop.span, what="`/` among parameters", advice="leave it out")
    if stop.token.text not in ("*", "**"):
        return None
    if before is not None and before.text == "import":
        return NotInLanguage(span=stop.span, what="`import *`", advice="name what you import")
    if before is not None and before.text not in "([,=" and before.type != "RETURN":
        return None
    return NotInLanguage(
        span=stop.span,
        what=f"`{stop.token.text}` before an argument or name",
        advice="write the arguments or names one by one",
    )


def _base_class(stop: Stop) -> Diagnostic | None:
    if stop.line[0].text != "class" or stop.token.text != "(":
        return None
    return NotInLanguage(
        span=stop.span, what="a base class", advice="a record is written `class Name:`"
    )


def _stray_else(stop: Stop) -> Diagnostic | None:
    if stop.index or stop.token.text not in ("else", "elif"):
        return None
    return UnexpectedText(
        span=stop.span,
        found=f"`{stop.token.text}`",
        expected="a statement",
        advice="no `if` stands before it in the same column; loops have no `else`",
    )


def _else_if(stop: Stop) -> Diagnostic | None:
    if stop.token.text != "if" or stop.before is None or stop.before.text != "else":
        return None
    return UnexpectedText(
        span=stop.since(stop.before), found="`else if`", expected="`elif`", advice="write `elif`"
    )


def _assignment(stop: Stop) -> Diagnostic | None:
    if stop.token.text != "=":
        return None
    if stop.before is not None and stop.before.text == "=":
        return None
    if not stop.bracket and stop.line[0].text not in (*_HEADERS, "return", "assert"):
        if any(token.text == "=" for token in stop.line[: stop.index]):
            return ChainedAssignment(span=stop.span)
        return None
    if stop.line[0].text in ("def", "class") and not stop.bracket:
        return None
    return AssignmentInCondition(span=stop.span)


def _keyword_as_target(stop: Stop) -> Diagnostic | None:
    first = stop.line[0]
    if first.text not in KEYWORDS or stop.index > 1 or len(stop.line) < 2:
        return None
    assigned = stop.line[1].text == "="
    declared = stop.line[1].text == ":" and first.text not in (*_STATEMENTS, "else", "lambda")
    return _not_a_name(stop, first) if assigned or declared else None


def _keyword_as_name(stop: Stop) -> Diagnostic | None:
    if stop.token.text not in KEYWORDS or "NAME" not in stop.accepted:
        return None
    return None if "NUMBER" in stop.accepted else _not_a_name(stop, stop.token)


def _not_a_name(stop: Stop, token: Token) -> Diagnostic:
    return UnexpectedText(
        span=Span(stop.source, token.start, token.end),
        found=f"`{token.text}`",
        expected="a name",
        advice=f"`{token.text}` is a keyword; choose another name",
    )


def _colon(stop: Stop) -> Diagnostic | None:
    first = stop.line[0]
    if first.text not in _HEADERS or "COLON" not in stop.accepted or stop.bracket:
        return None
    if stop.token.type != "NEWLINE" or stop.before is None:
        return None
    end = stop.before.end
    return MissingColon(span=Span(stop.source, end, end), header=first.text)


def _print(stop: Stop) -> Diagnostic | None:
    if stop.index != 1 or stop.line[0].text != "print":
        return None
    return UnexpectedText(
        span=stop.span, found=_found(stop.token), expected="`(`", advice="write `print(...)`"
    )


def _generator(stop: Stop) -> Diagnostic | None:
    if stop.bracket != "(" or stop.token.text not in ("for", ","):
        return None
    if stop.token.text == "," and all(token.text != "for" for token in stop.line[: stop.index]):
        return None
    return UnexpectedText(
        span=stop.span,
        found=_found(stop.token),
        expected=_expected(stop),
        advice="put a generator that is not the only argument into parentheses",
    )


def _comma(stop: Stop) -> Diagnostic | None:
    if not stop.bracket or "COMMA" not in stop.accepted:
        return None
    if stop.token.type not in ("NAME", "NUMBER", "TEXT", "LPAR", "LSQB", "TRUE", "FALSE"):
        return None
    return UnexpectedText(
        span=stop.span,
        found=_found(stop.token),
        expected=_expected(stop),
        advice="is a `,` or an operator missing before it?",
    )


_RULES: tuple[Callable[[Stop], Diagnostic | None], ...] = (
    _keyword_as_target,
    _stray_else,
    _statement,
    _pair,
    _expression,
    _membership,
    _increment,
    _star,
    _base_class,
    _else_if,
    _assignment,
    _colon,
    _print,
    _generator,
    _keyword_as_name,
    _comma,
)


def _found(token: Token) -> str:
    if token.type == "NEWLINE":
        return "end of the line"
    if token.type == "$END":
        return "end of the expression"
    return f"`{token.text}`" if len(token.text) <= 30 else "text"


_CLASSES = ("SIGN", "FACTOR", "COMPARE", "AUGMENTED", "SHIFT", "SEMICOLON")
_SHOWN = {
    **{terminal: text for text, terminal in OPERATORS.items() if terminal not in _CLASSES},
    **{word.upper(): word for word in KEYWORDS},
}
_CLOSERS = {"(": "`)`", "[": "`]`"}


def _expected(stop: Stop) -> str:
    """What could stand there, in words."""
    accepted = stop.accepted
    if "IN" in accepted:
        return "`in`"
    if "DEF" in accepted and "PASS" not in accepted:
        return "a function"
    if "NUMBER" in accepted and "NAME" in accepted and "RSQB" not in accepted:
        if "PASS" in accepted:
            return "a statement"
        return "an expression" if "SIGN" in accepted else "a name"
    if accepted == {"NAME"}:
        return "a name"
    if "SIGN" in accepted and "NUMBER" not in accepted:
        closer = _CLOSERS.get(stop.bracket)
        if closer is not None:
            return f"an operator, `,` or {closer}"
        if "ELSE" in accepted and "NEWLINE" not in accepted:
            return "an operator or `else`"
        if "COLON" in accepted and stop.line[0].text in _HEADERS:
            return "an operator or `:`"
        return "an operator or the end of the line"
    words = sorted(f"`{_SHOWN[t]}`" for t in accepted if _SHOWN.get(t))
    words += ["a name"] if "NAME" in accepted else []
    words += ["the end of the line"] if "NEWLINE" in accepted else []
    if not words or len(words) > 4:
        return "something else"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
