import pytest

from dpc.compiler.ir.core import Module
from dpc.compiler.passes.canonicalize import canonicalize
from dpc.compiler.passes.cse import cse
from dpc.compiler.passes.dce import dce
from dpc.compiler.passes.forward_stores import forward_stores
from dpc.compiler.passes.licm import licm
from dpc.compiler.passes.promote import promote
from dpc.compiler.passes.scalarize import scalarize
from dpc.compiler.passes.unroll import unroll
from tests.passes.harness import Pass, apply, function, ops, outcomes

ALL = (cse, licm, promote, forward_stores, unroll, canonicalize, scalarize, dce)
STORE_ALL = (
    "scf.for %i = %c0 to %n step %c1 {\nmemref.store %a, %y[%i] : memref<?xf64>\nBODY\n}\n"
    "func.return %a : f64"
)
# programs in which a careless pass would move an access over a write of the same place
ADVERSARIAL = {
    "each element from the one before": (
        "%top = arith.subi %n, %c1 : index\n"
        "memref.copy %x, %y : memref<?xf64> to memref<?xf64>\n"
        "scf.for %i = %c0 to %top step %c1 {\n%j = arith.addi %i, %c1 : index\n"
        "%v = memref.load %y[%i] : memref<?xf64>\nmemref.store %v, %y[%j] : memref<?xf64>\n}\n"
        "func.return %a : f64"
    ),
    "read, overwritten, read again": STORE_ALL.replace(
        "BODY",
        "%p = memref.load %y[%c0] : memref<?xf64>\n%q = arith.addf %p, %b : f64\n"
        "memref.store %q, %y[%i] : memref<?xf64>\n%r = memref.load %y[%c0] : memref<?xf64>\n"
        "%s = arith.addf %r, %q : f64\nmemref.store %s, %y[%i] : memref<?xf64>",
    ),
    "a store in one branch": STORE_ALL.replace(
        "BODY",
        "scf.if %c {\nmemref.store %b, %y[%i] : memref<?xf64>\n}\n"
        "%p = memref.load %y[%i] : memref<?xf64>\n%q = arith.addf %p, %b : f64\n"
        "memref.store %q, %y[%i] : memref<?xf64>",
    ),
    "a store in the other branch": STORE_ALL.replace(
        "BODY",
        "%h = scf.if %c -> (f64) {\nmemref.store %b, %y[%i] : memref<?xf64>\nscf.yield %b : f64\n"
        "} else {\n%p = memref.load %y[%i] : memref<?xf64>\nscf.yield %p : f64\n}\n"
        "%q = arith.addf %h, %b : f64\nmemref.store %q, %y[%i] : memref<?xf64>",
    ),
    "an accumulator in a loop that may not run": STORE_ALL.replace(
        "BODY",
        "scf.for %j = %c0 to %i step %c1 {\n%p = memref.load %y[%i] : memref<?xf64>\n"
        "%v = memref.load %x[%j] : memref<?xf64>\n%q = arith.addf %p, %v : f64\n"
        "memref.store %q, %y[%i] : memref<?xf64>\n}",
    ),
    "an accumulator read under another index": STORE_ALL.replace(
        "BODY",
        "scf.for %j = %c0 to %n step %c1 {\n%p = memref.load %y[%i] : memref<?xf64>\n"
        "%v = memref.load %y[%c0] : memref<?xf64>\n%q = arith.addf %p, %v : f64\n"
        "memref.store %q, %y[%i] : memref<?xf64>\n}",
    ),
    "stored, then a check, then stored": STORE_ALL.replace(
        "BODY",
        "%ok = arith.cmpf olt, %a, %b : f64\n"
        'scf.if %c {\ncf.assert %ok, "stop" {kind = "assert"}\n}\n'
        "memref.store %b, %y[%i] : memref<?xf64>",
    ),
    "a fill in a loop": (
        "linalg.fill ins(%a : f64) outs(%y : memref<?xf64>)\n"
        "scf.for %i = %c0 to %n step %c1 {\n%p = memref.load %y[%i] : memref<?xf64>\n"
        "%q = arith.addf %p, %b : f64\nmemref.store %q, %y[%i] : memref<?xf64>\n"
        "scf.if %c {\nlinalg.fill ins(%b : f64) outs(%y : memref<?xf64>)\n}\n}\n"
        "func.return %a : f64"
    ),
}


