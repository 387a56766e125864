"""The Gaussian mixture objective in autograd."""

from collections.abc import Mapping
from typing import Any

import autograd.numpy as np
from autograd.scipy.special import logsumexp

from benchmarks.peers.autograd_tools import traced
from benchmarks.peers.gmm_parts import constant, strict_lower
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The objective and its gradient with respect to alphas, means, icf."""
    gamma, m = arguments["gamma"], arguments["m"]
    (n, d), k = arguments["x"].shape, len(arguments["alphas"])
    # Arrays can't be assigned in parts: each element of a factor is looked up, 0 behind the last.
    positions = np.full((d, d), d * (d - 1) // 2)
    positions[strict_lower(d)] = np.arange(d * (d - 1) // 2)
    fixed = constant(n, d, k, gamma, m)

    def objective(alphas: Any, means: Any, icf: Any, x: Any) -> Any:
        logs, below = icf[:, :d], icf[:, d:]
        lower = np.concatenate([below, np.zeros((k, 1))], axis=1)[:, positions]
        centred = x[:, None, :] - means
        product = np.exp(logs) * centred + np.einsum("kij,nkj->nki", lower, centred)
        terms = alphas + np.sum(logs, axis=1) - 0.5 * np.sum(product**2, axis=2)
        squares = np.sum(np.exp(logs) ** 2) + np.sum(below**2)
        prior = 0.5 * gamma**2 * squares - m * np.sum(logs)
        return fixed + np.sum(logsumexp(terms, axis=1)) - n * logsumexp(alphas) + prior

    data = [arguments[name] for name in ("alphas", "means", "icf", "x")]
    return traced(objective, data, (0, 1, 2))
