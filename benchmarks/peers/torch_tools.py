"""PyTorch on one thread."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from benchmarks.workload import Call

torch.set_num_threads(1)


def eager(
    objective: Callable[..., Any], data: Sequence[Any], wrt: Sequence[int]
) -> tuple[Call, Call]:
    """Objective and gradient, run eagerly, on data that shares NumPy's memory."""
    tensors = [torch.as_tensor(array) for array in data]
    for index in wrt:
        tensors[index] = tensors[index].requires_grad_()
    chosen = [tensors[index] for index in wrt]

    def primal() -> float:
        with torch.no_grad():
            return float(objective(*tensors))

    def gradient() -> list[Any]:
        return [g.numpy() for g in torch.autograd.grad(objective(*tensors), chosen)]

    return primal, gradient
