"""Signatures: dimensions, inputs, results, as callers see them."""

from textwrap import dedent

from dpc.compiler.lowering import lower_module
from dpc.compiler.lowering.signature import signature_of
from dpc.compiler.signature import Group
from tests.lowering.harness import Program, typed_module

TEXT = dedent(
    """
    class Model:
        w: f64[d, 2]
        b: f64

    def f(m: Model, x: f64[2 * n + 1], k: i64, scale: f64 = 2.0) -> (f64, f64[n, 3]):
        y = zeros((n, 3))
        return m.b * scale, y + x[0] + k
    """
).lstrip()


def test_signature() -> None:
    signature = signature_of(typed_module(TEXT).functions["f"])
    names = [b.name for b in signature.bindings]
    assert set(names) >= {"n"}
    assert [str(e) for e in signature.extents] == [*names, "2*n + 1"]
    assert [s.name for s in signature.inputs] == ["m", "x", "k", "scale"]
    assert [leaf.path for leaf in signature.inputs[0].leaves] == [("w",), ("b",)]
    assert signature.inputs[3].default == 2.0
    assert [s.name for s in signature.results] == ["out.0", "out.1"]
    assert signature.tree == Group((0, 1))


def test_arguments_of_the_ir_function() -> None:
    module = typed_module(TEXT)
    function = lower_module(module).function("f")
    dimensions = [b.name for b in module.functions["f"].bindings]
    found = [(p.name, p.role) for p in function.parameters]
    inputs = ["m.w", "m.b", "x", "k", "scale"]
    assert found == [
        *((name, "dimension") for name in [*dimensions, "2*n + 1"]),
        *((name, "input") for name in inputs),
    ]
    extents = {p.name: p.extents for p in function.parameters}
    assert extents["x"] == ("2*n + 1",)
    assert extents["m.w"][1] == 2


def test_outputs_follow_inputs_after_bufferization() -> None:
    function = Program(TEXT).loops.function("f")
    last = function.parameters[-1]
    assert (last.role, last.extents) == ("output", ("n", 3))
    assert [str(t) for t in function.result_types] == ["f64"]


def test_function_without_result() -> None:
    text = "def f(x: f64):\n    assert x > 0.0\n"
    signature = signature_of(typed_module(text).functions["f"])
    assert signature.tree is None
    assert Program(text).at_loops({"x": 1.0}) is None
