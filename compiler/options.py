"""What the user may choose about a compilation."""

from dataclasses import dataclass
from typing import Literal

Math = Literal["fast", "strict"]


@dataclass(frozen=True, slots=True)
class Options:
    """Choices that lead to different native code; equal options, equal code.

    math: "fast" lets sums be reassociated and multiply-adds fused, "strict" keeps source order.
    """

    math: Math = "fast"


DEFAULT = Options()
