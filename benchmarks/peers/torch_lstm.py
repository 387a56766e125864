"""The LSTM objective in PyTorch: the characters are a loop of Python."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import sigmoid, tanh

from benchmarks.peers.torch_tools import eager
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The objective and its gradient with respect to main and extra."""

    def objective(main: Any, extra: Any, state: Any, sequence: Any) -> Any:
        hidden, cells = list(state[:, 0]), list(state[:, 1])
        outputs = []
        for given in sequence[:-1]:
            u = given * extra[0]
            for i, (w, b) in enumerate(main):
                forget, leave = sigmoid(u * w[0] + b[0]), sigmoid(u * w[2] + b[2])
                enter, change = sigmoid(hidden[i] * w[1] + b[1]), tanh(hidden[i] * w[3] + b[3])
                cells[i] = cells[i] * forget + enter * change
                hidden[i] = u = leave * tanh(cells[i])
            outputs.append(u)
        y = torch.stack(outputs) * extra[1] + extra[2]
        normaliser = torch.log(2.0 + torch.exp(y).sum(dim=1, keepdim=True))
        return -(sequence[1:] * (y - normaliser)).mean()

    data = [arguments[name] for name in ("main", "extra", "state", "sequence")]
    return eager(objective, data, (0, 1))
