"""The examples that march in time, within budgets of memory: the same bits, never more bytes."""

from typing import Any

import numpy as np
import pytest

import dpc
from tests.examples.sequences import SEQUENCES

# Of the others a gradient keeps all steps: of each shot in turn, and of a loop of unknown length.
BOUNDED = ("burgers", "nbody", "lorenz")


def bits(gradient: Any) -> bytes:
    return b"".join(np.asarray(part).tobytes() for part in gradient)


def least(gradient: dpc.Function, arguments: Any) -> int:
    """The smallest budget, as the error says."""
    with pytest.raises(dpc.MemoryBudgetError) as caught:
        gradient.options(memory=1)(**arguments)
    return int(caught.value.needed)


@pytest.mark.parametrize("math", ["fast", "strict"])
@pytest.mark.parametrize("name", BOUNDED)
def test_a_sweep_of_budgets(name: str, math: str) -> None:
    each = SEQUENCES[name]
    function = getattr(dpc.load(each.model, math=math), each.function)
    stored = dpc.grad(function, wrt=each.wrt, memory="1 GiB")
    want, everything = bits(stored(**each.arguments)), stored.usage(**each.arguments)
    assert everything.recompute_factor == 1.0
    smallest = least(stored, each.arguments)
    assert smallest < everything.bytes / 2
    factors = []
    for budget in np.geomspace(smallest, 1.2 * everything.bytes, 12).astype(int):
        gradient = stored.options(memory=int(budget))
        assert bits(gradient(**each.arguments)) == want
        usage = gradient.usage(**each.arguments)
        assert usage.bytes <= budget
        factors.append(usage.recompute_factor)
    assert factors == sorted(factors, reverse=True)
    assert factors[0] > 2.0
    assert factors[-1] == 1.0


@pytest.mark.parametrize("name", ["seismic", "arenstorf"])
def test_what_is_too_little_is_refused(name: str) -> None:
    each = SEQUENCES[name]
    function = getattr(dpc.load(each.model), each.function)
    gradient = dpc.grad(function, wrt=each.wrt)
    want, whole = bits(gradient(**each.arguments)), gradient.usage(**each.arguments).bytes
    bounded = dpc.grad(function, wrt=each.wrt, memory=whole)
    assert bits(bounded(**each.arguments)) == want
    assert least(bounded, each.arguments) < whole
