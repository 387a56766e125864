"""From the token where the parser stopped to what the user did: the wording of syntax errors.

Each rule looks at one situation and returns a diagnostic or None; the first that answers counts.
"""

from collections.abc import Callable

from dpc.dsl import explain_habits
from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.errors.syntax import (
    AssignmentInCondition,
    ChainedAssignment,
    MissingColon,
    UnexpectedText,
)
from dpc.dsl.source import Span
from dpc.dsl.stop import Stop
from dpc.dsl.tokens import KEYWORDS, OPERATORS, Token

_HEADERS = frozenset(("if", "elif", "else", "for", "while", "def", "class"))


def explain(stop: Stop) -> Diagnostic:
    """The diagnostic for a place where the parser can't go on."""
    for rule in _RULES:
        diagnostic = rule(stop)
        if diagnostic is not None:
            return diagnostic
    return UnexpectedText(span=stop.span, found=_found(stop.token), expected=_expected(stop))


def _stray_else(stop: Stop) -> Diagnostic | None:
    if stop.index or stop.token.text not in ("else", "elif"):
        return None
    return UnexpectedText(
        span=stop.span,
        found=f"`{stop.token.text}`",
        expected="a statement",
        advice="no `if` is open in this column: `else` comes last, and loops have none",
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
    declared = stop.line[1].text == ":" and first.text not in (
        *explain_habits.STATEMENTS,
        "else",
        "lambda",
    )
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
    if stop.token.type not in ("NAME", "NUMBER", "TEXT", "LPAR", "LSQB", "TRUE", "FALSE"):
        return None
    if not stop.bracket or "COMMA" not in stop.accepted:
        return _operator(stop)
    return UnexpectedText(
        span=stop.span,
        found=_found(stop.token),
        expected=_expected(stop),
        advice="is a `,` or an operator missing before it?",
    )


def _operator(stop: Stop) -> Diagnostic | None:
    """Two values side by side."""
    if "SIGN" not in stop.accepted or stop.index < 2:
        return None
    return UnexpectedText(
        span=stop.span,
        found=_found(stop.token),
        expected=_expected(stop),
        advice="is an operator missing before it?",
    )


_RULES: tuple[Callable[[Stop], Diagnostic | None], ...] = (
    _keyword_as_target,
    _stray_else,
    *explain_habits.RULES,
    _assignment,
    _colon,
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
