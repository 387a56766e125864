"""The LSTM objective in JAX: the characters are a scan."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax.nn import sigmoid

from benchmarks.peers.jax_tools import compiled
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The objective and its gradient with respect to main and extra."""

    def objective(main: Any, extra: Any, state: Any, sequence: Any) -> Any:
        def step(carried: Any, pair: Any) -> Any:
            given, wanted = pair
            hidden, cells = list(carried[0]), list(carried[1])
            u = given * extra[0]
            for i, (w, b) in enumerate(main):
                forget, leave = sigmoid(u * w[0] + b[0]), sigmoid(u * w[2] + b[2])
                enter = sigmoid(hidden[i] * w[1] + b[1])
                change = jnp.tanh(hidden[i] * w[3] + b[3])
                cells[i] = cells[i] * forget + enter * change
                hidden[i] = u = leave * jnp.tanh(cells[i])
            y = u * extra[1] + extra[2]
            term = jnp.sum(wanted * (y - jnp.log(2.0 + jnp.sum(jnp.exp(y)))))
            return (jnp.stack(hidden), jnp.stack(cells)), term

        start = state[:, 0], state[:, 1]
        _, terms = jax.lax.scan(step, start, (sequence[:-1], sequence[1:]))
        return -jnp.sum(terms) / sequence[1:].size

    data = [arguments[name] for name in ("main", "extra", "state", "sequence")]
    return compiled(objective, data, (0, 1))
