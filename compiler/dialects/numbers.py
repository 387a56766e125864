"""Fields of numbers in which scalar operations are evaluated."""

from typing import Any, Protocol

Number = Any  # float, complex or mpmath number; int for integers, indices and i1


class Numbers(Protocol):
    """The scalar functions of one field; one method for each `math` op, by its mnemonic."""

    def add(self, left: Number, right: Number) -> Number:
        """Left + right."""
