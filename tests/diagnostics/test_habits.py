"""Programs of people who come from NumPy, PyTorch, MATLAB, C: one answer each, that helps.

A file of `habits/` holds programs, each after a line `## title`, each followed by what is said:

    #> 2:12 E0213 no module `np`: `np.sum` means nothing here
    #>   hint: here it is `sum`
    #>   fix: `np.sum` -> `sum`

`pytest --bless` writes the expected lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dpc.compiler.driver import diagnose
from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.source import Source

FOLDER = Path(__file__).parent / "habits"
# After these fixes something else is left to say, which the first hint could not know.
MORE_TO_DO = {"random", "fn", "function keyword"}


@dataclass(frozen=True)
class Program:
    """A program of a file, and what is said about it."""

    file: str
    title: str
    text: str
    expected: str


def programs(path: Path) -> Iterator[Program]:
    for part in path.read_text(encoding="utf-8").split("## ")[1:]:
        title, _, rest = part.partition("\n")
        lines = rest.splitlines(keepends=True)
        text = "".join(line for line in lines if not line.startswith("#>"))
        expected = "".join(line for line in lines if line.startswith("#>"))
        yield Program(path.name, title, text.rstrip("\n") + "\n", expected)


FILES = sorted(FOLDER.glob("*.txt"))
PROGRAMS = [program for path in FILES for program in programs(path)]
IDS = [f"{p.file.removesuffix('.txt')}: {p.title}" for p in PROGRAMS]


def described(diagnostic: Diagnostic) -> Iterator[str]:
    span = diagnostic.span
    yield f"{span.line}:{span.column} {diagnostic.code} {diagnostic.message}"
    if diagnostic.label_text:
        yield f"  label: {diagnostic.label_text}"
    for other, label in diagnostic.related:
        yield f"  {other.line}:{other.column} `{other.text.partition(chr(10))[0]}`: {label}"
    if diagnostic.hint_text:
        yield f"  hint: {diagnostic.hint_text}"
    for fix in diagnostic.fixes:
        yield f"  fix: `{fix.span.text}` -> `{fix.replacement}`"


def answer(program: Program) -> str:
    found = diagnose(Source("a.dp", program.text))
    return "".join(f"#> {line}\n" for diagnostic in found for line in described(diagnostic))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_answers(path: Path, request: pytest.FixtureRequest) -> None:
    given = list(programs(path))
    answers = [answer(program) for program in given]
    if request.config.getoption("--bless"):
        parts = (f"## {p.title}\n{p.text}{said}" for p, said in zip(given, answers))
        path.write_text("\n".join(parts), encoding="utf-8")
        return
    for program, said in zip(given, answers):
        assert said == program.expected, f"{program.title}\n{program.text}"


@pytest.mark.parametrize("program", PROGRAMS, ids=IDS)
def test_one_answer_that_helps(program: Program) -> None:
    (found,) = diagnose(Source("a.dp", program.text))
    assert found.span.text or found.span.start == found.span.end
    assert found.hint_text or found.label_text or found.related


FIXABLE = [p for p in PROGRAMS if "#>   fix: " in p.expected]


@pytest.mark.parametrize("program", FIXABLE, ids=[p.title for p in FIXABLE])
def test_fixes_settle_it(program: Program) -> None:
    (found,) = diagnose(Source("a.dp", program.text))
    text = program.text
    for fix in sorted(found.fixes, key=lambda f: -f.span.start):
        text = text[: fix.span.start] + fix.replacement + text[fix.span.end :]
    after = diagnose(Source("a.dp", text))
    if program.title in MORE_TO_DO:
        assert found not in after
    else:
        assert not [d for d in after if d.level == "error"], text


def test_enough_habits() -> None:
    assert len(PROGRAMS) >= 250
    assert len({p.title for p in PROGRAMS}) == len(PROGRAMS)
