"""Diagnostics as text and as data.

    error[E0106]: expected an indented block after `while`
     --> model.dp:6:5
      |
    4 |     while x > 0.0:
      |     -------------- its body is missing
    5 |
    6 |     y = 1.0
      |     ^
      |
      = hint: write `pass` if there is nothing to do

A span of several lines is drawn along the margin, its middle left out when it is long:

    4 |   x = f(a,
      |  _____^
    5 | |     b)
      | |______^ label
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.source import Source, Span

TAB_WIDTH = 4
MAX_WIDTH = 120
_CUT = "..."
_STYLES = {"error": "1;31", "warning": "1;33", "margin": "1;34", "title": "1"}


def render(diagnostic: Diagnostic, color: bool = False) -> str:
    """One diagnostic as a block of lines, without a final newline."""
    return "\n".join(_Drawing(diagnostic, color).lines())


def render_all(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """Blocks separated by blank lines, and a last line that counts the errors."""
    given = list(diagnostics)
    errors = sum(d.level == "error" for d in given)
    warnings = len(given) - errors
    counts = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((errors, "error"), (warnings, "warning"))
        if count
    ]
    blocks = [render(d, color) for d in given]
    return "\n\n".join([*blocks, ", ".join(counts)] if counts else blocks)


def render_short(diagnostic: Diagnostic) -> str:
    """One line: `file:line:column: error[E0201]: message`."""
    return f"{diagnostic.span}: {diagnostic.level}[{diagnostic.code}]: {diagnostic.message}"


def as_data(diagnostics: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """What an editor needs, in JSON's types; docs/command-line.md says what each part means."""
    return [
        {
            "code": d.code,
            "level": d.level,
            "name": d.switch or None,
            "message": d.message,
            "spans": [
                {**_place(span), "label": label, "primary": number == 0}
                for number, (span, label) in enumerate([(d.span, d.label_text), *d.related])
            ],
            "notes": [d.hint_text] if d.hint_text else [],
            "fixes": [{"span": _place(f.span), "replacement": f.replacement} for f in d.fixes],
        }
        for d in diagnostics
    ]


def _place(span: Span) -> dict[str, object]:
    """Lines and columns count from 1; the end is exclusive."""
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": end_line,
        "end_column": end_column,
    }


@dataclass(frozen=True)
class _Mark:
    """A span to underline, its lines (1-based, inclusive) and what stands beside it."""

    span: Span
    label: str
    style: str

    @property
    def first(self) -> int:
        return self.span.line

    @property
    def last(self) -> int:
        return self.span.source.position(max(self.span.start, self.span.end - 1))[0]

    @property
    def sign(self) -> str:
        return "-" if self.style == "margin" else "^"


@dataclass(frozen=True)
class _View:
    """The part of a source line that is shown: characters `start` to `end`."""

    text: str
    start: int
    end: int

    def column(self, index: int) -> int:
        """The display column of a character, from 0."""
        inside = self.text[self.start : min(max(index, self.start), self.end)]
        return len(_CUT) * (self.start > 0) + _width(inside)

    @property
    def shown(self) -> str:
        """The line as it is printed."""
        head = _CUT if self.start > 0 else ""
        tail = _CUT if self.end < len(self.text) else ""
        return head + _printable(self.text[self.start : self.end]) + tail


