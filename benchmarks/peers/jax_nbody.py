"""Leapfrog steps of bodies in JAX: all pairs as arrays, the steps are a scan."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.peers.jax_tools import compiled
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The openness of the orbit and its gradient with respect to x0, v0 and masses."""
    steps, softening = arguments["steps"], arguments["softening"]
    h = arguments["time"] / steps

    def accelerations(x: Any, masses: Any) -> Any:
        apart = x[None, :, :] - x[:, None, :]
        square = jnp.sum(apart**2, axis=2) + softening**2
        pull = masses / (square * jnp.sqrt(square))
        return jnp.sum(pull[:, :, None] * apart, axis=1)

    def open_orbit(x0: Any, v0: Any, masses: Any) -> Any:
        def step(carried: Any, _: Any) -> Any:
            x, v, a = carried
            v = v + 0.5 * h * a
            x = x + h * v
            a = accelerations(x, masses)
            return (x, v + 0.5 * h * a, a), None

        start = x0, v0, accelerations(x0, masses)
        (x, v, _), _ = jax.lax.scan(step, start, None, length=steps)
        return jnp.sum((x - x0) ** 2) + jnp.sum((v - v0) ** 2)

    return compiled(open_orbit, [arguments[name] for name in ("x0", "v0", "masses")], (0, 1, 2))
