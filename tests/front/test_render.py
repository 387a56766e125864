"""What a diagnostic looks like."""

import json
import re
from dataclasses import dataclass
from typing import ClassVar, Literal

from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.render import as_data, render, render_all, render_short
from dpc.dsl.source import Source, Span


@dataclass(frozen=True, kw_only=True)
class Sample(Diagnostic):
    code: ClassVar[str] = "E9999"
    title: ClassVar[str] = "a sample"
    label: ClassVar[str] = "{note}"
    hint: ClassVar[str] = "{advice}"

    note: str = "here"
    advice: str = ""
    others: tuple[tuple[Span, str], ...] = ()

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        return self.others


@dataclass(frozen=True, kw_only=True)
class Notice(Sample):
    level: ClassVar[Literal["error", "warning"]] = "warning"


def at(source: Source, text: str, after: int = 0) -> Span:
    start = source.text.index(text, after)
    return Span(source, start, start + len(text))


def drawn(diagnostic: Diagnostic) -> list[str]:
    return render(diagnostic).split("\n")


def test_one_line_with_hint() -> None:
    source = Source("a.dp", "def f():\n    return xyz\n")
    assert drawn(Sample(span=at(source, "xyz"), advice="do this")) == [
        "error[E9999]: a sample",
        " --> a.dp:2:12",
        "  |",
        "2 |     return xyz",
        "  |            ^^^ here",
        "  |",
        "  = hint: do this",
    ]


def test_related_places_before_and_after() -> None:
    source = Source("a.dp", "first\n\nthird\nfourth\nfifth\nsixth\n")
    others = ((at(source, "first"), "one"), (at(source, "sixth"), "six"), (at(source, "ird"), "x"))
    assert drawn(Sample(span=at(source, "th"), others=others))[3:] == [
        "1 | first",
        "  | ----- one",
        "2 |",
        "3 | third",
        "  | ^^ here",
        "  |   --- x",
        "...",
        "6 | sixth",
        "  | ----- six",
    ]


def test_related_place_in_another_file() -> None:
    source = Source("a.dp", "a\n")
    other = Source("b.dp", "\n" * 9 + "b\n")
    assert drawn(Sample(span=at(source, "a"), others=((at(other, "b"), "there"),)))[1:] == [
        "  --> a.dp:1:1",
        "   |",
        " 1 | a",
        "   | ^ here",
        "  ::: b.dp:10:1",
        "   |",
        "10 | b",
        "   | - there",
    ]


def test_several_lines() -> None:
    source = Source("a.dp", "x = f(a,\n      b)\n")
    assert drawn(Sample(span=at(source, "f(a,\n      b)")))[3:] == [
        "1 |   x = f(a,",
        "  |  _____^",
        "2 | |       b)",
        "  | |________^ here",
    ]


def test_many_lines_are_shortened() -> None:
    source = Source("a.dp", "x = [\n" + "".join(f"    {i},\n" for i in range(10)) + "]\n")
    lines = drawn(Sample(span=Span(source, 4, len(source.text) - 1)))
    assert lines[3:] == [
        " 1 |   x = [",
        "   |  _____^",
        " 2 | |     0,",
        "...",
        "11 | |     9,",
        "12 | | ]",
        "   | |_^ here",
    ]


def test_marks_inside_of_several_lines() -> None:
    source = Source("a.dp", "y = (a\n     + 1\n     + 2\n     + 3\n     + 4\n     + 5 + b)\n")
    others = ((at(source, "a"), "one"), (at(source, "b"), "two"))
    span = Span(source, 5, len(source.text) - 2)
    assert drawn(Sample(span=span, others=others))[3:] == [
        "1 |   y = (a",
        "  |  ______^",
        "  | |      - one",
        "2 | |      + 1",
        "...",
        "5 | |      + 4",
        "6 | |      + 5 + b)",
        "  | |            - two",
        "  | |____________^ here",
    ]


def test_joined_and_invisible_characters_keep_the_signs_in_place() -> None:
    source = Source("a.dp", '"\U0001f469\u200d\U0001f467 e\u0301"; x\n')
    row, signs = drawn(Sample(span=at(source, "x")))[3:5]
    assert row == '1 | "\U0001f469?\U0001f467 e\u0301"; x'
    assert signs == "  | " + " " * (1 + 2 + 1 + 2 + 1 + 1 + 1 + 2) + "^ here"


def test_tabs_and_wide_characters_keep_the_signs_in_place() -> None:
    source = Source("a.dp", "\t漢字 + e\u0301 + x\n")
    row, signs = drawn(Sample(span=at(source, "x")))[3:5]
    assert row == "1 |     漢字 + e\u0301 + x"
    assert signs == "  | " + " " * (4 + 4 + 3 + 1 + 3) + "^ here"
    wide = drawn(Sample(span=at(source, "漢字")))[4]
    assert wide == "  |     ^^^^ here"


def test_ends_and_empty_places() -> None:
    for text in ("", "x", "x\n", "x\r\n"):
        source = Source("a.dp", text)
        lines = drawn(Sample(span=Span(source, len(text), len(text))))
        assert lines[-1].endswith("^ here")
        assert "\r" not in "".join(lines)


def test_long_lines_are_cut_around_the_place() -> None:
    source = Source("a.dp", "a + " * 1000 + "wrong" + " + b" * 1000)
    lines = drawn(Sample(span=at(source, "wrong")))
    assert all(len(line) < 140 for line in lines)
    column = lines[4].index("^^^^^")
    assert lines[3][column : column + 5] == "wrong"
    assert lines[3].endswith("...")


def test_control_characters_are_not_printed() -> None:
    source = Source("a.dp", "\x1b[31m \x07 x\n")
    assert drawn(Sample(span=at(source, "x")))[3:] == ["1 | ?[31m ? x", "  |         ^ here"]


def test_color_adds_only_escapes() -> None:
    source = Source("a.dp", "x = [\n1]\nyz\n")
    for span in (at(source, "x"), at(source, "[\n1]")):
        sample = Sample(span=span, others=((at(source, "yz"), "there"),), advice="do")
        colored = render(sample, color=True)
        assert "\x1b[1;31m" in colored
        assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render(sample)
    assert "\x1b[1;33mwarning" in render(Notice(span=at(source, "x")), color=True)


def test_all_are_counted() -> None:
    source = Source("a.dp", "x y\n")
    x, y = Sample(span=at(source, "x")), Notice(span=at(source, "y"))
    assert render_all([x, y]) == f"{render(x)}\n\n{render(y)}\n\n1 error, 1 warning"
    assert render_all([x, x]).endswith("\n\n2 errors")
    assert render_all([]) == ""


def test_short() -> None:
    source = Source("a.dp", "x\n")
    assert render_short(Sample(span=at(source, "x"))) == "a.dp:1:1: error[E9999]: a sample"


def test_data_is_json() -> None:
    source = Source("a.dp", "x = [\n1]\nyz\n")
    sample = Sample(span=at(source, "[\n1]"), others=((at(source, "yz"), "there"),), advice="do")
    place = {"file": "a.dp", "line": 1, "column": 5, "end_line": 2, "end_column": 3}
    other = {"file": "a.dp", "line": 3, "column": 1, "end_line": 3, "end_column": 3}
    assert json.loads(json.dumps(as_data([sample]))) == [
        {
            "code": "E9999",
            "level": "error",
            "name": None,
            "message": "a sample",
            "spans": [
                {**place, "label": "here", "primary": True},
                {**other, "label": "there", "primary": False},
            ],
            "notes": ["do"],
            "fixes": [],
        }
    ]
