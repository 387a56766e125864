"""`dpc bench`: primal and gradient on data that is made for sizes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.cli import main
from dpc.runtime.made_data import EXTENT, made

MODEL = """
class Pair:
    w: f64[d]
    b: f64

def loss(m: Pair, x: f64[n, d], index: i64[n], weight: f64 = 2.0) -> f64:
    print("called")
    total = 0.0
    for i in range(n):
        total += weight * sin(exp(dot(x[index[i]], m.w) + m.b))
    return total

def steps(x: f64[k], count: i64, edge: f64[2 * k + 1]) -> f64[k]:
    for t in range(count):
        x = cos(x)
    return x + edge[:k]
"""


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "model.dp"
    path.write_text(MODEL)
    return str(path)


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """What a command prints as data."""
    assert main(["bench", *words, "--json", "--rounds", "1"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_primal_and_gradient(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = shown(capsys, model, "loss", "n=30", "d=4", "--grad", "m.w,weight")
    assert found["function"] == "loss"
    assert found["dimensions"] == {"m.d": 4, "n": 30, "d": 4}
    assert found["wrt"] == ["m.w", "weight"]
    assert found["ratio"] == found["gradient"]["call"] / found["primal"]["call"]
    assert min(found["load"], found["primal"]["first"], found["gradient"]["first"]) > 0.0
    assert found["primal"]["bytes"] >= 0
    assert found["linear_algebra"]


def test_as_text(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", model, "steps", "k=3", "count=5", "--rounds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "steps: k = 3"
    assert lines[1].split() == ["time", "memory", "compile"]
    assert lines[2].startswith("primal")
    assert "linear algebra: " in lines[3]
    assert len(lines) == 4


def test_given_arrays_tell_extents(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "x.npy", np.ones((7, 2)))
    found = shown(capsys, model, "loss", f"x=@{tmp_path}/x.npy", "m.w=[1.0, 2.0]")
    assert found["dimensions"] == {"m.d": 2, "n": 7, "d": 2}
    assert found["gradient"] is None
    assert found["ratio"] is None


def test_what_is_made() -> None:
    module = dpc.compile(MODEL)
    data = made(module.loss.signature, {"n": 5, "m": {"b": 3.0}}, "uniform")
    assert list(data.arguments) == ["m", "x", "index"]
    assert data.arguments["m"]["b"] == 3.0
    assert data.arguments["m"]["w"].shape == (EXTENT,)
    assert data.arguments["x"].shape == (5, EXTENT)
    assert np.all((data.arguments["x"] > 0.1) & (data.arguments["x"] < 0.9))
    np.testing.assert_array_equal(data.arguments["index"], np.zeros(5))
    again = made(module.loss.signature, {"n": 5}, "uniform", seed=1)
    assert not np.array_equal(again.arguments["x"], data.arguments["x"])
    edge = np.zeros(9)
    data = made(module.steps.signature, {"x": np.zeros(4), "edge": edge, "count": 2}, "zeros")
    assert data.arguments["edge"] is edge
    np.testing.assert_allclose(module.steps(**data.arguments), np.cos([1.0] * 4), rtol=1e-14)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["steps"], "`steps` needs the integer `count`: give count=..."),
        (["steps", "coumt=2"], "`steps` has no parameter or dimension `coumt`; did you mean `cou"),
        (["steps", "count=2", "k=1.5"], "k=1.5: an extent is an integer, 0 or more"),
        (["steps", "count=2", "k=-1"], "k=-1: an extent is an integer, 0 or more"),
        (["steps", "count=2", "x=3.0"], "`x` of `steps`: expected f64[k], given the float 3.0"),
        (["steps", "count=2", "--grad", "x"], "needs a function with a float scalar as result"),
        (["loss", "--grad", "y"], "`loss` has no parameter `y`"),
        (["los"], "has no function `los`; did you mean `loss`?"),
        (["loss", "--rounds", "0"], "'0' is no number of rounds"),
    ],
)
def test_misuse(
    model: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", model, *words]) == 2
    assert message in capsys.readouterr().err


def test_the_memory_of_a_call_is_bounded(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", model, "steps", "count=3", "k=9999", "--memory", "1kB"]) == 1
    assert "its budget is 1000 (option memory)" in capsys.readouterr().err
