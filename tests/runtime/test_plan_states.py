"""Plans of loops reversed from stored states: predictions are what the native run counts."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.cli import main
from dpc.runtime.plan_states import StatesPlan

TEXT = """
def scalar(x: f64, steps: i64) -> f64:
    y = x
    z = 1.0
    for t in checkpoint(range(steps), WISH):
        y = sin(y) * z
        z = z * 0.999 + 0.001 * y
    return y * z

def grid(u0: f64[n], nu: f64, steps: i64) -> f64:
    u = u0
    for t in checkpoint(range(2, steps + 2), WISH):
        v = u
        for i in range(1, n - 1):
            u[i] = v[i] + nu * (v[i + 1] - 2.0 * v[i] + v[i - 1]) - v[i] * (v[i + 1] - v[i - 1])
    return sum(u * u)
"""
POINT: dict[str, Any] = {"scalar": (0.7,), "grid": (np.linspace(0.0, 0.5, 12), 0.1)}


def module(wish: str) -> dpc.Module:
    if wish:
        return dpc.compile(TEXT.replace("WISH", wish), name="model.dp")
    return dpc.compile(re.sub(r"checkpoint\((range\(.*\)), WISH\)", r"\1", TEXT), name="model.dp")


def planned(function: dpc.Function, *args: Any) -> StatesPlan:
    (found,) = function.plan(*args).states
    return found


@pytest.mark.parametrize(
    "wish", ["slots=1", "slots=4", 'memory="700B"', 'memory="20 kB"', 'memory="1B"']
)
@pytest.mark.parametrize("name", ["scalar", "grid"])
def test_predictions_are_what_is_counted(name: str, wish: str) -> None:
    gradient = dpc.grad(getattr(module(wish), name))
    for steps in (0, 1, 2, 30, 200):
        args = (*POINT[name], steps)
        plan = planned(gradient, *args).chosen
        assert plan is not None
        gradient(*args)
        assert gradient._native is not None
        counted = gradient._native.executions
        assert (counted.plain, counted.taped) == (plan.plain, plan.steps)


def test_states_and_tapes_in_bytes() -> None:
    scalar = planned(dpc.grad(module("slots=2").scalar), 0.7, 100)
    assert scalar.numbers is not None
    assert scalar.numbers[:2] == (100, 8 + 2 * 8)
    assert set(scalar.loop.variables) == {"y", "z"}
    grid = planned(dpc.grad(module("slots=2").grid), np.zeros(50), 0.1, 100)
    assert grid.numbers is not None
    assert grid.numbers[:2] == (100, 8 + 50 * 8)
    assert grid.loop.variables == ("u",)
    assert grid.numbers[2] % (8 * 48) == 0


def test_memory_of_the_call() -> None:
    gradient = dpc.grad(module("").grid)
    assert gradient.plan().states == ()
    bounded = gradient.options(memory="100kB")
    plan = planned(bounded, np.zeros(100), 0.1, 1000)
    assert plan.chosen is not None
    assert plan.taken(plan.chosen) <= 100_000
    assert "with 100 kB for itself: " in str(bounded.plan_for({"n": 100, "steps": 1000}))
    assert "a state (u): 8*n + 8 bytes" in str(bounded.plan())


@pytest.mark.parametrize("memory", [3_000, 10_000, 40_000, 200_000])
def test_the_next_better_plan(memory: int) -> None:
    plan = planned(dpc.grad(module("").grid, memory=memory), np.zeros(30), 0.1, 2000)
    chosen, better = plan.chosen, plan.better
    assert chosen is not None
    assert better is not None
    assert better.repetitions < chosen.repetitions
    needed = plan.taken(better)
    assert needed > memory
    # About the least: with a little less there are as many repetitions as before.
    assert plan.within(int(needed * 0.99)).repetitions == chosen.repetitions


def test_nothing_is_better_than_the_whole_tape() -> None:
    plan = planned(dpc.grad(module("").grid, memory="1GB"), np.zeros(30), 0.1, 100)
    assert plan.chosen is not None
    assert plan.chosen.factor == 1.0
    assert plan.better is None


def test_curve() -> None:
    plan = planned(dpc.grad(module("slots=7").grid), np.zeros(100), 0.1, 1000)
    curve = plan.curve()
    assert [plan.taken(s) <= memory for memory, s in curve] == [True] * len(curve)
    factors = [s.factor for _, s in curve]
    assert factors == sorted(factors, reverse=True)
    assert (curve[0][1].slots, curve[0][1].frames) == (1, 1)
    assert curve[-1][1].factor == 1.0


def test_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    plan = dpc.grad(module("").grid, memory="9kB").plan_for({"n": 20, "steps": 300})
    plan.picture(tmp_path / "plan.png")
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(dpc.Error, match="no loop of known sizes"):
        dpc.grad(module("").grid, memory="9kB").plan().picture(tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()


RECURSIVE = """
def down(x: f64, k: i64) -> f64:
    if k == 0:
        return x
    return sin(down(x, k - 1))

def f(x: f64, steps: i64) -> f64:
    y = x
    for t in checkpoint(range(steps), slots=3):
        y = y * down(y, 3)
    return y
"""
UNKNOWN = """
def f(x: f64, steps: i64) -> f64:
    y = x
    for t in checkpoint(range(steps), slots=3):
        while y > 1.0:
            y = y * sin(y) * 0.5
        y = y + 1.0
    return y
"""


def test_loops_that_keep_their_tape() -> None:
    plan = dpc.grad(dpc.compile(RECURSIVE).f).plan(0.5, 10)
    assert "keeps its whole tape: it calls functions that keep a tape of their own" in str(plan)
    assert plan.as_data()["states"][0]["chosen"] is None


def test_tapes_that_only_the_run_tells() -> None:
    plan = dpc.grad(dpc.compile(UNKNOWN).f).plan(0.5, 10)
    assert "tape of a step: only the run tells" in str(plan)
    assert plan.as_data()["states"][0]["tape"] == {"formula": None, "number": None}


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.dp"
    path.write_text(re.sub(r"checkpoint\((range\(.*\)), WISH\)", r"\1", TEXT))
    given = ["plan", str(path), "grid", "n=100", "steps=500", "--grad", "u0", "--memory", "50kB"]
    assert main([*given, "--format=json"]) == 0
    (states,) = json.loads(capsys.readouterr().out)["states"]
    assert states["steps"] == {"formula": "steps", "number": 500}
    assert states["chosen"]["taped"] == 500
    assert states["chosen"]["bytes"] <= 50_000
    assert states["curve"][-1]["factor"] == 1.0
    picture = tmp_path / "plan.png"
    assert main([*given, "--picture", str(picture)]) == 0
    assert picture.exists()
    assert "can be reversed from stored states" in capsys.readouterr().out
