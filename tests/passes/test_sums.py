"""Fused multiply-adds, sums in lanes, products of derivatives."""

import numpy as np
import pytest

from dpc.compiler.dialects.scf import For
from dpc.compiler.ir.core import Module
from dpc.compiler.passes.canonicalize import canonicalize
from dpc.compiler.passes.contract import contract
from dpc.compiler.passes.cse import cse
from dpc.compiler.passes.dce import dce
from dpc.compiler.passes.expand_lanes import expand_lanes
from dpc.compiler.passes.plain_products import plain_products
from dpc.compiler.passes.reassociate import reassociate
from dpc.compiler.passes.strong_products import strong_products
from tests.passes.harness import apply, function, normal, ops, outcome

SUM = (
    "%r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %a) -> (f64) {\n"
    "%v = memref.load %x[%i] : memref<?xf64>\nBODY\nscf.yield %t : f64\n}\n"
    "linalg.fill ins(%r : f64) outs(%y : memref<?xf64>)\nfunc.return %r : f64"
)
ADD = SUM.replace("BODY", "%t = arith.addf %s, %v : f64")
CONTRACTED = {
    "a * b + c": (
        "%p = arith.mulf %a, %b : f64\n%r = arith.addf %p, %a : f64",
        "%r = math.fma %a, %b, %a : f64",
    ),
    "c + a * b": (
        "%p = arith.mulf %a, %b : f64\n%r = arith.addf %b, %p : f64",
        "%r = math.fma %a, %b, %b : f64",
    ),
    "a * b - c": (
        "%p = arith.mulf %a, %b : f64\n%r = arith.subf %p, %a : f64",
        "%g = arith.negf %a : f64\n%r = math.fma %a, %b, %g : f64",
    ),
    "c - a * b": (
        "%p = arith.mulf %a, %b : f64\n%r = arith.subf %a, %p : f64",
        "%g = arith.negf %a : f64\n%r = math.fma %g, %b, %a : f64",
    ),
    "a * a + b * b": (
        "%p = arith.mulf %a, %a : f64\n%q = arith.mulf %b, %b : f64\n%r = arith.addf %p, %q : f64",
        "%q = arith.mulf %b, %b : f64\n%r = math.fma %a, %a, %q : f64",
    ),
}
NOT_CONTRACTED = {
    "a product used twice": "%p = arith.mulf %a, %b : f64\n%q = arith.addf %p, %a : f64\n"
    "%r = arith.mulf %q, %p : f64",
    "a strong product": "%p = arith.mulz %a, %b : f64\n%r = arith.addf %p, %a : f64",
    "a product added to itself": "%p = arith.mulf %a, %b : f64\n%r = arith.addf %p, %p : f64",
}
NOT_SUMS = {
    "a product": "%t = arith.mulf %s, %v : f64",
    "c - e turned round": "%t = arith.subf %v, %s : f64",
    "the running sum is used": "%u = arith.mulf %s, %v : f64\n%t = arith.addf %s, %u : f64",
    "the running sum is stored": (
        "%t = arith.addf %s, %v : f64\nmemref.store %t, %y[%i] : memref<?xf64>"
    ),
    "a check": (
        "%ok = arith.cmpf olt, %v, %b : f64\n"
        'cf.assert %ok, "large" {kind = "assert"}\n%t = arith.addf %s, %v : f64'
    ),
    "the sum of a branch": (
        "%t = scf.if %c -> (f64) {\n%u = arith.addf %s, %v : f64\nscf.yield %u : f64\n} else {\n"
        "scf.yield %s : f64\n}"
    ),
    "not innermost": (
        "%w = scf.for %j = %c0 to %n step %c1 iter_args(%p = %v) -> (f64) {\n"
        "%q = arith.mulf %p, %v : f64\nscf.yield %q : f64\n}\n%t = arith.addf %s, %w : f64"
    ),
}


@pytest.mark.parametrize("name", CONTRACTED)
def test_products_in_sums_are_fused(name: str) -> None:
    before, after = (function(f"{body}\nfunc.return %r : f64") for body in CONTRACTED[name])
    assert normal(apply(before, contract)) == normal(after)


