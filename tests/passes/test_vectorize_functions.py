"""Innermost loops of elementary functions: the last step has lanes that do nothing."""

import numpy as np
import pytest

import dpc
from dpc.compiler import driver
from dpc.compiler.analysis.lane_costs import IN_VECTORS
from dpc.compiler.codegen.kernels.table import KERNELS
from dpc.compiler.driver import Compiled, Options, front
from dpc.compiler.passes.vectorize import INNERMOST, remarks
from dpc.dsl.source import Source
from tests.passes.harness import ops

SOURCE = """\
def gates(x: f64[n], w: f64[n]) -> (f64[n], f64[n]):
    return tanh(x) * sigmoid(w), exp(-x * x) + w

def scaled(x: f64[n]) -> f64[n]:
    return 2.0 * x + 1.0

def into(x: f64[n], m: i64) -> f64[m]:
    sums = zeros(m)
    for i in range(n):
        sums[m - 1] += exp(x[i])
    return sums
"""


def test_functions_known_to_have_vector_code_have_it() -> None:
    assert {f"math.{name}" for name in KERNELS} == IN_VECTORS


def test_only_loops_of_functions_are_taken_from_llvm() -> None:
    compiled = Compiled(front(Source("functions", SOURCE)))
    for name, taken in (("gates", True), ("scaled", False)):
        entry = compiled.entry(name, Options())
        assert (
            bool(ops(driver.finish(entry, Options(), vectors=True), "vector.maskedload")) == taken
        )
        strict = compiled.entry(name, Options(math="strict"))
        kept = remarks(driver.finish(strict, Options(math="strict")).functions[0], exact=True)
        assert {r.reason for r in kept} == {INNERMOST}


@pytest.mark.parametrize("real", ["f64", "f32"])
def test_every_length_is_right_and_nothing_behind_is_touched(real: str) -> None:
    function = dpc.compile(SOURCE.replace("f64", "real"), real=real).gates
    dtype = np.dtype("f4" if real == "f32" else "f8")
    random = np.random.default_rng(2)
    for n in range(20):
        x, w = (random.standard_normal(n + 9).astype(dtype) for _ in range(2))
        whole = [np.full(n + 9, 7.0, dtype) for _ in range(2)]
        function(x[:n], w[:n], out=(whole[0][:n], whole[1][:n]))
        first = np.tanh(x.astype(float)) / (1 + np.exp(-w.astype(float)))
        second = np.exp(-(x.astype(float) ** 2)) + w
        tolerance = 1e-15 if real == "f64" else 1e-6
        for found, expected in zip(whole, (first, second), strict=True):
            np.testing.assert_allclose(found[:n], expected[:n], rtol=4 * tolerance, atol=tolerance)
            assert (found[n:] == 7.0).all()


def test_elements_do_not_depend_on_where_they_stand() -> None:
    function = dpc.compile(SOURCE).gates
    random = np.random.default_rng(3)
    x, w = random.standard_normal(37), random.standard_normal(37)
    whole = function(x, w)
    for start in (0, 1, 5, 8, 30):
        part = function(x[start:], w[start:])
        for left, right in zip(part, whole, strict=True):
            np.testing.assert_array_equal(left, right[start:])
    alone = [function(x[k : k + 1], w[k : k + 1]) for k in range(37)]
    for position, expected in enumerate(whole):
        np.testing.assert_array_equal([a[position][0] for a in alone], expected)


def test_sums_at_one_element() -> None:
    module = dpc.compile(SOURCE)
    for n in (0, 1, 7, 8, 19):
        x = np.linspace(-1.0, 1.0, n)
        expected = [0.0, 0.0, np.exp(x).sum()]
        np.testing.assert_allclose(module.into(x, 3), expected, rtol=1e-14)


def test_gradients_agree_with_differences() -> None:
    module = dpc.compile(
        "def f(x: f64[n]) -> f64:\n    return sum(tanh(x) * exp(-x) + log1p(x * x))\n"
    )
    for n in (1, 14, 23):
        assert dpc.check_grad(module.f, np.linspace(-2.0, 1.5, n)).ok
