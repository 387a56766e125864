"""Which tensors share a buffer, which are copied: the decisions of bufferization."""

from textwrap import indent

import pytest

from dpc.compiler.dialects.func import Invoke
from dpc.compiler.dialects.memref import Alloc, Copy
from dpc.compiler.ir.core import Module, Op
from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.verify import verify, verify_function
from dpc.compiler.lowering.bufferize import bufferize

FRAME = """module @test {{
  func.func @f(%n: index {{dp.dimension = "n"}}, %x: tensor<?xf64> {{dp.extents = ["n"]}}) -> f64 {{
    %zero = arith.constant 0.0 : f64
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %a = memref.alloc(%n) : memref<?xf64>
    array.assign %x, %a (%k) in (%n) : tensor<?xf64> to memref<?xf64> {{
      scf.yield %k : index
    }}
{body}
    %last = memref.load %a[%c0] : memref<?xf64>
    func.return %last : f64
  }}
}}
"""


def _counts(body: str) -> tuple[int, int]:
    """Allocations beside the frame's own, and copies beside the frame's own."""
    module = parse_module(FRAME.format(body=indent(body.strip("\n"), "    ")))
    verify(module, "array")
    module = bufferize(module)
    verify(module, "loops")
    ops = list(module.function("f").body.walk())
    return _number(ops, Alloc) - 1, _number(ops, Copy) - 1


def _number(ops: list[Op], kind: type[Op]) -> int:
    return sum(isinstance(op, kind) for op in ops)


def _update(index: str) -> str:
    """`a[k] = a[index]` as read, generate, assign."""
    return f"""
%r = array.read %a : memref<?xf64>
%g = array.generate (%i) in (%n) : tensor<?xf64> {{
  %j = arith.subi %n, %i : index
  %e = array.extract %r[{index}] : tensor<?xf64>
  scf.yield %e : f64
}}
array.assign %g, %a (%k2) in (%n) : tensor<?xf64> to memref<?xf64> {{
  scf.yield %k2 : index
}}
"""


def test_update_in_place() -> None:
    assert _counts(_update("%i")) == (0, 0)


def test_update_from_elsewhere_goes_through_a_temporary() -> None:
    allocations, copies = _counts(_update("%j"))
    assert allocations == 1
    assert copies == 1


@pytest.mark.parametrize(
    ("between", "copied"),
    [
        ("", False),
        ("%unused = memref.load %a[%c0] : memref<?xf64>", False),
        ("memref.store %zero, %a[%c0] : memref<?xf64>", True),
        ("linalg.fill ins(%zero : f64) outs(%a : memref<?xf64>)", True),
    ],
)
def test_read_is_copied_when_the_buffer_changes(between: str, copied: bool) -> None:
    body = f"""
%r = array.read %a : memref<?xf64>
{between}
%e = array.extract %r[%c0] : tensor<?xf64>
memref.store %e, %a[%c0] : memref<?xf64>
"""
    allocations, copies = _counts(body)
    assert (allocations == 1) == copied
    assert (copies == 1) == copied


def test_read_used_in_a_loop_that_writes_is_copied() -> None:
    body = """
%r = array.read %a : memref<?xf64>
scf.for %i = %c0 to %n step %c1 {
  %e = array.extract %r[%c0] : tensor<?xf64>
  memref.store %e, %a[%i] : memref<?xf64>
  scf.yield
}
"""
    assert _counts(body) == (1, 1)


def test_read_inside_a_loop_is_shared() -> None:
    body = """
scf.for %i = %c0 to %n step %c1 {
  %r = array.read %a : memref<?xf64>
  %e = array.extract %r[%c0] : tensor<?xf64>
  memref.store %e, %a[%i] : memref<?xf64>
  scf.yield
}
"""
    assert _counts(body) == (0, 0)


def test_generate_does_not_move_past_a_write_of_what_it_reads() -> None:
    body = """
%b = memref.alloc(%n) : memref<?xf64>
%g = array.generate (%i) in (%n) : tensor<?xf64> {
  %e = memref.load %a[%i] : memref<?xf64>
  scf.yield %e : f64
}
memref.store %zero, %a[%c0] : memref<?xf64>
array.assign %g, %b (%k2) in (%n) : tensor<?xf64> to memref<?xf64> {
  scf.yield %k2 : index
}
"""
    assert _counts(body) == (2, 1)


def test_calls_that_stay_are_invocations_with_room_for_their_arrays() -> None:
    array = "tensor<?xf64>"
    text = f"""module @test {{
  func.func @g(%n: index {{dp.dimension = "n"}}, %x: {array} {{dp.extents = ["n"]}})
      -> (f64, {array}) {{
    %s, %y = func.call @g(%n, %x) : (index, {array}) -> (f64, {array})
    %z = array.generate (%i) in (%n) : {array} {{
      %e = array.extract %y[%i] : {array}
      scf.yield %e : f64
    }}
    func.return %s, %z : f64, {array}
  }}
}}
"""
    (function,) = bufferize(parse_module(text)).functions
    verify_function(function, Module((function,)), "loops")
    (call,) = (op for op in function.body.walk() if isinstance(op, Invoke))
    assert call.changed == 1
    (room,) = call.written
    assert isinstance(room.op, Alloc)
