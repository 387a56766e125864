"""Interleaved timing: all candidates take turns in one run, so that ratios can be trusted."""

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter


def repetitions(run: Callable[[], object], budget: float = 0.02) -> int:
    """How often to repeat a call so that one sample takes about `budget` seconds."""
    start = perf_counter()
    run()
    once = perf_counter() - start
    return max(1, int(budget / max(once, 1e-9)))


def interleaved(
    candidates: Mapping[str, Callable[[], object]], rounds: int = 15
) -> dict[str, float]:
    """Median seconds of one call of each candidate, sampled in turns."""
    counts = {name: repetitions(run) for name, run in candidates.items()}
    samples: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            start = perf_counter()
            for _ in range(counts[name]):
                run()
            samples[name].append((perf_counter() - start) / counts[name])
    return {name: median(times) for name, times in samples.items()}
