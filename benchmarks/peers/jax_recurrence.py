"""The scalar recurrence in JAX: a scan."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.peers.jax_tools import compiled
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The mean square and its gradient with respect to a, b and u."""

    def recurrence(a: Any, b: Any, u: Any) -> Any:
        def step(carried: Any, drive: Any) -> Any:
            x, total = carried
            gain = jnp.where(x > 0.0, a, b * (1.0 - x))
            x = gain * x / (1.0 + x * x) + drive
            return (x, total + x * x), None

        (_, total), _ = jax.lax.scan(step, (jnp.zeros(()), jnp.zeros(())), u)
        return total / len(u)

    return compiled(recurrence, [arguments[name] for name in ("a", "b", "u")], (0, 1, 2))
