"""Warnings: what gets one and what does not, their names and levels, from Python and the shell."""

import json
import warnings
from pathlib import Path

import pytest

import dpc
from dpc.cli import main
from dpc.compiler.driver import diagnose
from dpc.dsl.diagnostics import Error
from dpc.dsl.errors.explanations import EXPLANATIONS
from dpc.dsl.source import Source
from dpc.dsl.warning_levels import Level, levels, warning_names
from tests.docs.markdown import ROOT

HEAD = "def f(x: f64, y: f64, v: f64[n], k: i64) -> f64:\n"

# (body, (name, underlined text) of each warning)
CASES: list[tuple[str, list[tuple[str, str]]]] = [
    # a float turned into an integer and computed with
    ("return x - int(x)", [("float-to-integer", "x")]),
    ("j = int(x * y)\nreturn 2.0 * j", [("float-to-integer", "x * y")]),
    ("t = 2.0 * x\nj = i64(t)\nj += k\nreturn f64(j)", [("float-to-integer", "t")]),
    ("j = 0\nt = y\nfor i in range(3):\n    t = 0.5 * j\n    j = int(x)\nreturn t", [
        ("float-to-integer", "x")]),
    ("return v[int(x)]", []),
    ("s = 0.0\nfor i in range(int(x)):\n    s += y\nreturn s", []),
    ("return x if int(y) > 2 else 2.0 * x", []),
    ("return floor(x) * y", []),
    ("return x * k", []),
    ("return x * f64(int(2.7))", []),
    # floats compared
    ("return x if x == y else y", [("float-equality", "x == y")]),
    ("return x if x * 3.0 != 0.3 else y", [("float-equality", "x * 3.0 != 0.3")]),
    ("return x if any(v == 0.1) else y", [("float-equality", "v == 0.1")]),
    ("return x if x == 0.0 or y == inf or k == 3 else y", []),
    ("return x if x != x or v[0] != v[0] else y", []),
    # singular points
    ("return sqrt(x * x)", [("singular-point", "sqrt(x * x)")]),
    ("return sqrt(sum(v ** 2))", [("singular-point", "sqrt(sum(v ** 2))")]),
    ("return sqrt(dot(v, v) / 2.0)", [("singular-point", "sqrt(dot(v, v) / 2.0)")]),
    ("return log(abs(x)) + y", [("singular-point", "log(abs(x))")]),
    ("return log(sum(u * u for u in v))", [("singular-point", "log(sum(u * u for u in v))")]),
    ("return y / max(x, 0.0)", [("singular-point", "y / max(x, 0.0)")]),
    ("return y / relu(x)", [("singular-point", "y / relu(x)")]),
    ("return x / 0.0", [("singular-point", "x / 0.0")]),
    ("return norm(v) + std(v)", []),
    ("return sqrt(x * y) + log(x) + 1.0 / x", []),
    ("return sqrt(x * x + 1e-9) + y / (x * x)", []),
    ("return where(x > 0.0, sqrt(x * x), 0.0)", []),
    ("return sqrt(x * x) if x > 0.0 else 0.0", []),
    ("if x == 0.0:\n    return 0.0\nreturn sqrt(x * x)", []),
    ("assert x > 0.0\nreturn log(abs(x))", []),
    ("if y > 0.0:\n    return 0.0\nreturn sqrt(x * x)", [("singular-point", "sqrt(x * x)")]),
    # the others
    ("t = x\nreturn y", [("unused-variable", "t")]),
    ("return y\nreturn x", [("unreachable-code", "return x")]),
    ("w = v[1:]\nw[0] = x\nreturn y", [("unused-copy", "w")]),
    ("norm = x\nreturn norm", []),
]  # fmt: skip


def text_of(body: str) -> str:
    return HEAD + "".join(f"    {line}\n" for line in body.split("\n"))


@pytest.mark.parametrize(("body", "expected"), CASES, ids=[body for body, _ in CASES])
def test_warnings(body: str, expected: list[tuple[str, str]]) -> None:
    found = diagnose(Source("a.dp", text_of(body)))
    assert [(d.switch, d.span.text) for d in found] == expected
    assert all(d.level == "warning" for d in found)


def test_the_result_of_a_call_turned_into_an_integer() -> None:
    source = "def g(x: f64[n]) -> f64:\n    return sum(x)\n\n"
    source += "def f(x: f64[n], y: f64) -> f64:\n    return y * i64(g(x))\n"
    found = diagnose(Source("test.dp", source))
    assert [(d.code, d.span.text) for d in found] == [("E0491", "g(x)")]


