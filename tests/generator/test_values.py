"""Generated programs mean the same to Python, to native code, and to both derivatives."""

import __future__

import ast
import copy
import math
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

import dpc
from tests.end_to_end.python_semantics import NAMES, _Values
from tests.generator.programs import Program, programs

# Without shrinking: a failing program is shorter to read than to shrink.
PROGRAMS = settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
FLOATS = ("a", "b", "u", "w", "p")

_NAMES: dict[str, Any] = {
    **NAMES,
    **{name: getattr(np, name) for name in ("sinh", "expm1", "full")},
    "atan": np.arctan,
    "erf": np.vectorize(math.erf),
    "f64": float,
    "relu": lambda x: np.maximum(x, 0.0),
    "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "zeros": lambda *extents: np.zeros(extents),
    "np": np,
    "copy_of": copy.deepcopy,
}


class _LoopValues(_Values):
    """A loop over an array goes over its value at entry."""

    def visit_For(self, node: ast.For) -> ast.For:  # noqa: N802
        self.generic_visit(node)
        if isinstance(node.iter, ast.Name):
            node.iter = self._copied(node.iter)
        return node


def python_value(program: Program) -> Any:
    tree = ast.fix_missing_locations(_LoopValues().visit(ast.parse(program.text)))
    code = compile(tree, "generated", "exec", flags=__future__.annotations.compiler_flag)
    namespace = dict(_NAMES)
    exec(code, namespace)
    return namespace[program.function](*copy.deepcopy(list(program.arguments.values())))


@PROGRAMS
@given(programs(smooth=False, scalar_result=False))
def test_native_code_agrees_with_python(program: Program) -> None:
    expected = python_value(program)
    module = dpc.compile(program.text, name="generated")
    given_ = copy.deepcopy(program.arguments)
    for mode in ("strict", "fast"):
        value = module.main.options(math=mode)(**given_)
        np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-9)
    for name, argument in program.arguments.items():
        np.testing.assert_array_equal(given_[name], argument)


@PROGRAMS
@given(programs())
def test_reverse_agrees_with_forward(program: Program) -> None:
    main = dpc.compile(program.text, name="generated").main
    arguments = list(program.arguments.values())
    random = np.random.default_rng(len(program.text))
    tangents = [random.normal(size=np.shape(program.arguments[name])) for name in FLOATS]
    value, gradient = dpc.value_and_grad(main, wrt=FLOATS)(*arguments)
    primal, tangent = dpc.jvp(main, wrt=FLOATS)(
        *arguments, *(t if t.ndim else float(t) for t in tangents)
    )
    assert value == primal
    product = sum(np.sum(g * t) for g, t in zip(gradient, tangents, strict=True))
    np.testing.assert_allclose(product, tangent, rtol=1e-8, atol=1e-8)
