"""Passes before differentiation preserve derivatives, not values alone."""

from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpc.compiler import pipeline
from dpc.compiler.ad.forward import jvp
from dpc.compiler.ad.reverse import vjp
from dpc.compiler.interpret import CheckFailed, run
from dpc.compiler.ir.core import Function, Module
from tests.ir.random_ir import Generator

Transform = Callable[[Function, tuple[bool, ...]], Function]
# the direction (tangents of x and y) or the weights (cotangents of the results)
EXTRA: dict[Transform, list[Any]] = {
    jvp: [np.array([0.3, 0.7, -0.2]), 1.1],
    vjp: [1.3, np.array([0.3, 0.7, -0.2])],
}


def derivative(module: Module, transform: Transform) -> list[float] | str:
    """Everything the differentiated function returns, or the check that failed."""
    function = transform(module.function("f"), (True, True, False))
    primal, outputs = [3, np.array([0.5, -1.25, 3.0]), 0.75, 5], 2
    filled = [np.empty(3, dtype=object) for _ in range(outputs)]
    arguments = [*primal, *EXTRA[transform], *filled]
    try:
        results = run(Module((function,)), function.name, arguments)
    except CheckFailed as failure:
        return str(failure)
    return [float(v) for v in (*results, *filled[0], *filled[1]) if v is not None]


def agree(left: Sequence[float] | str, right: Sequence[float] | str) -> bool:
    if isinstance(left, str) or isinstance(right, str):
        return left == right
    return len(left) == len(right) and all(
        (isnan(a) and isnan(b)) or a == b or abs(a - b) <= 1e-9 * max(abs(a), abs(b))
        for a, b in zip(left, right, strict=True)
    )


@pytest.mark.parametrize("transform", EXTRA, ids=lambda t: t.__name__)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_derivatives_with_and_without_passes(transform: Transform, seed: int) -> None:
    module = Module((Generator(seed, stacks=False).function(),))
    optimised = pipeline.run(module, pipeline.loops("strict"))
    assert agree(derivative(optimised, transform), derivative(module, transform))
