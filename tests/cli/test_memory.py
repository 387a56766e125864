"""`--memory`: what a call may take, from the command line."""

from pathlib import Path

import pytest

from dpc.cli import main

MODEL = """
def chain(x: f64[n]) -> f64:
    y = 1.0
    for i in range(n):
        y = sin(exp(y * x[i]))
    return y
"""


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "model.dp"
    path.write_text(MODEL)
    return str(path)


def test_a_gradient_within_its_memory(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["run", model, "chain", f"x={[0.5] * 2000}", "--grad", "x"]
    assert main([*given, "--memory", "200 B"]) == 1
    error = capsys.readouterr().err
    assert f"{model}:4: the call needs at least" in error
    assert "its budget is 200 (option memory)" in error
    assert main([*given, "--memory", "1MiB"]) == 0
    assert "gradient.x" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["run", "plan", "bench", "test"])
def test_misuse(model: str, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    for size in ("lots", "64M", "0", "-1MB"):
        assert main([command, model, "chain", f"--memory={size}"]) == 2
        assert f"'{size}' is no size; write 64MiB, 2GB" in capsys.readouterr().err


def test_other_commands_take_it(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", model, "chain", "n=10", "--memory", "1MB"]) == 0
    assert main(["test", model, "--memory", "1MB"]) == 0
    assert "chain: ok" in capsys.readouterr().out
