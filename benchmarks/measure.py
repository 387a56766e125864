"""Timing by turns on one core: all candidates are sampled in each round, so that their ratios hold
although other processes load the machine.

A sample counts the CPU time of this process, all of its threads: time that other processes took the
core away is not in it. On an idle machine that is the time on the wall. Each sample begins with a
call that does not count, which brings the candidate's data back into the caches.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import process_time

SAMPLE = 0.02  # seconds that one sample should take
ROUNDS = 15
LIMIT = 4.0  # seconds for all samples of a candidate; those of slow ones are fewer, not below
LEAST = 3


@dataclass(frozen=True)
class Timing:
    """Seconds of one call over the rounds."""

    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        """What the tables show."""
        return median(self.samples)

    @property
    def least(self) -> float:
        """The fastest round."""
        return min(self.samples)


def one_core() -> None:
    """Keep this process and its threads on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def seconds(run: Callable[[], object], count: int = 1) -> float:
    """CPU seconds of one call, the mean of `count`."""
    start = process_time()
    for _ in range(count):
        run()
    return (process_time() - start) / count


def interleaved(
    candidates: Mapping[str, Callable[[], object]], rounds: int = ROUNDS
) -> dict[str, Timing]:
    """The timing of each candidate, sampled in turns."""
    counts, turns = {}, {}
    for name, run in candidates.items():
        once = max(seconds(run), 1e-7)
        counts[name] = max(1, int(SAMPLE / once))
        turns[name] = max(LEAST, int(LIMIT / (once * (counts[name] + 1))))
    samples: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(rounds):
        for name, run in candidates.items():
            if turn < turns[name]:
                run()
                samples[name].append(seconds(run, counts[name]))
    return {name: Timing(tuple(times)) for name, times in samples.items()}
