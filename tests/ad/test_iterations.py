"""Loops reversed iteration by iteration: which are, that they are right, and what they hold."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dpc.compiler.ad.iterations import Frame, Iterations, iterations
from dpc.compiler.ad.reverse import vjp
from dpc.compiler.interpret import uninitialised
from dpc.compiler.ir.core import Function, Module
from dpc.compiler.ir.types import MemRefType
from dpc.compiler.ir.verify import verify
from tests.ad.harness import check, evaluate, float_inputs
from tests.ad.iteration_cases import ALL
from tests.ad.memory import peak_elements
from tests.ad.programs import loops_of

CHOICE = "dpc.compiler.ad.planning.iterations"
Record = Callable[[], tuple[int, int]]


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> Record:
    """(fused, replayed): how many loops the last reverse function has of each."""
    made: list[Iterations] = []

    def recorded(*arguments: Any) -> Iterations:
        made.append(iterations(*arguments))
        return made[-1]

    monkeypatch.setattr(CHOICE, recorded)

    def counts() -> tuple[int, int]:
        frames = made[-1].frames.values()
        replayed = {id(f.replay) for f in frames if f.replay is not None}
        return sum(len(f.fused) for f in frames), len(replayed)

    return counts


def without_frames(function: Function, monkeypatch: pytest.MonkeyPatch) -> Function:
    """The reverse of a function with everything stored."""

    def none(sweep: Any, *_: Any) -> Iterations:
        return Iterations(sweep.nest, {sweep.nest.body: Frame(None)}, {})

    with monkeypatch.context() as patch:
        patch.setattr(CHOICE, none)
        return vjp(function, float_inputs(function))


def inputs(size: int) -> list[Any]:
    return [np.random.default_rng(size).normal(size=size), 0.37]


def arguments(function: Function, size: int) -> list[Any]:
    """One for each argument of a reverse function of the cases."""
    made: list[Any] = []
    for parameter, value in zip(function.parameters, function.arguments, strict=True):
        if parameter.role == "dimension":
            made.append(size)
        elif not isinstance(value.type, MemRefType):
            made.append(0.6)
        elif parameter.role == "output":
            made.append(uninitialised((size,)))
        else:
            made.append(np.linspace(-1.0, 1.3, size))
    return made


@pytest.mark.parametrize("size", [0, 1, 5])
@pytest.mark.parametrize("name", ALL)
def test_derivatives_of_both_orders(name: str, size: int) -> None:
    check(loops_of(ALL[name].text), {"n": size}, inputs(size), tolerance=1e-11)


@pytest.mark.parametrize("name", ALL)
def test_the_loops_are_of_the_expected_kind(name: str, frames: Record) -> None:
    vjp(loops_of(ALL[name].text), (True, True))
    assert frames() == (ALL[name].fused, ALL[name].replayed)


@pytest.mark.parametrize("name", ALL)
def test_memory_does_not_grow_with_the_trip_count(name: str) -> None:
    reverse = vjp(loops_of(ALL[name].text), (True, True))
    peaks = [peak_elements(reverse, arguments(reverse, size)) for size in (7, 29)]
    assert (peaks[0] == peaks[1]) == ALL[name].constant


@pytest.mark.parametrize("name", ALL)
def test_the_gradient_is_that_with_everything_stored(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = loops_of(ALL[name].text)
    plain = without_frames(function, monkeypatch)
    chosen = vjp(function, float_inputs(function))
    verify(Module((chosen,)), "loops")
    for size in (1, 6):
        cotangent = 1.5 if function.result_types else np.linspace(0.5, 1.5, size)
        given = [*inputs(size), cotangent]
        expected = evaluate(plain, {"n": size}, given)
        for left, right in zip(evaluate(chosen, {"n": size}, given), expected, strict=True):
            np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-14)
