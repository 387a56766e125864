"""Iterations side by side compute what they compute one after the other."""

from typing import Any

import numpy as np
import pytest

import dpc
from dpc.compiler import driver
from dpc.compiler.ad import transforms
from dpc.compiler.driver import Compiled, Options, front, simplifier
from dpc.compiler.interpret import run, uninitialised
from dpc.compiler.ir.core import Function, Module
from dpc.compiler.ir.types import MemRefType
from dpc.compiler.ir.verify import verify
from dpc.compiler.passes.vectorize import SIDE_BY_SIDE, Remark, remarks
from dpc.compiler.signature import Entry
from dpc.dsl.source import Source
from tests.passes.harness import ops

SOURCE = """\
def energy(x: f64[n, d], w: f64[d, d]) -> f64:
    total = 1.5
    for i in range(n):
        for j in range(d):
            row = 0.25 * x[i, j]
            for k in range(j):
                row += w[k, j] * (x[i, k] - w[j, k])
            total += row * row / (1.0 + row * row)
    return total

def best(x: f64[n, d], w: f64[d]) -> f64:
    found = -1e300
    for i in range(n):
        score = 0.0
        for j in range(d):
            for k in range(j):
                score += w[j] * x[i, k] * (x[i, j] - w[k])
        found = max(found, score)
    return found

def each(x: f64[n, d], w: f64[d]) -> f64[n]:
    result = zeros(n)
    for i in range(n):
        a = w[0] * x[i, 0]
        for j in range(d):
            for k in range(d):
                a = a * 0.5 + w[k] * x[i, j] * x[i, k]
        result[i] = a + i
    return result

def mixed(x: f64[n, d], w: f64[k, d]) -> f64:
    total = 0.0
    for i in range(n):
        total += logsumexp([
            sum([(x[i, j] - w[c, j]) ** 2 * w[c, j] for j in range(d)]) for c in range(k)
        ])
    return total

def branched(x: f64[n, d], w: f64[d], flag: bool) -> f64:
    total = 0.0
    for i in range(n):
        a = 1.0
        for j in range(d):
            for k in range(d):
                if flag:
                    a = a * 0.5 + w[k] * x[i, j]
                else:
                    a = a * 0.25 - w[j] * x[i, k] / (1.0 + w[k] * w[k])
        total += a
    return total

def chosen(x: f64[n, d], w: f64[d]) -> f64:
    total = 0.0
    for i in range(n):
        a = 1.0
        for j in range(d):
            if x[i, j] > 0.0:
                a += sqrt(x[i, j]) * w[j]
                for k in range(j):
                    a = a * 0.5 + w[k] * x[i, k]
            elif x[i, j] < -1.0:
                a -= w[j] * x[i, j] ** 2
            else:
                total += 1.0
        total += a
    return total

def parts(x: f64[n, d], w: f64[d]) -> f64[n, d]:
    result = zeros((n, d))
    for i in range(n):
        row = zeros(d)
        for j in range(d):
            for k in range(d):
                if x[i, j] > x[i, k]:
                    row[j] += w[k] * x[i, k]
                    if w[k] > 0.0:
                        row[k] = 0.5 * row[k] + exp(x[i, j])
        for j in range(d):
            if row[j] > 0.0:
                result[i, j] = row[j]
    return result

def counted(x: f64[n, d], w: f64[d]) -> i64:
    count = 5
    for i in range(n):
        score = 0.0
        for j in range(d):
            for k in range(j):
                score = 0.5 * score + w[j] * x[i, k] * (x[i, j] - w[k])
        count += where(score > 0.0, 3, -1)
    return count

def apart(x: f64[n, d], w: f64[d]) -> f64[n, 2]:
    result = zeros((n, 2))
    for i in range(n):
        a, b = 0.0, 1.0
        for j in range(d):
            for k in range(d):
                a = a + w[k] * x[i, j] * x[i, k]
                b = b * 0.9 + w[k] * a
        result[i, 1] = a
        result[i, 0] = b
    return result
"""
D, K = 4, 3
MATRIX = ("energy", "mixed")


def arguments(name: str, n: int, seed: int = 0) -> dict[str, Any]:
    """Arguments of a function of SOURCE for n iterations."""
    random = np.random.default_rng(seed)
    shape = {"energy": (D, D), "mixed": (K, D)}.get(name, (D,))
    given = {"x": random.standard_normal((n, D)), "w": random.standard_normal(shape)}
    return {**given, "flag": bool(seed % 2)} if name == "branched" else given


def entry_of(name: str, math: Any, gradient: bool) -> Entry:
    """A function of SOURCE, or its gradient with respect to w."""
    options = Options(math=math)
    compiled = Compiled(front(Source("vectors", SOURCE)))
    entry = compiled.entry(name, options, reverse=gradient)
    return transforms.grad(entry, "w", simplifier(options)) if gradient else entry


