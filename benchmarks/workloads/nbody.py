"""Bodies that attract one another, by leapfrog steps."""

import ctypes
from typing import Any

import numpy as np

from benchmarks.workload import EXAMPLES, Call, Case, Size, Workload, c_call

WRT = ("x0", "v0", "masses")


def arguments(size: Size) -> dict[str, Any]:
    """A random cloud that falls together."""
    n = size["n"]
    random = np.random.default_rng(n)
    return {
        "x0": random.standard_normal((n, 3)),
        "v0": 0.1 * random.standard_normal((n, 3)),
        "masses": random.uniform(0.5, 1.5, n) / n,
        "time": 0.5,
        "steps": size["steps"],
        "softening": 0.1,
    }


def make(size: Size) -> Case:
    """The case of a size."""
    given = arguments(size)

    def c_primal(library: ctypes.CDLL) -> Call:
        return c_call(library.nbody_open_orbit, size["n"], *given.values())

    return Case(EXAMPLES / "nbody" / "nbody.dp", "open_orbit", WRT, given, c_primal)


WORKLOAD = Workload("nbody", ({"n": 100, "steps": 20},), {"n": 4, "steps": 5}, make)
