"""HIPS autograd: NumPy, traced at each call."""

from collections.abc import Callable, Sequence
from typing import Any

from autograd import grad

from benchmarks.workload import Call


def traced(
    objective: Callable[..., Any], data: Sequence[Any], wrt: Sequence[int]
) -> tuple[Call, Call]:
    """Objective and gradient."""
    differentiated = grad(objective, tuple(wrt))
    return lambda: objective(*data), lambda: differentiated(*data)
