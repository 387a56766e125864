"""Time from source to first gradient in a process of its own: nothing compiled, nothing cached.

`python -m benchmarks.first_gradient WORKLOAD SIZE` prints CPU seconds, imports not counted. SIZE is
an index, or `small`.
"""

import importlib
import os
import pkgutil
import subprocess
import sys
from statistics import median

import dpc
from benchmarks.measure import one_core, seconds
from benchmarks.registry import workload

RUNS = 3


def import_all(package: str) -> None:
    """Import every module of a package: those that load on first use too."""
    paths = importlib.import_module(package).__path__
    for module in pkgutil.walk_packages(paths, f"{package}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def main(name: str, size: str) -> None:
    """Print the seconds of one workload's size in this process."""
    one_core()
    for package in ("dpc.dsl", "dpc.compiler", "dpc.runtime"):
        import_all(package)
    found = workload(name)
    case = found.make(found.small if size == "small" else found.sizes[int(size)])
    print(seconds(lambda: case.gradient(dpc.load(case.model))()))


def first_gradient(name: str, size: str, runs: int = RUNS) -> float:
    """Seconds from source to the first gradient, the median of some fresh processes."""
    command = [sys.executable, "-m", "benchmarks.first_gradient", name, size]
    environment = {**os.environ, "DPC_CACHE": "0"}
    found = []
    for _ in range(runs):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        found.append(float(done.stdout))
    return median(found)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
