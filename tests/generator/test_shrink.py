"""A failing program is made smaller without losing its failure."""

import ast
from typing import Any

import pytest

from tests.generator import oracles
from tests.generator.program import Program
from tests.generator.shrink import shrunk
from tests.generator.trial import Trial

TEXT = """
def halved(x: f64) -> f64:
    return 0.5 * x

def main(x: f64, n: i64) -> f64:
    total = halved(x)
    for i in range(n):
        if i % 2 == 0:
            y = cos(x) + 2.0 * sin(x + total)
            total += y
        else:
            total *= x
    return total + x
"""


def calls_sine(trial: Trial) -> None:
    """Fails where there is a call of `sin`."""
    called = [n for n in ast.walk(ast.parse(trial.program.text)) if isinstance(n, ast.Call)]
    if any(ast.unparse(call.func) == "sin" for call in called):
        raise ValueError


def test_what_fails_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    checks: Any = (calls_sine,)
    monkeypatch.setattr(oracles, "CHECKS", checks)
    made = Program(TEXT, "main", {"x": 1.0, "n": 3})
    assert oracles.run(made) == {"calls_sine": "ValueError: "}
    small = shrunk(made, "calls_sine")
    assert oracles.run(small) == {"calls_sine": "ValueError: "}
    assert len(small.text.splitlines()) <= 3, small.text
