"""The loss of a logistic regression in PyTorch."""

from collections.abc import Mapping
from typing import Any

import torch
from torch.nn.functional import softplus

from benchmarks.peers.torch_tools import eager
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The loss and its gradient with respect to w and b."""

    def loss(w: Any, b: Any, x: Any, y: Any) -> Any:
        # Linear from 40 on: the error is below one unit in the last place.
        return softplus(-y * (x @ w + b), threshold=40.0).mean() + 0.05 * w @ w

    bias = torch.tensor(arguments["m"]["b"], dtype=torch.float64)
    return eager(loss, [arguments["m"]["w"], bias, arguments["x"], arguments["y"]], (0, 1))
