"""Timing by turns."""

import pytest

from dpc.runtime import timing


def test_candidates_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "SAMPLE", 0.0)
    order: list[str] = []
    calls = {name: lambda name=name: order.append(name) for name in "ab"}
    times = timing.interleaved(calls, rounds=2)
    assert "".join(order) == "ab" + "aabb" * 2
    assert [len(t.samples) for t in times.values()] == [2, 2]


def test_short_calls_are_repeated_and_long_ones_sampled_less() -> None:
    now = 0.0

    def advance(by: float) -> None:
        nonlocal now
        now += by

    calls = {"short": lambda: advance(0.004), "long": lambda: advance(3.0)}
    times = timing.interleaved(calls, rounds=5, clock=lambda: now)
    assert len(times["short"].samples) == 5
    assert len(times["long"].samples) == timing.LEAST
    assert times["short"].median == pytest.approx(0.004)
    assert times["long"].median == pytest.approx(3.0)
