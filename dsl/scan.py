"""Text -> tokens: words, operators, and the layout (NEWLINE, INDENT, DEDENT) of blocks.

Exit: brackets match, strings and numbers are well formed, INDENT and DEDENT balance. A logical line
in which something was wrong has been reported and is BROKEN NEWLINE: it is not to be parsed.
"""

import re
import unicodedata

from dpc.dsl.diagnostics import Diagnostic, Sink
from dpc.dsl.errors.syntax import (
    BadCharacter,
    BadNumber,
    MixedTabs,
    NotInLanguage,
    TooDeep,
    UnclosedBracket,
    UnmatchedBracket,
    UnmatchedDedent,
    UnterminatedText,
)
from dpc.dsl.source import Source, Span
from dpc.dsl.tokens import CHARACTER_HINTS, CLOSING, KEYWORDS, OPERATORS, Token

MAX_BRACKETS = 100
MAX_BLOCKS = 50


_DIGITS = r"[0-9](?:_?[0-9])*"
_TOKEN = re.compile(
    rf"""
      (?P<space>(?:[ \t\f]|\\\r?\n(?!\Z))+|\#[^\r\n]*)
    | (?P<newline>\r?\n)
    | (?P<string>(?:[rR][fF]?|[fF][rR]?|[bB][rR]?|[rR][bB]|[uU])?(?:\"\"\"|'''|\"|'))
    | (?P<word>[^\W\d]\w*)
    | (?P<number>0[xX](?:_?[0-9a-fA-F])+ | 0[bB](?:_?[01])+
        | (?:{_DIGITS}\.(?:{_DIGITS})?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?
        | {_DIGITS}(?:[eE][+-]?{_DIGITS})?)
    | (?P<operator>{"|".join(re.escape(o) for o in sorted(OPERATORS, key=len, reverse=True))})
    """,
    re.VERBOSE,
)
_STRING_ENDS = {
    '"""': re.compile(r'[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""', re.DOTALL),
    "'''": re.compile(r"[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''", re.DOTALL),
    '"': re.compile(r'[^"\\\n\r]*(?:\\(?:\r\n|.)[^"\\\n\r]*)*"', re.DOTALL),
    "'": re.compile(r"[^'\\\n\r]*(?:\\(?:\r\n|.)[^'\\\n\r]*)*'", re.DOTALL),
}
_INDENTATION = re.compile(r"([ \t\f]*)(\#[^\r\n]*)?(?=(\r?\n|\Z)?)")
_LEADING_ZERO = re.compile(r"0[0_]*[1-9]")
_OPENS_BLOCK = re.compile(r"\{[ \t]*(?:\#[^\r\n]*|//[^\r\n]*)?\r?\n")
_NUMBER_TAIL = re.compile(r"[\w.]*")
_LINE_REST = re.compile(r"[^\r\n]*")
_FORBIDDEN = re.compile("\r(?!\n)|\0|[\ud800-\udfff]")
# A line that starts so is a statement, even if brackets are open above it.
_STATEMENT_START = re.compile(
    r"[ \t]*((?:def|class|return|while|break|continue|pass|assert|import|from|del|raise|try|with"
    r"|global|nonlocal|elif)\b|(?:if|for|else)\b(?![^\r\n]*\blambda\b)[^\r\n]*:[ \t]*(?:\#|\r?\n))"
)
_ASSIGNMENT_START = re.compile(r"[ \t]*([^\W\d]\w*[ \t]*(?:=(?!=)|(?:[-+/%@&|^]|\*\*?|//)=))")


def scan(source: Source, sink: Sink) -> list[Token]:
    """The tokens of a whole file."""
    bad = _FORBIDDEN.search(source.text)
    if bad:
        span = Span(source, bad.start(), bad.end())
        advice = "end lines with a line feed" if bad.group() == "\r" else ""
        sink.report(BadCharacter(span=span, character=f"U+{ord(bad.group()):04X}", advice=advice))
        return []
    return Scanner(source, sink, 1 if source.text.startswith("\ufeff") else 0).file()


