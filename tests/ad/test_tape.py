"""Where the reverse sweep gets its values: at hand, recomputed, on a buffer or on a stack."""

import numpy as np

from dpc.compiler.ad.reverse import vjp
from dpc.compiler.dialects import math as mathd
from dpc.compiler.dialects import memref, tape
from dpc.compiler.ir.core import Function, Op
from tests.ad.harness import check, function_of

HEADER = """
func.func @f(%n: index {dp.dimension = "n"}, %x: memref<?xf64> {dp.extents = ["n"]}, %a: f64)
    -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f64
  %one = arith.constant 1.0 : f64
"""


def count(function: Function, kind: type[Op]) -> int:
    return sum(isinstance(op, kind) for op in function.body.walk())


def checked(body: str, *sizes: int) -> Function:
    """The reverse of a function, its derivatives compared at some sizes."""
    function = function_of(HEADER + body + "}")
    for size in sizes:
        check(function, {"n": size}, [np.linspace(-1.0, 1.3, size), 0.4])
    return vjp(function, (True, True))


def test_products_of_inputs_need_no_tape() -> None:
    reverse = checked(
        """
  %t = scf.for %i = %c0 to %n step %c1 iter_args(%s = %zero) -> (f64) {
    %v = memref.load %x[%i] : memref<?xf64>
    %p = arith.mulf %v, %a : f64
    %q = arith.mulf %p, %v : f64
    %r = arith.addf %s, %q : f64
    scf.yield %r : f64
  }
  func.return %t : f64
""",
        0, 1, 4,
    )  # fmt: skip
    assert count(reverse, memref.Alloc) == count(reverse, tape.Stack) == 0


def test_dear_results_are_stored_once_per_iteration() -> None:
    """In a product of them: its factors are needed one after the other."""
    reverse = checked(
        """
  %t = scf.for %i = %c0 to %n step %c1 iter_args(%s = %zero) -> (f64) {
    %v = memref.load %x[%i] : memref<?xf64>
    %p = math.exp %v : f64
    %q = arith.mulf %p, %a : f64
    %r = arith.mulf %s, %q : f64
    scf.yield %r : f64
  }
  func.return %t : f64
""",
        0, 1, 4,
    )  # fmt: skip
    assert count(reverse, memref.Alloc) == 2
    assert count(reverse, tape.Stack) == 0
    assert count(reverse, mathd.UNARY["exp"]) == 1


TRIANGLE = """
  %t = scf.for %i = %c0 to %n step %c1 iter_args(%s = %one) -> (f64) {
    %u = scf.for %j = %c0 to %BOUND step %c1 iter_args(%r = %s) -> (f64) {
      %v = memref.load %x[%j] : memref<?xf64>
      %p = arith.mulf %r, %v : f64
      %q = math.sin %p : f64
      %w = arith.addf %q, %a : f64
      scf.yield %w : f64
    }
    scf.yield %u : f64
  }
  func.return %t : f64
"""


def test_rectangular_nests_are_kept_on_buffers() -> None:
    reverse = checked(TRIANGLE.replace("%BOUND", "%n"), 0, 1, 3)
    assert count(reverse, tape.Stack) == 0
    assert count(reverse, memref.Alloc) == 1


def test_triangular_nests_are_kept_on_stacks() -> None:
    reverse = checked(TRIANGLE.replace("%BOUND", "%i"), 0, 1, 4)
    assert count(reverse, tape.Stack) == 1
    assert count(reverse, tape.Push) == count(reverse, tape.Pop) == 1


WHILE = """
  %two = arith.constant 2.0 : f64
  %t = scf.for %i = %c0 to %n step %c1 iter_args(%s = %a) -> (f64) {
    %v = memref.load %x[%i] : memref<?xf64>
    %k, %u = scf.while BOUND(%j = %c0, %r = %s) : (index, f64) -> (index, f64) {
      %low = arith.cmpf olt, %r, %two : f64
      %few = arith.cmpi slt, %j, %n : index
      %both = arith.andi %low, %few : i1
      scf.condition(%both) %j, %r : index, f64
    } do {
    ^bb0(%j: index, %r: f64):
      %m = memref.load %x[%j] : memref<?xf64>
      %p = arith.mulf %r, %r : f64
      %q = arith.mulf %p, %m : f64
      %w = arith.addf %q, %v : f64
      %next = arith.addi %j, %c1 : index
      scf.yield %next, %w : index, f64
    }
    scf.yield %u : f64
  }
  func.return %t : f64
"""


