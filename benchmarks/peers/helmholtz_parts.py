"""What all array libraries need of the Helmholtz free energy: its attractions."""

from typing import Any

import numpy as np


def hilbert(n: int) -> Any:
    """The matrix whose quadratic form is twice the attraction: 1 / (1 + i + j), 2 on the diagonal
    where that has 1.
    """
    index = np.arange(n)
    matrix = 0.5 / (1.0 + index[:, None] + index[None, :])
    matrix[index, index] *= 4.0
    return matrix
