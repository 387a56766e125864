"""Loops, branches, buffers and stacks natively, bit for bit as interpreted."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from dpc.runtime import native_function
from tests.codegen.programs import COLLATZ, NESTED, REVERSE, ROWS, SMALL, TYPES
from tests.codegen.running import DTYPES, Array, Program


def test_while_and_branches() -> None:
    program = Program(COLLATZ)
    assert program.agree(27, 1000) == [1, 111]
    assert program.agree(27, 10) == [214, 10]
    assert program.agree(1, 10) == [1, 0]
    assert program.agree(-4, 10) == [-4, 0]


@pytest.mark.parametrize(("n", "m"), [(0, 0), (1, 0), (0, 3), (3, 4), (17, 33)])
def test_temporaries_in_loops(n: int, m: int) -> None:
    rng = np.random.default_rng(1)
    a = rng.normal(size=(n, m))
    total, out = Program(ROWS).agree(n, m, a, np.zeros(n))
    assert total == pytest.approx(np.sum(a * a + 10.0))
    assert out == pytest.approx(np.sum(a * a + 10.0, axis=1))


@pytest.mark.parametrize("n", [0, 1, 1024, 1025, 5000])
def test_stacks_grow(n: int) -> None:
    x = np.random.default_rng(2).random(n)
    count, out = Program(REVERSE).agree(n, x, np.zeros(n))
    assert count == np.sum(x > 0.5)
    np.testing.assert_array_equal(out, x[::-1])


def test_small_arrays_and_bits() -> None:
    program = Program(SMALL)
    x = np.array([1.0, 2.0, 4.0])
    assert program.agree(3, 1, x) == [14.0, 1]
    assert program.agree(7, 0, x) == [3.0, 0]


def test_every_scalar_type_crosses_the_border() -> None:
    program = Program(TYPES)
    assert program.agree(1.25, -3, 2**40, 0, 5) == [2.5, -2, -3 * 2**40, 1, 2**40 + 5]
    assert program.agree(-0.1, 2**31 - 1, -1, 1, 0)[1] == -(2**31)
    assert math.isnan(program.call(math.nan, 0, 0, 0, 0)[0])


def test_calls_from_several_threads() -> None:
    program = Program(ROWS)
    rng = np.random.default_rng(3)
    arrays = [rng.normal(size=(k % 7 + 1, 300)) for k in range(40)]

    def total(a: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
        (value,) = program.call(*a.shape, a, np.zeros(a.shape[0]))
        return float(value)

    with ThreadPoolExecutor(4) as pool:
        parallel = list(pool.map(total, arrays))
    assert parallel == [total(a) for a in arrays]


def test_inputs_may_overlap() -> None:
    program = Program(ROWS.replace("%a: ", '%b: memref<?x?xf64> {dp.extents = ["n", "m"]}, %a: '))
    a = np.ones((2, 3))
    assert program.agree(2, 3, a, a, np.zeros(2))[0] == 66.0


@pytest.mark.parametrize("element", ["f64", "f32", "i64", "i32", "i1", "index"])
def test_buffers_of_every_element_type_in_every_block(element: str) -> None:
    program = Program(NESTED.replace("ELEMENT", element))
    dtype = DTYPES.get(element, np.int64)
    for n in (0, 1, 2, 40):
        counted = np.arange(n)
        x: Array = np.asarray(counted % 2 if element == "i1" else counted * 3 - 7, dtype)
        end, out = program.agree(n, x, np.zeros(n, dtype))
        assert end == n
        np.testing.assert_array_equal(out, x)
    assert all(c.held == 0 for c in native_function._INTERRUPTIBLE.free)
