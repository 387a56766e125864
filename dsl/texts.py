"""String literals: from the quoted form to the value."""

import re
import unicodedata
from collections.abc import Iterator

_LITERAL = re.compile(r"([a-zA-Z]*)(\"\"\"|'''|\"|')")
_ESCAPE = re.compile(
    r"\\(\r?\n|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|.)",
    re.DOTALL,
)
_CONVERSION = re.compile("!(?!=)")
_SIMPLE = dict(zip("\\'\"abfnrtv", "\\'\"\a\b\f\n\r\t\v")) | {"\n": "", "\r\n": ""}


class EscapeError(Exception):
    """An incomplete escape sequence, at an offset from the start of the text given."""

    def __init__(self, text: str, offset: int) -> None:
        super().__init__(text)
        self.text = text
        self.offset = offset


def split_literal(text: str) -> tuple[str, int, int]:
    """The prefix in lower case, and where the content starts and ends."""
    match = _LITERAL.match(text)
    assert match is not None
    return match.group(1).lower(), match.end(), len(text) - len(match.group(2))


def decode(content: str, raw: bool) -> str:
    """The value of what stands between quotes; raises EscapeError."""
    if not raw and "\\" in content:
        content = _ESCAPE.sub(_replace, content)
    return content.replace("\r\n", "\n")


def _replace(match: re.Match[str]) -> str:
    body = match.group(1)
    if body in _SIMPLE:
        return _SIMPLE[body]
    if body[0] in "01234567":
        return chr(int(body, 8))
    try:
        if body[0] == "N":
            return unicodedata.lookup(body[2:-1])
        if body[0] in "xuU":
            return chr(int(body[1:], 16))
    except (KeyError, ValueError, OverflowError):
        raise EscapeError(match.group(), match.start()) from None
    return match.group()


def clean_doc(text: str) -> str:
    """A docstring without the indentation that its lines share and without blank ends."""
    lines = text.expandtabs().split("\n")
    margins = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    margin = min(margins, default=0)
    lines = [lines[0].strip(), *(line[margin:].rstrip() for line in lines[1:])]
    return "\n".join(lines).strip("\n")


def format_pieces(content: str, raw: bool) -> Iterator[tuple[str, int, int]]:
    """The pieces of an f-string's content: ("text" | "expression" | "stray", start, end).

    An expression's range excludes its braces; its end is where a `}` should be.
    """
    position = start = 0
    while position < len(content):
        character = content[position]
        if character == "\\" and not raw:
            named = re.compile(r"\\N\{[^}]*\}").match(content, position)
            position = named.end() if named else position + 2
        elif character in "{}" and content[position + 1 : position + 2] == character:
            yield "text", start, position + 1
            position = start = position + 2
        elif character in "{}":
            yield "text", start, position
            if character == "{":
                end = _expression_end(content, position + 1)
                yield "expression", position + 1, end
            else:
                end = position
                yield "stray", position, position + 1
            position = start = end + 1
        else:
            position += 1
    yield "text", start, len(content)


def _expression_end(content: str, start: int) -> int:
    """Where the expression that starts there stops: at its `}`, or at the end of the content."""
    depth = 0
    quote = ""
    for position in range(start, len(content)):
        character = content[position]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            if depth == 0:
                return position
            depth -= 1
    return len(content)


def top_level_mark(expression: str) -> int | None:
    """Where an f-string's expression turns into a conversion, a format or `=`; None: nowhere."""
    depth = 0
    quote = ""
    for position, character in enumerate(expression):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif depth == 0 and (character == ":" or _CONVERSION.match(expression, position)):
            return position
    stripped = expression.rstrip()
    if stripped.endswith("=") and not stripped.endswith(("==", "!=", "<=", ">=")):
        return len(stripped) - 1
    return None
