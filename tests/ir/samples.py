"""IR texts that together use every operation, with arguments to run them on."""

# ruff: noqa: E501 - lines of IR text are as long as the printer makes them

import numpy as np

from dpc.compiler.dialects.math import UNARY_NAMES
from tests.ir.checkpoint_samples import STATES
from tests.ir.library_samples import (
    EXTERN,
    FACTORISATIONS,
    LINEAR_ALGEBRA,
    ROUTINES,
    SYSTEMS,
)
from tests.ir.sample import Sample
from tests.ir.vector_samples import VECTORS

FLOATS = Sample(
    "floats",
    "loops",
    """
func.func @f(%x: f64, %y: f64) -> (f64, f64, i1, i1) {
  %cst = arith.constant 2.5 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %sum = arith.addf %x, %y : f64
  %0 = arith.subf %sum, %cst : f64
  %1 = arith.mulf %0, %x : f64
  %2 = arith.divf %1, %y : f64
  %3 = arith.remf %2, %cst : f64
  %4 = arith.maximumf %3, %x : f64
  %5 = arith.minimumf %4, %y : f64
  %6 = arith.negf %5 : f64
  %zero = arith.constant -0.0 : f64
  %7 = arith.mulz %zero, %inf : f64
  %less = arith.cmpf olt, %x, %y : f64
  %8 = arith.select %less, %6, %7 : f64
  %9 = ad.stop_gradient %8 : f64
  %nan = math.isnan %9 : f64
  func.return %9, %7, %less, %nan : f64, f64, i1, i1
}
""",
    lambda: [3.0, 4.0],
    [-3.0, 0.0, True, False],
)

INTEGERS = Sample(
    "integers",
    "loops",
    """
func.func @f(%a: i64, %b: i64, %p: i1) -> (i64, i64, i64, i64, i64, i1, i32, index) {
  %c = arith.constant -9223372036854775808 : i64
  %true = arith.constant true
  %0 = arith.addi %a, %c : i64
  %1 = arith.subi %0, %b : i64
  %2 = arith.muli %a, %b : i64
  %3 = arith.floordivsi %a, %b : i64
  %4 = arith.floormodsi %a, %b : i64
  %5 = arith.maxsi %a, %b : i64
  %6 = arith.minsi %5, %a : i64
  %7 = arith.andi %a, %b : i64
  %8 = arith.ori %7, %6 : i64
  %9 = arith.xori %8, %b : i64
  %q = arith.cmpi sgt, %a, %b : i64
  %r = arith.xori %q, %true : i1
  %s = arith.extui %p : i1 to i64
  %t = math.ipowi %b, %s : i64
  %u = arith.trunci %t : i64 to i32
  %v = arith.extsi %u : i32 to i64
  %w = arith.index_cast %v : i64 to index
  func.return %1, %2, %3, %4, %9, %r, %u, %w : i64, i64, i64, i64, i64, i1, i32, index
}
""",
    lambda: [-7, 2, True],
    # a + least wraps to least - 7 + 2^64, minus 2
    [2**63 - 9, -14, -4, 1, -5, True, 2, 2],
)

CONVERSIONS = Sample(
    "conversions",
    "loops",
    """
func.func @f(%i: i64, %p: i1, %x: f64) -> (f64, f64, i64, f64, i32) {
  %0 = arith.sitofp %i : i64 to f64
  %1 = arith.uitofp %p : i1 to f64
  %2 = arith.fptosi %x : f64 to i64
  %3 = arith.truncf %x : f64 to f32
  %tenth = arith.constant 0.1 : f32
  %4 = arith.addf %3, %tenth : f32
  %5 = arith.extf %4 : f32 to f64
  %6 = arith.fptosi %x : f64 to i32
  func.return %0, %1, %2, %5, %6 : f64, f64, i64, f64, i32
}
""",
    lambda: [-3, True, -2.75],
    [-3.0, 1.0, -2, float(np.float32(-2.75) + np.float32(0.1)), -2],
)

