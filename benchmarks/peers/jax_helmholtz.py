"""The Helmholtz free energy in JAX: the attractions are a matrix."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from benchmarks.peers.helmholtz_parts import hilbert
from benchmarks.peers.jax_tools import compiled
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The free energy and its gradient with respect to x."""
    attractions = hilbert(len(arguments["x"]))
    shift = 2.0**0.5

    def helmholtz(x: Any, b: Any) -> Any:
        volume = b @ x
        entropy = jnp.sum(x * jnp.log(x)) - 0.01 * jnp.log(1.0 - volume)
        ratio = (1.0 + volume * (1.0 + shift)) / (1.0 + volume * (1.0 - shift))
        return 1.3625e-3 * entropy - jnp.log(ratio) * 0.5 * (x @ attractions @ x) / volume

    return compiled(helmholtz, [arguments["x"], arguments["b"]], (0,))
