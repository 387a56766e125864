"""The loss of a logistic regression in autograd."""

from collections.abc import Mapping
from typing import Any

import autograd.numpy as np

from benchmarks.peers.autograd_tools import traced
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The loss and its gradient with respect to w and b."""

    def loss(w: Any, b: Any, x: Any, y: Any) -> Any:
        return np.mean(np.logaddexp(0.0, -y * (x @ w + b))) + 0.05 * w @ w

    data = [arguments["m"]["w"], arguments["m"]["b"], arguments["x"], arguments["y"]]
    return traced(loss, data, (0, 1))
