"""`checkpoint(...)`: what the typed loops carry, that nothing else changes, misuse."""

import pytest

import dpc
from dpc.dsl import typed
from tests.check.programs import checked, diagnose, statements

TEXT = """
def f(x: f64, n: i64) -> f64:
    for t in checkpoint(range(n), memory="64MiB"):
        x = sin(x) + 0.5
    for t in checkpoint(range(1, n), slots=12):
        x = cos(x)
    for v in checkpoint([x, 2.0], slots=8, disk_slots=64):
        x += v * x
    while checkpoint(x > 0.25, slots=16):
        x = 0.5 * x
    return x
"""
PLAIN = """
def f(x: f64, n: i64) -> f64:
    for t in range(n):
        x = sin(x) + 0.5
    for t in range(1, n):
        x = cos(x)
    for v in [x, 2.0]:
        x += v * x
    while x > 0.25:
        x = 0.5 * x
    return x
"""


def test_loops_carry_their_annotation() -> None:
    function = checked(TEXT).functions["f"]
    loops = [s for s in statements(function, typed.For) if isinstance(s, typed.For)]
    found = [loop.checkpoint for loop in loops]
    assert found == [
        typed.Checkpoint(2**26, None, 0),
        typed.Checkpoint(None, 12, 0),
        typed.Checkpoint(None, 8, 64),
    ]
    (loop,) = statements(function, typed.While)
    assert isinstance(loop, typed.While)
    assert loop.checkpoint == typed.Checkpoint(None, 16, 0)


def test_values_and_derivatives_are_the_same() -> None:
    annotated, plain = dpc.compile(TEXT).f, dpc.compile(PLAIN).f
    assert annotated(0.7, 3) == plain(0.7, 3)
    assert dpc.grad(annotated)(0.7, 3) == dpc.grad(plain)(0.7, 3)
    assert dpc.check_grad(annotated, x=0.7, n=3).ok


@pytest.mark.parametrize(
    ("call", "code", "text"),
    [
        ("checkpoint(range(n))", "E0224", "checkpoint(range(n))"),
        ("checkpoint(slots=3)", "E0224", "checkpoint(slots=3)"),
        ("checkpoint(range(n), slots=0)", "E0224", "slots=0"),
        ("checkpoint(range(n), slots=n)", "E0225", "n"),
        ("checkpoint(range(n), slots=2, disk_slots=-1)", "E0224", "disk_slots=-1"),
        ('checkpoint(range(n), memory="64")', "E0224", '"64"'),
        ('checkpoint(range(n), memory="64 cows")', "E0224", '"64 cows"'),
        ("checkpoint(range(n), memory=64)", "E0224", "64"),
        ('checkpoint(range(n), memory="1KiB", slots=2)', "E0224", None),
        ('checkpoint(range(n), memory="1KiB", disk_slots=2)', "E0224", None),
        ("checkpoint(range(n), slots=1, slot=2)", "E0224", "slot=2"),
        ("checkpoint(n, slots=2)", "E0231", "n"),
    ],
)
def test_misuse(call: str, code: str, text: str | None) -> None:
    head = "def f(x: f64, n: i64) -> f64:"
    program = f"{head}\n    for i in {call}:\n        x += 1.0\n    return x\n"
    _, diagnostics = diagnose(program)
    assert [(d.code, d.span.text) for d in diagnostics] == [(code, text or call)]


def test_a_condition_stays_a_condition() -> None:
    _, diagnostics = diagnose(
        "def f(n: i64) -> i64:\n    while checkpoint(n, slots=2):\n        n -= 1\n    return n\n"
    )
    assert [(d.code, d.span.text) for d in diagnostics] == [("E0228", "n")]
