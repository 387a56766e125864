"""Branches on one condition become one; what stands between goes along."""

import numpy as np
import pytest

import dpc
from dpc.compiler.ir.core import Module
from dpc.compiler.passes.cse import cse
from dpc.compiler.passes.dce import dce
from dpc.compiler.passes.merge_branches import merge_branches
from tests.passes.harness import apply, function, ops, outcome

FIRST = """%p = scf.if %c -> (f64) {
  %s = math.sin %a : f64
  scf.yield %s : f64
} else {
  scf.yield %b : f64
}
"""
SECOND = """%q = scf.if %c -> (f64) {
  %t = math.sin %a : f64
  %u = arith.mulf %t, %w : f64
  scf.yield %u : f64
} else {
  scf.yield %w : f64
}
func.return %q : f64
"""
BETWEEN = "%w = arith.addf %p, %b : f64\n"
STORE = "memref.store %a, %y[%c0] : memref<?xf64>\n"
NEEDS = "memref.store %p, %y[%c1] : memref<?xf64>\n"
OTHER = SECOND.replace("scf.if %c", "scf.if %d")
LATE = SECOND.replace("func.return %q", "%r = arith.subf %q, %p : f64\nfunc.return %r")


def run(module: Module, condition: bool) -> str:
    return outcome(module, [3, np.array([1.0, 2.0, 3.0]), 0.5, 0.25, 1, 2, condition], 1)


@pytest.mark.parametrize(
    ("body", "branches", "sines"),
    [
        (FIRST + BETWEEN + SECOND, 1, 1),
        (FIRST + BETWEEN + STORE + SECOND, 1, 1),  # has nothing to do with them
        (FIRST + BETWEEN + LATE, 1, 1),  # the first is needed behind them
        (FIRST + BETWEEN + NEEDS + SECOND, 2, 2),  # would have to be stored in both
        (FIRST.replace("  scf.yield %b", STORE + "  scf.yield %b") + BETWEEN + SECOND, 2, 2),
        ("%d = arith.cmpf olt, %a, %b : f64\n" + FIRST + BETWEEN + OTHER, 2, 2),
        (FIRST + BETWEEN + SECOND.replace("  scf.yield %w", STORE + "  scf.yield %w"), 1, 1),
    ],
)
def test_pairs(body: str, branches: int, sines: int) -> None:
    module = function(body)
    after = apply(module, merge_branches, cse, dce)
    assert (len(ops(after, "scf.if")), len(ops(after, "math.sin"))) == (branches, sines)
    for condition in (False, True):
        assert run(after, condition) == run(module, condition)
    if branches == 2:
        assert merge_branches(module) is module


def test_three_in_a_row_within_a_branch() -> None:
    third = SECOND.replace("%q", "%z").replace("%w", "%q").replace("%t", "%t2").replace("%u", "%u2")
    inner = FIRST + BETWEEN + SECOND.replace("func.return %q : f64\n", "") + third
    inner = inner.replace("func.return %z", "scf.yield %z").replace("scf.if %c", "scf.if %d")
    body = (
        "%d = arith.cmpf olt, %a, %b : f64\n%o = scf.if %c -> (f64) {\n"
        f"{inner}}} else {{\nscf.yield %a : f64\n}}\nfunc.return %o : f64\n"
    )
    module = function(body)
    after = apply(module, merge_branches, cse, dce)
    assert len(ops(after, "scf.if")) == 2
    assert len(ops(after, "math.sin")) == 1
    for condition in (False, True):
        assert run(after, condition) == run(module, condition)


SOURCE = """
def turned(x: f64[n]) -> f64:
    total = 0.0
    for v in x:
        total += (sin(v) * exp(v) if v > 0.0 else cos(v)) ** 2
    return total
"""


def test_a_reverse_pass_computes_its_branch_once() -> None:
    gradient = dpc.grad(dpc.compile(SOURCE, math="strict").turned)
    x = np.array([0.5, -0.5, 0.0])
    inside = 2.0 * np.sin(x) * np.exp(x) * np.exp(x) * (np.sin(x) + np.cos(x))
    expected = np.where(x > 0.0, inside, -2.0 * np.cos(x) * np.sin(x))
    np.testing.assert_allclose(gradient(x), expected, rtol=1e-15)
    assert gradient.ir("mlir").count("scf.if") == 1
