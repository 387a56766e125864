"""Effects of ops: what is seen from outside."""

from dpc.compiler.analysis.effects import EffectsOf, effects_of
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.parser import parse_module

TEXT = """module @test {
  func.func @f(%n: index {dp.dimension = "n"}, %x: memref<?xf64> {dp.extents = ["n"]}) -> f64 {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %a = memref.alloc(%n) : memref<?xf64>
    memref.copy %x, %a : memref<?xf64> to memref<?xf64>
    scf.for %i = %c0 to %n step %c1 {
      %t = memref.alloc(%n) : memref<?xf64>
      %e = memref.load %x[%i] : memref<?xf64>
      memref.store %e, %t[%i] : memref<?xf64>
      %u = memref.load %t[%i] : memref<?xf64>
      memref.store %u, %a[%i] : memref<?xf64>
      scf.yield
    }
    %inside = arith.cmpi slt, %c0, %n : index
    cf.assert %inside, "empty" {kind = "empty"}
    %r = memref.load %a[%c0] : memref<?xf64>
    func.return %r : f64
  }
}
"""


def _parsed() -> tuple[dict[str, Op], Value, Value]:
    function = parse_module(TEXT).function("f")
    ops = {op.name: op for op in function.body.ops}
    return ops, function.arguments[1], ops["memref.alloc"].result


def test_loops_show_what_they_do_outside_only() -> None:
    ops, x, a = _parsed()
    effects = effects_of(ops["scf.for"])
    assert effects.reads == {x}
    assert effects.writes == {a}
    assert not effects.fails
    assert not effects.removable


def test_checks_fail_and_loads_only_read() -> None:
    ops, _, a = _parsed()
    known = EffectsOf()
    assert known.op(ops["cf.assert"]).fails
    assert known.op(ops["memref.load"]).reads == {a}
    assert known.op(ops["memref.load"]).removable
    assert not known.op(ops["cf.assert"]).removable


def test_conflicts() -> None:
    ops, _, _ = _parsed()
    known = EffectsOf()
    loop, load, copy = (known.op(ops[n]) for n in ("scf.for", "memref.load", "memref.copy"))
    assert loop.conflicts(load)
    assert load.conflicts(copy)
    assert loop.conflicts(copy)
    assert not load.conflicts(load)
