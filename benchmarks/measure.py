"""What a benchmark's seconds are: CPU time of this process on one core, all of its threads.

Time that other processes took the core away is not in it. On an idle machine that is the time on
the wall.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial
from time import process_time

from dpc.runtime import timing
from dpc.runtime.timing import ROUNDS, Timing


def one_core() -> None:
    """Keep this process and its threads on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def interleaved(
    candidates: Mapping[str, Callable[[], object]], rounds: int = ROUNDS
) -> dict[str, Timing]:
    """The timing of each candidate, sampled in turns."""
    return timing.interleaved(candidates, rounds, process_time)


seconds = partial(timing.seconds, clock=process_time)