def both(name: str, math: Any = "fast", gradient: bool = False) -> tuple[Module, Module]:
    """The finished code, one iteration after the other, and side by side."""
    entry = entry_of(name, math, gradient)
    plain = driver.finish(entry, Options(math=math))
    wide = driver.finish(entry, Options(math=math), vectors=True)
    verify(wide, "vector")
    return plain, wide


def interpreted(module: Module, given: dict[str, Any]) -> list[Any]:
    """Results and outputs of the only function of a module."""
    function = module.functions[0]
    n, d = given["x"].shape
    sizes = {"n": n, "d": d, "k": K}
    filled = []
    for parameter, argument in zip(function.parameters, function.arguments, strict=True):
        if parameter.role == "output":
            assert isinstance(argument.type, MemRefType)
            shape = [e if isinstance(e, int) else sizes[e] for e in parameter.extents]
            filled.append(uninitialised(shape))
    outputs = iter(filled)
    taken = [
        sizes[p.name]
        if p.role == "dimension"
        else next(outputs)
        if p.role == "output"
        else given[p.name]
        for p in function.parameters
    ]
    results = run(module, function.name, taken)
    return [*results, *(a.astype(float) for a in filled)]


def decisions(function: Function, exact: bool = False) -> list[Remark]:
    """The loops that run side by side."""
    return [r for r in remarks(function, exact) if r.vectorised]


NAMES = ("energy", "best", "each", "mixed", "branched", "chosen", "parts", "counted", "apart")
WITH_GRADIENT = ("energy", "mixed", "branched", "chosen")


@pytest.mark.parametrize("name", NAMES)
def test_values_are_those_of_one_iteration_after_the_other(name: str) -> None:
    plain, wide = both(name)
    (decided,) = decisions(plain.functions[0])
    assert decided.reason == SIDE_BY_SIDE
    assert ops(wide, "vector.broadcast")
    for n in range(19):
        given = arguments(name, n, seed=n)
        for left, right in zip(interpreted(wide, given), interpreted(plain, given), strict=True):
            np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["best", "each", "parts", "counted", "apart"])
def test_strict_code_keeps_every_bit(name: str) -> None:
    plain, wide = both(name, "strict")
    assert decisions(plain.functions[0], exact=True)
    for n in (0, 1, 7, 8, 9, 16, 23):
        given = arguments(name, n, seed=n)
        for left, right in zip(interpreted(wide, given), interpreted(plain, given), strict=True):
            np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("name", ["energy", "branched"])
def test_strict_sums_keep_their_order(name: str) -> None:
    plain, wide = both(name, "strict")
    assert not decisions(plain.functions[0], exact=True)
    assert not ops(wide, "vector.load")
    reasons = {r.reason for r in remarks(plain.functions[0], exact=True)}
    assert "sums keep their order where math is strict" in reasons


@pytest.mark.parametrize("name", WITH_GRADIENT)
def test_gradients_add_in_lanes(name: str) -> None:
    plain, wide = both(name, gradient=True)
    assert decisions(plain.functions[0])
    for n in (0, 1, 7, 8, 15, 16, 17, 24, 33):
        given = arguments(name, n, seed=n + 1)
        for left, right in zip(interpreted(wide, given), interpreted(plain, given), strict=True):
            np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("math", ["fast", "strict"])
@pytest.mark.parametrize("name", NAMES)
def test_native_code_gives_the_interpreters_values(name: str, math: Any) -> None:
    function = getattr(dpc.compile(SOURCE, math=math), name)
    _, wide = both(name, math)
    for n in (1, 8, 17, 40):
        given = arguments(name, n, seed=n)
        np.testing.assert_allclose(
            function(**given), interpreted(wide, given)[0], rtol=1e-13, atol=1e-13
        )


@pytest.mark.parametrize("name", WITH_GRADIENT)
def test_native_gradients_agree_with_differences(name: str) -> None:
    function = getattr(dpc.compile(SOURCE), name)
    assert dpc.check_grad(function, **arguments(name, 27, seed=3)).ok


@pytest.mark.parametrize("name", ["energy", "best", "each", "mixed", "apart"])
def test_nan_stays_in_its_lane(name: str) -> None:
    given = arguments(name, 21, seed=5)
    given["x"][10] = np.nan
    fast = getattr(dpc.compile(SOURCE), name)(**given)
    strict = getattr(dpc.compile(SOURCE, math="strict"), name)(**given)
    np.testing.assert_allclose(fast, strict, rtol=1e-12)
    assert np.isnan(fast).any()
    if np.ndim(fast):
        assert np.isnan(fast).sum() == np.size(fast[0])


GATHERED = """\
def taken(x: f64[n, d], w: f64[d], index: i64[n]) -> f64[n]:
    result = zeros(n)
    for i in range(n):
        a = w[index[i]]
        for j in range(d):
            for k in range(j):
                a = 0.5 * a + w[k] * x[i, j]
        result[i] = a * x[n - 1 - i, index[i]]
    return result

def far(x: f64[n], index: i64[n], table: i64[m]) -> f64:
    total = 0.0
    for i in range(n):
        at = table[index[i]]
        assert at >= 0, "a hole"
        total += exp(x[at]) / (1.0 + x[i] * x[i])
    return total

def histogram(x: f64[n], index: i64[n], m: i64) -> f64[m]:
    counts = zeros(m)
    for i in range(n):
        counts[index[i]] += exp(sin(x[i])) / (1.0 + sqrt(1.0 + cos(x[i]) ** 2))
    return counts
"""


