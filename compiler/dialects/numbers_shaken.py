"""Real numbers with many digits, the result of every operation moved a little at random.

What a computation returns then differs from the exact result as much as rounding of every operation
would make it, scaled: also where the roundings of f64 happen to cancel, or are none. (Stochastic
arithmetic: J. Vignes, "A stochastic arithmetic for reliable scientific computation", 1993.)
"""

from collections.abc import Callable
from random import Random
from typing import Any

from dpc.compiler.dialects.numbers_precise import PreciseNumbers


class ShakenNumbers(PreciseNumbers):
    """The numbers of a seed, each moved by no more than `move`, relatively."""

    def __init__(self, digits: int, move: float, seed: int) -> None:
        super().__init__(digits)
        self._move = self.context.mpf(move)
        self._random = Random(seed)

    def real(self, function: Callable[..., Any], *operands: Any) -> Any:
        """As that of precise numbers, moved."""
        return self._moved(super().real(function, *operands))

    def round_to(self, value: Any, width: int) -> Any:
        """What linear algebra stores, moved."""
        return self._moved(super().round_to(value, width))

    def _moved(self, value: Any) -> Any:
        return value * (1 + self._move * self._random.uniform(-1.0, 1.0))
