"""Derivatives of loops-level functions run natively, bit for bit as interpreted."""

from typing import Any

import numpy as np
import pytest

from dpc.compiler.ad.forward import jvp
from dpc.compiler.ad.reverse import vjp
from dpc.compiler.ir.core import Module
from dpc.compiler.ir.printer import print_module
from dpc.compiler.ir.types import holds_float
from tests.codegen.running import Program, module_of

# Newton steps towards a square root until they settle, then a sum over scratch buffers.
NEWTON = """\
func.func @newton(%n: index {dp.dimension = "n"}, %x: memref<?xf64> {dp.extents = ["n"]}, \
%scale: f64) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f64
  %half = arith.constant 0.5 : f64
  %close = arith.constant 1.0e-9 : f64
  %total = scf.for %i = %c0 to %n step %c1 iter_args(%t = %zero) -> (f64) {
    %v = memref.load %x[%i] : memref<?xf64>
    %start = arith.mulf %v, %scale : f64
    %root = scf.while (%y = %start) : (f64) -> f64 {
      %square = arith.mulf %y, %y : f64
      %excess = arith.subf %square, %v : f64
      %size = math.absf %excess : f64
      %far = arith.cmpf ogt, %size, %close : f64
      scf.condition(%far) %y : f64
    } do {
    ^bb0(%z: f64):
      %quotient = arith.divf %v, %z : f64
      %twice = arith.addf %z, %quotient : f64
      %next = arith.mulf %half, %twice : f64
      scf.yield %next : f64
    }
    %scratch = memref.alloc(%n) : memref<?xf64>
    linalg.fill ins(%root : f64) outs(%scratch : memref<?xf64>)
    %s = scf.for %j = %c0 to %n step %c1 iter_args(%u = %t) -> (f64) {
      %w = memref.load %scratch[%j] : memref<?xf64>
      %a = memref.load %x[%j] : memref<?xf64>
      %b = math.sin %w : f64
      %c = math.fma %a, %b, %u : f64
      scf.yield %c : f64
    }
    scf.yield %s : f64
  }
  func.return %total : f64
}
"""


@pytest.mark.parametrize("mode", ["forward", "reverse", "forward over reverse"])
def test_native_derivatives_equal_interpreted_ones(mode: str) -> None:
    (function,) = module_of(NEWTON).functions
    if mode == "forward":
        function = jvp(function, (True, True))
    else:
        function = vjp(function, (True, True))
    if mode == "forward over reverse":
        inputs = [
            v
            for p, v in zip(function.parameters, function.arguments, strict=True)
            if p.role == "input"
        ]
        function = jvp(function, tuple(holds_float(v.type) for v in inputs))
    rng = np.random.default_rng(5)
    program = Program(print_module(Module((function,))))
    for n in (0, 1, 7):
        arguments: list[Any] = []
        for parameter in program.function.parameters:
            if parameter.role == "dimension":
                arguments.append(n)
            elif parameter.extents:
                arguments.append(rng.random(n) + 0.5)
            else:
                arguments.append(float(rng.random() + 0.5))
        program.agree(*arguments)