@pytest.mark.parametrize("name", ADVERSARIAL)
@pytest.mark.parametrize("one", [*((p,) for p in ALL), ALL, (*ALL, *ALL)])
def test_accesses_stay_in_order(name: str, one: tuple[Pass, ...]) -> None:
    module = function(ADVERSARIAL[name])
    assert outcomes(apply(module, *one)) == outcomes(module)


def accesses(module: Module) -> tuple[int, int]:
    """How many loads and stores there are."""
    return len(ops(module, "memref.load")), len(ops(module, "memref.store"))


def test_a_load_takes_what_was_stored() -> None:
    body = STORE_ALL.replace(
        "BODY",
        "%j = arith.addi %i, %c1 : index\n%p = memref.load %y[%i] : memref<?xf64>\n"
        "%q = arith.addf %p, %b : f64\nmemref.store %q, %y[%i] : memref<?xf64>",
    )
    module = function(body)
    found = apply(module, forward_stores)
    assert accesses(found) == (0, 1)
    assert outcomes(found) == outcomes(module)


def test_places_a_constant_apart_are_different() -> None:
    body = (
        "%t = memref.alloc(%n) : memref<?xf64>\n"
        "linalg.fill ins(%b : f64) outs(%t : memref<?xf64>)\n"
        "%top = arith.subi %n, %c1 : index\n"
        "scf.for %i = %c0 to %top step %c1 {\n%j = arith.addi %i, %c1 : index\n"
        "memref.store %a, %t[%i] : memref<?xf64>\nmemref.store %b, %t[%j] : memref<?xf64>\n"
        "%p = memref.load %t[%i] : memref<?xf64>\nmemref.store %p, %y[%i] : memref<?xf64>\n}\n"
        "func.return %a : f64"
    )
    found = apply(function(body), forward_stores, dce)
    assert accesses(found) == (0, 1)


def test_places_that_may_be_one_are_not_told_apart() -> None:
    body = (
        "%t = memref.alloc(%n) : memref<?xf64>\n"
        "linalg.fill ins(%b : f64) outs(%t : memref<?xf64>)\n"
        "scf.for %i = %c0 to %n step %c1 {\n"
        "memref.store %a, %t[%c0] : memref<?xf64>\nmemref.store %b, %t[%i] : memref<?xf64>\n"
        "%p = memref.load %t[%c0] : memref<?xf64>\nmemref.store %p, %y[%i] : memref<?xf64>\n}\n"
        "func.return %a : f64"
    )
    module = function(body)
    found = apply(module, forward_stores)
    assert len(ops(found, "memref.load")) == 1
    assert outcomes(found) == outcomes(module)


def test_an_accumulator_is_carried() -> None:
    body = STORE_ALL.replace(
        "BODY",
        "scf.for %j = %c0 to %n step %c1 {\n%p = memref.load %y[%i] : memref<?xf64>\n"
        "%v = memref.load %x[%j] : memref<?xf64>\n%q = arith.addf %p, %v : f64\n"
        "memref.store %q, %y[%i] : memref<?xf64>\n}",
    )
    module = function(body)
    found = apply(module, promote, forward_stores)
    assert accesses(found) == (1, 1)
    assert outcomes(found) == outcomes(module)


