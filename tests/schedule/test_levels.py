"""States on disk, loops in loops, loops of unknown length, and the memory for a given factor:
against trying everything and against what drivers do.
"""

from itertools import product
from random import Random

import pytest

from dpc.runtime.schedule import asked
from tests.schedule.oracles import driven, native


@pytest.mark.parametrize("seed", range(2))
def test_memory_for_is_the_least(seed: int) -> None:
    random = Random(seed)
    for _ in range(30):
        steps, state, tape = (int(10 ** random.uniform(0, most)) for most in (5, 3, 3))
        plain = int(steps * random.uniform(0, 6))
        memory = native().memory_for(steps, state, tape, plain)
        assert _plain(steps, state, tape, memory) <= plain or memory == steps * tape
        assert memory == tape or _plain(steps, state, tape, memory - 1) > plain


def _plain(steps: int, state: int, tape: int, memory: int) -> int:
    slots, frames = native().choose(steps, state, tape, memory)
    return int(native().executions(steps, slots, frames))


# For states and tapes of one byte each: bytes that hold the factor at 2, 3, 4 and 5.
@pytest.mark.parametrize(("factor", "memory"), [(2, 1998), (3, 236), (4, 84), (5, 46)])
def test_known_memory_for_a_million_steps(factor: int, memory: int) -> None:
    found = native().memory_for(10**6, 1, 1, (factor - 1) * 10**6)
    assert 0.97 * memory <= found <= memory


