"""Counts of executions and places of kept states: against dynamic programming, against what a
driver does, against another implementation.
"""

from math import comb

import pytest
from checkpoint_schedules import Revolve
from checkpoint_schedules.schedule import Forward

from dpc.runtime.schedule import Schedule, asked
from tests.schedule.oracles import driven, fewest, native

STEPS, SLOTS, FRAMES = 150, 9, 9
LIMIT = 2**62


@pytest.mark.parametrize("frames", range(1, FRAMES + 1))
def test_executions_are_the_fewest(frames: int) -> None:
    table = fewest(STEPS, SLOTS, frames)
    for slots in range(1, SLOTS + 1):
        found = [int(native().executions(n, slots, frames)) for n in range(STEPS + 1)]
        assert found == table[slots]


@pytest.mark.parametrize("frames", [1, 2, 3, 5, 9])
def test_driver_makes_as_many(frames: int) -> None:
    split = native().split
    for slots in range(1, SLOTS + 1):
        for steps in range(STEPS + 1):
            plain, taped, peak = driven(steps, slots, frames, split)
            assert plain == native().executions(steps, slots, frames)
            assert taped == steps
            assert peak <= slots


def _revolve(steps: int, slots: int) -> int:
    """Plain executions of the schedule of the package `checkpoint-schedules`."""
    forward = (a for a in Revolve(steps, slots) if isinstance(a, Forward))
    return sum(a.n1 - a.n0 for a in forward if not a.write_adj_deps)


@pytest.mark.parametrize("slots", [1, 2, 3, 4, 5, 7, 10, 16, 40])
def test_revolve_with_one_frame(slots: int) -> None:
    for steps in (*range(1, 24), 31, 57, 78, 100, 133, 160):
        if slots < steps or steps == 1:
            assert native().executions(steps, slots, 1) == _revolve(steps, slots)


# The table of Revolve's counts: executions, taped ones included.
KNOWN = {
    (10, 2): 20, (10, 8): 10, (100, 2): 845, (100, 100): 99, (1000, 10): 3636, (1000, 50): 1948,
    (10_000, 2): 932_820, (10_000, 20): 37_976, (10_000, 100): 24_747,
}  # fmt: skip


@pytest.mark.parametrize(("steps", "slots"), KNOWN)
def test_known_counts(steps: int, slots: int) -> None:
    assert native().executions(steps, slots, 1) == KNOWN[steps, slots]


@pytest.mark.parametrize(
    ("steps", "slots", "frames"),
    [(10**9, 2, 1), (10**9, 64, 7), (10**12, 200, 1), (2**61, 50, 1), (2**61, 3, 2**50), (2, 1, 1)],
)
def test_large_counts_have_the_closed_form(steps: int, slots: int, frames: int) -> None:
    r = int(native().repetitions(steps, slots, frames))
    assert frames * comb(slots + r, r) >= steps
    assert r == 0 or frames * comb(slots + r - 1, r - 1) < steps
    exact = r * steps - (frames * comb(slots + r, r - 1) if r else 0)
    assert native().executions(steps, slots, frames) == min(exact, LIMIT)


def test_more_than_can_be_counted_is_the_limit() -> None:
    assert native().executions(2**40, 1, 1) == LIMIT
    assert native().executions(2**61, 2, 2**20) == LIMIT
    assert native().beta(100, 100) == LIMIT
    assert native().beta(2**40, 2) == LIMIT
    assert native().beta(2**31 - 1, 2) == comb(2**31 + 1, 2)
    assert native().beta(2**40, 1) == 2**40 + 1


def test_beta_is_exact() -> None:
    for s in range(40):
        for r in range(-1, 40):
            assert native().beta(s, r) == (min(comb(s + r, s), LIMIT) if r >= 0 else 0)


def test_large_loops_are_driven_with_the_counted_executions() -> None:
    for steps, slots, frames in ((100_000, 50, 10), (65_537, 3, 100), (50_000, 200, 1)):
        split = native().split
        plain, taped, peak = driven(steps, slots, frames, split)
        assert (plain, taped) == (native().executions(steps, slots, frames), steps)
        assert peak <= slots


@pytest.mark.parametrize("arguments", [(1000, 7, 3), (31, 2, 1), (5, 1, 1), (1, 1, 1)])
@pytest.mark.parametrize("name", ["executions", "repetitions", "split"])
def test_interpreter_agrees(name: str, arguments: tuple[int, int, int]) -> None:
    assert asked(name, *arguments) == [getattr(native(), name)(*arguments)]


def test_view_of_plans() -> None:
    schedule = Schedule(1000, 10, 1)
    assert (schedule.plain, schedule.factor) == (3636, 4.636)
    assert Schedule(0, 1, 1).factor == 1.0
    assert Schedule(10, 3, 2).memory(state=100, tape=7) == 214
