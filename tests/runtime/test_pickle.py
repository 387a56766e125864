"""Pickled modules, functions and records: texts and options travel."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np

import dpc

BASE = "def half(x: f64) -> f64:\n    return x / 2.0\n"
GEOMETRY = """from sub.base import half
from stats import normal_lpdf

class Point:
    x: f64
    y: f64[n]

def squared(p: Point) -> f64:
    return p.x ** 2 + sum(p.y ** 2) + half(p.x)
"""
MAIN = """from geometry import Point, squared

def f(p: Point, a: f64) -> f64:
    return squared(p) * a
"""


def written(folder: Path) -> Path:
    (folder / "sub").mkdir()
    (folder / "sub" / "base.dp").write_text(BASE)
    (folder / "geometry.dp").write_text(GEOMETRY)
    (folder / "main.dp").write_text(MAIN)
    return folder / "main.dp"


def test_in_one_process_they_are_the_same(tmp_path: Path) -> None:
    m = dpc.load(written(tmp_path), math="strict")
    point = m.Point(1.0, np.ones(2))
    again, f, made = pickle.loads(pickle.dumps((m, m.f, point)))
    assert again is m
    assert type(made) is m.Point
    assert made == point
    assert f(made, 2.0) == m.f(point, 2.0)


def test_transforms_and_results_travel() -> None:
    source = "def f(x: f64[n], a: f64 = 2.0) -> f64:\n    return a * sum(x ** 3)\n"
    m = dpc.compile(source, real="f64")
    x = np.arange(3.0)
    for made in (
        dpc.grad(m.f),
        dpc.value_and_grad(m.f, wrt=("x", "a")),
        dpc.jacobian(dpc.grad(m.f), mode="reverse", math="strict"),
        dpc.vmap(dpc.hessian(m.f), in_axes=(0, None)),
    ):
        given = np.stack([x, x]) if "vmap" in made.__name__ else x
        copy = pickle.loads(pickle.dumps(made))
        assert repr(copy) == repr(made)
        result = made(given)
        assert repr(copy(given)) == repr(result)
        assert repr(pickle.loads(pickle.dumps(result))) == repr(result)


def test_the_receiver_needs_no_files(tmp_path: Path) -> None:
    place = written(tmp_path)
    m = dpc.load(place, math="strict")
    point = m.Point(1.0, np.ones(2))
    data = tmp_path / "data.pkl"
    data.write_bytes(pickle.dumps((m, dpc.grad(m.f), point)))
    for file in ("main.dp", "geometry.dp", "sub/base.dp"):
        (tmp_path / file).unlink()
    program = (
        "import pickle, sys\n"
        "m, g, point = pickle.load(open(sys.argv[1], 'rb'))\n"
        "assert type(point) is m.Point\n"
        "print(m.f(point, 2.0), g(point, 2.0))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, data], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"{m.f(point, 2.0)} {dpc.grad(m.f)(point, 2.0)}"
