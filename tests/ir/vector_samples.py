"""Samples of IR with vectors."""

# ruff: noqa: E501 - lines of IR text are as long as the printer makes them

import numpy as np

from tests.ir.sample import Sample

VECTORS = Sample(
    "vectors",
    "vector",
    """
func.func @f(%x: memref<2x4xf64> {dp.extents = [2, 4]}, %b: memref<4xi1> {dp.extents = [4]}, %s: f64, %y: memref<2x4xf64> {dp.role = "output", dp.extents = [2, 4]}) -> (f64, f64, f64, i1, i1, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  linalg.fill ins(%s : f64) outs(%y : memref<2x4xf64>)
  %mask = vector.load %b[%c0] : memref<4xi1>, vector<4xi1>
  %wide = vector.broadcast %s : f64 to vector<4xf64>
  %u = vector.load %x[%c0, %c0] : memref<2x4xf64>, vector<4xf64>
  %v = vector.maskedload %x[%c1, %c0], %mask, %wide : memref<2x4xf64>, vector<4xi1>, vector<4xf64> into vector<4xf64>
  %w = arith.mulf %u, %v : vector<4xf64>
  vector.store %w, %y[%c0, %c0] : memref<2x4xf64>, vector<4xf64>
  %i = vector.step : vector<4xindex>
  %two = vector.broadcast %c2 : index to vector<4xindex>
  %even = arith.muli %i, %two : vector<4xindex>
  %g = vector.gather %x[%c0, %c1][%even], %mask, %wide : memref<2x4xf64>, vector<4xindex>, vector<4xi1>, vector<4xf64> into vector<4xf64>
  vector.scatter %y[%c1, %c0][%i], %mask, %g : memref<2x4xf64>, vector<4xindex>, vector<4xi1>, vector<4xf64>
  %less = arith.cmpf olt, %u, %wide : vector<4xf64>
  %z = arith.select %less, %u, %g : vector<4xf64>
  vector.maskedstore %y[%c1, %c0], %less, %z : memref<2x4xf64>, vector<4xi1>, vector<4xf64>
  %t = vector.insert %s, %z[2] : f64 into vector<4xf64>
  %last = vector.extract %t[2] : vector<4xf64>
  %sum = vector.reduction %u {kind = "add"} : vector<4xf64>
  %most = vector.reduction %g {kind = "maximumf"} : vector<4xf64>
  %any = vector.reduction %less {kind = "or"} : vector<4xi1>
  %all = vector.reduction %mask {kind = "and"} : vector<4xi1>
  %n = arith.index_cast %i : vector<4xindex> to vector<4xi64>
  %m = arith.sitofp %n : vector<4xi64> to vector<4xf64>
  %least = vector.reduction %m {kind = "minimumf"} : vector<4xf64>
  func.return %sum, %most, %last, %any, %all, %least : f64, f64, f64, i1, i1, f64
}
""",
    lambda: [
        np.arange(1.0, 9.0).reshape(2, 4),
        np.array([True, False, True, True]),
        2.5,
        np.zeros((2, 4)),
    ],
    # g = [2, 2.5, 6, 8]; u < 2.5 in lanes 0 and 1
    [10.0, 8.0, 2.5, True, False, 0.0],
    {3: [[5.0, 5.0, 21.0, 32.0], [1.0, 2.0, 6.0, 8.0]]},
)
