"""Reports: which loops run side by side or in tasks, and why the others do not."""

import json

import pytest

import dpc
from dpc.cli import main

SOURCE = """
def loss(x: f64[n, d], w: f64[d]) -> f64:
    s = 0.0
    for i in parallel(range(n)):
        t = 0.0
        for j in range(d):
            t += x[i, j] * w[j]
        s += exp(-t * t)
    return s

def walk(x: f64, steps: i64) -> f64:
    for t in range(steps):
        x = sin(x)
    return x
"""


def test_what_is_taken_and_what_is_not() -> None:
    m = dpc.compile(SOURCE, name="model.dp")
    text = str(m.loss.report())
    assert "for i in parallel(range(n)):" in text
    assert "in tasks that threads share; each of them:" in text
    assert "8 iterations run side by side" in text
    walk = m.walk.report()
    assert [r.vectorised for r in walk.loops] == [False]
    assert "model.dp:12: for t in range(steps):" in str(walk)
    assert "an iteration needs a value of the one before" in str(walk)
    assert "0 of 1 loops" in str(walk)


def test_gradients_have_reports_of_their_own() -> None:
    m = dpc.compile(SOURCE, name="model.dp")
    data = dpc.grad(m.loss, wrt="w").report().as_data()
    assert data["function"] == "grad(loss)"
    taken = [each["loop"]["line"] for each in data["loops"] if each["vectorised"]]
    assert taken == [4]
    assert all(each["reason"] for each in data["loops"])
    assert {"file": "model.dp", "line": 4, "column": 5} in data["tasks"]
    strict = m.walk.options(math="strict").report()
    assert not any(r.vectorised for r in strict.loops)


def test_command_line(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    path = f"{tmp_path}/model.dp"
    with open(path, "w") as file:
        file.write(SOURCE)
    assert main(["bench", path, "loss", "--grad", "w", "--remarks"]) == 0
    text = capsys.readouterr().out
    assert "loss: " in text
    assert "grad(loss): " in text
    assert main(["bench", path, "walk", "--remarks", "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)
    assert report["loops"][0]["vectorised"] is False
