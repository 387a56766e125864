"""Every construct appears often enough in generated programs."""

import pytest

from tests.generator.coverage import CONSTRUCTS, constructs, table
from tests.generator.program import Program, program

RECURSIVE = """
def again(x: f64, k: i64) -> f64:
    return x if k <= 0 else other(sin(x), k - 1)

def other(x: f64, k: i64) -> f64:
    return again(x, k - 1)

def never(x: f64) -> f64:
    for i in parallel(range(3)):
        x *= 2.0
    return x

def main(a: f64) -> f64:
    return again(a, 4) + grad(lambda v: v * grad(again)(v, 2))(a)
"""
WITH_RULE = """
from parts import wave as ripple

def main(a: f64) -> f64:
    return ripple(a)
"""
PARTS = """
def wave(x: f64) -> f64:
    return sin(x)

@custom_jvp(wave)
def wave_jvp(x: f64, x_dot: f64) -> (f64, f64):
    return wave(x), cos(x) * x_dot
"""


def test_each_construct_appears() -> None:
    programs = [program(seed) for seed in range(300)]
    found = [constructs(made) for made in programs]
    rare = {
        name: count
        for name in (*CONSTRUCTS, "recursion", "own module")
        if (count := sum(name in each for each in found)) < 6
    }
    assert not rare, f"in fewer than 2 % of programs: {rare}\n{table(iter(programs))}"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            Program(RECURSIVE, "main", {}),
            {"recursion", "derivative", "nested derivative", "lambda", "conditional expression"},
        ),
        (
            Program(WITH_RULE, "main", {}, modules={"parts": PARTS}),
            {"derivative rule", "own module"},
        ),
    ],
)
def test_what_main_reaches_counts(made: Program, expected: set[str]) -> None:
    assert constructs(made) == expected
