from typing import Any

import numpy as np
import pytest

from dpc.compiler.ir.core import Module
from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.verify import verify
from dpc.compiler.lowering.bufferize import bufferize
from dpc.compiler.passes.bounds import bounds
from dpc.compiler.passes.fuse import fuse
from dpc.compiler.passes.inline import inline
from tests.passes.harness import apply, ops, outcome

HEAD = """func.func @f(
  %n: index {dp.dimension = "n"}, %x: tensor<?xf64> {dp.extents = ["n"]}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f64
  %two = arith.constant 2.0 : f64
"""
IDENTITY = (
    "array.assign %{0}, %{1} (%q) in (%n) : tensor<?xf64> to memref<?xf64> {{\n"
    "scf.yield %q : index\n}}\n"
)


def module_of(body: str) -> Module:
    module = parse_module(f"{HEAD}{body}\n}}\n")
    verify(module)
    return module


def generate(name: str, element: str, value: str = "%e", argument: str = "%i") -> str:
    """`name[i] = element` for i in 0..n."""
    return (
        f"%{name} = array.generate ({argument}) in (%n) : tensor<?xf64> {{\n{element}\n"
        f"scf.yield {value} : f64\n}}\n"
    )


def doubled(source: str, name: str) -> str:
    return generate(
        name,
        f"%v{name} = array.extract %{source}[%i{name}] : tensor<?xf64>\n"
        f"%e{name} = arith.mulf %v{name}, %two : f64",
        f"%e{name}",
        f"%i{name}",
    )


def total(source: str, name: str = "r") -> str:
    return (
        f"%{name} = array.reduce add (%j{name}) in (%n) init %zero : f64 {{\n"
        f"%w{name} = array.extract %{source}[%j{name}] : tensor<?xf64>\n"
        f"scf.yield %w{name} : f64\n}}\n"
    )


def runs(module: Module) -> list[str]:
    lowered = bufferize(inline(module))
    found = [outcome(module, [n, np.arange(1.0, n + 1)]) for n in (0, 1, 4)]
    assert [outcome(lowered, [n, np.arange(1.0, n + 1)]) for n in (0, 1, 4)] == found
    return found


def fused(body: str) -> tuple[Module, Module]:
    """Before and after, run at both levels with the same results."""
    before = module_of(body)
    after = apply(before, fuse)
    assert runs(after) == runs(before)
    return before, after


def test_a_chain_of_elementwise_arrays_is_one_loop() -> None:
    body = doubled("x", "t") + doubled("t", "u") + total("u") + "func.return %r : f64"
    _, after = fused(body)
    assert not ops(after, "array.generate")


def test_an_array_used_twice_is_computed_once() -> None:
    body = doubled("x", "t") + total("t") + total("t", "s")
    body += "%z = arith.mulf %r, %two : f64\n" + doubled("t", "u") + total("u", "p")
    body += "%q = arith.addf %z, %p : f64\nfunc.return %q : f64"
    _, after = fused(body)
    assert len(ops(after, "array.generate")) == 1


def test_an_array_read_again_in_every_iteration_is_computed_once() -> None:
    outer = generate("u", total("t"), "%r", "%k")
    _, after = fused(doubled("x", "t") + outer + total("u", "s") + "func.return %s : f64")
    assert len(ops(after, "array.generate")) == 1


def test_a_view_is_looked_through_however_often_it_is_read() -> None:
    view = "%last = arith.subi %n, %c1 : index\n" + generate(
        "t",
        "%m = arith.subi %last, %i : index\n%e = array.extract %x[%m] : tensor<?xf64>",
    )
    outer = generate("u", total("t"), "%r", "%k")
    _, after = fused(view + outer + total("u", "s") + "func.return %s : f64")
    assert len(ops(after, "array.generate")) == 0


def test_a_body_with_checks_stays_where_it_is() -> None:
    element = (
        "%v = array.extract %x[%i] : tensor<?xf64>\n%ok = arith.cmpf olt, %v, %two : f64\n"
        'cf.assert %ok, "too large" {kind = "assert"}\n%e = arith.mulf %v, %two : f64'
    )
    _, after = fused(generate("t", element) + total("t") + "func.return %r : f64")
    assert len(ops(after, "array.generate")) == 1


def test_a_body_whose_check_is_proved_is_fused() -> None:
    element = (
        "%ok = arith.cmpi slt, %i, %n : index\n"
        'cf.assert %ok, "index" {kind = "bounds"}\n'
        "%v = array.extract %x[%i] : tensor<?xf64>\n%e = arith.mulf %v, %two : f64"
    )
    before = module_of(generate("t", element) + total("t") + "func.return %r : f64")
    after = apply(before, bounds, fuse)
    assert not ops(after, "array.generate")
    assert runs(after) == runs(before)


