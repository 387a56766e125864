"""What is known about a diagnostic beyond one occurrence: for `dpc explain` and the error index."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """Why a diagnostic is given, the smallest program that gets it (empty where a program alone
    does not), and what helps.
    """

    cause: str
    example: str
    fixes: tuple[str, ...]
