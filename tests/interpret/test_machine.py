"""What the interpreter refuses: memory errors, wrong trip counts, failed checks."""

from typing import Any

import numpy as np
import pytest

from dpc.compiler.dialects.numbers import COMPLEX
from dpc.compiler.interpret import CheckFailed, InterpreterError, run, uninitialised
from dpc.compiler.ir.core import Block, Function, Module, Parameter, Value
from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.types import INDEX

SIZED = 'func.func @f(%n: index {dp.dimension = "n"}, %x: memref<?xf64> {dp.extents = ["n"]})'
HEAD = """
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f64
"""


def function(body: str, results: str = "") -> Module:
    return parse_module(f"{SIZED}{results} {{{HEAD}{body}\n}}")


REFUSED = {
    "load out of bounds": (
        "%v = memref.load %x[%n] : memref<?xf64>\n func.return",
        r"index \(2,\) outside of extents \(2,\)",
    ),
    "load at a negative index": (
        "%i = arith.subi %c0, %c1 : index\n%v = memref.load %x[%i] : memref<?xf64>\n func.return",
        r"index \(-1,\) outside",
    ),
    "store out of bounds": (
        "memref.store %one, %x[%n] : memref<?xf64>\n func.return",
        "memref.store: index",
    ),
    "garbage": (
        "%b = memref.alloc(%n) : memref<?xf64>\n"
        "memref.store %one, %b[%c0] : memref<?xf64>\n"
        "%v = memref.load %b[%c1] : memref<?xf64>\n func.return",
        r"element \(1,\) is uninitialised",
    ),
    "negative extent": (
        "%m = arith.subi %c0, %n : index\n%b = memref.alloc(%m) : memref<?xf64>\n func.return",
        r"extents \[-2\]",
    ),
    "copy of another size": (
        "%b = memref.alloc(%c1) : memref<?xf64>\n"
        "memref.copy %x, %b : memref<?xf64> to memref<?xf64>\n func.return",
        r"\(2,\) to \(1,\)",
    ),
    "step": ("scf.for %i = %c0 to %n step %c0 {\n}\n func.return", "the step is 0"),
    "bound": (
        "%t = arith.constant true\n"
        "scf.while bound %n : () -> () {\nscf.condition(%t)\n} do {\nscf.yield\n}\n func.return",
        "more than 2 iterations",
    ),
    "empty stack": (
        "%s = tape.stack : !tape.stack<f64>\n%v = tape.pop %s : !tape.stack<f64>\n func.return",
        "the stack is empty",
    ),
    "generate of another size": (
        "%t = array.generate (%i) in (%n) : tensor<3xf64> {\n scf.yield %one : f64\n}\nfunc.return",
        "array.generate: extents",
    ),
    "assign of another size": (
        "%t = array.generate (%i) in (%n) : tensor<?xf64> {\n scf.yield %one : f64\n}\n"
        "%b = memref.alloc(%n) : memref<?xf64>\n"
        "array.assign %t, %b (%i) in (%c1) : tensor<?xf64> to memref<?xf64> {\n"
        " scf.yield %i : index\n}\n func.return",
        "array.assign: ",
    ),
    "assign twice to a place": (
        "%t = array.generate (%i) in (%n) : tensor<?xf64> {\n scf.yield %one : f64\n}\n"
        "%b = memref.alloc(%n) : memref<?xf64>\n"
        "array.assign %t, %b (%i) in (%n) : tensor<?xf64> to memref<?xf64> {\n"
        " scf.yield %c0 : index\n}\n func.return",
        "written twice",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_correct_ir_never_does_is_an_error(name: str) -> None:
    body, message = REFUSED[name]
    with pytest.raises(InterpreterError, match=message):
        run(function(body), "f", [2, np.zeros(2)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [([2], "takes 2 arguments, 1 given"), ([2, np.zeros(3)], r"x has extents \(3,\), not \(2,\)"),
     ([2, np.zeros(2), 1.0], "3 given")],
)  # fmt: skip
def test_arguments_are_checked(arguments: list[Any], message: str) -> None:
    with pytest.raises(InterpreterError, match=message):
        run(function("func.return"), "f", arguments)


def test_failed_checks_report_their_values() -> None:
    module = function(
        "%c = arith.cmpi slt, %n, %c1 : index\n"
        'cf.assert %c, "n is {}, not {}"(%n, %one : index, f64) {kind = "extent"}\n func.return'
    )
    with pytest.raises(CheckFailed) as caught:
        run(module, "f", [2, np.zeros(2)])
    assert str(caught.value) == "n is 2, not 1.0"
    assert caught.value.values == (2, 1.0)
    assert caught.value.op.kind == "extent"


def test_outputs_that_were_not_written_show() -> None:
    text = (
        'func.func @f(%y: memref<2xf64> {dp.role = "output", dp.extents = [2]}) {'
        f"{HEAD}memref.store %one, %y[%c1] : memref<2xf64>\nfunc.return\n}}"
    )
    output = uninitialised((2,))
    run(parse_module(text), "f", [output])
    assert output[1] == 1.0
    assert repr(output[0]) == "UNINITIALISED"


def test_buffers_are_fresh_in_every_iteration() -> None:
    body = """
  scf.for %i = %c0 to %n step %c1 {
    %b = memref.alloc(%n) : memref<?xf64>
    %first = arith.cmpi eq, %i, %c0 : index
    scf.if %first {
      memref.store %one, %b[%c0] : memref<?xf64>
    }
    %v = memref.load %b[%c0] : memref<?xf64>
  }
  func.return"""
    with pytest.raises(InterpreterError, match="uninitialised"):
        run(function(body), "f", [2, np.zeros(2)])


def test_f32_is_rounded_at_every_step() -> None:
    text = """
func.func @f(%x: f32, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %x) -> (f32) {
    %t = arith.addf %s, %x : f32
    scf.yield %t : f32
  }
  func.return %r : f32
}
"""
    expected = np.float32(0.1)
    for _ in range(100):
        expected = np.float32(expected + np.float32(0.1))
    assert run(parse_module(text), "f", [0.1, 100]) == [float(expected)]


def test_products_of_f32_matrices_are_rounded_at_every_step() -> None:
    text = """
func.func @f(%a: memref<1x9xf32> {dp.extents = [1, 9]}, %b: memref<9x1xf32> {dp.extents = [9, 1]}, \
%c: memref<1x1xf32> {dp.role = "output", dp.extents = [1, 1]}) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<1x1xf32>)
  linalg.matmul ins(%a, %b : memref<1x9xf32>, memref<9x1xf32>) outs(%c : memref<1x1xf32>) \
{kind = "nn", masked = false}
  func.return
}
"""
    a = np.linspace(0.1, 0.9, 9, dtype=np.float32).reshape(1, 9)
    expected = np.float32(0.0)
    for x in a[0]:
        expected = np.float32(expected + np.float32(x * x))
    c = np.zeros((1, 1), np.float32)
    run(parse_module(text), "f", [a, a.T.copy(), c])
    assert c[0, 0] == expected


def test_reductions_follow_row_major_order_and_their_kind() -> None:
    text = """
func.func @f(%x: tensor<2x2xi64> {{dp.extents = [2, 2]}}, %z: i64) -> i64 {{
  %c2 = arith.constant 2 : index
  %r = array.reduce {kind} (%i, %j) in (%c2, %c2) init %z : i64 {{
    %v = array.extract %x[%i, %j] : tensor<2x2xi64>
    scf.yield %v : i64
  }}
  func.return %r : i64
}}
"""
    table = np.array([[6, 3], [2, 7]])
    expected = {"add": 18, "mul": 0, "min": 0, "max": 7, "and": 0, "or": 7}
    for kind, value in expected.items():
        assert run(parse_module(text.format(kind=kind)), "f", [table, 0]) == [value]


def test_float_reductions_propagate_nan() -> None:
    text = """
func.func @f(%x: tensor<3xf64> {{dp.extents = [3]}}, %z: f64) -> f64 {{
  %c3 = arith.constant 3 : index
  %r = array.reduce {kind} (%i) in (%c3) init %z : f64 {{
    %v = array.extract %x[%i] : tensor<3xf64>
    scf.yield %v : f64
  }}
  func.return %r : f64
}}
"""
    for kind in ("min", "max"):
        module = parse_module(text.format(kind=kind))
        (found,) = run(module, "f", [np.array([1.0, np.nan, 2.0]), 0.0])
        assert np.isnan(found)
    (product,) = run(parse_module(text.format(kind="mul")), "f", [np.array([2.0, 3.0, 4.0]), 1.0])
    assert product == 24.0


def test_array_results_have_the_dtype_of_their_field() -> None:
    text = """
func.func @f(%x: tensor<2xf64> {dp.extents = [2]}) -> (tensor<2xf64>, tensor<2xi1>, i1) {
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f64
  %t = array.generate (%i) in (%c2) : tensor<2xf64> {
    %v = array.extract %x[%i] : tensor<2xf64>
    %w = arith.negf %v : f64
    scf.yield %w : f64
  }
  %p = array.generate (%i) in (%c2) : tensor<2xi1> {
    %v = array.extract %x[%i] : tensor<2xf64>
    %w = arith.cmpf olt, %v, %zero : f64
    scf.yield %w : i1
  }
  %true = arith.constant true
  func.return %t, %p, %true : tensor<2xf64>, tensor<2xi1>, i1
}
"""
    module = parse_module(text)
    negated, signs, always = run(module, "f", [np.array([1.0, -2.0])])
    assert negated.dtype == np.float64
    assert negated.tolist() == [-1.0, 2.0]
    assert signs.dtype == bool
    assert signs.tolist() == [False, True]
    assert always is True
    stepped, _, _ = run(module, "f", [np.array([1.0, 2.0 + 1e-30j])], COMPLEX)
    assert stepped.tolist() == [-1.0, -2.0 - 1e-30j]


def test_unknown_functions_are_a_key_error() -> None:
    value = Value(INDEX)
    module = Module((Function("f", (Parameter("n"),), (), Block((value,), ())),))
    with pytest.raises(KeyError):
        run(module, "g", [1])
