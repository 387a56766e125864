"""Derivatives of every built-in function, by native code, against differences of the function in
80 digits: forward mode, reverse against forward, and second order (forward over reverse).
"""

from typing import Any

import numpy as np
import pytest

import dpc
from dpc.compiler.dialects.numbers import mp_numbers
from dpc.dsl.builtins import BUILTINS
from dpc.runtime.interpreted import Interpreted
from tests.ad.builtin_rows import ROWS, WITHOUT, Row

PRECISE = mp_numbers(80)
STEP = 25

Vector = np.ndarray[Any, Any]


def directions(point: Vector, result: Any) -> tuple[Vector, Any]:
    """A direction with the point's magnitudes, and weights for the result."""
    random = np.random.default_rng(5)
    size = np.where(point == 0.0, 1.0, np.abs(point))
    weights = random.uniform(0.5, 1.5, np.shape(result))
    return size * random.uniform(0.5, 1.5, len(point)), weights if np.ndim(result) else weights[()]


def differences(f: dpc.Function, point: Vector, direction: Vector) -> tuple[Vector, Vector, Vector]:
    """First and second directional derivatives of all numbers of the result, and their rounding."""
    interpreted = Interpreted(f.entry, f.origin.classes)
    (slot,), h = f.signature.inputs, PRECISE.lift(10) ** -STEP
    ahead, here, behind = (
        interpreted.run([point], PRECISE, slot, direction, step) for step in (h, 0 * h, -h)
    )
    first = [(a - b) / (2 * h) for a, b in zip(ahead, behind, strict=True)]
    triples = zip(ahead, here, behind, strict=True)
    second = [(a - 2 * b + c) / (h * h) for a, b, c in triples]
    noise = np.array([1e-28 * abs(float(v)) or 1e-40 for v in here])
    return np.array([float(v) for v in first]), np.array([float(v) for v in second]), noise


def close(found: Any, wanted: Vector, allowed: Any) -> None:
    assert (np.abs(np.ravel(found) - wanted) <= allowed).all(), (found, wanted)


def size(wanted: Vector, row: Row) -> Any:
    """What errors are relative to."""
    return np.abs(wanted) if row.each else np.max(np.abs(wanted), initial=0.0)


@pytest.mark.filterwarnings("ignore::dpc.CompileWarning")
@pytest.mark.parametrize("row", ROWS, ids=[f"{r.name}: {r.expression}" for r in ROWS])
def test_derivatives(row: Row) -> None:
    text = f"def f(x: f64[n]) -> {row.result}:\n    return {row.expression}\n"
    f: dpc.Function = dpc.compile(text, math="strict").f
    jvp, vjp, twice = dpc.jvp(f), dpc.vjp(f), dpc.jvp(dpc.vjp(f), wrt="x")
    for values in row.points:
        point = np.array(values, dtype=float)
        direction, weights = directions(point, f(point))
        first, second, noise = differences(f, point, direction)
        tangent = np.asarray(jvp(point, direction)[1])
        close(tangent, first, row.first * size(first, row) + noise)
        gradient = vjp(point, weights)[1]
        left, right = np.ravel(weights * tangent), gradient * direction
        scale = np.abs(left).sum() + np.abs(right).sum()
        assert abs(left.sum() - right.sum()) <= 10 * row.first * scale
        bent = twice(point, weights, direction)[1][1] * direction
        curved = np.ravel(weights) * second
        if row.each:
            close(bent, curved, row.second * size(curved, row) + noise)
        else:
            scale = max(np.abs(bent).sum(), np.abs(curved).sum())
            close(bent.sum(), curved.sum(), row.second * scale + noise.sum())


def test_every_builtin_has_a_row() -> None:
    """A new built-in needs a row, or a reason for having none."""
    tested = {row.name for row in ROWS}
    excused = {name for names in WITHOUT.values() for name in names}
    assert not tested & excused
    missing = set(BUILTINS) - tested - excused
    assert not missing, f"add rows to tests/ad/builtin_rows.py for {sorted(missing)}"
    assert excused <= set(BUILTINS)
    assert {name for name in tested if name.isidentifier()} <= set(BUILTINS)


def test_rows_use_what_they_test() -> None:
    for row in ROWS:
        called = f"{row.name}(" if row.name.isidentifier() and row.name != "pow" else ""
        assert called in row.expression, row