def scan_piece(source: Source, sink: Sink, start: int, end: int) -> list[Token] | None:
    """The tokens of an expression in a part of a file, as if in brackets; None after an error."""
    scanner = Scanner(Source(source.name, source.text[:end]), sink, start)
    scanner.source = source
    scanner.in_piece = True
    while scanner.position < end:
        scanner.step()
    if scanner.brackets:
        scanner.unclosed(None)
    return None if scanner.line_is_broken else scanner.tokens


class Scanner:
    """One pass over a text; see the module's docstring."""

    def __init__(self, source: Source, sink: Sink, start: int) -> None:
        self.source = source
        self.text = source.text
        self.sink = sink
        self.position = start
        self.tokens: list[Token] = []
        self.brackets: list[Token] = []
        self.indents = [(0, 0)]
        self.indent_of_line = 0
        self.in_piece = False
        self.too_deep = False
        self.block_braces = False
        self.line_is_broken = False
        self.line_first = 0

    def file(self) -> list[Token]:
        """Scan to the end, closing what is open there."""
        self.start_line()
        while True:
            while self.position < len(self.text):
                self.step()
            if not self.brackets or self.too_deep:
                break
            self.restart_after_unclosed()
        self.end_line()
        self.dedent_to(0)
        return self.tokens

    def span(self, token: Token) -> Span:
        """Where a token stands."""
        return Span(self.source, token.start, token.end)

    def step(self) -> None:
        """Take the token at the current position."""
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            self.bad_character()
            return
        kind = match.lastgroup
        if kind == "space":
            self.position = match.end()
        elif kind == "word":
            self.word(match)
        elif kind == "operator":
            self.operator(match.group())
        elif kind == "newline":
            self.newline(match.end())
        elif kind == "number":
            self.number(match)
        else:
            self.string(match)

    def take(self, type_: str, end: int) -> None:
        """Append a token that ends at `end` and go there."""
        self.tokens.append(Token(type_, self.text[self.position : end], self.position, end))
        self.position = end

    def broken(self) -> None:
        """Mark the logical line as reported."""
        self.line_is_broken = True

    # --- lines and blocks ---------------------------------------------------------------------

    def newline(self, end: int) -> None:
        """The end of a physical line."""
        if self.in_piece:
            self.position = end
        elif self.brackets:
            start = self.statement_in_brackets(end)
            self.position = end
            if start is not None:
                self.unclosed(Span(self.source, *start))
                self.end_line()
                self.start_line()
        else:
            self.end_line()
            self.position = end
            self.start_line()

    def end_line(self) -> None:
        """Close the logical line, if it holds anything."""
        if self.line_is_broken:
            del self.tokens[self.line_first :]
            self.take("BROKEN", self.position)
        if self.tokens and self.tokens[-1].type not in ("NEWLINE", "INDENT", "DEDENT"):
            self.tokens.append(Token("NEWLINE", "", self.position, self.position))
        self.line_is_broken = False

    def start_line(self) -> None:
        """Skip blank lines; then compare the line's indentation with the open blocks'."""
        while True:
            match = _INDENTATION.match(self.text, self.position)
            assert match is not None
            if match.group(3) is None:
                break
            self.position = match.end(3)
            if not match.group(3):
                return
        spaces = match.group(1).rpartition("\f")[2]
        wide = len(spaces.expandtabs(8))
        self.indent_of_line = wide
        self.position = match.end(1)
        self.layout(wide, len(spaces))
        self.line_first = len(self.tokens)
        if self.text.startswith("\\", self.position):
            # Python has no simple rule for the column of such a line.
            self.bad_character()

    def layout(self, wide: int, narrow: int) -> None:
        """INDENT and DEDENT for a line at column `wide` with tabs of 8, `narrow` with tabs of 1."""
        here = Span(self.source, self.position - narrow, self.position)
        top_wide, top_narrow = self.indents[-1]
        if wide > top_wide:
            mixed = narrow <= top_narrow
            self.indents.append((wide, narrow))
            self.take("INDENT", self.position)
            if len(self.indents) == MAX_BLOCKS + 2:
                self.sink.report(TooDeep(span=here, what="blocks", limit=MAX_BLOCKS))
                self.broken()
        else:
            self.dedent_to(wide)
            mixed = self.indents[-1][0] == wide and self.indents[-1][1] != narrow
            if self.indents[-1][0] != wide:
                self.sink.report(UnmatchedDedent(span=here))
        if mixed:
            self.sink.report(MixedTabs(span=here))

    def dedent_to(self, wide: int) -> None:
        """Close the blocks right of a column."""
        while self.indents[-1][0] > wide:
            self.indents.pop()
            self.take("DEDENT", self.position)

    # --- brackets -----------------------------------------------------------------------------

    def operator(self, text: str) -> None:
        """An operator or bracket."""
        end = self.position + len(text)
        self.take(OPERATORS[text], end)
        if text in "([{":
            self.brackets.append(self.tokens[-1])
            if len(self.brackets) > MAX_BRACKETS:
                if not self.too_deep:
                    span = self.span(self.tokens[-1])
                    self.sink.report(TooDeep(span=span, what="brackets", limit=MAX_BRACKETS))
                self.too_deep = True
                self.broken()
        elif text in ")]}":
            self.close(self.tokens[-1])

    def close(self, token: Token) -> None:
        """A closing bracket."""
        opener = self.brackets.pop() if self.brackets else None
        if opener is None or CLOSING[opener.text] != token.text:
            span = None if opener is None else self.span(opener)
            belongs = token.text == "}" and self.block_braces
            if not self.line_is_broken and not belongs:
                self.sink.report(
                    UnmatchedBracket(span=self.span(token), bracket=token.text, opener=span)
                )
            self.broken()

    def statement_in_brackets(self, start: int) -> tuple[int, int] | None:
        """Where a statement starts on the line at `start`, though brackets are open."""
        match = _STATEMENT_START.match(self.text, start)
        if match is None:
            match = _ASSIGNMENT_START.match(self.text, start)
            if match is None:
                return None
            argument = self.brackets[-1].text == "(" and self.tokens[-1].text in ("(", ",")
            if argument and match.group(1)[-2] not in "+-*/%@&|^":
                return None
        return match.start(1), match.end(1)

    def unclosed(self, noticed: Span | None) -> None:
        """Report the innermost open bracket, unless it may be open for another reported reason."""
        opener = self.brackets[-1]
        if not self.line_is_broken:
            span = self.span(opener)
            if _OPENS_BLOCK.match(self.text, opener.start):
                self.block_braces = True
                advice = "a block starts with `:` and is indented"
                report: Diagnostic = NotInLanguage(
                    span=span, what="a block in braces", advice=advice
                )
            else:
                report = UnclosedBracket(span=span, bracket=opener.text, noticed=noticed)
            self.sink.report(report)
        self.broken()
        self.brackets.clear()

    def restart_after_unclosed(self) -> None:
        """At the end of the text with open brackets: go on after the first of them."""
        self.position = self.brackets[0].start
        self.unclosed(None)
        while True:
            end = self.text.find("\n", self.position)
            self.position = len(self.text) if end < 0 else end + 1
            match = _INDENTATION.match(self.text, self.position)
            assert match is not None
            blank = match.group(3) is not None
            if self.position == len(self.text):
                return
            if not blank and len(match.group(1).expandtabs(8)) <= self.indent_of_line:
                break
        self.end_line()
        self.start_line()

    # --- words, numbers, strings --------------------------------------------------------------

    def word(self, match: re.Match[str]) -> None:
        """A name or keyword."""
        end = match.end()
        while (
            self.text[end : end + 1] > "\x7f" and self.text[match.start() : end + 1].isidentifier()
        ):
            end += 1  # accents of their own, which letters join
        text = self.text[match.start() : end]
        if not text.isidentifier():
            self.bad_character()
            return
        self.take(text.upper() if text in KEYWORDS else "NAME", end)

    def number(self, match: re.Match[str]) -> None:
        """A number, or digits that run into something else."""
        tail = _NUMBER_TAIL.match(self.text, match.end())
        assert tail is not None
        text = match.group() + tail.group()
        advice = _number_problem(text, bool(tail.group()))
        if advice is None:
            self.take("NUMBER", match.end())
            return
        shown = text if len(text) <= 40 else text[:37] + "..."
        span = Span(self.source, match.start(), tail.end())
        self.sink.report(BadNumber(span=span, text=shown, advice=advice))
        self.position = tail.end()
        self.broken()

    def string(self, match: re.Match[str]) -> None:
        """A string, with its prefix and quotes."""
        opening = match.group()
        quote = opening.lstrip("rRfFbBuU")
        end = _STRING_ENDS[quote].match(self.text, match.end())
        if end is not None:
            self.take("TEXT", end.end())
            return
        stop = match.end()
        if len(quote) == 3:
            self.position = len(self.text)
        else:
            line_end = _LINE_REST.match(self.text, stop)
            assert line_end is not None
            self.position = stop = line_end.end()
        span = Span(self.source, match.start(), stop)
        before = self.text[match.start() - 1 : match.start()]
        transposed = quote == "'" and (before.isalnum() or before in tuple("_)]"))
        advice = "`x.T` transposes" if transposed else f"close it with {quote}"
        self.sink.report(UnterminatedText(span=span, advice=advice))
        self.broken()
        line_start = self.text.rfind("\n", 0, match.start()) + 1
        self.brackets = [b for b in self.brackets if b.start < line_start]

    def bad_character(self) -> None:
        """A character that starts no token; the first on a line stands for all."""
        character = self.text[self.position]
        alone = character.isprintable() and not unicodedata.combining(character)
        shown = f"`{character}`" if alone else f"U+{ord(character):04X}"
        span = Span(self.source, self.position, self.position + 1)
        advice = CHARACTER_HINTS.get(character, "")
        if not self.line_is_broken:
            self.sink.report(BadCharacter(span=span, character=shown, advice=advice))
        self.position += 1
        self.broken()