def test_a_place_that_may_not_exist_is_not_touched_before_the_loop() -> None:
    body = (
        "%k0 = arith.index_cast %k : i64 to index\n"
        "linalg.fill ins(%a : f64) outs(%y : memref<?xf64>)\n"
        "scf.for %j = %c0 to %n step %c1 {\n"
        "%p = memref.load %y[%k0] : memref<?xf64>\n%q = arith.addf %p, %b : f64\n"
        "memref.store %q, %y[%k0] : memref<?xf64>\n}\nfunc.return %a : f64"
    )
    module = function(body)
    assert promote(module) is module
    assert licm(module) is module


CHECKED = (
    "%k0 = arith.index_cast %k : i64 to index\n"
    "%s = scf.for %i = %c0 to %n step %c1 iter_args(%t = %a) -> (f64) {\n"
    "%low = arith.cmpi sge, %k0, %c0 : index\n%high = arith.cmpi slt, %k0, %n : index\n"
    "%in = arith.andi %low, %high : i1\n"
    'cf.assert %in, "index" {kind = "bounds"}\n'
    "%v = memref.load %x[%k0] : memref<?xf64>\n%w = arith.addf %t, %v : f64\n"
    "scf.yield %w : f64\n}\nfunc.return %s : f64"
)


def test_a_load_does_not_pass_its_check() -> None:
    module = function(CHECKED)
    found = apply(module, licm)
    (loop,) = ops(found, "scf.for")
    assert any(op.name == "memref.load" for op in loop.blocks[0].ops)
    assert not any(op.name == "arith.andi" for op in loop.blocks[0].ops)
    assert outcomes(found) == outcomes(module)


def test_a_load_in_bounds_leaves_the_loop_that_does_not_write_it() -> None:
    body = STORE_ALL.replace(
        "BODY",
        "scf.for %j = %c0 to %n step %c1 {\n%p = memref.load %x[%i] : memref<?xf64>\n"
        "memref.store %p, %y[%j] : memref<?xf64>\n}",
    )
    module = function(body)
    found = apply(module, licm)
    inner = ops(found, "scf.for")[1]
    assert not any(op.name == "memref.load" for op in inner.blocks[0].ops)
    assert outcomes(found) == outcomes(module)
    written = apply(function(body.replace("memref.load %x", "memref.load %y")), licm)
    inner = ops(written, "scf.for")[1]
    assert any(op.name == "memref.load" for op in inner.blocks[0].ops)


def test_a_small_array_lives_in_registers() -> None:
    body = (
        "%t = memref.alloc() : memref<3xf64>\n%c3 = arith.constant 3 : index\n"
        "linalg.fill ins(%a : f64) outs(%t : memref<3xf64>)\n"
        "scf.for %i = %c0 to %n step %c1 {\nscf.for %j = %c0 to %c3 step %c1 {\n"
        "%p = memref.load %t[%j] : memref<3xf64>\n%v = memref.load %x[%i] : memref<?xf64>\n"
        "%q = arith.addf %p, %v : f64\nmemref.store %q, %t[%j] : memref<3xf64>\n}\n"
        "scf.if %c {\nmemref.store %b, %t[%c1] : memref<3xf64>\n}\n}\n"
        "%r = memref.load %t[%c1] : memref<3xf64>\n"
        "linalg.fill ins(%r : f64) outs(%y : memref<?xf64>)\nfunc.return %r : f64"
    )
    module = function(body)
    found = apply(module, unroll, canonicalize, scalarize, canonicalize, cse, dce)
    assert not ops(found, "memref.alloc")
    assert len(ops(found, "memref.load")) == 1
    assert outcomes(found) == outcomes(module)


def test_an_array_with_a_varying_index_stays_in_memory() -> None:
    body = (
        "%t = memref.alloc() : memref<3xf64>\nlinalg.fill ins(%a : f64) outs(%t : memref<3xf64>)\n"
        "%two = arith.constant 2 : i64\n%r = arith.andi %k, %two : i64\n"
        "%h = arith.index_cast %r : i64 to index\nmemref.store %b, %t[%h] : memref<3xf64>\n"
        "%v = memref.load %t[%c0] : memref<3xf64>\n"
        "linalg.fill ins(%v : f64) outs(%y : memref<?xf64>)\nfunc.return %v : f64"
    )
    module = function(body)
    assert scalarize(module) is module


