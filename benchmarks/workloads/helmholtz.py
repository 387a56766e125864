"""The Helmholtz free energy: the gradient's time against the function's, over the dimension."""

import ctypes

import numpy as np

from benchmarks.workload import HERE, Call, Case, Size, Workload, c_call

SIZES = (1, 2, 5, 10, 20, 30, 40, 50, 500, 5000)


def make(size: Size) -> Case:
    """The data that ADOL-C's example has."""
    index = np.arange(size["n"])
    given = {"x": np.sqrt(1.0 + index) / len(index), "b": 0.02 * (1.0 + np.abs(np.sin(index)))}
    # So many substances of these amounts would fill more than the volume.
    given["x"] /= max(1.0, 2.0 * float(given["x"] @ given["b"]))

    def c_primal(library: ctypes.CDLL) -> Call:
        return c_call(library.helmholtz, size["n"], given["x"], given["b"])

    return Case(HERE / "models" / "helmholtz.dp", "helmholtz", ("x",), given, c_primal)


WORKLOAD = Workload("helmholtz", tuple({"n": n} for n in SIZES), {"n": 10}, make)