def _tail_problem(text: str) -> str:
    """What is wrong with a number that runs into letters or dots."""
    digits = text.rstrip("fFlLdDuU")
    if digits != text and digits.strip(".0123456789") == "":
        return f"numbers have no suffix: write `{digits}`"
    name = text.lstrip("0123456789")
    if name.isidentifier() and not name.startswith("_"):
        product = f"{text[: -len(name)]} * {name}"
        return f"multiply with `*`: `{product}`; a name can't start with a digit"
    if ".." in text:
        return "a range is written `range(start, stop)`"
    return "a number has one decimal point" if text.count(".") > 1 else ""


def _number_problem(text: str, has_tail: bool) -> str | None:
    """What is wrong with a number, as advice; None if it is right."""
    if has_tail:
        if text[-1] in "jJ":
            return "complex numbers are not part of the language"
        if text[:2] in ("0o", "0O"):
            return "octal numbers are not part of the language; write it in decimal or as 0x..."
        if text[:2] in ("0x", "0X", "0b", "0B"):
            return f"after {text[:2]} stand digits of base {16 if text[1] in 'xX' else 2}"
        if text[-1] in "eE" and text[:-1].isdigit():
            return "the exponent is missing"
        return _tail_problem(text)
    if len(text) > 400:
        return "it has too many digits"
    if _LEADING_ZERO.match(text) and text.replace("_", "").isdigit():
        return f"write it without leading zeros: {text.replace('_', '').lstrip('0')}"
    return None
