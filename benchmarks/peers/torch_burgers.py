"""Burgers' equation in PyTorch: the steps are a loop of Python."""

from collections.abc import Mapping
from typing import Any

import torch

from benchmarks.peers.torch_tools import eager
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The misfit and its gradient with respect to u0."""
    c, d, smooth, steps = (arguments[name] for name in ("c", "d", "smooth", "steps"))

    def misfit(u0: Any, seen: Any) -> Any:
        u = u0
        for _ in range(steps):
            flux = u[2:] ** 2 - u[:-2] ** 2
            inner = u[1:-1] + d * (u[2:] - 2.0 * u[1:-1] + u[:-2]) - c * flux
            u = torch.cat([u[:1], inner, u[-1:]])
        return ((u - seen) ** 2).mean() + smooth * (torch.diff(u0) ** 2).sum()

    return eager(misfit, [arguments["u0"], arguments["seen"]], (0,))
