"""The pipelines on whole programs: each pass leaves valid IR and, in strict mode, the same bits."""

import copy
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from dpc.compiler import pipeline
from dpc.compiler.interpret import CheckFailed
from dpc.compiler.ir.core import Module
from dpc.compiler.lowering.bufferize import bufferize
from dpc.compiler.pipeline import Timing
from tests.lowering.harness import Program, assert_same
from tests.lowering.programs import SCALARS
from tests.lowering.programs import Program as Example
from tests.lowering.programs_arrays import ARRAYS
from tests.lowering.programs_control import CONTROL
from tests.lowering.programs_wide import WIDE
from tests.lowering.test_run_time_errors import CASES
from tests.passes.harness import function

ERRORS = {name: (dedent(case[0]), case[1]) for name, case in CASES.items()}
ALL: list[Example] = [*SCALARS, *CONTROL, *ARRAYS, *WIDE]


def outcome(program: Program, arguments: dict[str, Any]) -> str:
    """The result, exactly, or the message of the check that failed."""
    with np.printoptions(floatmode="unique"):
        try:
            return repr(program.at_loops(copy.deepcopy(arguments)))
        except CheckFailed as failure:
            return f"failed: {failure}"


@pytest.mark.parametrize("example", ALL, ids=lambda p: p.name)
def test_programs_keep_their_results(example: Example) -> None:
    program = Program(example.text)
    expected = outcome(program, example.arguments)
    array = pipeline.run(program.array, pipeline.ARRAY, verify_each=True)
    program.loops = bufferize(array)
    assert outcome(program, example.arguments) == expected
    program.loops = pipeline.run(program.loops, pipeline.loops("strict"), verify_each=True)
    assert outcome(program, example.arguments) == expected
    program.loops = pipeline.run(program.loops, pipeline.finish(math="strict"), verify_each=True)
    assert outcome(program, example.arguments) == expected


@pytest.mark.parametrize("name", ERRORS)
def test_the_same_check_fails(name: str) -> None:
    text, arguments = ERRORS[name]
    program = Program(text)
    expected = outcome(program, arguments)
    assert expected.startswith("failed")
    loops = bufferize(pipeline.run(program.array, pipeline.ARRAY))
    passes = (*pipeline.loops("fast"), *pipeline.finish())
    program.loops = pipeline.run(loops, passes, verify_each=True)
    assert outcome(program, arguments) == expected


@pytest.mark.parametrize("example", ALL, ids=lambda p: p.name)
def test_fast_mode_changes_rounding_only(example: Example) -> None:
    program = Program(example.text)
    expected = program.at_loops(copy.deepcopy(example.arguments))
    array = pipeline.run(program.array, pipeline.ARRAY)
    loops = pipeline.run(bufferize(array), pipeline.loops("fast"), verify_each=True)
    for strong in (False, True):
        program.loops = pipeline.run(loops, pipeline.finish(strong, "fast"), verify_each=True)
        found = program.at_loops(copy.deepcopy(example.arguments))
        single = "single_precision" in example.name
        assert_same(found, expected, 3e-6 if single else 1e-11)


def test_observers_see_every_pass_that_ran() -> None:
    seen: list[tuple[Timing, Module]] = []
    module = function("%r = arith.addf %a, %b : f64\nfunc.return %r : f64")
    found = pipeline.run(
        module, pipeline.SIMPLIFY * 3, observe=lambda timing, now: seen.append((timing, now))
    )
    assert seen[-1][1] is found
    names = [timing.name for timing, _ in seen]
    assert names[:3] == ["canonicalize", "cse", "dce"]
    # once a round changes nothing, the rest is left out
    assert len(names) == 6
    assert all(timing.seconds >= 0.0 for timing, _ in seen)
