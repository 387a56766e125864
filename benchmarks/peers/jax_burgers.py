"""Burgers' equation in JAX: the steps are a scan."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.peers.jax_tools import compiled
from benchmarks.workload import Call


def step(u: Any, c: float, d: float) -> Any:
    """One explicit step, the ends held."""
    flux = u[2:] ** 2 - u[:-2] ** 2
    return u.at[1:-1].add(d * (u[2:] - 2.0 * u[1:-1] + u[:-2]) - c * flux)


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The misfit and its gradient with respect to u0."""
    c, d, smooth, steps = (arguments[name] for name in ("c", "d", "smooth", "steps"))

    def misfit(u0: Any, seen: Any) -> Any:
        end, _ = jax.lax.scan(lambda u, _: (step(u, c, d), None), u0, None, length=steps)
        return jnp.mean((end - seen) ** 2) + smooth * jnp.sum(jnp.diff(u0) ** 2)

    return compiled(misfit, [arguments["u0"], arguments["seen"]], (0,))
