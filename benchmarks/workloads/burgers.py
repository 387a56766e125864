"""Burgers' equation: the misfit of an initial condition, by explicit steps."""

import ctypes
from typing import Any

import numpy as np

from benchmarks.workload import EXAMPLES, Call, Case, Size, Workload, c_call

MODEL = EXAMPLES / "burgers" / "burgers.dp"
VISCOSITY, STEP = 1e-3, 1e-4


def arguments(size: Size) -> dict[str, Any]:
    """A smooth start and what another one leads to, in units of the grid."""
    n, spacing = size["N"], 1.0 / (size["N"] - 1)
    x = np.linspace(0.0, 1.0, n)
    return {
        "u0": np.sin(np.pi * x) ** 2,
        "seen": 0.5 * np.sin(np.pi * x),
        "steps": size["steps"],
        "c": STEP / (4.0 * spacing),
        "d": VISCOSITY * STEP / spacing**2,
        "smooth": 1e-4,
    }


def make(size: Size) -> Case:
    """The case of a size."""
    given = arguments(size)

    def c_primal(library: ctypes.CDLL) -> Call:
        return c_call(library.burgers_misfit, size["N"], *given.values())

    return Case(MODEL, "misfit", ("u0",), given, c_primal)


WORKLOAD = Workload("burgers", ({"N": 1024, "steps": 1000},), {"N": 17, "steps": 9}, make)
