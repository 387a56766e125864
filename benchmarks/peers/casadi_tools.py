"""CasADi, whose virtual machine runs expression graphs."""

from collections.abc import Sequence
from typing import Any

import casadi
import numpy as np

from benchmarks.workload import Call


def graph(
    inputs: Sequence[Any], value: Any, data: Sequence[Any], wrt: Sequence[int]
) -> tuple[Call, Call]:
    """A scalar expression of symbols and its gradient, as functions of data."""
    gradients = [casadi.gradient(value, inputs[index]) for index in wrt]
    primal = casadi.Function("primal", list(inputs), [value])
    gradient = casadi.Function("gradient", list(inputs), gradients)

    def differentiated() -> list[Any]:
        found = gradient(*data)
        parts = found if isinstance(found, tuple) else (found,)
        return [np.asarray(part.full()).squeeze() for part in parts]

    return lambda: float(primal(*data)), differentiated
