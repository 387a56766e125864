"""The scalar recurrence in CasADi: a step, accumulated over the drive."""

from collections.abc import Mapping
from typing import Any

import casadi

from benchmarks.peers.casadi_tools import graph
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The mean square and its gradient with respect to a, b and u."""
    state, drive = casadi.SX.sym("state", 2), casadi.SX.sym("drive")
    gains = casadi.SX.sym("gains", 2)
    x = state[0]
    gain = casadi.if_else(x > 0.0, gains[0], gains[1] * (1.0 - x))
    moved = gain * x / (1.0 + x * x) + drive
    inputs = [state, drive, gains]
    step = casadi.Function("step", inputs, [casadi.vertcat(moved, state[1] + moved * moved)])
    n = len(arguments["u"])
    a, b, u = casadi.MX.sym("a"), casadi.MX.sym("b"), casadi.MX.sym("u", n)
    both = casadi.repmat(casadi.vertcat(a, b), 1, n)
    states = step.mapaccum(n)(casadi.DM.zeros(2), u.T, both)
    data = [arguments[name] for name in ("a", "b", "u")]
    return graph([a, b, u], states[1, -1] / n, data, (0, 1, 2))
