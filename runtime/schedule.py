"""Checkpoint schedules for plans: `dsl/std/_schedule.dp`, which native code computes with, run by
the interpreter.

A state has `state` bytes, the tape of a step `tape` bytes; `memory` is what there is beyond the
first slot.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from dpc.compiler.driver import Options, as_module, schedules
from dpc.compiler.interpret import run
from dpc.compiler.ir.core import Function


@dataclass(frozen=True, slots=True)
class Schedule:
    """How `steps` steps are reversed: with `slots` kept states and `frames` steps on the tape."""

    steps: int
    slots: int
    frames: int

    @property
    def repetitions(self) -> int:
        """How often a step runs plainly at the most."""
        return int(asked("repetitions", self.steps, self.slots, self.frames)[0])

    @property
    def plain(self) -> int:
        """How often the plain body runs in all."""
        return int(asked("executions", self.steps, self.slots, self.frames)[0])

    @property
    def factor(self) -> float:
        """Executions of the body, plain and taped, for each step; 1 where everything is kept."""
        return (self.steps + self.plain) / self.steps if self.steps else 1.0

    def memory(self, state: int, tape: int) -> int:
        """The bytes it takes beyond the first slot."""
        return (self.slots - 1) * state + self.frames * tape


def choose(steps: int, state: int, tape: int, memory: int) -> Schedule | None:
    """The schedule with the fewest executions; None where the memory has no room for any."""
    slots, frames = asked("choose", steps, state, tape, memory)
    return Schedule(steps, slots, frames) if slots else None


def asked(name: str, *arguments: int) -> list[Any]:
    """The results of a function of `_schedule.dp`."""
    return run(as_module(_function(name)), name, arguments)


@cache
def _function(name: str) -> Function:
    return schedules().entry(name, Options()).function
