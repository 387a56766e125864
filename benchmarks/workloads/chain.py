"""A product of matrices by a BLAS: the one that NumPy or SciPy brings, for C as for dpc."""

import ctypes

import numpy as np

from benchmarks.workload import HERE, Call, Case, Size, Workload, c_call
from dpc.runtime.blas import library as blas

NAMES = ("n", "k", "m", "p")


def make(size: Size) -> Case:
    """Random matrices."""
    random = np.random.default_rng(size["n"])
    n, k, m, p = (size[name] for name in NAMES)
    given = {
        "a": random.standard_normal((n, k)) / np.sqrt(k),
        "b": random.standard_normal((k, m)) / np.sqrt(m),
        "c": random.standard_normal((m, p)),
        "target": random.standard_normal((n, p)),
    }

    def c_primal(library: ctypes.CDLL) -> Call:
        found = blas()
        if found is None or found.integer_bits != 64:
            raise RuntimeError("this workload needs a BLAS with integers of 64 bits, as NumPy's")
        ctypes.CFUNCTYPE(None, ctypes.c_int)(found.addresses["set_threads"])(1)
        dgemm = ctypes.c_void_p(found.addresses["dgemm"])
        return c_call(library.chain, n, k, m, p, *given.values(), dgemm)

    return Case(HERE / "models" / "chain.dp", "chain", ("a", "b", "c"), given, c_primal)


WORKLOAD = Workload(
    "chain",
    ({"n": 384, "k": 256, "m": 384, "p": 256},),
    {"n": 5, "k": 3, "m": 4, "p": 2},
    make,
)
