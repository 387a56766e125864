"""What all array libraries need of the Gaussian mixture: positions and constants."""

import math
from typing import Any

import numpy as np

PI = 3.14159265359  # as the benchmark rounds it


def strict_lower(d: int) -> tuple[Any, Any]:
    """Rows and columns of the strict lower triangle, column by column."""
    pairs = [(i, j) for j in range(d) for i in range(j + 1, d)]
    rows, columns = zip(*pairs, strict=True)
    return np.array(rows), np.array(columns)


def constant(n: int, d: int, k: int, gamma: float, m: int) -> float:
    """What of the objective depends on no parameter."""
    freedom = d + m + 1
    log_gamma = 0.25 * d * (d - 1) * math.log(PI)
    log_gamma += sum(math.lgamma(0.5 * (freedom + 1 - j)) for j in range(1, d + 1))
    wishart = freedom * d * (math.log(gamma) - 0.5 * math.log(2.0)) - log_gamma
    return -0.5 * n * d * math.log(2.0 * PI) - k * wishart
