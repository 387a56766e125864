"""Errors that are not in the text: a stack that runs out, files that are not there."""

import inspect
import sys
from pathlib import Path

import pytest

import dpc
from dpc.compiler.driver import diagnose, front
from dpc.dsl.source import Source

TERMS = " + ".join(["x"] * 80)
DEEP = f"def f(x: f64) -> f64:\n    return {TERMS}\n"


@pytest.mark.parametrize("frames", [80, 120, 200])
def test_too_little_stack_is_an_error_of_the_program(frames: int) -> None:
    depth = len(inspect.stack(0))
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + frames)
    try:
        with pytest.raises(dpc.CompileError) as caught:
            front(Source("a.dp", DEEP))
    finally:
        sys.setrecursionlimit(before)
    assert [d.code for d in caught.value.diagnostics] == ["E0900"]
    assert dpc.compile(DEEP).f(1.0) == 80.0


def test_missing_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "model.dp").write_text("A = 1\n")
    with pytest.raises(FileNotFoundError, match=r"did you mean model\.dp\?"):
        dpc.load(tmp_path / "modle.dp")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        dpc.load(tmp_path / "nowhere" / "model.dp")


def test_counts_agree_with_their_nouns() -> None:
    (found,) = diagnose(Source("a.dp", "def f(x: f64[n]) -> f64:\n    return x[0, 0]\n"))
    assert found.message == "2 indices for `f64[n]`, which has 1 axis"
