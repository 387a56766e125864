"""The Helmholtz free energy in CasADi, written out in scalars."""

from collections.abc import Mapping
from typing import Any

import casadi

from benchmarks.peers.casadi_tools import graph
from benchmarks.peers.helmholtz_parts import hilbert
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call] | None:
    """The free energy and its gradient with respect to x; None where the graph is too large."""
    n = len(arguments["x"])
    if n > 500:
        return None
    x, b = casadi.SX.sym("x", n), casadi.SX.sym("b", n)
    volume, shift = casadi.dot(b, x), 2.0**0.5
    entropy = casadi.dot(x, casadi.log(x)) - 0.01 * casadi.log(1.0 - volume)
    attraction = 0.5 * casadi.bilin(casadi.DM(hilbert(n)), x, x)
    ratio = (1.0 + volume * (1.0 + shift)) / (1.0 + volume * (1.0 - shift))
    value = 1.3625e-3 * entropy - casadi.log(ratio) * attraction / volume
    return graph([x, b], value, [arguments["x"], arguments["b"]], (0,))