def test_stores_never_read_go_with_their_buffer() -> None:
    body = (
        "%t = memref.alloc(%n) : memref<?xf64>\nscf.for %i = %c0 to %n step %c1 {\n"
        "memref.store %a, %t[%i] : memref<?xf64>\n}\n"
        "linalg.fill ins(%a : f64) outs(%y : memref<?xf64>)\nfunc.return %a : f64"
    )
    found = apply(function(body), dce)
    assert not ops(found, "memref.alloc")
    assert not ops(found, "scf.for")


def test_an_overwritten_store_goes_but_not_over_a_check() -> None:
    stores = (
        "%z = arith.constant 0.0 : f64\nscf.for %i = %c0 to %n step %c1 {\n"
        "memref.store %a, %y[%i] : memref<?xf64>\nCHECK"
        "memref.store %z, %y[%i] : memref<?xf64>\n}\nfunc.return %a : f64"
    )
    assert accesses(apply(function(stores.replace("CHECK", "")), forward_stores)) == (0, 1)
    check = 'cf.assert %c, "stop" {kind = "assert"}\n'
    assert accesses(apply(function(stores.replace("CHECK", check)), forward_stores)) == (0, 2)


def test_equal_loads_are_one_until_the_buffer_is_written() -> None:
    body = STORE_ALL.replace(
        "BODY",
        "%p = memref.load %y[%c0] : memref<?xf64>\n%q = memref.load %y[%c0] : memref<?xf64>\n"
        "%r = arith.addf %p, %q : f64\nmemref.store %r, %y[%i] : memref<?xf64>\n"
        "%s = memref.load %y[%c0] : memref<?xf64>\nmemref.store %s, %y[%i] : memref<?xf64>",
    )
    module = function(body)
    found = apply(module, cse)
    assert len(ops(found, "memref.load")) == 2
    assert outcomes(found) == outcomes(module)


def test_a_cycle_of_carried_values_that_feeds_only_itself_goes() -> None:
    body = (
        "%p, %q, %r = scf.for %i = %c0 to %n step %c1 "
        "iter_args(%u = %a, %v = %b, %w = %a) -> (f64, f64, f64) {\n"
        "%s = arith.addf %u, %v : f64\n%t = arith.mulf %w, %b : f64\n"
        "scf.yield %v, %s, %t : f64, f64, f64\n}\nfunc.return %r : f64"
    )
    module = function(body)
    found = apply(module, dce)
    (loop,) = ops(found, "scf.for")
    assert len(loop.results) == 1
    assert not ops(found, "arith.addf")
    assert outcomes(found) == outcomes(module)


def test_a_check_that_does_not_change_leaves_the_loop_but_not_the_error() -> None:
    body = CHECKED.replace("%v = memref.load %x[%k0] : memref<?xf64>", "%v = arith.negf %b : f64")
    module = function(body)
    found = apply(module, licm)
    (loop,) = ops(found, "scf.for")
    assert not any(op.name == "cf.assert" for op in loop.blocks[0].ops)
    assert len(ops(found, "cf.assert")) == 1
    # with no iteration nothing is checked
    assert outcomes(found) == outcomes(module)


def test_a_check_after_an_effect_stays() -> None:
    body = (
        "linalg.fill ins(%a : f64) outs(%y : memref<?xf64>)\n"
        "scf.for %i = %c0 to %n step %c1 {\nmemref.store %b, %y[%i] : memref<?xf64>\n"
        'cf.assert %c, "stop" {kind = "assert"}\n}\nfunc.return %a : f64'
    )
    module = function(body)
    found = apply(module, licm)
    (loop,) = ops(found, "scf.for")
    assert any(op.name == "cf.assert" for op in loop.blocks[0].ops)
