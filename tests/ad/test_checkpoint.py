"""Loops reversed from stored states, in the interpreter: the same bits whatever the schedule."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from dpc.compiler.ad import reverse
from dpc.compiler.ad.checkpoint import Checkpoints, Wish, checkpoints
from dpc.compiler.ad.checkpointed import Run
from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.forward import jvp
from dpc.compiler.ad.iterations import Iterations
from dpc.compiler.ad.plan import TapePlan
from dpc.compiler.ad.sweep import Sweep
from dpc.compiler.dialects.arith import Constant
from dpc.compiler.ir.core import Module, Value
from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.printer import print_module
from dpc.compiler.ir.types import is_float
from tests.ad.checkpoint_programs import PROGRAMS, Program
from tests.ad.checkpointing import (
    loops_level,
    reversed_from_states,
    reversed_from_tapes,
    scheduled,
    values,
)
from tests.ad.harness import float_inputs

SCHEDULES = ((1, 100), (1, 1), (2, 1), (3, 2), (9, 1), (1, 3), (4, 4))


@pytest.mark.parametrize(("name", "program"), PROGRAMS.items())
def test_the_same_bits_under_every_schedule(name: str, program: Program) -> None:
    function = loops_level(program.text, "f")
    made = reversed_from_states(function).function
    stored = reversed_from_tapes(function)
    for steps in (0, 1, 2, 5, 11):
        inputs = (*program.inputs, steps)
        want = values(stored, program.sizes, inputs)
        for slots, frames in SCHEDULES:
            found = values(made, program.sizes, inputs, scheduled(slots, frames, Counter()))
            for a, b in zip(found, want, strict=True):
                np.testing.assert_array_equal(a, b, f"{steps} steps, {slots}, {frames}")


@pytest.mark.parametrize(("name", "program"), PROGRAMS.items())
def test_the_same_tangents_under_every_schedule(name: str, program: Program) -> None:
    function = loops_level(program.text, "f")
    made = reversed_from_states(function).function
    stored = reversed_from_tapes(function)
    moved, plain = (jvp(f, float_inputs(f)) for f in (made, stored))
    inputs = (*program.inputs, 6)
    want = values(plain, program.sizes, inputs)
    for slots, frames in SCHEDULES[1:4]:
        found = values(moved, program.sizes, inputs, scheduled(slots, frames, Counter()))
        for a, b in zip(found, want, strict=True):
            np.testing.assert_array_equal(a, b, f"{slots}, {frames}")


@pytest.mark.parametrize(("name", "program"), PROGRAMS.items())
def test_what_a_state_holds(name: str, program: Program) -> None:
    found = reversed_from_states(loops_level(program.text, "f")).checkpoints
    assert not found.barred
    assert len(found.loops) == program.loops
    for state in found.loops.values():
        assert len(state.carried) == program.carried
        assert tuple(b.name for b in state.buffers) == program.arrays


@pytest.mark.parametrize("name", ["scalars", "integers", "array", "result", "sums inside"])
def test_a_state_that_lacks_anything_shows(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each variable of a state left out in turn, the gradient is another."""
    program = PROGRAMS[name]
    function = loops_level(program.text, "f")
    inputs = (*program.inputs, 9)
    want = values(reversed_from_tapes(function), program.sizes, inputs)
    restore, found = Run.restore, checkpoints

    def zero(run: Run, emit: Emit, position: Value) -> tuple[Value, ...]:
        state = list(restore(run, emit, position))
        type_ = state[lacking].type
        number = 0.0 if is_float(type_) else 0
        state[lacking] = emit.emit(Constant(number, type_))  # type: ignore[arg-type]
        return tuple(state)

    def scratch(sweep: Sweep, chosen: Iterations, outcome: TapePlan) -> Checkpoints:
        ((op, state),) = found(sweep, chosen, outcome).loops.items()
        return Checkpoints({op: replace(state, buffers=(), scratch=state.buffers)}, {})

    for lacking in range(program.carried + len(program.arrays)):
        with monkeypatch.context() as patch:
            if lacking < program.carried:
                patch.setattr(Run, "restore", zero)
            else:
                patch.setattr(reverse, "checkpoints", scratch)
            made = reversed_from_states(function).function
        got = values(made, program.sizes, inputs, scheduled(3, 2, Counter()))
        assert any(not np.array_equal(a, b) for a, b in zip(got, want, strict=True))


def test_text() -> None:
    """What is printed reads back as the same."""
    made = reversed_from_states(loops_level(PROGRAMS["array"].text, "f")).function
    text = print_module(Module((made,)))
    assert all(word in text for word in ("tape.choose", "tape.restore", "{settled"))
    assert print_module(parse_module(text)) == text


def test_wishes() -> None:
    assert Wish.of("auto") == Wish()
    assert Wish.of("slots=12") == Wish(slots=12)
    assert Wish.of("memory=4096") == Wish(memory=4096)
