"""The Gaussian mixture objective of ADBench."""

import ctypes
from typing import Any

import numpy as np

from benchmarks.data import shared
from benchmarks.workload import EXAMPLES, Call, Case, Size, Workload, c_call
from examples.gmm.gmm import PARAMETERS, read


def arguments(size: Size) -> dict[str, Any]:
    """The published data, else random data with its distributions."""
    n, d, k = size["n"], size["d"], size["K"]
    file = shared(f"gmm/{n // 1000}k_d{d}_K{k}.txt") if n % 1000 == 0 else None
    if file is not None:
        return read(file)
    random = np.random.default_rng(n + d + k)
    return {
        "alphas": random.standard_normal(k),
        "means": random.random((k, d)),
        "icf": random.standard_normal((k, d * (d + 1) // 2)),
        "x": random.standard_normal((n, d)),
        "gamma": 1.0,
        "m": 0,
    }


def make(size: Size) -> Case:
    """The case of a size."""
    given = arguments(size)

    def c_primal(library: ctypes.CDLL) -> Call:
        arrays = (given[name] for name in ("alphas", "means", "icf", "x"))
        extents = (size[name] for name in ("d", "K", "n"))
        return c_call(library.gmm_objective, *extents, *arrays, given["gamma"], given["m"])

    return Case(EXAMPLES / "gmm" / "gmm.dp", "gmm_objective", PARAMETERS, given, c_primal)


WORKLOAD = Workload(
    "gmm",
    (
        {"n": 1000, "d": 10, "K": 25},
        {"n": 1000, "d": 32, "K": 25},
        {"n": 10_000, "d": 10, "K": 25},
        {"n": 10_000, "d": 20, "K": 25},
    ),
    {"n": 20, "d": 3, "K": 4},
    make,
)
