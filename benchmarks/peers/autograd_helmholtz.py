"""The Helmholtz free energy in autograd: the attractions are a matrix."""

from collections.abc import Mapping
from typing import Any

import autograd.numpy as np

from benchmarks.peers.autograd_tools import traced
from benchmarks.peers.helmholtz_parts import hilbert
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The free energy and its gradient with respect to x."""
    attractions = hilbert(len(arguments["x"]))
    shift = 2.0**0.5

    def helmholtz(x: Any, b: Any) -> Any:
        volume = b @ x
        entropy = np.sum(x * np.log(x)) - 0.01 * np.log(1.0 - volume)
        ratio = (1.0 + volume * (1.0 + shift)) / (1.0 + volume * (1.0 - shift))
        return 1.3625e-3 * entropy - np.log(ratio) * 0.5 * (x @ attractions @ x) / volume

    return traced(helmholtz, [arguments["x"], arguments["b"]], (0,))
