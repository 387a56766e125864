"""A product of matrices in PyTorch."""

from collections.abc import Mapping
from typing import Any

import torch

from benchmarks.peers.torch_tools import eager
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The mean square and its gradient with respect to a, b and c."""

    def chain(a: Any, b: Any, c: Any, target: Any) -> Any:
        return torch.mean((a @ b @ c - target) ** 2)

    return eager(chain, [arguments[name] for name in ("a", "b", "c", "target")], (0, 1, 2))
