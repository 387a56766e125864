"""The Helmholtz free energy in PyTorch: the attractions are a matrix."""

from collections.abc import Mapping
from typing import Any

import torch

from benchmarks.peers.helmholtz_parts import hilbert
from benchmarks.peers.torch_tools import eager
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The free energy and its gradient with respect to x."""
    attractions = torch.as_tensor(hilbert(len(arguments["x"])))
    shift = 2.0**0.5

    def helmholtz(x: Any, b: Any) -> Any:
        volume = b @ x
        entropy = torch.sum(x * torch.log(x)) - 0.01 * torch.log(1.0 - volume)
        ratio = (1.0 + volume * (1.0 + shift)) / (1.0 + volume * (1.0 - shift))
        return 1.3625e-3 * entropy - torch.log(ratio) * 0.5 * (x @ attractions @ x) / volume

    return eager(helmholtz, [arguments["x"], arguments["b"]], (0,))
