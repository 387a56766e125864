"""The exported text: stock MLIR verifies it, and lowers it to the same results."""

import shutil
import struct
import subprocess

import numpy as np
import pytest

from dpc.compiler.codegen.mlir import export
from dpc.compiler.dialects import ALL_OPS, ad, array, vector
from dpc.compiler.dialects.func import Call
from dpc.compiler.interpret import run
from dpc.compiler.ir.core import Module
from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.verify import LEVELS, VerificationError
from tests.ir.random_ir import random_function
from tests.ir.sample import Sample
from tests.ir.samples import FLOATS, LOOPS, SAMPLES, TAPE

MLIR_OPT = shutil.which("mlir-opt-19") or shutil.which("mlir-opt")
RUNNER = shutil.which("mlir-cpu-runner-19") or shutil.which("mlir-cpu-runner")
EXPORTED = [s for s in SAMPLES if s.level in ("loops", "vector")]

needs_mlir = pytest.mark.skipif(MLIR_OPT is None, reason="mlir-opt is not installed")


def mlir_opt(text: str, *passes: str) -> str:
    """What mlir-opt makes of a text; it must accept it."""
    assert MLIR_OPT is not None
    outcome = subprocess.run([MLIR_OPT, *passes], input=text, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stderr + text
    return outcome.stdout


@needs_mlir
@pytest.mark.parametrize("sample", EXPORTED, ids=lambda s: s.name)
def test_stock_mlir_verifies_every_op(sample: Sample) -> None:
    mlir_opt(export(parse_module(sample.text)))


def test_the_samples_hold_every_op_of_the_loops_and_vector_levels() -> None:
    used = {
        type(op)
        for sample in EXPORTED
        for function in parse_module(sample.text).functions
        for op in function.body.walk()
    }
    assert used == LEVELS["loops"] - set(ad.KEPT) | set(vector.OPS)
    assert used == set(ALL_OPS) - set(array.OPS) - {Call}


def test_what_mlir_lacks_is_rewritten_or_declared() -> None:
    text = export(parse_module(TAPE.text))
    assert "func.func private @dpc.tape.push.f64(index, f64)\n" in text
    assert "%v_0 = func.call @dpc.tape.pop.f64" not in text
    assert "= func.call @dpc.tape.pop.f64(%stack) : (index) -> f64" in text
    floats = export(parse_module(FLOATS.text))
    assert "mulz" not in floats
    assert "stop_gradient" not in floats
    loops = export(parse_module(LOOPS.text))
    assert 'cf.assert %positive, "nothing in \\"x\\": {}\\n"\n' in loops
    for ours in ("lanes", "bound", "dp."):
        assert ours not in loops


def test_the_array_level_is_refused() -> None:
    (arrays,) = (s for s in SAMPLES if s.level == "array")
    with pytest.raises(VerificationError):
        export(parse_module(arrays.text))


LOWER = (
    "--convert-vector-to-scf",
    "--convert-linalg-to-loops",
    "--convert-scf-to-cf",
    "--expand-strided-metadata",
    "--arith-expand",
    "--convert-math-to-funcs",
    "--convert-math-to-llvm",
    "--convert-math-to-libm",
    "--convert-vector-to-llvm",
    "--convert-arith-to-llvm",
    "--finalize-memref-to-llvm",
    "--convert-func-to-llvm",
    "--convert-cf-to-llvm",
    "--reconcile-unrealized-casts",
)


@needs_mlir
@pytest.mark.parametrize("sample", EXPORTED, ids=lambda s: s.name)
def test_stock_mlir_lowers_it_to_llvm(sample: Sample) -> None:
    lowered = mlir_opt(export(parse_module(sample.text)), *LOWER)
    assert "llvm.func @f" in lowered
    assert "unrealized_conversion_cast" not in lowered


MAIN = """
func.func @main() -> i64 {
  %x = arith.constant 0.7 : f64
  %n = arith.constant 9 : index
  %r = func.call @f(%n, %x) : (index, f64) -> f64
  %bits = arith.bitcast %r : f64 to i64
  func.return %bits : i64
}
"""
SCALARS = """
func.func @f(%n: index {dp.dimension = "n"}, %x: f64) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant -3 : index
  %b = memref.alloc(%n) : memref<?xf64>
  linalg.fill ins(%x : f64) outs(%b : memref<?xf64>)
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %x) -> (f64) {
    %v = memref.load %b[%i] : memref<?xf64>
    %m = arith.floormodsi %i, %c3 : index
    %k = arith.index_cast %m : index to i64
    %f = arith.sitofp %k : i64 to f64
    %e = math.exp %f : f64
    %z = arith.mulz %e, %v : f64
    %t = arith.addf %s, %z : f64
    scf.yield %t : f64
  }
  func.return %r : f64
}
"""


needs_runner = pytest.mark.skipif(RUNNER is None, reason="mlir-cpu-runner is not installed")


def executed(text: str) -> float:
    """The f64 whose bits `@main` returns when MLIR runs a text."""
    assert RUNNER is not None
    outcome = subprocess.run(
        [RUNNER, "--entry-point-result=i64"],
        input=mlir_opt(text, *LOWER),
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stderr
    (found,) = struct.unpack("d", struct.pack("q", int(outcome.stdout)))
    return float(found)


@needs_mlir
@needs_runner
def test_stock_mlir_computes_what_the_interpreter_computes() -> None:
    module = parse_module(SCALARS)
    (expected,) = run(module, "f", [9, 0.7])
    assert executed(export(module) + MAIN) == pytest.approx(expected, rel=1e-14)


RANDOM_MAIN = """
func.func @main() -> i64 {
  %n = arith.constant 3 : index
  %k = arith.constant 5 : i64
  %y = arith.constant 0.75 : f64
  %x = memref.alloc(%n) : memref<?xf64>
  linalg.fill ins(%y : f64) outs(%x : memref<?xf64>)
  %b = memref.alloc(%n) : memref<?xf64>
  %r, %whole = func.call @f(%n, %x, %y, %k, %b)
      : (index, memref<?xf64>, f64, i64, memref<?xf64>) -> (f64, i64)
  %bits = arith.bitcast %r : f64 to i64
  func.return %bits : i64
}
"""


@needs_mlir
@needs_runner
# Seeds of long functions whose checks hold and that call nothing MLIR lacks.
@pytest.mark.parametrize("seed", [1, 31, 64, 96, 138, 195])
def test_stock_mlir_runs_random_functions_bit_for_bit(seed: int) -> None:
    module = Module((random_function(seed, stacks=False),))
    expected, _ = run(module, "f", [3, np.full(3, 0.75), 0.75, 5, np.empty(3)])
    assert repr(executed(export(module) + RANDOM_MAIN)) == repr(expected)
