"""A failing program is made smaller without losing its failure."""

import ast
from typing import Any

import pytest

from tests.generator import oracles
from tests.generator.program import program
from tests.generator.shrink import shrunk
from tests.generator.trial import Trial


def calls_sine(trial: Trial) -> None:
    """Fails where there is a call of `sin`."""
    called = [n for n in ast.walk(ast.parse(trial.program.text)) if isinstance(n, ast.Call)]
    if any(ast.unparse(call.func) == "sin" for call in called):
        raise ValueError


def test_what_fails_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    checks: Any = (calls_sine,)
    monkeypatch.setattr(oracles, "CHECKS", checks)
    made = program(3)
    assert oracles.run(made) == {"calls_sine": "ValueError: "}
    small = shrunk(made, "calls_sine")
    assert oracles.run(small) == {"calls_sine": "ValueError: "}
    assert len(small.text.splitlines()) <= 6, small.text