@pytest.mark.parametrize("name", NOT_CONTRACTED)
def test_other_products_are_not_fused(name: str) -> None:
    module = function(f"{NOT_CONTRACTED[name]}\nfunc.return %r : f64")
    assert contract(module) is module


def test_a_product_outside_the_loop_stays_there() -> None:
    body = "%p = arith.mulf %a, %b : f64\n" + SUM.replace("BODY", "%t = arith.addf %s, %p : f64")
    module = function(body)
    assert contract(module) is module


@pytest.mark.parametrize("name", NOT_SUMS)
def test_what_is_not_a_sum_keeps_its_order(name: str) -> None:
    module = function(SUM.replace("BODY", NOT_SUMS[name]))
    outermost = [op for op in reassociate(module).function("f").body.ops if isinstance(op, For)]
    assert [op.lanes for op in outermost] == [1]


def by_hand(values: list[float], start: float) -> float:
    """The order that `expand_lanes` documents."""
    lanes = [start, *[-0.0] * 7]
    whole = len(values) // 8 * 8
    for i in range(whole):
        lanes[i % 8] += values[i]
    a, b, c, d, e, f, g, h = lanes
    total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for value in values[whole:]:
        total += value
    return total


def result(module: Module, values: list[float]) -> str:
    arguments = [len(values), np.array(values), 0.1, -1.25, 0, 3, 0]
    return outcome(module, arguments, 1)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 16, 31])
def test_lanes_are_summed_in_the_documented_order(count: int) -> None:
    values = [float(v) for v in np.random.default_rng(count).normal(size=count)]
    module = apply(function(ADD), reassociate, expand_lanes, canonicalize, cse, dce)
    assert len(ops(module, "scf.for")) == 2
    expected = by_hand(values, 0.1)
    assert result(module, values).startswith(f"([{expected!r}]")
    if count < 8:
        assert result(module, values) == result(function(ADD), values)


def test_several_sums_go_together() -> None:
    body = (
        "%r, %q = scf.for %i = %c0 to %n step %c1 iter_args(%s = %a, %d = %b) -> (f64, f64) {\n"
        "%v = memref.load %x[%i] : memref<?xf64>\n%t = math.fma %v, %v, %s : f64\n"
        "%e = arith.subf %d, %v : f64\nscf.yield %t, %e : f64, f64\n}\n"
        "%z = arith.addf %r, %q : f64\n"
        "linalg.fill ins(%r : f64) outs(%y : memref<?xf64>)\nfunc.return %z : f64"
    )
    plain = function(body)
    lanes = apply(plain, reassociate, expand_lanes)
    assert len(ops(lanes, "scf.for")) == 2
    # whole numbers: every order gives the same
    for count in (0, 3, 8, 20):
        values = [float(v) for v in range(count)]
        assert result(lanes, values)[:18] == result(plain, values)[:18]


def test_lanes_of_what_is_no_sum_any_more_are_dropped() -> None:
    body = SUM.replace("BODY", NOT_SUMS["the running sum is used"]).replace(
        "scf.yield %t : f64\n}", "scf.yield %t : f64\n} {lanes = 8 : i64}"
    )
    found = apply(function(body), expand_lanes)
    (loop,) = ops(found, "scf.for")
    assert isinstance(loop, For)
    assert loop.lanes == 1


PRODUCT = "%p = arith.mulz %a, %b : f64\nfunc.return %p : f64"


@pytest.mark.parametrize(
    ("left", "right", "plain", "strong"),
    [
        (2.0, 3.0, "6.0", "6.0"),
        (0.0, np.inf, "nan", "0.0"),
        (np.nan, 0.0, "nan", "0.0"),
        (-0.0, 5.0, "-0.0", "0.0"),
        (np.nan, 1.0, "nan", "nan"),
    ],
)
def test_products_of_derivatives(left: float, right: float, plain: str, strong: str) -> None:
    module = function(PRODUCT)
    arguments = [0, np.zeros(0), float(left), float(right), 0, 3, 0]
    for lowering, expected in ((plain_products, plain), (strong_products, strong)):
        found = apply(module, lowering)
        assert not ops(found, "arith.mulz")
        assert outcome(found, arguments, 1).startswith(f"([{expected}]")
