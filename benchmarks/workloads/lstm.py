"""The LSTM objective of ADBench."""

import ctypes
from typing import Any

import numpy as np

from benchmarks.data import shared
from benchmarks.workload import EXAMPLES, Call, Case, Size, Workload, c_call
from examples.lstm.lstm import PARAMETERS, made_up, read


def arguments(size: Size) -> dict[str, Any]:
    """The published data, else random data with its distributions."""
    file = shared(f"lstm/lstm_l{size['l']}_c{size['c']}.txt")
    given = read(file) if file is not None else made_up(size["l"], size["c"], size["b"])
    return {name: np.ascontiguousarray(array) for name, array in given.items()}


def make(size: Size) -> Case:
    """The case of a size."""
    given = arguments(size)

    def c_primal(library: ctypes.CDLL) -> Call:
        extents = (size[name] for name in ("l", "c", "b"))
        return c_call(library.lstm_objective, *extents, *given.values())

    return Case(EXAMPLES / "lstm" / "lstm.dp", "lstm_objective", PARAMETERS, given, c_primal)


WORKLOAD = Workload(
    "lstm",
    (
        {"l": 2, "c": 1024, "b": 14},
        {"l": 4, "c": 1024, "b": 14},
        {"l": 4, "c": 4096, "b": 14},
    ),
    {"l": 2, "c": 9, "b": 3},
    make,
)
