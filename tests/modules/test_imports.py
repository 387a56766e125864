"""Modules: what is found where, what can be imported, and that a change counts."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dpc

GEOMETRY = """
from scales import SCALE

class Circle:
    radius: f64
    centre: f64[d]

UNIT = 2

def area(c: Circle) -> f64:
    return SCALE * c.radius ** 2

def grown(c: Circle(d), by: f64) -> Circle(d):
    return Circle(radius=c.radius * by, centre=c.centre)

def f(x: f64) -> f64:
    return 3.0 * x
"""
MAIN = """
from geometry import Circle as Disc, UNIT, area, f as triple, grown

def f(x: f64) -> f64:
    c = Disc(radius=x, centre=zeros(2))
    return area(grown(c, 2.0)) + UNIT * triple(x)

def lifted(x: f64[n]) -> f64:
    return sum(triple(x) * x)
"""


@pytest.fixture
def main(tmp_path: Path) -> Path:
    (tmp_path / "scales.dp").write_text("SCALE = 5\n")
    (tmp_path / "geometry.dp").write_text(GEOMETRY)
    (tmp_path / "main.dp").write_text(MAIN)
    return tmp_path / "main.dp"


def test_functions_records_and_constants(main: Path) -> None:
    m = dpc.load(main)
    assert m.f(1.5) == 5 * 3.0**2 + 2 * 4.5
    assert dpc.grad(m.f)(1.5) == 40 * 1.5 + 6
    assert dpc.grad(dpc.grad(m.f))(1.5) == 40
    x = np.array([1.0, -2.0])
    np.testing.assert_allclose(dpc.grad(m.lifted)(x), 6 * x)


def test_from_python(main: Path) -> None:
    m = dpc.load(main)
    assert list(m.functions) == ["f", "lifted"]
    assert m.UNIT == 2
    assert m.triple(2.0) == 6.0
    assert m.grown(m.Disc(1.0, [0.0]), 2.0) == m.Disc(2.0, np.zeros(1))
    assert dpc.grad(m.area)(m.Disc(3.0, [])).radius == 30.0


def test_records_of_imported_functions_need_no_import(tmp_path: Path) -> None:
    (tmp_path / "a.dp").write_text(
        "class Pair:\n    x: f64\n    y: f64\n"
        "def pair(x: f64) -> Pair:\n    return Pair(x=x, y=2.0 * x)\n"
    )
    (tmp_path / "b.dp").write_text(
        "from a import pair\nclass Pair:\n    z: f64\n"
        "def own(x: f64) -> Pair:\n    return Pair(z=pair(x).y)\n"
    )
    m = dpc.load(tmp_path / "b.dp")
    assert (m.pair(1.0).x, m.pair(1.0).y) == (1.0, 2.0)
    assert m.own(1.0).z == 2.0


def test_literals_keep_adapting(tmp_path: Path) -> None:
    (tmp_path / "constants.dp").write_text("HALF = 0.5\n")
    (tmp_path / "main.dp").write_text(
        "from constants import HALF\ndef f(x: f32) -> f32:\n    return HALF * x\n"
    )
    assert dpc.load(tmp_path / "main.dp").f(np.float32(3.0)) == np.float32(1.5)


def test_modules_in_folders_import_from_their_own(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "inner.dp").write_text("from beside import K\nTWICE = 2 * K\n")
    (tmp_path / "parts" / "beside.dp").write_text("K = 7\n")
    (tmp_path / "main.dp").write_text(
        "from parts.inner import TWICE\ndef f(x: f64) -> f64:\n    return TWICE * x\n"
    )
    assert dpc.load(tmp_path / "main.dp").f(1.0) == 14.0


def test_a_module_reached_on_two_ways_is_one(tmp_path: Path) -> None:
    (tmp_path / "base.dp").write_text(
        "class P:\n    x: f64\ndef made(x: f64) -> P:\n    return P(x=x)\n"
    )
    (tmp_path / "side.dp").write_text(
        "from base import P\ndef read(p: P) -> f64:\n    return p.x\n"
    )
    (tmp_path / "main.dp").write_text(
        "from base import made\nfrom side import read\n"
        "def f(x: f64) -> f64:\n    return read(made(x))\n"
    )
    assert dpc.load(tmp_path / "main.dp").f(4.0) == 4.0


def test_a_change_in_an_imported_file_counts(main: Path) -> None:
    before = dpc.load(main)
    assert before.f(1.0) == 26.0
    assert dpc.load(main).content_key == before.content_key
    (main.parent / "scales.dp").write_text("SCALE = 6\n")
    after = dpc.load(main)
    assert after.content_key != before.content_key
    assert after.f(1.0) == 30.0
    assert before.f(1.0) == 26.0


def test_own_modules_come_before_the_standard_library(tmp_path: Path) -> None:
    (tmp_path / "stats.dp").write_text("def normal_lpdf(x: f64) -> f64:\n    return x\n")
    (tmp_path / "main.dp").write_text(
        "from stats import normal_lpdf\ndef f(x: f64) -> f64:\n    return normal_lpdf(x)\n"
    )
    assert dpc.load(tmp_path / "main.dp").f(4.0) == 4.0


def test_texts_import_the_standard_library_alone(
    main: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(main.parent)
    with pytest.raises(dpc.CompileError, match="no module `geometry`"):
        dpc.compile("from geometry import area\n", name="main.dp")


def test_standard_input_imports_from_the_current_folder(main: Path) -> None:
    command = [sys.executable, "-m", "dpc", "run", "-", "f", "x=1.0"]
    outcome = subprocess.run(
        command, input=main.read_text(), cwd=main.parent, capture_output=True, text=True
    )
    assert outcome.stdout.strip() == "value = 26.0", outcome.stderr


def test_errors_of_an_imported_file_are_its_own(main: Path) -> None:
    (main.parent / "scales.dp").write_text("SCALE = 5\n\ndef g(x: f64) -> f64:\n    return z\n")
    with pytest.raises(dpc.CompileError) as caught:
        dpc.load(main)
    (found,) = caught.value.diagnostics
    assert found.span.source.name == str(main.parent / "scales.dp")
    assert (found.span.line, found.span.text) == (4, "z")


def test_broken_files_are_reported_once(main: Path) -> None:
    (main.parent / "scales.dp").write_text("SCALE = = 5\n")
    with pytest.raises(dpc.CompileError) as caught:
        dpc.load(main)
    assert [d.span.source.name for d in caught.value.diagnostics] == [
        str(main.parent / "scales.dp")
    ]
    (main.parent / "scales.dp").write_bytes(b"\xff\xfe")
    with pytest.raises(dpc.CompileError, match=r"E0253.*not UTF-8"):
        dpc.load(main)


def test_run_time_errors_name_the_imported_line(tmp_path: Path) -> None:
    (tmp_path / "a.dp").write_text("def pick(x: f64[n], i: i64) -> f64:\n    return x[i]\n")
    (tmp_path / "main.dp").write_text(
        "from a import pick\ndef f(x: f64[n], i: i64) -> f64:\n    return pick(x, i)\n"
    )
    with pytest.raises(dpc.RuntimeError) as caught:
        dpc.load(tmp_path / "main.dp").f(np.zeros(3), 3)
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "a.dp"), 2)


def test_the_same_name_twice_in_one_program(tmp_path: Path) -> None:
    for name, factor in (("a", 2), ("b", 3)):
        (tmp_path / f"{name}.dp").write_text(f"def g(x: f64) -> f64:\n    return {factor}.0 * x\n")
    (tmp_path / "main.dp").write_text(
        "from a import g as g2\nfrom b import g as g3\n"
        "def g(x: f64) -> f64:\n    return g2(x) + 10.0 * g3(x)\n"
    )
    assert dpc.load(tmp_path / "main.dp").g(1.0) == 32.0


def test_aliases_keep_the_meaning_of_their_module(tmp_path: Path) -> None:
    (tmp_path / "shapes.dp").write_text(
        "N = 2\nclass Body:\n    mass: f64\n    pos: f64[d]\nSquare = f64[N, N]\n"
        "Planet = Body(3)\nSystem = Planet[k]\nVector = f64[n]\nPair = (f64, Vector)\nn = 7\n"
    )
    (tmp_path / "between.dp").write_text("from shapes import System, Square as Matrix, Pair\n")
    (tmp_path / "main.dp").write_text(
        "from between import Matrix, Pair, System\nfrom shapes import Vector as V\nN = 3\nn = 1\n"
        "Mine = V\n"
        "def trace_of(a: Matrix, r: f64[N]) -> f64:\n    return trace(a) * sum(r)\n"
        "def moved(s: System) -> f64:\n    return sum(b.mass * b.pos[0] for b in s)\n"
        "def both(x: Mine, y: V) -> Pair:\n    z: V = x + y\n    return sum(z), z\n"
    )
    m = dpc.load(tmp_path / "main.dp")
    assert m.trace_of(np.eye(2), np.ones(3)) == 6.0
    bodies = [{"mass": 2.0, "pos": np.ones(3)}] * 2
    assert m.moved(bodies) == 4.0
    np.testing.assert_array_equal(dpc.grad(m.moved)(bodies).mass, [1.0, 1.0])
    seven = np.arange(7.0)
    np.testing.assert_array_equal(m.both(seven, seven)[1], 2 * seven)


def test_a_broken_alias_is_shown_where_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "shapes.dp").write_text("Odd = f64[2 - 3]\n")
    (tmp_path / "main.dp").write_text(
        "from shapes import Odd\ndef f(x: Odd) -> f64:\n    y: Odd = x\n    return y[0] + Odd\n"
    )
    with pytest.raises(dpc.CompileError) as caught:
        dpc.load(tmp_path / "main.dp")
    found = [(d.code, d.span.source.name.split("/")[-1]) for d in caught.value.diagnostics]
    assert found == [("E0306", "shapes.dp")]
