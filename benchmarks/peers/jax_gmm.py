"""The Gaussian mixture objective in JAX."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jax.scipy.special import logsumexp

from benchmarks.peers.gmm_parts import constant, strict_lower
from benchmarks.peers.jax_tools import compiled
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The objective and its gradient with respect to alphas, means, icf."""
    gamma, m = arguments["gamma"], arguments["m"]
    (n, d), k = arguments["x"].shape, len(arguments["alphas"])
    rows, columns = strict_lower(d)
    fixed = constant(n, d, k, gamma, m)

    def objective(alphas: Any, means: Any, icf: Any, x: Any) -> Any:
        logs, below = icf[:, :d], icf[:, d:]
        lower = jnp.zeros((k, d, d)).at[:, rows, columns].set(below)
        centred = x[:, None, :] - means
        product = jnp.exp(logs) * centred + jnp.einsum("kij,nkj->nki", lower, centred)
        terms = alphas + logs.sum(axis=1) - 0.5 * (product**2).sum(axis=2)
        prior = 0.5 * gamma**2 * ((jnp.exp(logs) ** 2).sum() + (below**2).sum()) - m * logs.sum()
        return fixed + logsumexp(terms, axis=1).sum() - n * logsumexp(alphas) + prior

    data = [arguments[name] for name in ("alphas", "means", "icf", "x")]
    return compiled(objective, data, (0, 1, 2))
