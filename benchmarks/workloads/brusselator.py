"""The Brusselator in two dimensions, by Runge-Kutta steps."""

import ctypes
from typing import Any

import numpy as np

from benchmarks.workload import HERE, Call, Case, Size, Workload, c_call

WRT = ("u0", "v0", "p")


def arguments(size: Size) -> dict[str, Any]:
    """The usual start, a little before the source sets in; steps that are stable on the grid."""
    n = size["n"]
    grid = np.linspace(0.0, 1.0, n)
    y, x = grid[None, :], grid[:, None]
    return {
        "u0": np.broadcast_to(22.0 * (y * (1.0 - y)) ** 1.5, (n, n)).copy(),
        "v0": np.broadcast_to(27.0 * (x * (1.0 - x)) ** 1.5, (n, n)).copy(),
        "p": np.array([3.4, 1.0, 10.0]),
        "start": 1.0999,
        "h": 0.02 / (n - 1) ** 2,
        "steps": size["steps"],
    }


def make(size: Size) -> Case:
    """The case of a size."""
    given = arguments(size)

    def c_primal(library: ctypes.CDLL) -> Call:
        return c_call(library.brusselator_energy, size["n"], *given.values())

    return Case(HERE / "models" / "brusselator.dp", "energy", WRT, given, c_primal)


WORKLOAD = Workload("brusselator", ({"n": 32, "steps": 50},), {"n": 5, "steps": 4}, make)