def test_a_while_counts_its_iterations() -> None:
    """The counter %j follows from the iteration; only %r and the trip counts are kept."""
    reverse = checked(WHILE.replace("BOUND", ""), 0, 1, 2, 5)
    assert count(reverse, tape.Stack) == 1
    assert count(reverse, memref.Alloc) == 1


def test_a_bounded_while_is_kept_on_buffers() -> None:
    reverse = checked(WHILE.replace("BOUND", "bound %n"), 0, 1, 2, 5)
    assert count(reverse, tape.Stack) == 0
    assert count(reverse, memref.Alloc) == 2


def test_an_overwritten_buffer_is_stored_where_it_was_read() -> None:
    body = """
  %v = memref.alloc(%n) : memref<?xf64>
  memref.copy %x, %v : memref<?xf64> to memref<?xf64>
  scf.for %i = %c0 to %n step %c1 {
    %p = memref.load %v[%i] : memref<?xf64>
    %q = arith.mulf %p, %p : f64
    %r = arith.mulf %q, %a : f64
    memref.store %r, %v[%i] : memref<?xf64>
  }
  %t = scf.for %i = %c0 to %n step %c1 iter_args(%s = %zero) -> (f64) {
    %p = memref.load %v[%i] : memref<?xf64>
    %q = arith.mulf %p, %p : f64
    %r = arith.addf %s, %q : f64
    scf.yield %r : f64
  }
  func.return %t : f64
"""
    reverse = checked(body, 0, 1, 4)
    # The buffer, its shadow, and a tape for the loads before the stores; none for those after.
    assert count(reverse, memref.Alloc) == 3


def test_accumulation_leaves_its_shadow_alone() -> None:
    body = """
  %v = memref.alloc(%n) : memref<?xf64>
  linalg.fill ins(%zero : f64) outs(%v : memref<?xf64>)
  scf.for %i = %c0 to %n step %c1 {
    %y = memref.load %x[%i] : memref<?xf64>
    scf.for %j = %c0 to %n step %c1 {
      %o = memref.load %v[%j] : memref<?xf64>
      %p = arith.mulf %y, %a : f64
      %q = arith.addf %o, %p : f64
      memref.store %q, %v[%j] : memref<?xf64>
    }
  }
  %t = memref.load %v[%c0] : memref<?xf64>
  %u = arith.mulf %t, %t : f64
  func.return %u : f64
"""
    reverse = checked(body, 1, 4)
    # Forward: x and v; backward: the shadow of v once, x again, the gradient of x.
    (loop,) = [op for op in reverse.body.ops if op.blocks][1:]
    (inner,) = [op for op in loop.blocks[0].ops if op.blocks]
    assert not any(isinstance(op, memref.Store) for op in inner.blocks[0].ops)


def test_what_the_program_keeps_is_not_stored_twice() -> None:
    body = """
  %v = memref.alloc(%n) : memref<?xf64>
  scf.for %i = %c0 to %n step %c1 {
    %y = memref.load %x[%i] : memref<?xf64>
    %p = arith.mulf %y, %a : f64
    %e = math.exp %p : f64
    memref.store %e, %v[%i] : memref<?xf64>
  }
  %t = scf.for %i = %c0 to %n step %c1 iter_args(%s = %zero) -> (f64) {
    %p = memref.load %v[%i] : memref<?xf64>
    %q = arith.mulf %p, %p : f64
    %r = arith.addf %s, %q : f64
    scf.yield %r : f64
  }
  func.return %t : f64
"""
    reverse = checked(body, 0, 1, 4)
    assert count(reverse, memref.Alloc) == 2
    assert count(reverse, mathd.UNARY["exp"]) == 1