class _Drawing:
    """One diagnostic being drawn."""

    def __init__(self, diagnostic: Diagnostic, color: bool) -> None:
        self.diagnostic = diagnostic
        self.color = color
        primary = _Mark(diagnostic.span, diagnostic.label_text, diagnostic.level)
        self.marks = [primary, *(_Mark(s, text, "margin") for s, text in diagnostic.related)]
        self.margin = max(len(str(mark.last)) for mark in self.marks)

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.color and text else text

    def row(self, number: int | None, text: str = "") -> str:
        """A line with its number in the margin."""
        margin = f"{'' if number is None else number:>{self.margin}} |"
        return f"{self.paint(margin, 'margin')} {text}".rstrip()

    def lines(self) -> Iterable[str]:
        diagnostic = self.diagnostic
        head = self.paint(f"{diagnostic.level}[{diagnostic.code}]", diagnostic.level)
        yield f"{head}{self.paint(f': {diagnostic.message}', 'title')}"
        own = diagnostic.span.source
        sources = [own, *(m.span.source for m in self.marks if m.span.source is not own)]
        for number, source in enumerate(dict.fromkeys(sources)):
            marks = [m for m in self.marks if m.span.source is source]
            arrow = self.paint("-->" if number == 0 else ":::", "margin")
            yield f"{' ' * self.margin}{arrow} {marks[0].span}"
            yield self.row(None)
            yield from self.snippet(source, marks)
        if diagnostic.hint_text:
            yield self.row(None)
            equals = self.paint(f"{' ' * self.margin} =", "margin")
            yield f"{equals} hint: {diagnostic.hint_text}"

    def snippet(self, source: Source, marks: Sequence[_Mark]) -> Iterable[str]:
        """The marked lines of one source, in order."""
        single = sorted((m for m in marks if m.first == m.last), key=lambda m: m.first)
        wide = [m for m in marks if m.first != m.last]
        if len(wide) == 1:
            inside = [m for m in single if wide[0].first <= m.first <= wide[0].last]
            single = [m for m in single if m not in inside]
        else:
            inside = []
        parts: list[tuple[int, int, list[str]]] = [
            (line, line, list(self.marked_line(source, line, list(group))))
            for line, group in groupby(single, key=lambda m: m.first)
        ]
        parts += [(m.first, m.last, list(self.marked_lines(source, m, inside))) for m in wide]
        previous = 0
        for first, last, drawn in sorted(parts, key=lambda part: part[:2]):
            if previous and first == previous + 2:
                yield self.row(previous + 1, _view(source.line(previous + 1), 0, 0).shown)
            elif previous and first > previous + 1:
                yield self.paint("...", "margin")
            yield from drawn
            previous = last

    def marked_line(self, source: Source, line: int, marks: list[_Mark]) -> Iterable[str]:
        """One line with a row of signs for each mark."""
        start = source.line_starts[line - 1]
        view = _view(source.line(line), marks[0].span.start - start, marks[0].span.end - start)
        yield self.row(line, view.shown)
        yield from self.signs(view, start, marks)

    def signs(
        self, view: _View, start: int, marks: Sequence[_Mark], left: str = ""
    ) -> Iterable[str]:
        """A row for each mark of the line that starts there; `left`: what stands left of it."""
        for mark in sorted(marks, key=lambda m: m.style == "margin"):
            begin = view.column(mark.span.start - start)
            end = view.column(mark.span.end - start)
            signs = f"{mark.sign * max(1, end - begin)} {mark.label}".rstrip()
            yield self.row(None, left + " " * begin + self.paint(signs, mark.style))

    def marked_lines(
        self, source: Source, mark: _Mark, inside: Sequence[_Mark] = ()
    ) -> Iterable[str]:
        """Several lines with one mark along their left side, and those inside of it."""
        bar = self.paint("|", mark.style)
        lines = {m.first for m in inside} | {mark.first, mark.first + 1, mark.last - 1, mark.last}
        every = mark.last - mark.first <= 4
        skipped = False
        for number in range(mark.first, mark.last + 1):
            if not every and number not in lines:
                if not skipped:
                    yield self.paint("...", "margin")
                skipped = True
                continue
            skipped = False
            start = source.line_starts[number - 1]
            place = {mark.first: mark.span.start, mark.last: mark.span.end - 1}.get(number, start)
            view = _view(source.line(number), place - start, place - start + 1)
            edge = view.column(place - start) + 1
            yield self.row(number, f"{' ' if number == mark.first else bar} {view.shown}")
            if number == mark.first:
                yield self.row(None, self.paint(f" {'_' * edge}{mark.sign}", mark.style))
            yield from self.signs(view, start, [m for m in inside if m.first == number], f"{bar} ")
        tail = f"|{'_' * edge}{mark.sign} {mark.label}".rstrip()
        yield self.row(None, self.paint(tail, mark.style))


def _view(line: str, start: int, end: int) -> _View:
    """What to show of a line so that the characters from `start` on are seen."""
    text = line.rstrip("\r")
    if len(text) <= MAX_WIDTH:
        return _View(text, 0, len(text))
    first = 0 if end <= MAX_WIDTH - 20 else max(0, start - 40)
    return _View(text, first, min(len(text), first + MAX_WIDTH))


def _printable(text: str) -> str:
    """Tabs as spaces, other control characters as question marks."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\t", " " * TAB_WIDTH)
    return "".join(c if c.isprintable() or unicodedata.combining(c) else "?" for c in text)


def _width(text: str) -> int:
    """Columns a text takes on a terminal."""
    if text.isascii():
        return len(text) + (TAB_WIDTH - 1) * text.count("\t")
    return sum(_character_width(c) for c in text)


def _character_width(character: str) -> int:
    if character == "\t":
        return TAB_WIDTH
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
