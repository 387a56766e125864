"""What a plan says of loops reversed from stored states: how they run in a given memory, and how
memory trades against work.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dpc.compiler.ad.account_states import LoopStates
from dpc.compiler.ad.checkpoint import AUTO, Wish
from dpc.compiler.passes.expand_budget import HEADER
from dpc.dsl.diagnostics import Error
from dpc.dsl.shapes import Poly
from dpc.dsl.sizes import readable
from dpc.runtime.schedule import Schedule, choose

SHARES = (1, 10, 100, 1000, 10_000)  # of the memory for the whole tape, those that a plan shows
CURVE = 24  # points of a picture
PRECISION = 500  # the next better plan is found to this part of its bytes


@dataclass(frozen=True)
class StatesPlan:
    """One loop at given sizes. memory: what the loop may take by itself, None for no bound."""

    loop: LoopStates
    sizes: Mapping[str, int]
    memory: int | None

    @cached_property
    def numbers(self) -> tuple[int, int, int] | None:
        """Steps, bytes of a state, bytes of a step's tape; None where one is not known."""
        found = [_number(p, self.sizes) for p in (self.loop.steps, self.loop.state, self.loop.tape)]
        known = [n for n in found if n is not None]
        return (known[0], known[1], known[2]) if len(known) == len(found) else None

    @cached_property
    def chosen(self) -> Schedule | None:
        """How the loop runs; None where that is not known, or no memory is given."""
        if self.numbers is None:
            return None
        steps, _, _ = self.numbers
        wish = Wish.of(self.loop.wish)
        if wish.slots is not None:
            return Schedule(steps, min(wish.slots, max(steps, 1)), 1)
        bounds = [m for m in (self.memory, wish.memory) if m is not None]
        return self.within(min(bounds)) if bounds else None

    def within(self, memory: int) -> Schedule:
        """How the loop runs in `memory` bytes; with one state and one step's tape if these are more
        than there is.
        """
        assert self.numbers is not None
        steps, state, tape = self.numbers
        left = memory - state - HEADER * self.loop.arrays
        found = choose(steps, state, max(tape, 1), max(left, 0))
        if found is None:
            return Schedule(steps, 1, 1)
        return Schedule(steps, min(found.slots, max(steps, 1)), found.frames)

    @property
    def _whole(self) -> int:
        """The bytes in which the whole tape fits."""
        assert self.numbers is not None
        steps, state, tape = self.numbers
        return state + max(steps, 1) * max(tape, 1) + HEADER * self.loop.arrays

    def taken(self, schedule: Schedule) -> int:
        """The bytes of its states and tape."""
        assert self.numbers is not None
        _, state, tape = self.numbers
        return schedule.slots * state + schedule.frames * tape + HEADER * self.loop.arrays

    @cached_property
    def better(self) -> Schedule | None:
        """How it runs in about the least memory in which a step runs one time less at the most than
        as chosen; None where the whole tape is kept.
        """
        if self.chosen is None or self.chosen.repetitions == 0 or self.numbers is None:
            return None
        low, high = self.taken(self.chosen), self._whole
        while high - low > low // PRECISION:
            middle = (low + high) // 2
            if self.within(middle).repetitions < self.chosen.repetitions:
                high = middle
            else:
                low = middle
        return self.within(high)

    def curve(self, count: int = CURVE) -> list[tuple[int, Schedule]]:
        """Memory and what is made of it, from least to most."""
        assert self.numbers is not None
        _, state, tape = self.numbers
        least, most = state + max(tape, 1) + HEADER * self.loop.arrays, self._whole
        ratio = (most / least) ** (1 / max(count - 1, 1))
        bounds = dict.fromkeys(min(most, round(least * ratio**k)) for k in range(count))
        return [(memory, self.within(memory)) for memory in bounds]

    # --- text and data -----------------------------------------------------------------------

    def lines(self, place: str, head: str) -> Iterator[str]:
        """The text of the plan; `place` and `head` are those of the loop."""
        head = head.rstrip(":")
        if self.loop.barred:
            yield f"{place}: {head} keeps its whole tape: {self.loop.barred}"
            return
        yield f"{place}: {head} can be reversed from stored states"
        names = ", ".join(self.loop.variables)
        known = (
            f"steps: {self._shown(self.loop.steps)}",
            f"a state ({names}): {self._shown(self.loop.state, ' bytes')}",
            f"tape of a step: {self._shown(self.loop.tape, ' bytes')}",
        )
        yield f"    {'; '.join(known)}"
        if self.numbers is None:
            return
        if self.chosen is not None:
            alone = self.loop.wish == AUTO and self.memory is not None
            given = f"with {readable(self.memory or 0)} for itself" if alone else "chosen"
            yield f"    {given}: {self._schedule(self.chosen)}"
        if self.better is not None:
            yield f"    the next better plan needs {readable(self.taken(self.better))}"
        for share in SHARES:
            schedule = self.within(self._whole // share)
            yield f"    in {readable(self.taken(schedule))}: x {schedule.factor:.3f}"
            if (schedule.slots, schedule.frames) == (1, 1):
                break

    def _schedule(self, schedule: Schedule) -> str:
        kept = f"{schedule.slots} states, the tape of {schedule.frames} steps"
        runs = f"{schedule.plain} plain and {schedule.steps} taped runs of its body"
        factor = f"x {schedule.factor:.3f}"
        return f"{kept}, {readable(self.taken(schedule))}: {runs}, {factor}"

    def _shown(self, formula: Poly | None, unit: str = "") -> str:
        if formula is None:
            return "only the run tells"
        number = _number(formula, self.sizes)
        same = number is None or str(formula) == str(number)
        return f"{formula}{unit}" + ("" if same else f" = {number}")

    def as_data(self, place: Mapping[str, Any] | None) -> dict[str, Any]:
        """The plan as plain data."""
        loop, known = self.loop, self.numbers
        formulas = {"steps": loop.steps, "state": loop.state, "tape": loop.tape}
        return {
            "place": place,
            "wish": loop.wish,
            "barred": loop.barred or None,
            "variables": list(loop.variables),
            **{
                name: {"formula": None if p is None else str(p), "number": _number(p, self.sizes)}
                for name, p in formulas.items()
            },
            "chosen": None if self.chosen is None else self._data(self.chosen),
            "better": None if self.better is None else self._data(self.better),
            "curve": [] if known is None else [self._data(s) for _, s in self.curve()],
        }

    def _data(self, schedule: Schedule) -> dict[str, Any]:
        return {
            "bytes": self.taken(schedule),
            "slots": schedule.slots,
            "frames": schedule.frames,
            "repetitions": schedule.repetitions,
            "plain": schedule.plain,
            "taped": schedule.steps,
            "factor": schedule.factor,
        }


def picture(plans: Mapping[str, StatesPlan], path: str | Path) -> None:
    """Draw executions for each step over memory for loops by name, the chosen points marked; needs
    matplotlib. `dpc.Error` where there is nothing to draw, or nothing to draw with.
    """
    drawn = {name: p for name, p in plans.items() if p.numbers is not None}
    if not drawn:
        raise Error("there is no loop of known sizes to draw; give the plan all its sizes")
    try:
        from matplotlib.figure import Figure  # large, and not always there
    except ImportError:
        raise Error("a picture of a plan needs matplotlib: pip install matplotlib") from None
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for name, plan in drawn.items():
        schedules = [*(s for _, s in plan.curve()), *([plan.chosen] if plan.chosen else [])]
        points = sorted((plan.taken(s), s.factor) for s in schedules)
        (line,) = axes.plot(*zip(*points, strict=True), drawstyle="steps-post", label=name)
        if plan.chosen is not None:
            at = ([plan.taken(plan.chosen)], [plan.chosen.factor])
            axes.plot(*at, "o", color=line.get_color())
    axes.set(xscale="log", yscale="log", xlabel="bytes of states and tape")
    axes.set_ylabel("runs of the loop's body for each step")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=150)


def _number(formula: Poly | None, sizes: Mapping[str, int]) -> int | None:
    if formula is None:
        return None
    try:
        return max(0, formula.evaluate(dict(sizes)))
    except KeyError:
        return None
