"""Samples of what a loop asks that is reversed from stored states."""

import numpy as np

from tests.ir.sample import Sample

STATES = Sample(
    "states",
    "loops",
    """
func.func @f(%n: index {dp.dimension = "n"}, %u: memref<?xf64> {dp.extents = ["n"]}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c9 = arith.constant 9 : index
  %cst = arith.constant 0.0 : f64
  tape.reserve %n, %c9
  %budget = tape.budget
  %slots, %frames = tape.choose %c9, %n, %n, %budget
  %states = tape.block(%slots, %n) : memref<?x?xf64>
  %v = memref.alloc(%n) : memref<?xf64>
  tape.save %u, %states[%c0] : memref<?xf64> to memref<?x?xf64>
  tape.count "stores", %c1
  %i = tape.split %c9, %c3, %c1
  tape.count "plain", %i
  tape.expect %c9, %c3, %c1
  linalg.fill ins(%cst : f64) outs(%v : memref<?xf64>)
  tape.restore %states[%c0], %v : memref<?x?xf64> to memref<?xf64>
  %x = memref.load %v[%c1] : memref<?xf64>
  func.return %x : f64
}
""",
    lambda: [2, np.array([1.0, 5.0])],
    [5.0],
)
