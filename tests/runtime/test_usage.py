"""What a call takes: memory and runs of loop bodies."""

import numpy as np

import dpc
from dpc.runtime.native_function import Executions
from dpc.runtime.usage import Usage

CHAIN = """
def chain(x: f64[n], steps: i64) -> f64:
    for t in range(steps):
        x = sin(x) * x
    return sum(x)
"""


def test_of_a_gradient() -> None:
    x = np.full(100, 0.5)
    chain = dpc.compile(CHAIN).chain
    whole = dpc.grad(chain).usage(x, 300)
    assert whole.recompute_factor == 1.0
    assert whole.bytes >= 8 * 100 * 300
    bounded = dpc.grad(chain, memory="40 kB").usage(x, steps=300)
    assert bounded.bytes <= 40_000
    assert bounded.executions.taped == 300
    assert bounded.recompute_factor == 1.0 + bounded.executions.plain / 300
    assert bounded.recompute_factor > 1.0


def test_of_a_primal() -> None:
    usage = dpc.compile(CHAIN).chain.usage(np.ones(3), 2)
    assert usage.executions == Executions()
    assert usage.bytes <= 65_536


def test_as_a_line() -> None:
    assert str(Usage(2_500_000, Executions(60, 40))) == "2.5 MB, loop bodies run 2.5 times"
    assert str(Usage(0, Executions())) == "0 B, loop bodies run 1 times"
