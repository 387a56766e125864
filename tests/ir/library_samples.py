"""Samples of linear algebra, library routines and C functions."""

# ruff: noqa: E501 - lines of IR text are as long as the printer makes them

import numpy as np

from tests.ir.sample import Sample

LINEAR_ALGEBRA = Sample(
    "linear_algebra",
    "loops",
    """
func.func @f(%n: index {dp.dimension = "n"}, %a: memref<?x?xf64> {dp.extents = ["n", "n"]}, %b: memref<?x1xf64> {dp.extents = ["n", 1]}, %out: memref<?x1xf64> {dp.role = "output", dp.extents = ["n", 1]}) -> i64 {
  %one = arith.constant 1.0 : f64
  %l = memref.alloc(%n, %n) : memref<?x?xf64>
  %info = lapack.cholesky ins(%a : memref<?x?xf64>) outs(%l : memref<?x?xf64>)
  %x = memref.alloc(%n) : memref<?x1xf64>
  lapack.solve_triangular ins(%l, %b : memref<?x?xf64>, memref<?x1xf64>) outs(%x : memref<?x1xf64>) {kind = "ln"}
  linalg.fill ins(%one : f64) outs(%out : memref<?x1xf64>)
  linalg.matmul ins(%l, %x : memref<?x?xf64>, memref<?x1xf64>) outs(%out : memref<?x1xf64>) {kind = "nn", masked = true}
  func.return %info : i64
}
""",
    lambda: [2, np.array([[4.0, 0.0], [2.0, 10.0]]), np.array([[3.0], [-5.0]]), np.zeros((2, 1))],
    [0],
    {3: [[4.0], [-4.0]]},
)

SYSTEMS = Sample(
    "systems",
    "loops",
    """
func.func @f(%n: index {dp.dimension = "n"}, %a: memref<?x?xf64> {dp.extents = ["n", "n"]}, %b: memref<?x1xf64> {dp.extents = ["n", 1]}, %out: memref<?x1xf64> {dp.role = "output", dp.extents = ["n", 1]}, %det: memref<1x1xf64> {dp.role = "output", dp.extents = [1, 1]}) -> (i64, i64) {
  %w = memref.alloc(%n) : memref<?x1xf64>
  %v = memref.alloc(%n, %n) : memref<?x?xf64>
  %converged = lapack.eigh ins(%a : memref<?x?xf64>) outs(%w, %v : memref<?x1xf64>, memref<?x?xf64>)
  %f = memref.alloc(%n, %n) : memref<?x?xf64>
  %p = memref.alloc(%n) : memref<?xi64>
  %info = lapack.lu ins(%a : memref<?x?xf64>) outs(%f, %p : memref<?x?xf64>, memref<?xi64>)
  lapack.lu_solve ins(%a, %f, %p, %b : memref<?x?xf64>, memref<?x?xf64>, memref<?xi64>, memref<?x1xf64>) outs(%out : memref<?x1xf64>) {kind = "n"}
  lapack.det ins(%a, %f, %p : memref<?x?xf64>, memref<?x?xf64>, memref<?xi64>) outs(%det : memref<1x1xf64>) {kind = "det"}
  func.return %info, %converged : i64, i64
}
""",
    lambda: [
        2,
        np.array([[0.0, 2.0], [4.0, 1.0]]),
        np.array([[2.0], [9.0]]),
        np.zeros((2, 1)),
        np.zeros((1, 1)),
    ],
    [0, 0],
    {3: [[2.0], [1.0]], 4: [[-8.0]]},
)

FACTORISATIONS = Sample(
    "factorisations",
    "loops",
    """
func.func @f(%a: memref<3x2xf64> {dp.extents = [3, 2]}, %r: memref<2x2xf64> {dp.role = "output", dp.extents = [2, 2]}, %s: memref<2x1xf64> {dp.role = "output", dp.extents = [2, 1]}) -> i64 {
  %q = memref.alloc() : memref<3x2xf64>
  lapack.qr ins(%a : memref<3x2xf64>) outs(%q, %r : memref<3x2xf64>, memref<2x2xf64>)
  %u = memref.alloc() : memref<3x2xf64>
  %v = memref.alloc() : memref<2x2xf64>
  %info = lapack.svd ins(%a : memref<3x2xf64>) outs(%u, %s, %v : memref<3x2xf64>, memref<2x1xf64>, memref<2x2xf64>)
  func.return %info : i64
}
""",
    lambda: [
        np.array([[0.0, 2.0], [-4.0, 0.0], [0.0, 0.0]]),
        np.zeros((2, 2)),
        np.zeros((2, 1)),
    ],
    [0],
    {1: [[4.0, 0.0], [0.0, 2.0]], 2: [[4.0], [2.0]]},
)

ROUTINES = Sample(
    "routines",
    "loops",
    """
func.func @f(%a: memref<2x2xf64> {dp.extents = [2, 2]}, %c: memref<2x2xf64> {dp.role = "output", dp.extents = [2, 2]}, %low: memref<2x2xf64> {dp.role = "output", dp.extents = [2, 2]}) -> i64 {
  %two = arith.constant 2 : index
  %zero = arith.constant 0.0 : f64
  linalg.fill ins(%zero : f64) outs(%c : memref<2x2xf64>)
  %none = lapack.routine "gemm" ins(%a, %a : memref<2x2xf64>, memref<2x2xf64>) outs(%c : memref<2x2xf64>) sizes(%two, %two, %two, %two, %two, %two : index, index, index, index, index, index) {flags = "TN"}
  memref.copy %c, %low : memref<2x2xf64> to memref<2x2xf64>
  %info = lapack.routine "potrf" outs(%low : memref<2x2xf64>) sizes(%two, %two : index, index) {flags = "U"}
  func.return %info : i64
}
""",
    lambda: [np.array([[2.0, 0.0], [1.0, 3.0]]), np.zeros((2, 2)), np.zeros((2, 2))],
    [0],
    {1: [[4.0, 2.0], [2.0, 10.0]], 2: [[2.0, 2.0], [1.0, 3.0]]},
)

EXTERN = Sample(
    "extern",
    "loops",
    """
func.func @f(%x: f64, %k: i64, %out: memref<1xf64> {dp.role = "output", dp.extents = [1]}) -> (f64, i64) {
  %c1 = arith.constant 1 : index
  %0 = extern.call "libm.so.6" @modf(%x) outs(%out) sized(%c1) : (f64, memref<1xf64>, index) -> f64 {repeatable = true}
  %1 = extern.call "" @labs(%k) : (i64) -> i64 {repeatable = false}
  func.return %0, %1 : f64, i64
}
""",
    lambda: [3.25, -7, np.zeros(1)],
    [0.25, 7],
    {2: np.array([3.0])},
)
