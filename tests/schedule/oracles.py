"""What the tests of checkpoint schedules compare with: plain Python, exhaustive where it can be."""

from collections.abc import Callable
from functools import cache
from typing import Any

from dpc.dsl.program import standard_source
from dpc.runtime.module import Module


@cache
def native() -> Module:
    """The arithmetic as native code."""
    return Module(standard_source("_schedule"), {})


def fewest(most_steps: int, most_slots: int, frames: int) -> list[list[int]]:
    """The fewest plain executions for [slots][steps], by dynamic programming over every place of
    the next kept state.
    """
    table = [[0] * (most_steps + 1) for _ in range(most_slots + 1)]
    for slots in range(1, most_slots + 1):
        row, fewer = table[slots], table[slots - 1]
        for steps in range(frames + 1, most_steps + 1):
            # Run to the last chunk, reverse it, begin again from the only state there is.
            row[steps] = steps - frames + row[steps - frames]
            if slots > 1:
                kept = (i + fewer[steps - i] + row[i] for i in range(1, steps))
                row[steps] = min(row[steps], *kept)
    return table


def driven(steps: int, slots: int, frames: int, split: Callable[..., Any]) -> tuple[int, int, int]:
    """Plain executions, taped ones and the most states kept of the driver that reverses a loop,
    which checks that each step is reversed from a state it can be reached from, last one first.
    """
    kept, end, plain, taped, peak = [0], steps, 0, 0, 1
    while end > 0:
        at = kept[-1]
        while end - at > frames and len(kept) < slots:
            step = split(end - at, slots - len(kept) + 1, frames)
            plain, at = plain + step, at + step
            kept.append(at)
            peak = max(peak, len(kept))
        if end - at > frames:
            plain, at = plain + end - frames - at, end - frames
        taped += end - at
        assert kept[-1] <= at < end
        end = at
        if end == kept[-1]:
            kept.pop()
    return plain, taped, peak