@pytest.mark.parametrize("math", ["fast", "strict"])
def test_gathers_agree_with_numpy(math: Any) -> None:
    module = dpc.compile(GATHERED, math=math)
    random = np.random.default_rng(7)
    for n in (0, 1, 5, 8, 13, 30):
        x, w = random.standard_normal((n, D)), random.standard_normal(D)
        index = random.integers(0, D, n)
        a = w[index]
        for j in range(D):
            for k in range(j):
                a = 0.5 * a + w[k] * x[:, j]
        expected = a * x[::-1][np.arange(n), index]
        np.testing.assert_allclose(module.taken(x, w, index), expected, rtol=1e-13)
        line, table = random.standard_normal(max(n, 1)), random.permutation(max(n, 1))
        at = random.permutation(max(n, 1))
        value = np.sum(np.exp(line[table[at]]) / (1.0 + line**2))
        assert module.far(line, at, table) == pytest.approx(value, rel=1e-12)
        counts = np.zeros(D)
        given = random.standard_normal(n)
        np.add.at(counts, index, np.exp(np.sin(given)) / (1 + np.sqrt(1 + np.cos(given) ** 2)))
        np.testing.assert_allclose(module.histogram(given, index, D), counts, rtol=1e-12)


def test_loops_with_gathers_run_side_by_side() -> None:
    compiled = Compiled(front(Source("gathered", GATHERED)))
    for name in ("taken", "far", "histogram"):
        finished = driver.finish(compiled.entry(name, Options()), Options())
        assert decisions(finished.functions[0]), name


@pytest.mark.parametrize("math", ["fast", "strict"])
@pytest.mark.parametrize("place", [0, 3, 8, 15, 16, 18])
def test_the_first_iteration_that_fails_says_so(place: int, math: Any) -> None:
    module = dpc.compile(GATHERED, math=math)
    random = np.random.default_rng(place)
    x, w, index = random.standard_normal((19, D)), random.standard_normal(D), np.zeros(19, int)
    index[place:] = [D + 100 + k for k in range(19 - place)]
    with pytest.raises(dpc.RuntimeError, match=f"index {D + 100} is out of bounds") as failure:
        module.taken(x, w, index)
    assert failure.value.line == 4
    line, table = random.standard_normal(19), np.arange(19)
    table[place] = -5  # found by iteration `place`, but one before it looks outside of the table
    at = np.arange(19)
    if place:
        at[place - 1] = 99
    message = "index 99 is out of bounds" if place else "a hole"
    with pytest.raises(dpc.RuntimeError, match=message) as failure:
        module.far(line, at, table)
    assert failure.value.line == (14 if place else 15)


REFUSED = """\
def running(x: f64[n, d]) -> f64:
    a = 0.0
    for i in range(n):
        for j in range(d):
            for k in range(d):
                a = 0.5 * a * x[i, k] + x[i, j]
    return a

def shared(x: f64[n, d]) -> f64[d]:
    row = zeros(d)
    for i in range(n):
        for j in range(d):
            for k in range(d):
                row[k] = row[j] * 0.5 + x[i, k]
    return row

def plain(x: f64[n, d]) -> f64[n, d]:
    result = zeros((n, d))
    for i in range(n):
        for j in range(d):
            result[i, j] = x[i, j] * 2.0
    return result
"""


@pytest.mark.parametrize(
    ("name", "reason", "line"),
    [
        ("running", "an iteration needs a value of the one before", 3),
        ("shared", "iterations share elements of an array", 14),
        ("plain", "lanes would cost as much as iterations", 19),
    ],
)
def test_loops_that_stay_say_why(name: str, reason: str, line: int) -> None:
    entry = Compiled(front(Source("refused", REFUSED))).entry(name, Options())
    finished = driver.finish(entry, Options())
    first = remarks(finished.functions[0], exact=False)[0]
    assert not first.vectorised
    assert first.reason == reason
    assert first.at is not None
    assert first.at.line == line


def test_large_scratch_is_not_taken() -> None:
    function = dpc.grad(dpc.compile(SOURCE).energy, wrt="w")
    strict = dpc.grad(dpc.compile(SOURCE, math="strict").energy, wrt="w")
    random = np.random.default_rng(0)
    for d in (100, 160):  # 8 lanes of 100 x 100 fit into LARGEST_SCRATCH, of 160 x 160 not
        x, w = random.standard_normal((17, d)), random.standard_normal((d, d)) / d
        np.testing.assert_allclose(function(x=x, w=w), strict(x=x, w=w), rtol=1e-9, atol=1e-12)
