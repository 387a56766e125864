"""Bad input: every independent error once, no exception, linear time, a tree to go on with."""

import pytest

from dpc.dsl import ast
from dpc.dsl.diagnostics import Diagnostic, Sink
from dpc.dsl.parse import parse
from dpc.dsl.prune import MAX_DEPTH
from dpc.dsl.scan import MAX_BRACKETS
from dpc.dsl.source import Source


def parsed(text: str) -> tuple[ast.ModuleTree, list[Diagnostic]]:
    sink = Sink()
    tree = parse(Source("bad.dp", text), sink)
    return tree, sink.diagnostics


def found(text: str) -> list[tuple[str, int]]:
    return [(d.code, d.span.line) for d in parsed(text)[1]]


def test_errors_of_several_functions_are_all_found() -> None:
    text = "def f(x: f64) -> f64:\n    x = = 1\n    return x +\n\ndef g()\n    return 1 1\n"
    assert found(text) == [("E0101", 2), ("E0101", 3), ("E0102", 5), ("E0101", 6)]


def test_a_broken_header_keeps_its_block_and_else() -> None:
    text = "def f(x: f64) -> f64:\n    if x >:\n        x = 1\n    elif x:\n        x = 2\n"
    assert found(f"{text}    else:\n        x = 3\n    return x\n") == [("E0101", 2)]


def test_a_function_with_an_error_keeps_its_header_only() -> None:
    text = "def f(x: f64) -> f64:\n    x = = 1\n    return y\n\ndef g() -> f64:\n    return 1.0\n"
    tree, errors = parsed(text)
    assert len(errors) == 1
    f, g = tree.items
    assert isinstance(f, ast.FunctionDef)
    assert isinstance(g, ast.FunctionDef)
    assert [type(s) for s in f.body] == [ast.Assert]
    assert [type(s) for s in g.body] == [ast.Return]


def test_an_error_in_the_last_line_belongs_to_the_function_above() -> None:
    tree, _ = parsed("def f() -> f64:\n    return 1.0\n\ndef g() -> f64:\n    return (\n")
    assert [type(s) for i in tree.items if isinstance(i, ast.FunctionDef) for s in i.body] == [
        ast.Return,
        ast.Assert,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "A = = 1\ndef f() -> f64:\n    return A\n",
        "def f(x: f64, x: f64) -> f64:\n    return A\n",
        "def f(x: f64 -> f64:\n    return A\n",
        "class A:\n    w = 1\n",
    ],
)
def test_after_an_error_outside_of_bodies_nothing_is_left(text: str) -> None:
    tree, errors = parsed(text)
    assert errors
    assert tree.items == ()


def test_spans_of_errors_lie_in_the_text() -> None:
    for text in ("def f(", "@a", "if x:", "(", '"""', "x = f'{a", "def f():\n  x\n y"):
        for error in parsed(text)[1]:
            assert 0 <= error.span.start <= error.span.end <= len(text)
            assert error.message


DEEP = {
    "brackets": "A = " + "(" * 1000 + "1" + ")" * 1000,
    "open brackets": ("A = " + "(" * 1000 + "\n") * 20,
    "lists": "A = " + "[" * 1000 + "1" + "]" * 1000,
    "sums": "A = " + " + ".join(["1"] * 5000),
    "signs": "A = " + "-" * 5000 + "1",
    "negations": "A = " + "not " * 5000 + "x",
    "powers": "A = " + "2 ** " * 5000 + "1",
    "fields": "A = x" + ".y" * 5000,
    "lambdas": "A = " + "lambda: " * 5000 + "1",
    "branches": "def f():\n if x: pass\n" + " elif x: pass\n" * 2000,
    "blocks": "def f():\n" + "".join(" " * i + "if x:\n" for i in range(1, 150)) + " " * 151 + "x",
    "texts": "A = " + "f'{" * 500 + "x" + "}'" * 500,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_deep_nesting_is_refused(text: str) -> None:
    errors = parsed(text)[1]
    assert errors
    assert len(errors) <= 20
    assert all(e.code in ("E0120", "E0119", "E0101") for e in errors)


def test_nesting_below_the_limits_is_taken() -> None:
    depth = min(MAX_DEPTH, MAX_BRACKETS) - 10
    assert found("A = " + "(" * depth + "1" + ")" * depth) == []
    assert found("A = " + "[" * depth + "1" + "]" * depth) == []


LONG = {
    "list": ("A = [" + ", ".join(["1.5"] * 20000) + "]\n", 0),
    "lines": ("def f(x: f64) -> f64:\n" + "    x += sin(x) * 2\n" * 5000 + "    return x\n", 0),
    "comments": ("# nothing\n" * 20000, 0),
    "text": ('A = "' + "x" * 200000 + '"\n', 0),
    "wrong lines": ("def f(x: f64) -> f64:\n" + "    x = 1 1\n" * 500, 500),
    "unclosed": ("A = (1\n" * 2000, 2000),
    "open texts": ("A = '\n" * 2000, 2000),
}


@pytest.mark.parametrize(("text", "errors"), LONG.values(), ids=LONG.keys())
def test_long_files(text: str, errors: int) -> None:
    assert len(parsed(text)[1]) == errors
