"""A regularised logistic regression with its parameters in a record."""

import ctypes
from typing import Any

import numpy as np

from benchmarks.workload import EXAMPLES, Call, Case, Size, Workload, c_call


def arguments(size: Size) -> dict[str, Any]:
    """Labels that a hidden model gives to random points, one in ten of them wrong."""
    n, d = size["n"], size["d"]
    random = np.random.default_rng(n + d)
    x, w = random.standard_normal((n, d)), random.standard_normal(d) / np.sqrt(d)
    y = np.where((x @ w > 0.1) ^ (random.random(n) < 0.1), 1.0, -1.0)
    return {"m": {"w": random.standard_normal(d) / np.sqrt(d), "b": 0.1}, "x": x, "y": y}


def make(size: Size) -> Case:
    """The case of a size."""
    given = arguments(size)

    def c_primal(library: ctypes.CDLL) -> Call:
        extents, model = (size["n"], size["d"]), given["m"]
        data = (given["x"], given["y"])
        return c_call(library.logistic_loss, *extents, model["w"], model["b"], *data)

    return Case(EXAMPLES / "logistic" / "logistic.dp", "loss", ("m",), given, c_primal)


WORKLOAD = Workload("logistic", ({"n": 100_000, "d": 50},), {"n": 15, "d": 4}, make)
