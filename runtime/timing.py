"""Timing by turns: all candidates are sampled in each round, so that their ratios hold although
other processes load the machine.

Each sample begins with a call that does not count, which brings the candidate's data back into the
caches, and then repeats short calls.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter

SAMPLE = 0.02  # seconds that one sample should take
ROUNDS = 15
LIMIT = 4.0  # seconds for all samples of a candidate; those of slow ones are fewer, not below
LEAST = 3
Clock = Callable[[], float]


@dataclass(frozen=True)
class Timing:
    """Seconds of one call over the rounds."""

    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        """What is shown."""
        return median(self.samples)


def interleaved(
    candidates: Mapping[str, Callable[[], object]],
    rounds: int = ROUNDS,
    clock: Clock = perf_counter,
) -> dict[str, Timing]:
    """The timing of each candidate, sampled in turns, by a clock that counts seconds."""
    counts, turns = {}, {}
    for name, run in candidates.items():
        once = max(seconds(run, 1, clock), 1e-7)
        counts[name] = max(1, int(SAMPLE / once))
        turns[name] = max(LEAST, int(LIMIT / (once * (counts[name] + 1))))
    samples: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(rounds):
        for name, run in candidates.items():
            if turn < turns[name]:
                run()
                samples[name].append(seconds(run, counts[name], clock))
    return {name: Timing(tuple(times)) for name, times in samples.items()}


def seconds(run: Callable[[], object], count: int = 1, clock: Clock = perf_counter) -> float:
    """Seconds of one call, the mean of `count`."""
    start = clock()
    for _ in range(count):
        run()
    return (clock() - start) / count
