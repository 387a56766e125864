"""Plans: the bytes are those that the reverse pass takes, the reasons name both places."""

import json
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.cli import main
from dpc.compiler.ad.reverse import reverse_of
from tests.ad.memory import peak_elements

SOURCE = """
def recurrence(x: f64, steps: i64) -> f64:
    for t in range(steps):
        x = sin(x) * x
    return x

def nested(x: f64, rows: i64, columns: i64) -> f64:
    for i in range(rows):
        for j in range(1, columns):
            x = exp(-x) + x
    return x

def triangle(x: f64, rows: i64) -> f64:
    for i in range(rows):
        for j in range(i):
            x = cos(x) * x
    return x

def halving(x: f64) -> f64:
    while x > 1.0:
        x = x * sin(x) * 0.5
    return x

def independent(x: f64[n], inner: i64) -> f64:
    total = 0.0
    for i in range(n):
        y = x[i]
        for k in range(inner):
            y = sin(y) * y
        total += y
    return total

def overwritten(x: f64[n], steps: i64) -> f64:
    a = x
    for t in range(steps):
        for i in range(n):
            a[i] = a[i] ** 3
    return a[0]

def smoothed(x: f64[n], steps: i64) -> f64:
    a = x
    for t in range(steps):
        a[1:-1] = a[2:] ** 2 - a[:-2] ** 2
    return a[0] + a[1]

def linear(x: f64[n]) -> f64:
    total = 0.0
    for i in range(n):
        scaled = 2.0 * x[i]
        total += scaled
    return total
"""


@pytest.fixture(scope="module")
def m() -> Any:
    return dpc.compile(SOURCE, name="model.dp")


def _taken(function: Any, *arguments: Any) -> int:
    """The bytes that the reverse pass holds at most, in the interpreter; all elements are f64."""
    entry = function.reversible
    inputs = sum(p.role == "input" for p in entry.function.parameters)
    made = reverse_of(entry.function, (True,) * inputs).function
    gradients = [np.zeros_like(a) for a in arguments if isinstance(a, np.ndarray)]
    sizes = [len(a) for a in arguments if isinstance(a, np.ndarray)]
    return 8 * peak_elements(made, [*sizes, *arguments, 1.0, *gradients])


@pytest.mark.parametrize(
    ("name", "arguments", "formula"),
    [
        ("recurrence", (0.5, 7), "16*steps"),
        ("recurrence", (0.5, 0), "16*steps"),
        ("nested", (0.5, 3, 4), "8*rows*columns - 8*rows"),
        ("independent", (np.array([0.1, 0.2, 0.3]), 4), "16*inner"),
    ],
)
def test_bytes_are_those_taken(m: Any, name: str, arguments: tuple[Any, ...], formula: str) -> None:
    function = m.functions[name]
    plan = function.plan(*arguments)
    assert plan.tape_bytes == _taken(function, *arguments)
    assert _same(str(plan.tape), formula)


def _same(found: str, expected: str) -> bool:
    """Equal as sums of products, whatever their order."""
    parts = [sorted(term.strip().split("*")) for term in found.replace("-", "+").split("+")]
    others = [sorted(term.strip().split("*")) for term in expected.replace("-", "+").split("+")]
    return sorted(parts) == sorted(others)


def test_values_that_look_alike_count_each(m: Any) -> None:
    x = np.array([0.1, 0.2, 0.3, 0.4])
    plan = m.smoothed.plan(x, 3)
    assert plan.tape_bytes == 2 * 8 * 2 * 3  # two neighbours of each of two elements
    temporaries = 8 * (len(x) + 2)  # a, and what is assigned to a part of it
    assert plan.tape_bytes <= _taken(m.smoothed, x, 3) <= plan.tape_bytes + 2 * temporaries


def test_a_dependent_bound_counts_with_its_largest_value(m: Any) -> None:
    plan = m.triangle.plan(0.5, 6)
    assert plan.tape_bytes >= _taken(m.triangle, 0.5, 6)
    assert plan.tape_bytes == 8 * 6 * 5


def test_a_loop_of_unknown_length(m: Any) -> None:
    plan = m.halving.plan(100.0)
    assert plan.tape_bytes is None
    assert "8 bytes a step of the loop" in str(plan)
    assert plan.as_data()["tape"]["unbounded"] is True


def test_reasons_name_both_places(m: Any) -> None:
    lines = str(m.overwritten.plan()).splitlines()
    start = lines.index("      store a[i], 8*n*steps bytes")
    assert lines[start - 2 : start + 2] == [
        "  model.dp:36: for i in range(n):",
        "      its values go on the tape: `a` is overwritten or gone later",
        "      store a[i], 8*n*steps bytes",
        "        for `a[i] ** 3` at line 37; read from an array that may be overwritten later"
        " at line 37",
    ]
    assert not lines[-1].startswith("not needed")


def test_an_expression_over_several_axes_shows_once() -> None:
    source = """
def f(a: f64[n, n], steps: i64) -> f64:
    p = a
    for t in range(steps):
        p = sin(a @ p @ a)
    return sum(p)
"""
    text = str(dpc.grad(dpc.compile(source).f).plan())
    heads = [line.strip() for line in text.splitlines() if line.strip().startswith("inline:5:")]
    assert len(heads) == len(set(heads))
    assert "an intermediate array is overwritten or gone later" in text
    assert "``" not in text


def test_what_is_not_needed(m: Any) -> None:
    plan = m.linear.plan()
    assert plan.tape_bytes == 0
    assert str(plan).splitlines() == [
        "linear: the reverse pass with respect to x",
        "tape: 0 B",
        "not needed: total",
    ]


def test_recursion_keeps_what_only_the_run_tells() -> None:
    m = dpc.compile(
        "def f(x: f64, n: i64) -> f64:\n"
        "    if n == 0:\n        return x\n"
        "    return sin(f(x * x, n - 1))\n"
    )
    plan = m.f.plan(0.5, 3)
    assert plan.tape_bytes is None
    assert str(plan).splitlines()[1].endswith("and what each call of f keeps")


def test_derivatives_and_sizes(m: Any) -> None:
    assert "with respect to x" in str(dpc.grad(m.recurrence).plan())
    assert dpc.hessian(m.recurrence).plan(0.5, 9).tape_bytes == 144
    assert m.recurrence.plan().tape_bytes is None
    assert m.recurrence.plan_for({"steps": 1000}).tape_bytes == 16000
    with pytest.raises(dpc.Error, match="takes forward mode, which stores nothing"):
        dpc.jvp(m.recurrence).plan()
    with pytest.raises(dpc.Error, match="no extent or integer parameter `step`; did you mean"):
        m.recurrence.plan_for({"step": 3})


def test_command_line(
    tmp_path: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.dp").write_text(SOURCE)
    assert main(["plan", "model.dp", "recurrence", "--grad", "x", "steps=1000"]) == 0
    text = capsys.readouterr().out
    assert "tape: 16*steps bytes = 16 kB" in text
    assert "model.dp:3: for t in range(steps):" in text
    assert main(["plan", "model.dp", "recurrence", "--format=json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["loops"][0]["kind"] == "stored"
    assert data["loops"][0]["iterations"] == {"formula": "steps", "number": None}
    assert main(["plan", "model.dp", "recurrence", "steps=0.5"]) == 2
    assert "the sizes of a plan are integers" in capsys.readouterr().err
