"""The Brusselator in JAX: the steps are a scan."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.peers.jax_tools import compiled
from benchmarks.workload import Call


def bend(u: Any) -> Any:
    """The sum over four neighbours less four times the cell."""
    wide = jnp.pad(u, 1, mode="edge")
    return wide[2:, 1:-1] + wide[:-2, 1:-1] + wide[1:-1, 2:] + wide[1:-1, :-2] - 4.0 * u


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The energy and its gradient with respect to u0, v0 and p."""
    start, h, steps = (arguments[name] for name in ("start", "h", "steps"))
    n = len(arguments["u0"])
    grid = np.arange(n) / (n - 1)
    disk = (grid[:, None] - 0.3) ** 2 + (grid[None, :] - 0.6) ** 2 <= 0.01

    def slope(state: Any, p: Any, t: Any) -> Any:
        u, v = state
        fed = jnp.where(disk & (t >= 1.1), 5.0, 0.0)
        c, spread = u**2 * v, p[2] * (n - 1.0) ** 2
        du = spread * bend(u) + p[1] + c - (p[0] + 1.0) * u + fed
        return jnp.stack([du, spread * bend(v) + p[0] * u - c])

    def energy(u0: Any, v0: Any, p: Any) -> Any:
        def step(s: Any, k: Any) -> Any:
            t = start + k * h
            k1 = slope(s, p, t)
            k2 = slope(s + 0.5 * h * k1, p, t + 0.5 * h)
            k3 = slope(s + 0.5 * h * k2, p, t + 0.5 * h)
            k4 = slope(s + h * k3, p, t + h)
            return s + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4), None

        end, _ = jax.lax.scan(step, jnp.stack([u0, v0]), jnp.arange(steps))
        return 0.5 * (jnp.mean(end[0] ** 2) + jnp.mean(end[1] ** 2))

    return compiled(energy, [arguments[name] for name in ("u0", "v0", "p")], (0, 1, 2))