_UNARY_TEXT = "".join(
    f"  %u{k} = math.{name} %x : f64\n  memref.store %u{k}, %y[%i{k}] : memref<{len(UNARY_NAMES)}xf64>\n"
    for k, name in enumerate(UNARY_NAMES)
)
_UNARY_INDICES = "".join(f"  %i{k} = arith.constant {k} : index\n" for k in range(len(UNARY_NAMES)))
UNARY = Sample(
    "unary",
    "loops",
    f"""
func.func @f(%x: f64, %y: memref<{len(UNARY_NAMES)}xf64> {{dp.role = "output", dp.extents = [{len(UNARY_NAMES)}]}}) {{
{_UNARY_INDICES}{_UNARY_TEXT}  func.return
}}
""",
    lambda: [0.5, np.full(len(UNARY_NAMES), np.nan)],
)

FUNCTIONS = Sample(
    "functions",
    "loops",
    """
func.func @f(%x: f64, %y: f64) -> (f64, i1, i1, i1) {
  %three = arith.constant 3 : i64
  %0 = math.atan2 %x, %y : f64
  %1 = math.copysign %0, %y : f64
  %2 = math.powf %x, %y : f64
  %3 = math.hypot %1, %2 : f64
  %4 = math.logaddexp %3, %x : f64
  %5 = math.floormod %4, %y : f64
  %6 = math.polygamma %x, %three : f64, i64
  %7 = math.fpowi %y, %three : f64, i64
  %8 = math.fma %5, %6, %7 : f64
  %nan = math.isnan %8 : f64
  %inf = math.isinf %8 : f64
  %finite = math.isfinite %8 : f64
  func.return %8, %nan, %inf, %finite : f64, i1, i1, i1
}
""",
    lambda: [0.5, 2.0],
    [
        float(np.logaddexp(np.hypot(np.arctan2(0.5, 2), 0.25), 0.5) * np.pi**4 + 8),
        False,
        False,
        True,
    ],
)

LOOPS = Sample(
    "loops",
    "loops",
    """
func.func @f(%n: index {dp.dimension = "n"}, %x: memref<?xf64> {dp.extents = ["n"]}, %y: memref<?xf64> {dp.role = "output", dp.extents = ["n"]}) -> (f64, f64, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f64
  %one = arith.constant 1.0 : f64
  %a = memref.alloc(%n) : memref<?x2xf64>
  linalg.fill ins(%one : f64) outs(%a : memref<?x2xf64>)
  %positive = arith.cmpi sgt, %n, %c0 : index
  cf.assert %positive, "nothing in \\"x\\": {}\\n"(%n : index) {kind = "empty"}
  cf.assert %positive, "no {{values}}" {kind = "assert"}
  io.print "{} of {{x}}: {}"(%n, %x : index, memref<?xf64>)
  io.print "no values"
  %sum, %most = scf.for %i = %c0 to %n step %c1 iter_args(%total = %zero, %m = %zero) -> (f64, f64) {
    %v = memref.load %x[%i] : memref<?xf64>
    %w = memref.load %a[%i, %c1] : memref<?x2xf64>
    %p = arith.mulf %v, %w : f64
    %more = arith.addf %total, %p : f64
    %big = arith.cmpf ogt, %v, %m : f64
    %next = scf.if %big -> (f64) {
      scf.yield %v : f64
    } else {
      scf.yield %m : f64
    }
    scf.if %big {
      memref.store %p, %a[%i, %c0] : memref<?x2xf64>
    }
    scf.yield %more, %next : f64, f64
  } {lanes = 8 : i64}
  memref.copy %x, %y : memref<?xf64> to memref<?xf64>
  scf.for %k = %c0 to %n step %c2 {
    memref.store %sum, %y[%k] : memref<?xf64>
  }
  %steps, %value = scf.while bound %n (%s = %c0, %t = %sum) : (index, f64) -> (index, f64) {
    %small = arith.cmpf olt, %t, %most : f64
    %left = arith.cmpi slt, %s, %n : index
    %go = arith.andi %small, %left : i1
    scf.condition(%go) %s, %t : index, f64
  } do {
  ^bb0(%s_0: index, %t_0: f64):
    %s_1 = arith.addi %s_0, %c1 : index
    %t_1 = arith.addf %t_0, %t_0 : f64
    scf.yield %s_1, %t_1 : index, f64
  }
  func.return %sum, %value, %steps : f64, f64, index
}
""",
    lambda: [3, np.array([1.0, 5.0, -4.0]), np.full(3, np.nan)],
    [2.0, 8.0, 2],
    {2: [2.0, 5.0, 2.0]},
)

