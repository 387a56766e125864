"""The Gaussian mixture objective and its gradient against the objective in plain C."""

import ctypes
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

import dpc
from benchmarks.compilers import build
from benchmarks.measure import interleaved

ROOT = Path(__file__).resolve().parents[1]
SIZES = ((1000, 10, 25), (1000, 32, 25), (10_000, 10, 25))
GRADIENT_OF = ("alphas", "means", "icf")


def problem(n: int, d: int, k: int) -> dict[str, Any]:
    """Random data with the distributions of the published benchmark."""
    random = np.random.default_rng(n + d + k)
    return {
        "alphas": random.standard_normal(k),
        "means": random.random((k, d)),
        "icf": random.standard_normal((k, d * (d + 1) // 2)),
        "x": random.standard_normal((n, d)),
        "gamma": 1.0,
        "m": 0,
    }


def c_primal(library: ctypes.CDLL, data: dict[str, Any]) -> Callable[[], float]:
    """The objective in C as a call without arguments."""
    function = library.gmm_objective
    function.restype = ctypes.c_double
    arrays = [np.ascontiguousarray(data[name]) for name in ("alphas", "means", "icf", "x")]
    n, d = arrays[3].shape
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in arrays]
    gamma, m = ctypes.c_double(1.0), ctypes.c_int(0)
    keep = arrays

    def call() -> float:
        assert keep is arrays
        return float(function(d, len(arrays[0]), n, *pointers, gamma, m))

    return call


def first_gradient(data: dict[str, Any]) -> float:
    """Seconds from source to the first gradient, imports excluded."""
    source = (ROOT / "examples" / "gmm" / "gmm.dp").read_text()
    start = perf_counter()
    dpc.grad(dpc.compile(source, name="gmm").gmm_objective, wrt=GRADIENT_OF)(**data)
    return perf_counter() - start


def run() -> list[dict[str, object]]:
    """One row a size: the faster C primal, ours, the gradient, their ratios, the compile time."""
    libraries = build(ROOT / "benchmarks" / "gmm.c")
    rows: list[dict[str, object]] = []
    for n, d, k in SIZES:
        data = problem(n, d, k)
        compile_seconds = first_gradient(data)
        module = dpc.load(ROOT / "examples" / "gmm" / "gmm.dp")
        gradient = dpc.grad(module.gmm_objective, wrt=GRADIENT_OF)
        candidates: dict[str, Callable[[], Any]] = {
            library.compiler: c_primal(library.library, data) for library in libraries
        }
        values = [call() for call in candidates.values()]
        np.testing.assert_allclose(values, module.gmm_objective(**data), rtol=1e-9)
        candidates["primal"] = lambda f=module.gmm_objective, data=data: f(**data)  # type: ignore[misc]
        candidates["gradient"] = lambda f=gradient, data=data: f(**data)  # type: ignore[misc]
        times = interleaved(candidates)
        compiler = min((library.compiler for library in libraries), key=times.__getitem__)
        rows.append(
            {
                "workload": f"gmm n={n} d={d} K={k}",
                "C primal ms": 1e3 * times[compiler],
                "C compiler": compiler,
                "primal / C": times["primal"] / times[compiler],
                "gradient / C": times["gradient"] / times[compiler],
                "gradient / primal": times["gradient"] / times["primal"],
                "first gradient ms": 1e3 * compile_seconds,
            }
        )
    return rows
