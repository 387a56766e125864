"""Results made where they are returned, inputs read where they are: `in_place`, `read_in_place`."""

import numpy as np
import pytest

import dpc
from dpc.compiler import driver
from dpc.compiler.driver import Compiled, Options, front
from dpc.compiler.ir.core import Module
from dpc.compiler.passes.in_place import in_place
from dpc.compiler.passes.read_in_place import read_in_place
from dpc.dsl.source import Source
from tests.passes.harness import apply, function, ops, outcome

MAKE = (
    "%b1 = memref.alloc(%n) : memref<?xf64>\nlinalg.fill ins(%a : f64) outs(%b1 : memref<?xf64>)\n"
)
STORE = "memref.store %b, %b1[%c0] : memref<?xf64>\n"
COPY = "memref.copy %b1, %y : memref<?xf64> to memref<?xf64>\n"
READ = "%r = memref.load %b1[%c0] : memref<?xf64>\nfunc.return %r : f64"
INPUT = (
    "%b1 = memref.alloc(%n) : memref<?xf64>\nmemref.copy %x, %b1 : memref<?xf64> to memref<?xf64>\n"
)


def run(module: Module) -> str:
    return outcome(module, [3, np.array([1.0, 2.0, 3.0]), 0.5, 0.25, 1, 2, True], 1)


@pytest.mark.parametrize(
    ("body", "copies", "buffers"),
    [
        (MAKE + STORE + COPY + READ, 0, 0),
        (INPUT + COPY + READ, 1, 0),  # one of two copies is needed
        (INPUT + STORE + COPY + READ, 1, 0),
        (MAKE + COPY + STORE + COPY + READ, 2, 1),  # the output is written twice
        (MAKE + COPY + STORE + READ, 1, 1),  # written after it was copied
        (MAKE + "memref.store %a, %y[%c0] : memref<?xf64>\n" + COPY + READ, 1, 1),
        (MAKE + f"scf.if %c {{\n{COPY}}}\n{READ}", 1, 1),
        (MAKE.replace("(%n)", "(%c1)") + COPY + READ, 1, 1),  # of another extent
    ],
)
def test_only_what_is_a_copy_goes(body: str, copies: int, buffers: int) -> None:
    module = function(body)
    after = apply(module, read_in_place, in_place)
    assert (len(ops(after, "memref.copy")), len(ops(after, "memref.alloc"))) == (copies, buffers)
    if "(%c1)" not in body:
        assert run(after) == run(module)


SOURCE = """
def joined(a: f64[n, m], b: f64[n, m]) -> f64[2 * n, m]:
    return concat(a, b)

def product(a: f64[n, k], b: f64[k, m]) -> f64[n, m]:
    return a @ b

def running(x: f64[n]) -> f64[n]:
    for i in range(1, n):
        x[i] += x[i - 1]
    return x

def twice(x: f64[n]) -> (f64[n], f64[n]):
    y = x * 2.0
    for i in range(1, n):
        y[i] += y[i - 1]
    return y, y

def kept(x: f64[n], limit: f64) -> f64[k]:
    count = 0
    for v in x:
        if v > limit:
            count += 1
    found = zeros(count)
    count = 0
    for v in x:
        if v > limit:
            found[count] = v
            count += 1
    return found
"""


@pytest.mark.parametrize(
    ("name", "buffers"),
    [("joined", 0), ("product", 0), ("running", 0), ("twice", 0), ("kept", 1)],
)
def test_programs_hold_no_copies_of_their_results(name: str, buffers: int) -> None:
    entry = Compiled(front(Source("inline", SOURCE))).entry(name, Options())
    made = driver.finish(entry, Options())
    assert len(ops(made, "memref.alloc")) == buffers


def test_values_and_derivatives_stay() -> None:
    module = dpc.compile(SOURCE)
    x = np.array([1.0, -2.0, 3.0, 0.5])
    kept = x.copy()
    np.testing.assert_array_equal(module.running(x), np.cumsum(kept))
    np.testing.assert_array_equal(module.twice(x)[1], np.cumsum(2 * kept))
    np.testing.assert_array_equal(x, kept)
    for limit, expected in ((0.0, [1.0, 3.0, 0.5]), (2.0, [3.0]), (-9.0, x)):
        np.testing.assert_array_equal(module.kept(x, limit), expected)
    a, b = np.arange(6.0).reshape(2, 3), np.ones((3, 4))
    np.testing.assert_array_equal(module.joined(a, a), np.concatenate([a, a]))
    np.testing.assert_array_equal(module.product(a, b), a @ b)
    for function_, arguments in ((module.running, (x,)), (module.product, (a, b))):
        assert dpc.check_grad(function_, *arguments).ok