CALLS = Sample(
    "calls",
    "loops",
    """
func.func @f(%n: index {dp.dimension = "n"}, %k: i64, %x: memref<?xf64> {dp.extents = ["n"]}, %out: memref<?xf64> {dp.role = "output", dp.extents = ["n"]}) -> f64 {
  %tape = tape.stack : !tape.stack<f64>
  %y = func.invoke @g(%n, %k, %x, %out, %tape) : (index, i64, memref<?xf64>, memref<?xf64>, !tape.stack<f64>) -> f64 {changed = 2}
  func.return %y : f64
}

func.func @g(%n: index {dp.dimension = "n"}, %k: i64, %x: memref<?xf64> {dp.extents = ["n"]}, %out: memref<?xf64> {dp.role = "output", dp.extents = ["n"]}, %tape: !tape.stack<f64> {dp.role = "shared"}) -> f64 {
  %c0_i64 = arith.constant 0 : i64
  %c1_i64 = arith.constant 1 : i64
  %one = arith.constant 1.0 : f64
  %last = arith.cmpi eq, %k, %c0_i64 : i64
  %y = scf.if %last -> (f64) {
    memref.copy %x, %out : memref<?xf64> to memref<?xf64>
    scf.yield %one : f64
  } else {
    tape.push %one, %tape : !tape.stack<f64>
    %below = arith.subi %k, %c1_i64 : i64
    %z = func.invoke @g(%n, %below, %x, %out, %tape) : (index, i64, memref<?xf64>, memref<?xf64>, !tape.stack<f64>) -> f64 {changed = 2}
    %u = tape.pop %tape : !tape.stack<f64>
    %v = arith.addf %z, %u : f64
    scf.yield %v : f64
  }
  func.return %y : f64
}
""",
    lambda: [2, 3, np.array([1.0, 5.0]), np.full(2, np.nan)],
    [4.0],
    {3: [1.0, 5.0]},
)

TASKS = Sample(
    "tasks",
    "loops",
    """
func.func @f(%n: index {dp.dimension = "n"}, %a: f64, %x: memref<?xf64> {dp.extents = ["n"]}, %out: memref<?xf64> {dp.role = "output", dp.extents = ["n"]}) {
  func.forall @g for %n work %n(%n, %a, %x, %out : index, f64, memref<?xf64>, memref<?xf64>) {position = 2, changed = 1}
  func.return
}

func.func @g(%n: index {dp.dimension = "n"}, %a: f64, %i: index, %x: memref<?xf64> {dp.extents = ["n"]}, %out: memref<?xf64> {dp.role = "shared", dp.extents = ["n"]}) {
  %u = memref.load %x[%i] : memref<?xf64>
  %v = arith.mulf %u, %a : f64
  memref.store %v, %out[%i] : memref<?xf64>
  func.return
}
""",
    lambda: [3, 2.0, np.array([1.0, 5.0, -4.0]), np.full(3, np.nan)],
    [],
    {3: [2.0, 10.0, -8.0]},
)

TAPE = Sample(
    "tape",
    "loops",
    """
func.func @f(%n: index {dp.dimension = "n"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f64
  %stack = tape.stack : !tape.stack<f64>
  %bits = tape.stack : !tape.stack<i1>
  %last = scf.for %i = %c0 to %n step %c1 iter_args(%v = %one) -> (f64) {
    %even = arith.cmpf olt, %v, %one : f64
    tape.push %v, %stack : !tape.stack<f64>
    tape.push %even, %bits : !tape.stack<i1>
    %w = arith.addf %v, %v : f64
    scf.yield %w : f64
  }
  %sum = scf.for %j = %c0 to %n step %c1 iter_args(%s = %last) -> (f64) {
    %u = tape.pop %stack : !tape.stack<f64>
    %bit = tape.pop %bits : !tape.stack<i1>
    %t = arith.addf %s, %u : f64
    scf.yield %t : f64
  }
  scf.while : () -> () {
    %false = arith.constant false
    scf.condition(%false)
  } do {
    scf.yield
  }
  func.return %sum : f64
}
""",
    lambda: [4],
    [31.0],
)

