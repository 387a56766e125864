"""Burgers' equation in CasADi: a step, accumulated over time."""

from collections.abc import Mapping
from typing import Any

import casadi

from benchmarks.peers.casadi_tools import graph
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The misfit and its gradient with respect to u0."""
    c, d, smooth, steps = (arguments[name] for name in ("c", "d", "smooth", "steps"))
    n = len(arguments["u0"])
    u = casadi.SX.sym("u", n)
    flux = u[2:] ** 2 - u[:-2] ** 2
    inner = u[1:-1] + d * (u[2:] - 2.0 * u[1:-1] + u[:-2]) - c * flux
    step = casadi.Function("step", [u], [casadi.vertcat(u[0], inner, u[-1])])
    u0, seen = casadi.MX.sym("u0", n), casadi.MX.sym("seen", n)
    end = step.fold(steps)(u0)
    value = casadi.sumsqr(end - seen) / n + smooth * casadi.sumsqr(u0[1:] - u0[:-1])
    return graph([u0, seen], value, [arguments["u0"], arguments["seen"]], (0,))
