"""The command line: what it prints, its exit statuses, and that no traceback reaches a user."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dpc.cli import main

MODEL = '''"""A model."""

class Model:
    w: f64[d]
    b: f64

def loss(m: Model, x: f64[n, d], scale: f64 = 2.0) -> f64:
    total = 0.0
    for i in range(n):
        total += exp(dot(x[i], m.w) + m.b)
    return scale * total

def square(x: f64) -> f64:
    return x * x

def scaled(x: f64[n], a: f64) -> f64[n]:
    return a * x

def both(x: f64, k: i64) -> (f64, i64):
    assert x > 0.0, f"x is {x}"
    return log(x), k + 1

def count(k: i64) -> i64:
    return 2 * k
'''
WRONG = "def f(x: f64) -> f64:\n    return y\n\ndef g(x: f64) -> f64:\n    return z\n"


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "model.dp"
    path.write_text(MODEL)
    return str(path)


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    path = tmp_path / "wrong.dp"
    path.write_text(WRONG)
    return str(path)


def run_cli(*arguments: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "dpc", *arguments],
        input=given,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def test_help_loads_nothing_slow() -> None:
    code = (
        "import sys, dpc, dpc.cli\n"
        "assert dpc.cli.main(['--help']) == 0\n"
        "slow = {'numpy', 'lark', 'llvmlite', 'scipy'} & set(sys.modules)\n"
        "assert not slow, slow\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for command in ("check", "run", "emit", "test", "fmt", "explain"):
        assert f"    {command} " in done.stdout


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    name, version = capsys.readouterr().out.split()
    assert name == "dpc"
    assert version[0].isdigit()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["bogus"],
        ["check"],
        ["run", "model.dp"],
        ["check", "/does/not/exist.dp"],
        ["check", "/"],
        ["check", "model.dp", "--nonsense"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_check(model: str, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", model]) == 0
    assert capsys.readouterr().out == ""
    assert main(["check", model, wrong]) == 1
    shown = capsys.readouterr().out
    assert "`y`" in shown
    assert "`z`" in shown
    assert "return y" in shown
    assert "\033[" not in shown


def test_check_formats(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format=short", wrong]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{wrong}:2:12: error[E02")
    assert second.startswith(f"{wrong}:5:12: error[E02")
    assert main(["check", "--format=json", wrong]) == 1
    (one, _) = json.loads(capsys.readouterr().out)
    (span,) = one["spans"]
    assert (span["line"], span["column"], span["end_column"]) == (2, 12, 13)
    assert one["level"] == "error"


def test_check_reads_standard_input() -> None:
    done = run_cli("check", "-", given=WRONG)
    assert done.returncode == 1
    assert "<stdin>:2:12" in done.stdout
    assert run_cli("check", "-", given="").returncode == 0


def test_undecodable_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "latin.dp"
    path.write_bytes(b"# caf\xe9\n")
    assert main(["check", str(path)]) == 2
    assert "is not UTF-8 text" in capsys.readouterr().err


def test_run(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", model, "square", "x=3"]) == 0
    assert capsys.readouterr().out == "value = 9.0\n"
    assert main(["run", model, "square", "x=-3.0", "--grad", "x"]) == 0
    assert capsys.readouterr().out == "value = 9.0\ngradient.x = -6.0\n"
    assert main(["run", model, "both", "--math", "strict", "x=1", "k=4"]) == 0
    assert capsys.readouterr().out == "value.0 = 0.0\nvalue.1 = 5\n"


def test_run_records(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "w.npy", np.zeros(2))
    words = [f"m.w=@{tmp_path / 'w.npy'}", "m.b=0", "x=[[1, 2], [3, 4]]"]
    assert main(["run", model, "loss", *words]) == 0
    assert capsys.readouterr().out == "value = 4.0\n"
    words = ["m={'w': [0.0, 0.0], 'b': 0.0}", "x=[[1, 2], [3, 4]]"]
    assert main(["run", model, "loss", *words, "--grad", "m"]) == 0
    shown = capsys.readouterr().out
    assert "gradient.m.w = float64[2]\n[ 8. 12.]" in shown
    assert "gradient.m.b = 4.0" in shown


def test_run_with_files(model: str, tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"m.w": np.zeros(2), "m.b": 0.0, "x": np.ones((3, 2))}
    np.savez(tmp_path / "in.npz", **arguments)
    out = str(tmp_path / "out.npz")
    data = ["--args", str(tmp_path / "in.npz"), "-o", out]
    assert main(["run", model, "loss", *data, "--grad", "m.w,scale"]) == 0
    with np.load(out) as saved:
        assert saved["value"] == 6.0
        np.testing.assert_array_equal(saved["gradient.m.w"], [6.0, 6.0])
        assert saved["gradient.scale"] == 3.0
    (tmp_path / "in.json").write_text('{"x": [1, 2], "a": 2.5}')
    assert main(["run", model, "scaled", "--args", str(tmp_path / "in.json"), "-o", out]) == 0
    with np.load(out) as saved:
        np.testing.assert_array_equal(saved["value"], [2.5, 5.0])


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["sqare", "x=1"], 2, "did you mean `square`?"),
        (["square"], 2, "needs a value for `x`"),
        (["square", "y=1"], 2, "no parameter `y`"),
        (["square", "x"], 2, "is not name=value"),
        (["square", "x=1", "x=2"], 2, "x is given twice"),
        (["square", "x=one"], 2, "is no literal"),
        (["square", "x='one'"], 2, "expected f64"),
        (["square", "x=1", "--grad", "y"], 2, "`y`"),
        (["square", "x=@/does/not/exist.npy"], 2, "No such file"),
        (["square", "--args", "/does/not/exist.npz"], 2, "No such file"),
        (["both", "x=-1", "k=1"], 1, "x is -1"),
    ],
)
def test_run_refuses(
    words: list[str], status: int, says: str, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", model, *words]) == status
    shown = capsys.readouterr()
    assert says in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""


def test_run_of_a_wrong_program(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", wrong, "f", "x=1"]) == 1
    assert "`y`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stage", "says"),
    [
        ("ast", "FunctionDef(name='square'"),
        ("array", "func.func @square"),
        ("loops", "arith.mulf"),
        ("grad", "func.func"),
        ("mlir", "func.func"),
        ("llvm", "define"),
        ("asm", ".text"),
    ],
)
def test_emit(stage: str, says: str, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emit", model, "square", "--stage", stage]) == 0
    assert says in capsys.readouterr().out


def test_test(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", model]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["loss", "square", "scaled", "both", "count"]
    assert all(": ok at " in line for line in lines[:4])
    assert lines[4] == "count: skipped, not a function from floats to floats"
    assert main(["test", model, "square", "--seed", "3"]) == 0


def test_fmt(tmp_path: Path, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "untidy.dp"
    path.write_text("A=1 # one\n")
    path.chmod(0o640)
    assert main(["fmt", "--check", str(path)]) == 1
    assert path.read_text() == "A=1 # one\n"
    assert main(["fmt", str(path), wrong]) == 0
    assert path.read_text() == "A = 1  # one\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert main(["fmt", "--check", str(path)]) == 0
    path.write_text("def f(\n")
    assert main(["fmt", str(path)]) == 1
    assert "was never closed" in capsys.readouterr().err
    assert main(["fmt", str(tmp_path / "none.dp")]) == 2
    assert run_cli("fmt", "-", given="A=1").stdout == "A = 1\n"


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "e0304"]) == 0
    assert capsys.readouterr().out.startswith("error[E0304]: A dimension variable")
    assert main(["explain"]) == 0
    assert "  E0101  " in capsys.readouterr().out
    assert main(["explain", "E304"]) == 2
    assert "did you mean `E0304`?" in capsys.readouterr().err
    assert main(["explain", "nonsense"]) == 2
    assert "`dpc explain` lists the codes" in capsys.readouterr().err


def test_broken_pipe(model: str) -> None:
    command = f"{sys.executable} -m dpc emit {model} loss --stage llvm | true"
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
