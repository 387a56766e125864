"""The Gaussian mixture objective in PyTorch."""

from collections.abc import Mapping
from typing import Any

import torch

from benchmarks.peers.gmm_parts import constant, strict_lower
from benchmarks.peers.torch_tools import eager
from benchmarks.workload import Call


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The objective and its gradient with respect to alphas, means, icf."""
    gamma, m = arguments["gamma"], arguments["m"]
    (n, d), k = arguments["x"].shape, len(arguments["alphas"])
    rows, columns = (torch.as_tensor(index) for index in strict_lower(d))
    fixed = constant(n, d, k, gamma, m)

    def objective(alphas: Any, means: Any, icf: Any, x: Any) -> Any:
        logs, below = icf[:, :d], icf[:, d:]
        lower = torch.zeros(k, d, d, dtype=torch.float64)
        lower[:, rows, columns] = below
        centred = x[:, None, :] - means
        product = torch.exp(logs) * centred + torch.einsum("kij,nkj->nki", lower, centred)
        terms = alphas + logs.sum(dim=1) - 0.5 * (product**2).sum(dim=2)
        prior = 0.5 * gamma**2 * ((torch.exp(logs) ** 2).sum() + (below**2).sum()) - m * logs.sum()
        likelihood = torch.logsumexp(terms, dim=1).sum() - n * torch.logsumexp(alphas, dim=0)
        return fixed + likelihood + prior

    data = [arguments[name] for name in ("alphas", "means", "icf", "x")]
    return eager(objective, data, (0, 1, 2))