@pytest.mark.parametrize("transfer", [0.0, 1.0, 17.5, 400.0])
@pytest.mark.parametrize(("slots", "frames"), [(1, 1), (2, 1), (3, 4), (6, 2), (10, 10)])
def test_disk_period_is_about_the_best(slots: int, frames: int, transfer: float) -> None:
    for steps in (1, 2, 17, 100, 731, 2000):
        for disk in (0, 1, 5, 10**6):
            fits = [p for p in range(1, steps + 1) if (steps - 1) // p <= disk]
            least = min(native().disk_cost(steps, p, slots, frames, transfer) for p in fits)
            period = native().disk_period(steps, slots, frames, disk, transfer)
            assert period in fits
            assert native().disk_cost(steps, period, slots, frames, transfer) <= 1.01 * least


def test_without_steps_nothing_goes_to_disk() -> None:
    assert native().disk_period(0, 3, 2, 5, 1.0) == 0
    assert native().disk_period(1000, 3, 1000, 5, 1.0) == 1000


def test_disk_cost_is_that_of_a_driver() -> None:
    split = native().split
    for steps, period, slots, frames in ((100, 30, 3, 2), (90, 30, 2, 5), (31, 40, 2, 1)):
        starts = range(0, steps, period)
        segments = [min(period, steps - s) for s in starts]
        plain = sum(driven(n, slots, frames, split)[0] for n in segments)
        # The first sweep runs to the last segment; each earlier one begins with a read.
        expected = steps + plain + starts[-1] + 3.0 * (len(starts) - 1)
        assert native().disk_cost(steps, period, slots, frames, 3.0) == expected


@pytest.mark.parametrize("repetition", [0, 1, 2, 3, 5])
def test_least_arena_is_about_the_least(repetition: int) -> None:
    for steps, state, tape in product((1, 2, 30, 1000), (0, 1, 8, 300), (0, 1, 5, 200)):
        slots, frames = native().least_arena(steps, state, tape, repetition)
        assert native().repetitions(steps, slots, frames) <= repetition
        if repetition == 0:
            continue
        tried = [(s, -(-steps // native().beta(s, repetition))) for s in range(1, steps + 1)]
        least = min(s * state + f * tape for s, f in tried)
        assert slots * state + frames * tape <= 1.01 * least


def test_nested_plans() -> None:
    random = Random(5)
    for _ in range(60):
        steps, inner = random.randint(1, 60), random.randint(1, 30)
        state, rest, inner_state, inner_tape = (random.randint(1, 40) for _ in range(4))
        memory = random.randint(1, steps * (rest + inner * inner_tape))
        sizes = (steps, state, rest, inner, inner_state, inner_tape)
        plan = native().choose_nested(*sizes, memory)
        least = _cheapest_nested(*sizes, memory)
        assert (plan[0] == 0) == (least is None)
        if least is None:
            continue
        slots, frames, inner_slots, inner_frames = plan
        arena = inner_frames * inner_tape + inner_slots * inner_state * (inner_frames < inner)
        assert (slots - 1) * state + frames * (rest + arena) <= memory
        cost = native().nested_cost(steps, slots, frames, inner, inner_slots, inner_frames)
        assert cost <= 1.35 * least


def _cheapest_nested(
    steps: int, state: int, rest: int, inner: int, inner_state: int, inner_tape: int, memory: int
) -> int | None:
    """The least cost over every plan of the inner loop."""
    costs = []
    for slots, frames in product(range(1, inner + 1), range(1, inner + 1)):
        arena = frames * inner_tape + slots * inner_state * (frames < inner)
        if rest + arena <= memory:
            outer = native().choose(steps, state, rest + arena, memory)
            costs.append(int(native().nested_cost(steps, *outer, inner, slots, frames)))
    return min(costs, default=None)


# Executions of the inner body for each of 1000 x 1000 steps, in units of one state and tape.
@pytest.mark.parametrize(("memory", "factor"), [(50, 5.38), (100, 4.07), (500, 3.50), (2000, 2.00)])
def test_known_factors_of_nested_loops(memory: int, factor: float) -> None:
    plan = native().choose_nested(1000, 1, 0, 1000, 1, 1, memory)
    outer, inner = plan[:2], plan[2:]
    cost = native().nested_cost(1000, *outer, 1000, *inner)
    assert cost / 10**6 <= factor * 1.02


def _online(steps: int, slots: int, frames: int) -> tuple[int, int]:
    """Plain executions and the most states kept of a driver that learns at last how many steps."""
    kept: list[int] = []
    stride, room, peak = frames, int(native().online_kept(slots)), 0
    for t in range(steps):
        if t % stride:
            continue
        if len(kept) == room:
            kept = [k for k in kept if k % (2 * stride) == 0]
            stride *= 2
        if t % stride == 0:
            kept.append(t)
            peak = max(peak, len(kept))
    plain, end = steps, steps
    while kept:
        start = kept.pop()
        more, taped, used = driven(end - start, slots - len(kept), frames, native().split)
        assert taped == end - start
        plain, peak, end = plain + more, max(peak, len(kept) + used), start
    return plain, peak


@pytest.mark.parametrize("frames", [1, 2, 7])
@pytest.mark.parametrize("slots", range(1, 9))
def test_online_prediction(slots: int, frames: int) -> None:
    for steps in (*range(65), 100, 257, 1000):
        plain, peak = _online(steps, slots, frames)
        assert native().online_executions(steps, slots, frames) == plain
        assert peak <= slots


def test_online_is_near_the_optimum() -> None:
    for slots in (6, 12, 30):
        factors = []
        for steps in range(50, 4000, 61):
            online = native().online_executions(steps, slots, 1)
            factors.append((steps + online) / (steps + native().executions(steps, slots, 1)))
        assert max(factors) < 1.4
        assert sum(factors) / len(factors) < 1.15


def test_online_choice() -> None:
    assert tuple(native().choose_online(8, 8, 7)) == (0, 0)
    assert tuple(native().choose_online(8, 8, 8)) == (1, 1)
    slots, frames = native().choose_online(100, 10, 3000)
    assert (slots, frames) == (21, 100)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("memory_for", (100, 8, 8, 300)), ("choose_nested", (10, 5, 1, 9, 4, 3, 40)),
     ("online_executions", (100, 5, 2)), ("choose_online", (3, 4, 50)),
     ("online_stride", (99, 4, 3)), ("disk_period", (1000, 3, 2, 9, 2.5))],
)  # fmt: skip
def test_interpreter_agrees(name: str, arguments: tuple[int, ...]) -> None:
    found = getattr(native(), name)(*arguments)
    assert asked(name, *arguments) == list(found if isinstance(found, tuple) else (found,))