BUFFER = "%b = memref.alloc(%n) : memref<?xf64>\n" + IDENTITY.format("x", "b")
LOAD = "%v = memref.load %b[%i] : memref<?xf64>\n%e = arith.mulf %v, %two : f64"
FILL = "linalg.fill ins(%two : f64) outs(%b : memref<?xf64>)\n"
OVERWRITES: dict[str, str] = {
    "a fill": FILL,
    "an assignment": generate("o", "%w9 = arith.constant 9.0 : f64", "%w9", "%i9")
    + IDENTITY.format("o", "b").replace("%q", "%q9"),
    "a loop": "scf.for %l = %c0 to %n step %c1 {\nmemref.store %zero, %b[%l] : memref<?xf64>\n}\n",
    "a branch": "%some = arith.cmpi sgt, %n, %c1 : index\nscf.if %some {\n" + FILL + "}\n",
}


@pytest.mark.parametrize("name", OVERWRITES)
@pytest.mark.parametrize("read", [False, True])
def test_reads_do_not_pass_writes(name: str, read: bool) -> None:
    producer = generate("t", LOAD)
    if read:
        producer = "%now = array.read %b : memref<?xf64>\n" + doubled("now", "t")
    body = BUFFER + producer + OVERWRITES[name] + total("t") + "func.return %r : f64"
    _, after = fused(body)
    assert ops(after, "array.generate")


@pytest.mark.parametrize("read", [False, True])
def test_reads_stay_out_of_loops_that_write(read: bool) -> None:
    producer = generate("t", LOAD)
    if read:
        producer = "%now = array.read %b : memref<?xf64>\n" + doubled("now", "t")
    loop = (
        "%r = scf.for %l = %c0 to %n step %c1 iter_args(%s = %zero) -> (f64) {\n"
        "%g = array.extract %t[%l] : tensor<?xf64>\n%h = arith.addf %s, %g : f64\n"
        "memref.store %zero, %b[%c0] : memref<?xf64>\n"
        "linalg.fill ins(%two : f64) outs(%b : memref<?xf64>)\nscf.yield %h : f64\n}\n"
    )
    _, after = fused(BUFFER + producer + loop + "func.return %r : f64")
    assert len(ops(after, "array.generate")) == 1


def test_without_writes_in_between_reads_are_fused() -> None:
    body = BUFFER + generate("t", LOAD) + total("t") + FILL + "func.return %r : f64"
    _, after = fused(body)
    assert not ops(after, "array.generate")


SHIFT = """
func.func @f(%n: index {dp.dimension = "n"}, %x: tensor<?xf64> {dp.extents = ["n"]})
    -> tensor<?xf64> {
  %c1 = arith.constant 1 : index
  %top = arith.subi %n, %c1 : index
  %c0 = arith.constant 0 : index
  %m = arith.maxsi %top, %c0 : index
  %b = memref.alloc(%n) : memref<?xf64>
  array.assign %x, %b (%q) in (%n) : tensor<?xf64> to memref<?xf64> {
    scf.yield %q : index
  }
  %now = array.read %b : memref<?xf64>
  %t = array.generate (%i) in (%m) : tensor<?xf64> {
    %v = array.extract %now[%i] : tensor<?xf64>
    scf.yield %v : f64
  }
  array.assign %t, %b (%p) in (%m) : tensor<?xf64> to memref<?xf64> {
    %next = arith.addi %p, %c1 : index
    scf.yield %next : index
  }
  %r = array.read %b : memref<?xf64>
  func.return %r : tensor<?xf64>
}
"""


def test_overlapping_slices_are_read_before_they_are_written() -> None:
    before = parse_module(SHIFT)
    after = apply(before, fuse)
    arguments: list[Any] = [4, np.arange(1.0, 5.0)]
    output = [1.0, 1.0, 2.0, 3.0]
    for module in (before, after):
        assert str(output) in outcome(bufferize(module), arguments, 1)


def test_a_callee_is_inlined_with_all_its_calls() -> None:
    text = HEAD.replace("@f", "@g") + doubled("x", "t") + total("t") + "func.return %r : f64\n}\n"
    call = (
        "%g = func.call @{0}(%n, %x) : (index, tensor<?xf64>) -> f64\n"
        "%h = func.call @{0}(%n, %x) : (index, tensor<?xf64>) -> f64\n"
        "%s = arith.addf %g, %h : f64\nfunc.return %s : f64\n}}\n"
    )
    text += HEAD.replace("@f", "@h") + call.format("g") + HEAD + call.format("h")
    before = parse_module(text)
    after = apply(before, inline)
    assert not ops(after, "func.call")
    arguments = [3, np.arange(1.0, 4.0)]
    assert outcome(after, arguments) == outcome(before, arguments)
