"""Generated programs with every loop that may run side by side doing so, in two lanes.

Their arrays are too short for eight, and few of their loops would pay.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dpc.compiler.analysis import lane_costs
from dpc.compiler.analysis.lane_costs import computes_functions, left_to_llvm
from dpc.compiler.passes import lane_roles, lane_rules, lanes, vectorize
from tests.generator.oracles import (
    Check,
    arguments_are_left_alone,
    derivatives_raise_the_same,
    fast_agrees_with_strict,
    forward_agrees_with_reverse,
    interpreter_agrees_bit_for_bit,
    native_code_agrees_with_python,
    run,
)
from tests.generator.program import program

CHECKS: tuple[Check, ...] = (
    native_code_agrees_with_python,
    fast_agrees_with_strict,
    arguments_are_left_alone,
    interpreter_agrees_bit_for_bit,
    derivatives_raise_the_same,
    forward_agrees_with_reverse,
)


@contextmanager
def everything_in_two_lanes(taken: Counter[bool]) -> Iterator[None]:
    """Take every loop that may be taken; `taken` counts loops by whether they were."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (lane_costs, lane_roles, lane_rules, lanes, vectorize):
            patch.setattr(module, "LANES", 2)
        patch.setattr(vectorize, "LEAST_STEPS", 1)
        patch.setattr(vectorize, "pays", lambda *_: True)
        patch.setattr(vectorize, "constant_trips", lambda _: None)
        patch.setattr(
            vectorize,
            "left_to_llvm",
            lambda loop: left_to_llvm(loop) and computes_functions(loop),
        )
        remark = vectorize.Remark

        def counted(*fields: object) -> vectorize.Remark:
            made = remark(*fields)  # type: ignore[arg-type]
            taken[made.vectorised] += 1
            return made

        patch.setattr(vectorize, "Remark", counted)
        yield


@pytest.mark.parametrize("first", range(0, 12, 4))
def test_programs_agree_in_lanes(first: int) -> None:
    taken: Counter[bool] = Counter()
    with everything_in_two_lanes(taken):
        for seed in range(first, first + 4):
            made = program(seed)
            failures = run(made, CHECKS)
            assert not failures, f"seed {seed}: {failures}\n{made.text}"
    assert taken[True]
