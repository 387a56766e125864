"""Bundle adjustment of ADBench; its "gradient" is the sparse Jacobian of all residuals.

The Jacobian is written into matrices that the first call returned.
"""

import ctypes
from typing import Any

import numpy as np

import dpc
from benchmarks.data import shared
from benchmarks.workload import EXAMPLES, Call, Case, Size, Workload, c_call
from dpc.runtime.module import Module
from examples.ba.ba import read

FILE = "ba/ba1_n49_m7776_p31843.txt"


def arguments(size: Size) -> dict[str, Any]:
    """The published data, else one camera that sees one point, repeated as there."""
    n, m, p = (size[name] for name in ("n", "m", "p"))
    file = shared(FILE) if p == 31_843 else None
    if file is not None:
        return read(file)
    random = np.random.default_rng(n + m + p)
    camera = np.array([0.1, -0.2, 0.3, 1.0, 2.0, -8.0, 1.5, 0.1, -0.1, 1e-2, 1e-3])
    number = np.arange(p)
    return {
        "parameters": np.tile(camera, (n, 1)),
        "positions": np.tile(random.standard_normal(3), (m, 1)),
        "weights": np.full(p, 0.7),
        "features": np.tile(random.standard_normal(2), (p, 1)),
        "cameras": number % n,
        "points": number % m,
    }


def jacobian(case: Case, module: Module) -> Call:
    """The Jacobian into matrices whose pattern is known: its first call makes them."""
    function = dpc.jacobian(getattr(module, case.function), wrt=case.wrt, sparse=True)
    given, matrices = dict(case.arguments), None

    def call() -> Any:
        nonlocal matrices
        matrices = function(**given, out=matrices)
        return matrices

    return call


def make(size: Size) -> Case:
    """The case of a size."""
    given = {name: np.ascontiguousarray(array) for name, array in arguments(size).items()}
    p = size["p"]
    errors, weight_errors = np.empty((p, 2)), np.empty(p)

    def c_primal(library: ctypes.CDLL) -> Call:
        call = c_call(library.ba_residuals, p, *given.values(), errors, weight_errors, result=None)

        def residuals() -> tuple[Any, Any]:
            call()
            return errors, weight_errors

        return residuals

    wrt = ("parameters", "positions", "weights")
    return Case(EXAMPLES / "ba" / "ba.dp", "residuals", wrt, given, c_primal, jacobian)


WORKLOAD = Workload("ba", ({"n": 49, "m": 7776, "p": 31_843},), {"n": 3, "m": 5, "p": 12}, make)