ARRAYS = Sample(
    "arrays",
    "array",
    """
func.func @g(%n: index {dp.dimension = "n"}, %x: tensor<?xf64> {dp.extents = ["n"]}) -> f64 {
  %zero = arith.constant 0.0 : f64
  %sum = array.reduce add (%i) in (%n) init %zero : f64 {
    %v = array.extract %x[%i] : tensor<?xf64>
    scf.yield %v : f64
  }
  func.return %sum : f64
}

func.func @f(%n: index {dp.dimension = "n"}, %x: tensor<?xf64> {dp.extents = ["n"]}) -> (tensor<?x2xf64>, f64) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %two = arith.constant 2.0 : f64
  %table = array.generate (%i, %j) in (%n, %c2) : tensor<?x2xf64> {
    %v = array.extract %x[%i] : tensor<?xf64>
    %w = arith.mulf %v, %two : f64
    %first = arith.cmpi slt, %j, %c1 : index
    %u = arith.select %first, %v, %w : f64
    scf.yield %u : f64
  }
  %buffer = memref.alloc(%n) : memref<?x2xf64>
  array.assign %table, %buffer (%k, %l) in (%n, %c2) : tensor<?x2xf64> to memref<?x2xf64> {
    scf.yield %k, %l : index, index
  }
  array.assign %x, %buffer (%m) in (%n) : tensor<?xf64> to memref<?x2xf64> {
    scf.yield %m, %c1 : index, index
  }
  %now = array.read %buffer : memref<?x2xf64>
  linalg.fill ins(%two : f64) outs(%buffer : memref<?x2xf64>)
  %total = func.call @g(%n, %x) : (index, tensor<?xf64>) -> f64
  func.return %now, %total : tensor<?x2xf64>, f64
}
""",
    lambda: [2, np.array([1.5, 2.0])],
    [[[1.5, 1.5], [2.0, 2.0]], 3.5],
)

CONSTANTS = Sample(
    "constants",
    "loops",
    """
func.func @f(%i: index, %y: memref<3xf64> {dp.role = "output", dp.extents = [3]}) -> (f64, f32, i64, i1) {
  %a = memref.constant "000000000000f83f0000000000000080000000000000f07f" : memref<3xf64>
  %b = memref.constant "0000003f000000400000404000008040" : memref<2x2xf32>
  %k = memref.constant "0700000000000000f7ffffffffffffff" : memref<2xi64>
  %m = memref.constant "0100" : memref<2xi1>
  %e = memref.constant "" : memref<0x2xf64>
  %0 = memref.load %a[%i] : memref<3xf64>
  %1 = memref.load %b[%i, %i] : memref<2x2xf32>
  %2 = memref.load %k[%i] : memref<2xi64>
  %3 = memref.load %m[%i] : memref<2xi1>
  memref.copy %a, %y : memref<3xf64> to memref<3xf64>
  func.return %0, %1, %2, %3 : f64, f32, i64, i1
}
""",
    lambda: [1, np.zeros(3)],
    [-0.0, 4.0, -9, False],
    {1: [1.5, -0.0, float("inf")]},
)

SAMPLES = (
    FLOATS,
    INTEGERS,
    CONVERSIONS,
    UNARY,
    FUNCTIONS,
    LOOPS,
    CALLS,
    TASKS,
    TAPE,
    STATES,
    ARRAYS,
    LINEAR_ALGEBRA,
    SYSTEMS,
    FACTORISATIONS,
    CONSTANTS,
    ROUTINES,
    EXTERN,
    VECTORS,
)
