"""The plan for a memory: the best there is, and inside the memory."""

from random import Random

import pytest

import dpc
from dpc.dsl.program import standard_source
from dpc.runtime.schedule import Schedule, asked, choose
from tests.schedule.oracles import native

EXHAUSTIVE = """
def exhaustive(steps: i64, state: i64, tape: i64, memory: i64) -> i64:
    best = COUNT_LIMIT
    frames = 1
    while frames * tape <= memory and frames <= steps:
        slots = slots_beside(frames, state, tape, memory)
        best = min(best, executions(steps, slots, frames))
        frames += 1
    return best
"""


@pytest.fixture(scope="module")
def exhaustive() -> dpc.Function:
    module = dpc.compile(standard_source("_schedule").text + EXHAUSTIVE)
    function: dpc.Function = module.exhaustive
    return function


@pytest.mark.parametrize("seed", range(8))
def test_no_plan_has_fewer_executions(seed: int, exhaustive: dpc.Function) -> None:
    random = Random(seed)
    for _ in range(100):
        steps, state, tape = (int(10 ** random.uniform(0, most)) for most in (6, 4, 4))
        one = tape if random.random() < 0.5 else state + tape
        memory = max(tape, int(one * 10 ** random.uniform(0, 4.5)))
        slots, frames = native().choose(steps, state, tape, memory)
        assert slots >= 1
        assert frames >= 1
        assert (slots - 1) * state + frames * tape <= memory
        least = exhaustive(steps, state, tape, memory)
        assert native().executions(steps, slots, frames) == least, (steps, state, tape, memory)


# Executions for each step at `memory` states and tapes of one size.
@pytest.mark.parametrize(
    ("steps", "memory", "factor"),
    [(10**3, 16, 3.45), (10**4, 256, 1.98), (10**5, 1024, 1.99), (10**6, 16, 8.53),
     (10**6, 1024, 2.74), (10**6, 4096, 2.00)],
)  # fmt: skip
def test_known_factors(steps: int, memory: int, factor: float) -> None:
    plan = choose(steps, 8, 8, 8 * memory)
    assert plan is not None
    assert round(plan.factor, 2) == factor


@pytest.mark.parametrize(
    ("given", "plan"),
    [
        ((1000, 8, 8, 8000), (1, 1000)),  # the whole tape
        ((1000, 8, 8, 7999), (1, 999)),  # one chunk less: the first runs twice
        ((1000, 8, 0, 0), (1, 1000)),  # steps without a tape
        ((1000, 8, 8, 8), (1, 1)),  # one step
        ((1000, 8, 8, 7), (0, 0)),  # not even one
        ((1000, 8, 0, -1), (0, 0)),
        ((1000, 0, 8, 80), (99, 10)),  # states for nothing
        ((0, 8, 8, 8), (1, 1)),
        ((1, 8, 8, 8), (1, 1)),
        ((2, 8, 8, 8), (1, 1)),
        ((10, 8, 8, 10**18), (1, 10)),
    ],
)
def test_extremes(given: tuple[int, int, int, int], plan: tuple[int, int]) -> None:
    assert tuple(native().choose(*given)) == plan
    assert tuple(asked("choose", *given)) == plan


def test_slots_are_no_more_than_are_written() -> None:
    slots, frames = native().choose(100, 1, 1000, 15_500)
    assert (slots, frames) == (6, 15)
    assert native().executions(100, slots, frames) == 100 - frames


def test_view_of_plans() -> None:
    assert choose(1000, 8, 8, 7) is None
    assert choose(10**6, 8, 8, 8 * 4096) == Schedule(10**6, 260, 3837)
