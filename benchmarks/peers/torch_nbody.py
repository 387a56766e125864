"""Leapfrog steps of bodies in PyTorch: all pairs as arrays, the steps are a loop of Python."""

from collections.abc import Mapping
from typing import Any

import torch

from benchmarks.peers.torch_tools import eager
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The openness of the orbit and its gradient with respect to x0, v0 and masses."""
    steps, softening = arguments["steps"], arguments["softening"]
    h = arguments["time"] / steps

    def accelerations(x: Any, masses: Any) -> Any:
        apart = x[None, :, :] - x[:, None, :]
        square = (apart**2).sum(dim=2) + softening**2
        pull = masses / (square * torch.sqrt(square))
        return (pull[:, :, None] * apart).sum(dim=1)

    def open_orbit(x0: Any, v0: Any, masses: Any) -> Any:
        x, v, a = x0, v0, accelerations(x0, masses)
        for _ in range(steps):
            v = v + 0.5 * h * a
            x = x + h * v
            a = accelerations(x, masses)
            v = v + 0.5 * h * a
        return ((x - x0) ** 2).sum() + ((v - v0) ** 2).sum()

    return eager(open_orbit, [arguments[name] for name in ("x0", "v0", "masses")], (0, 1, 2))
