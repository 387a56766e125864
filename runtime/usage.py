"""What one call of a function takes: memory, and how often loop bodies ran."""

from collections.abc import Callable
from dataclasses import dataclass

from dpc.dsl.sizes import readable
from dpc.runtime.native_function import Executions, NativeFunction
from dpc.runtime.peak_memory import peak_bytes


@dataclass(frozen=True)
class Usage:
    """What a call took; prints as a line.

    bytes: the most memory that native code had of the system, arguments and results aside.
    executions: runs of the bodies of loops that are reversed from stored states: without a tape
    (`plain`), with one (`taped`), and states stored and restored.
    """

    bytes: int
    executions: Executions

    @property
    def recompute_factor(self) -> float:
        """Runs of these bodies for one that has to be: 1 where nothing runs again."""
        taped = self.executions.taped
        return (self.executions.plain + taped) / taped if taped else 1.0

    def __str__(self) -> str:
        return f"{readable(self.bytes)}, loop bodies run {self.recompute_factor:.3g} times"


def usage_of(call: Callable[[], object], native: Callable[[], NativeFunction | None]) -> Usage:
    """What a call takes; `native` says which code answered it."""
    taken = peak_bytes(call)
    code = native()
    return Usage(taken, Executions() if code is None else code.executions)
