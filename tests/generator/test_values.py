"""Generated programs mean the same to Python, to the interpreter, to native code, and to both
derivatives.
"""

import copy
import os
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

import dpc
from dpc.compiler.ir.core import Function
from tests.ad.harness import complex_step
from tests.conformance.reference import interpreted
from tests.conformance.semantics import NAMES
from tests.generator.programs import Program, programs
from tests.lowering.harness import by_python

# Without shrinking: a failing program is shorter to read than to shrink. A fixed choice
# of programs, unless DPC_PROGRAMS asks for that many new ones.
PROGRAMS = settings(
    max_examples=int(os.environ.get("DPC_PROGRAMS", "20")),
    deadline=None,
    derandomize="DPC_PROGRAMS" not in os.environ,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
FLOATS = ("a", "b", "u", "w", "p", "r")


@PROGRAMS
@given(programs(smooth=False, scalar_result=False))
def test_native_code_agrees_with_python(program: Program) -> None:
    expected = by_python(program.text, program.arguments, "main", NAMES)
    module = dpc.compile(program.text, name="generated")
    given_ = copy.deepcopy(program.arguments)
    for mode in ("strict", "fast"):
        value = module.main.options(math=mode)(**given_)
        np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-9)
    for name in ("u", "w", "p", "z"):
        np.testing.assert_array_equal(given_[name], program.arguments[name])


@PROGRAMS
@given(programs(smooth=False, scalar_result=False))
def test_the_interpreter_agrees_with_native_code_bit_for_bit(program: Program) -> None:
    strict = dpc.compile(program.text, name="generated", math="strict").main
    expected = interpreted(strict)(**program.arguments)
    np.testing.assert_array_equal(strict(**program.arguments), expected)


@PROGRAMS
@given(programs())
def test_reverse_agrees_with_forward_and_with_complex_steps(program: Program) -> None:
    main = dpc.compile(program.text, name="generated").main
    arguments = list(program.arguments.values())
    tangents = _tangents(program)
    value, gradient = dpc.value_and_grad(main, wrt=FLOATS)(*arguments)
    primal, tangent = dpc.jvp(main, wrt=FLOATS)(*arguments, *tangents)
    assert value == primal
    product = sum(np.sum(g * t) for g, t in zip(_flat(gradient), _flat(tangents), strict=True))
    np.testing.assert_allclose(product, tangent, rtol=1e-8, atol=1e-8)
    function = main.entry.function
    inputs = _flat(arguments)
    (step,) = complex_step(function, _sizes(program, function), inputs, _flat(tangents))
    np.testing.assert_allclose(step, tangent, rtol=1e-8, atol=1e-8)


def _tangents(program: Program) -> list[Any]:
    random = np.random.default_rng(len(program.text))

    def like(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: like(part) for name, part in value.items()}
        drawn = random.normal(size=np.shape(value))
        return drawn if drawn.ndim else float(drawn)

    return [like(program.arguments[name]) for name in FLOATS]


def _flat(values: Any) -> list[Any]:
    """The leaves of records and tuples, in order."""
    flat: list[Any] = []
    for value in values:
        if hasattr(value, "__dataclass_fields__"):
            flat += _flat(getattr(value, name) for name in value.__dataclass_fields__)
        else:
            flat += _flat(value.values()) if isinstance(value, dict) else [value]
    return flat


def _sizes(program: Program, function: Function) -> dict[str, int]:
    n, m = program.arguments["p"].shape
    names = [p.name for p in function.parameters if p.role == "dimension"]
    return {name: {"n": n, "m": m}[name] for name in names}
