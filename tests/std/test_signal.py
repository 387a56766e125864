"""Convolution against NumPy and SciPy."""

from typing import Any

import numpy as np
import pytest
from scipy import signal

import dpc
from tests.std.library import check_derivatives, check_value, library

RANDOM = np.random.default_rng(1)
SIZES = [(5, 3), (5, 2), (3, 5), (4, 1), (1, 1)]
MODES = ("full", "same", "valid")


def small_enough(mode: str, n: int, m: int) -> bool:
    return mode != "valid" or n >= m


def conv1d(mode: str) -> Any:
    def convolve(x: Any, kernel: Any) -> Any:
        if mode == "same":
            start = (len(kernel) - 1) // 2
            return np.convolve(x, kernel)[start : start + len(x)]
        return signal.convolve(x, kernel, mode, method="direct")

    return convolve


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("n", "m"), SIZES)
def test_one_axis(mode: str, n: int, m: int) -> None:
    if small_enough(mode, n, m):
        function = getattr(library("signal"), f"conv1d_{mode}")
        arguments = (RANDOM.normal(size=n), RANDOM.normal(size=m))
        check_value(function, conv1d(mode), arguments)
        check_derivatives(function, arguments)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("n", "m"), SIZES)
def test_two_axes(mode: str, n: int, m: int) -> None:
    if small_enough(mode, n, m):
        function = getattr(library("signal"), f"conv2d_{mode}")
        arguments = (RANDOM.normal(size=(n, n + 1)), RANDOM.normal(size=(m, m)))
        check_value(function, lambda x, k: signal.convolve2d(x, k, mode), arguments)
        check_derivatives(function, arguments)


def test_empty() -> None:
    m = library("signal")
    assert m.conv1d_full(np.zeros(0), np.ones(2)).tolist() == [0.0]
    assert m.conv1d_valid(np.zeros(1), np.ones(2)).shape == (0,)
    with pytest.raises(dpc.RuntimeError, match="the kernel is empty"):
        m.conv1d_same(np.ones(2), np.zeros(0))
