"""A product of matrices in autograd."""

from collections.abc import Mapping
from typing import Any

import autograd.numpy as np

from benchmarks.peers.autograd_tools import traced
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The mean square and its gradient with respect to a, b and c."""

    def chain(a: Any, b: Any, c: Any, target: Any) -> Any:
        return np.mean((a @ b @ c - target) ** 2)

    return traced(chain, [arguments[name] for name in ("a", "b", "c", "target")], (0, 1, 2))
