"""Copies that are read where they come from."""

import numpy as np
import pytest

import dpc
from dpc.compiler.ir.core import Module
from dpc.compiler.passes.read_in_place import read_in_place
from tests.passes.harness import apply, function, ops, outcome

LOCAL = (
    "%s = memref.alloc(%n) : memref<?xf64>\nmemref.copy %x, %s : memref<?xf64> to memref<?xf64>\n"
    "memref.store %a, %s[%c0] : memref<?xf64>\n"
)
ROOM = "%t = memref.alloc(%n) : memref<?xf64>\n"
COPY = "memref.copy %s, %t : memref<?xf64> to memref<?xf64>\n"
AGAIN = COPY.replace("%s, %t", "%t, %u").replace("%t :", "%t :")
CHANGE = "memref.store %b, %s[%c0] : memref<?xf64>\n"
READ = "%r = memref.load %t[%c0] : memref<?xf64>\n"
END = "func.return %r : f64"
ROOM_AGAIN = "%u = memref.alloc(%n) : memref<?xf64>\n"
SUM = """%r = scf.for %i = %c0 to %n step %c1 iter_args(%w = %a) -> (f64) {
  BODY
  %v = memref.load %t[%i] : memref<?xf64>
  %z = arith.addf %w, %v : f64
  scf.yield %z : f64
}
"""


def run(module: Module) -> str:
    return outcome(module, [3, np.array([1.0, 2.0, 3.0]), 0.5, 0.25, 1, 2, True], 1)


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (LOCAL + ROOM + COPY + READ, 1),
        (LOCAL + ROOM + COPY + READ + CHANGE, 1),  # changed when it is no longer read
        (LOCAL + ROOM + COPY + CHANGE + READ, 2),
        (LOCAL + ROOM + COPY + "memref.store %b, %t[%c1] : memref<?xf64>\n" + READ, 2),
        (LOCAL + ROOM + SUM.replace("BODY", COPY), 1),
        (LOCAL + ROOM + COPY + SUM.replace("BODY", "memref.store %b, %s[%i] : memref<?xf64>"), 2),
        (LOCAL + ROOM.replace("(%n)", "(%c1)") + COPY + READ, 2),
        (ROOM + COPY.replace("%s", "%x") + SUM.replace("BODY", ""), 0),
        (LOCAL + ROOM + ROOM_AGAIN + COPY + AGAIN + READ.replace("%t", "%u"), 1),
        (LOCAL + ROOM + ROOM_AGAIN + COPY + AGAIN + CHANGE + READ.replace("%t", "%u"), 2),
    ],
)
def test_only_what_stays_a_copy_goes(body: str, left: int) -> None:
    module = function(body + END)
    after = apply(module, read_in_place)
    assert len(ops(after, "memref.copy")) == left
    if "(%c1)" not in body:
        assert run(after) == run(module)


def test_a_copy_for_the_next_iteration_stays() -> None:
    late = (
        LOCAL
        + ROOM
        + "linalg.fill ins(%b : f64) outs(%t : memref<?xf64>)\n"
        + SUM.replace("BODY", "").replace("scf.yield", f"{COPY}{CHANGE}  scf.yield")
    )
    module = function(late + END)
    assert run(apply(module, read_in_place)) == run(module)


def test_operands_that_stay_as_they_are_are_not_kept() -> None:
    source = """
def power(a: f64[n, n], steps: i64) -> f64:
    p = a
    for t in range(steps):
        p = sin(a @ p @ a)
    return sum(p)
"""
    plan = dpc.grad(dpc.compile(source).power).plan(np.eye(5), 7)
    assert plan.tape_bytes == 3 * 8 * 5 * 5 * 7  # p, a @ p, and what sin is taken of


def test_one_array_under_two_names() -> None:
    source = """
def f(a: f64[n, n]) -> f64:
    p = a @ a
    q = p
    p[0, 0] += 1.0
    r = q @ p
    q[1, 1] = r[0, 1]
    return sum(r @ q) + sum(p)
"""
    a = np.random.default_rng(0).normal(size=(4, 4))
    module = dpc.compile(source)
    p = a @ a
    q = p.copy()
    p[0, 0] += 1.0
    r = q @ p
    q[1, 1] = r[0, 1]
    assert module.f(a) == pytest.approx(np.sum(r @ q) + np.sum(p), rel=1e-13)
    assert dpc.check_grad(module.f, a).ok