def test_levels() -> None:
    source = Source("a.dp", text_of("norm = x\nt = x\nreturn norm"))
    assert [d.switch for d in diagnose(source, levels([("warn", "all")]))] == [
        "shadowed-builtin",
        "unused-variable",
    ]
    assert not diagnose(source, levels([("deny", "all"), ("allow", "all")]))
    (denied,) = diagnose(source, levels([("deny", "unused-variable")]))
    assert (denied.level, denied.code, denied.message) == (
        "error",
        "E0291",
        "`t` is assigned but never read",
    )
    with pytest.raises(Error, match="did you mean `unused-variable`"):
        levels([("deny", "unused-variables")])


@pytest.mark.parametrize("name", sorted(warning_names()))
def test_each_is_switched_by_its_name(name: str) -> None:
    code = warning_names()[name]
    source = Source("a.dp", EXPLANATIONS[code].example)
    others: list[tuple[Level, str]] = [("allow", "all")]
    assert not diagnose(source, levels(others))
    switches: list[tuple[Level, str]] = [("warn", "warning"), ("deny", "error")]
    for level, shown in switches:
        found = diagnose(source, levels([*others, (level, name)]))
        assert {(d.code, d.level) for d in found} == {(code, shown)}


PROGRAMS = [
    path for folder in ("dsl/std", "examples") for path in sorted((ROOT / folder).rglob("*.dp"))
]


@pytest.mark.parametrize("path", PROGRAMS, ids=[path.name for path in PROGRAMS])
def test_nothing_is_said_of_programs_that_are_right(path: Path) -> None:
    assert diagnose(Source(path.name, path.read_text(encoding="utf-8"), path.parent)) == ()


def test_every_warning_has_a_name_of_its_own() -> None:
    assert len(warning_names()) >= 7
    assert all(name == name.lower() and " " not in name for name in warning_names())


def test_python_warns() -> None:
    text = text_of("t = x\nreturn y")
    with pytest.warns(dpc.CompileWarning, match=r"a.dp:2:5: .*never read \(unused-variable\)") as w:
        module = dpc.compile(text, name="a.dp")
    assert w[0].filename == __file__
    assert [d.switch for d in module.diagnostics] == ["unused-variable"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dpc.compile(text_of("return y")).diagnostics == ()
        with pytest.raises(dpc.CompileWarning):
            dpc.compile(text)


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.dp"
    path.write_text("def f(x: f64) -> f64:\n    t = x\n    return 2.0 * x\n")
    file = str(path)
    assert main(["check", file]) == 0
    assert "warning[E0291]" in capsys.readouterr().out
    assert main(["check", file, "--allow", "unused-variable"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["check", "--deny", "all", file]) == 1
    assert main(["check", file, "--deny", "nonsense"]) == 2
    capsys.readouterr()
    assert main(["run", file, "f", "x=1.0"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "value = 2.0\n"
    assert "warning[E0291]" in shown.err
    assert main(["run", file, "f", "x=1.0", "--deny", "unused-variable"]) == 1
    assert "error[E0291]" in capsys.readouterr().err
    assert main(["test", file, "-W", "all"]) == 0
    assert main(["explain", "warnings"]) == 0
    assert "unused-variable" in capsys.readouterr().out


def test_json_has_spans_notes_and_fixes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.dp"
    path.write_text("A = 1\nA = 2\ndef f(weights: f64) -> f64:\n    return wieghts\n")
    assert main(["check", "--format=json", str(path)]) == 1
    twice, unknown = json.loads(capsys.readouterr().out)
    place = {"file": str(path), "line": 4, "column": 12, "end_line": 4, "end_column": 19}
    assert unknown == {
        "code": "E0201",
        "level": "error",
        "name": None,
        "message": "unknown name `wieghts`",
        "spans": [{**place, "label": "not found", "primary": True}],
        "notes": ["did you mean `weights`?"],
        "fixes": [{"span": place, "replacement": "weights"}],
    }
    assert [(s["line"], s["primary"]) for s in twice["spans"]] == [(2, True), (1, False)]


FIXED = [
    ("def f(x: f64) -> f64\n    return x\n", "def f(x: f64) -> f64:\n    return x\n"),
    ("def f(x: f46) -> f64:\n    return 1.0\n", "def f(x: f64) -> f64:\n    return 1.0\n"),
    (
        "class M:\n    weight: f64\ndef f(m: M) -> f64:\n    return m.wieght\n",
        "class M:\n    weight: f64\ndef f(m: M) -> f64:\n    return m.weight\n",
    ),
    (
        "def f(x: f64) -> f64:\n    return 1.0 if x = 0.0 else x\n",
        "def f(x: f64) -> f64:\n    return 1.0 if x == 0.0 else x\n",
    ),
]


@pytest.mark.parametrize(("text", "expected"), FIXED)
def test_fixes_make_the_program_right(text: str, expected: str) -> None:
    (found,) = diagnose(Source("a.dp", text))
    (fix,) = found.fixes
    fixed = text[: fix.span.start] + fix.replacement + text[fix.span.end :]
    assert fixed == expected
    assert not diagnose(Source("a.dp", fixed))
