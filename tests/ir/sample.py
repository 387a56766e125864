"""What a sample of IR is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sample:
    """The text of one function `@f`, arguments for it, what it returns and writes."""

    name: str
    level: str
    text: str
    arguments: Callable[[], list[Any]] = list
    results: list[Any] = field(default_factory=list)
    outputs: dict[int, Any] = field(default_factory=dict)
