"""Random functions: passes and native code keep their meaning, derivatives are those of steps."""

import math
from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dpc.compiler import pipeline
from dpc.compiler.ad.forward import jvp
from dpc.compiler.ad.reverse import vjp
from dpc.compiler.dialects.numbers import COMPLEX
from dpc.compiler.interpret import CheckFailed, run, uninitialised
from dpc.compiler.ir.core import Function, Module
from dpc.compiler.ir.printer import print_module
from dpc.compiler.ir.verify import verify
from dpc.runtime.errors import RuntimeError
from tests.codegen.running import Program
from tests.ir.random_ir import random_function

SEEDS = st.integers(0, 10**9)
X, Y, K = np.array([0.5, -1.25, 3.0]), 0.75, 5
STEP = 1e-30


def interpreted(module: Module) -> Any:
    """Results and output, or the message of the check that failed."""
    output = uninitialised((3,))
    try:
        return repr((run(module, "f", [3, X, Y, K, output]), list(output)))
    except CheckFailed as failure:
        return str(failure)


def native(module: Module) -> Any:
    """The same of native code."""
    output = np.zeros(3)
    try:
        results = Program(print_module(module)).call(3, X.copy(), Y, K, output)
    except RuntimeError as failure:
        return str(failure)
    return repr((results, output.tolist()))


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_passes_keep_the_meaning_and_the_invariants(seed: int) -> None:
    module = Module((random_function(seed),))
    expected = interpreted(module)
    for each in (*pipeline.loops("strict"), *pipeline.finish(True, "strict")):
        module = each(module)
        verify(module, "loops")
        assert interpreted(module) == expected, each.__name__


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_native_code_is_the_interpreter(seed: int) -> None:
    module = Module((random_function(seed),))
    module = pipeline.run(module, pipeline.finish(True, "strict"))
    assert native(module) == interpreted(module)


def stepped(function: Function, x_dot: Any, y_dot: float) -> list[float]:
    """The derivative of result and output along a direction, by a complex step."""
    output = uninitialised((3,))
    arguments = [3, (X + 1j * STEP * x_dot).astype(object), Y + 1j * STEP * y_dot, K, output]
    result, _ = run(Module((function,)), "f", arguments, COMPLEX)
    return [complex(v).imag / STEP for v in (result, *output)]


def is_finite(*values: Any) -> bool:
    return all(math.isfinite(complex(v).real) and math.isfinite(complex(v).imag) for v in values)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_derivatives_agree_with_complex_steps_and_each_other(seed: int) -> None:
    function = random_function(seed, stacks=False)
    output = uninitialised((3,))
    try:
        result, _ = run(Module((function,)), "f", [3, X, Y, K, output])
    except CheckFailed:
        assume(False)
    x_dot, y_dot = np.array([0.3, -1.1, 0.7]), 0.4
    expected = stepped(function, x_dot, y_dot)
    assume(is_finite(result, *output, *expected))

    active = (True, True, False)
    forward, reverse = jvp(function, active), vjp(function, active)
    outputs = [uninitialised((3,)) for _ in range(4)]
    verify(Module((forward,)), "loops")
    arguments = [3, X, Y, K, x_dot, y_dot, *outputs[:2]]
    tangent = run(Module((forward,)), forward.name, arguments)[2]
    tangents = [tangent, *outputs[1]]
    np.testing.assert_allclose(np.array(tangents, float), expected, rtol=1e-9, atol=1e-9)

    verify(Module((reverse,)), "loops")
    weights = np.array([0.7, 1.3, -0.2, 0.9])
    arguments = [3, X, Y, K, weights[0], weights[1:], *outputs[2:]]
    gradient = run(Module((reverse,)), reverse.name, arguments)[2]
    transposed = float(np.dot(outputs[3].astype(float), x_dot)) + gradient * y_dot
    assert math.isclose(transposed, float(np.dot(weights, expected)), rel_tol=1e-9, abs_tol=1e-9)
