"""`dpc cache`."""

from pathlib import Path

import pytest

import dpc
from dpc.cli import main

PROGRAM = "def f(x: f64) -> f64:\n    return x * x\n"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DPC_CACHE", raising=False)
    monkeypatch.setenv("DPC_CACHE_DIR", str(tmp_path / "kept"))
    path = tmp_path / "model.dp"
    path.write_text(PROGRAM)
    return path


def test_info_and_clear(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dpc.load(program).f(2.0)
    assert main(["cache", "info"]) == 0
    shown = capsys.readouterr().out
    assert str(program.parent / "kept") in shown
    assert "functions  1\n" in shown
    assert main(["cache", "clear"]) == 0
    assert capsys.readouterr().out.startswith("removed 2 files from")
    assert main(["cache", "info"]) == 0
    assert "functions  0\n" in capsys.readouterr().out


def test_why(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "why", str(program)]) == 0
    assert "no function of it was called" in capsys.readouterr().out
    module = dpc.load(program)
    module.f.options(math="strict")(2.0)
    dpc.grad(module.f, wrt="x")(2.0)
    assert main(["cache", "why", str(program)]) == 0
    assert capsys.readouterr().out == "f (math='strict'): kept\ngrad(f, wrt='x'): kept\n"
    program.write_text(PROGRAM.replace("x * x", "x + x"))
    assert main(["cache", "why", str(program)]) == 0
    assert f"compiled again, because {program} has changed\n" in capsys.readouterr().out


def test_there_may_be_none(
    program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DPC_CACHE", "0")
    assert main(["cache", "why", str(program)]) == 0
    assert capsys.readouterr().out == "there is no cache: DPC_CACHE is 0\n"


@pytest.mark.parametrize("words", [["why"], ["info", "model.dp"], ["forget"], []])
def test_wrong_usage(words: list[str]) -> None:
    assert main(["cache", *words]) == 2
