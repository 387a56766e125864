"""The loss of a logistic regression in JAX."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jax.nn import softplus

from benchmarks.peers.jax_tools import compiled
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The loss and its gradient with respect to w and b."""

    def loss(w: Any, b: Any, x: Any, y: Any) -> Any:
        return jnp.mean(softplus(-y * (x @ w + b))) + 0.05 * w @ w

    data = [arguments["m"]["w"], arguments["m"]["b"], arguments["x"], arguments["y"]]
    return compiled(loss, data, (0, 1))
