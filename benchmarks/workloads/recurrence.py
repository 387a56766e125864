"""A scalar recurrence with a branch: nothing to vectorise."""

import ctypes

import numpy as np

from benchmarks.workload import HERE, Call, Case, Size, Workload, c_call


def make(size: Size) -> Case:
    """A random drive."""
    drive = np.random.default_rng(size["n"]).standard_normal(size["n"])
    given = {"a": 0.8, "b": 0.6, "u": drive}

    def c_primal(library: ctypes.CDLL) -> Call:
        return c_call(library.recurrence, size["n"], *given.values())

    return Case(HERE / "models" / "recurrence.dp", "recurrence", ("a", "b", "u"), given, c_primal)


WORKLOAD = Workload("recurrence", ({"n": 100_000},), {"n": 20}, make)
