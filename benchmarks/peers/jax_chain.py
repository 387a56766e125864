"""A product of matrices in JAX."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from benchmarks.peers.jax_tools import compiled
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The mean square and its gradient with respect to a, b and c."""

    def chain(a: Any, b: Any, c: Any, target: Any) -> Any:
        return jnp.mean((a @ b @ c - target) ** 2)

    return compiled(chain, [arguments[name] for name in ("a", "b", "c", "target")], (0, 1, 2))
