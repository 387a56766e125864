"""Native loops reversed from stored states: their bits and their counts."""

import re
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.runtime.schedule import Schedule
from tests.ad.checkpoint_programs import PROGRAMS

STEPS = (0, 1, 2, 9, 40)


def annotated(text: str, wish: str) -> str:
    """The text with a wish at every loop over `t`."""
    return re.sub(r"for t in (range\(.*\)):", rf"for t in checkpoint(\1, {wish}):", text)


def pullback(text: str, math: str) -> dpc.Function:
    return dpc.vjp(dpc.compile(text).f, math=math)


def cotangents(function: dpc.Function, inputs: tuple[Any, ...]) -> Any:
    """1, 2, 3, ... for each element of the value."""
    value = function(*inputs)
    parts = value if isinstance(value, tuple) else (value,)
    made = tuple(np.arange(1.0, 1.0 + np.size(p)).reshape(np.shape(p)) for p in parts)
    shaped = tuple(float(m) if m.ndim == 0 else m for m in made)
    return shaped if isinstance(value, tuple) else shaped[0]


def flat(found: Any) -> list[Any]:
    if isinstance(found, tuple):
        return [leaf for item in found for leaf in flat(item)]
    return [found]


CASES = [
    *((name, "slots=3", "fast") for name in PROGRAMS),
    ("array", "slots=1", "strict"),
    ("array", 'memory="600 B"', "fast"),
    ("result", 'memory="600 B"', "strict"),
    ("sums inside", 'memory="2 KiB"', "fast"),
    ("sums inside", "slots=2", "strict"),
]


@pytest.mark.parametrize(("name", "wish", "math"), CASES)
def test_the_same_bits(name: str, wish: str, math: str) -> None:
    program = PROGRAMS[name]
    stored = pullback(program.text, math)
    value = dpc.compile(program.text).f
    made = pullback(annotated(program.text, wish), math)
    for steps in STEPS:
        inputs = (*program.inputs, steps)
        given = (*inputs, cotangents(value, inputs))
        pairs = zip(flat(made(*given)), flat(stored(*given)), strict=True)
        assert all(np.array_equal(a, b) for a, b in pairs), steps


def test_counts() -> None:
    """Plain and taped runs of the body are those of the schedule."""
    program = PROGRAMS["scalars"]
    for slots in (1, 2, 5):
        gradient = dpc.grad(dpc.compile(annotated(program.text, f"slots={slots}")).f)
        for steps in (*range(12), 100, 1000):
            gradient(*program.inputs, steps)
            assert gradient._native is not None
            counted = gradient._native.executions
            assert counted.taped == steps
            kept = min(slots, max(steps, 1))
            assert counted.plain == Schedule(steps, kept, 1).plain, (slots, steps)
            assert counted.restores == max(steps - 1, 0)


def test_known_counts() -> None:
    """Revolve's, for 100 steps with 3 slots and 1000 with 10."""
    program = PROGRAMS["scalars"]
    known = {(100, 3): 490, (1000, 10): 3636}
    for (steps, slots), plain in known.items():
        gradient = dpc.grad(dpc.compile(annotated(program.text, f"slots={slots}")).f)
        gradient(*program.inputs, steps)
        assert gradient._native is not None
        assert gradient._native.executions.plain == plain


def test_second_order() -> None:
    """A Hessian through stored states is that through a tape."""
    text = PROGRAMS["sums inside"].text
    (u,) = PROGRAMS["sums inside"].inputs
    stored = dpc.hessian(dpc.compile(text).f)(u, 12)
    found = dpc.hessian(dpc.compile(annotated(text, "slots=3")).f)(u, 12)
    np.testing.assert_array_equal(found, stored)
    assert np.all(np.isfinite(stored))


def test_gradients_of_many() -> None:
    """`vmap` and `jacobian` over a loop reversed from states."""
    text = PROGRAMS["result"].text
    (u,) = PROGRAMS["result"].inputs
    made, stored = (dpc.compile(t).f for t in (annotated(text, "slots=2"), text))
    found = dpc.jacobian(made, mode="reverse")(u, 7)
    np.testing.assert_array_equal(found, dpc.jacobian(stored, mode="reverse")(u, 7))
    scalar = PROGRAMS["scalars"].text
    made, stored = (dpc.compile(t).f for t in (annotated(scalar, "slots=2"), scalar))
    many = np.linspace(0.1, 0.9, 4)
    gradients = (dpc.vmap(dpc.grad(f), in_axes=(0, None, None)) for f in (made, stored))
    left, right = (g(many, 0.7, 9) for g in gradients)
    np.testing.assert_array_equal(left, right)
