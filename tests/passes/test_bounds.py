import pytest

from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.verify import verify
from dpc.compiler.passes.bounds import bounds
from dpc.compiler.passes.canonicalize import canonicalize
from tests.passes.harness import apply, function, ops, outcomes

LOOP = "scf.for %i = %c0 to %n step %c1 {{\n{}\n}}\nfunc.return %a : f64"


def check(left: str, predicate: str, right: str, type_: str = "index") -> str:
    return (
        f"%ok = arith.cmpi {predicate}, {left}, {right} : {type_}\n"
        'cf.assert %ok, "no" {kind = "bounds"}'
    )


NEXT = "%next = arith.addi %i, %c1 : index\n"
BACK = "%back = arith.subi %i, %c1 : index\n"
TWO = "%two = arith.constant 2 : index\n"
INTEGERS = "%one = arith.constant 1 : i64\n%zero = arith.constant 0 : i64\n"
WHILE = """%z, %w = scf.while BOUND (%s = %c0, %u = %a) : (index, f64) -> (index, f64) {
%more = arith.cmpi slt, %s, %n : index
%d = arith.cmpf olt, %u, %b : f64
%go = arith.andi %more, %d : i1
scf.condition(%go) %s, %u : index, f64
} do {
^bb0(%i: index, %v: f64):
CHECK
%j = arith.addi %i, %c1 : index
%x2 = arith.addf %v, %v : f64
scf.yield %j, %x2 : index, f64
}
func.return %a : f64"""
PROVABLE = {
    "0 <= i": LOOP.format(check("%c0", "sle", "%i")),
    "i < n": LOOP.format(check("%i", "slt", "%n")),
    "n > 0 inside": LOOP.format(check("%n", "sgt", "%c0")),
    "i + 1 <= n": LOOP.format(NEXT + check("%next", "sle", "%n")),
    "i + 1 >= 1": LOOP.format(NEXT + check("%next", "sge", "%c1")),
    "n >= 0": check("%n", "sge", "%c0") + "\nfunc.return %a : f64",
    "i - 1 >= 0 under i > 0": LOOP.format(
        f"%p = arith.cmpi sgt, %i, %c0 : index\nscf.if %p {{\n{BACK}"
        f"{check('%back', 'sge', '%c0')}\n}}"
    ),
    "i - 1 >= 0 where i == 0 is the other branch": LOOP.format(
        f"%p = arith.cmpi eq, %i, %c0 : index\nscf.if %p {{\n}} else {{\n{BACK}"
        f"{check('%back', 'sge', '%c0')}\n}}"
    ),
    "j < n for j < i": LOOP.format(
        f"scf.for %j = %c0 to %i step %c1 {{\n{check('%j', 'slt', '%n')}\n}}"
    ),
    "i // 2 < n": LOOP.format(
        f"{TWO}%h = arith.floordivsi %i, %two : index\n{check('%h', 'slt', '%n')}"
    ),
    "i % n in 0..n": LOOP.format(
        f"%h = arith.floormodsi %i, %n : index\n{check('%h', 'slt', '%n')}"
    ),
    "min(i + 1, n - 1) < n": LOOP.format(
        f"{NEXT}%last = arith.subi %n, %c1 : index\n%h = arith.minsi %next, %last : index\n"
        f"{check('%h', 'slt', '%n')}"
    ),
    "max(i - 1, 0) < n": LOOP.format(
        f"{BACK}%h = arith.maxsi %back, %c0 : index\n{check('%h', 'slt', '%n')}"
    ),
    "through casts": LOOP.format(
        f"{INTEGERS}%w = arith.index_cast %i : index to i64\n%v = arith.addi %w, %one : i64\n"
        f"{check('%v', 'sge', '%one', 'i64')}"
    ),
    "a counter beside the index": (
        "%z = scf.for %i = %c0 to %n step %c1 iter_args(%t = %c0) -> (index) {\n"
        f"{check('%t', 'slt', '%n')}\n"
        "%u = arith.addi %t, %c1 : index\nscf.yield %u : index\n}\nfunc.return %a : f64"
    ),
    "a counter that sometimes grows": (
        "%z = scf.for %i = %c0 to %n step %c1 iter_args(%t = %c0) -> (index) {\n"
        f"{check('%t', 'slt', '%n')}\n%g = arith.addi %t, %c1 : index\n"
        "%u = arith.select %c, %g, %t : index\nscf.yield %u : index\n}\nfunc.return %a : f64"
    ),
    "while: 0 <= i": WHILE.replace("BOUND ", "bound %n ").replace(
        "CHECK", check("%i", "sge", "%c0")
    ),
    "while: i < n": WHILE.replace("BOUND ", "").replace("CHECK", check("%i", "slt", "%n")),
}
# each looks like one of those above and may fail
UNPROVABLE = {
    "i + 1 < n": LOOP.format(NEXT + check("%next", "slt", "%n")),
    "i - 1 >= 0": LOOP.format(BACK + check("%back", "sge", "%c0")),
    "i >= 1": LOOP.format(check("%i", "sge", "%c1")),
    "n > 0 outside": check("%n", "sgt", "%c0") + "\nfunc.return %a : f64",
    "n > 0 after the loop": LOOP.format("").replace(
        "func.return", check("%n", "sgt", "%c0") + "\nfunc.return"
    ),
    "i - 1 >= 0 under i >= 0": LOOP.format(
        f"%p = arith.cmpi sge, %i, %c0 : index\nscf.if %p {{\n{BACK}"
        f"{check('%back', 'sge', '%c0')}\n}}"
    ),
    "i - 1 >= 0 after the branch": LOOP.format(
        f"%p = arith.cmpi sgt, %i, %c0 : index\nscf.if %p {{\n}}\n{BACK}"
        f"{check('%back', 'sge', '%c0')}"
    ),
    "i - 1 >= 0 in the other branch": LOOP.format(
        f"%p = arith.cmpi slt, %i, %c1 : index\nscf.if %p {{\n{BACK}"
        f"{check('%back', 'sge', '%c0')}\n}}"
    ),
    "k + 1 > k wraps": INTEGERS + "%v = arith.addi %k, %one : i64\n"
    f"{check('%v', 'sgt', '%k', 'i64')}\nfunc.return %a : f64",
    "k * k >= 0 wraps": INTEGERS + "%v = arith.muli %k, %k : i64\n"
    f"{check('%v', 'sge', '%zero', 'i64')}\nfunc.return %a : f64",
    "2 i < n": LOOP.format(f"{TWO}%h = arith.muli %i, %two : index\n{check('%h', 'slt', '%n')}"),
    "k % m in 0..m, m of any sign": "%h = arith.floormodsi %k, %m : i64\n"
    f"{check('%h', 'slt', '%m', 'i64')}\nfunc.return %a : f64",
    "k in range": INTEGERS + check("%k", "sge", "%zero", "i64") + "\nfunc.return %a : f64",
    "min is not at least both": LOOP.format(
        f"{NEXT}%h = arith.minsi %next, %c0 : index\n{check('%h', 'sge', '%c1')}"
    ),
    "a counter with a step of two": (
        f"{TWO}%z = scf.for %i = %c0 to %n step %c1 iter_args(%t = %c0) -> (index) {{\n"
        f"{check('%t', 'slt', '%n')}\n"
        "%u = arith.addi %t, %two : index\nscf.yield %u : index\n}\nfunc.return %a : f64"
    ),
    "a counter that may shrink": (
        "%z = scf.for %i = %c0 to %n step %c1 iter_args(%t = %c0) -> (index) {\n"
        f"{check('%t', 'sge', '%c0')}\n%g = arith.subi %t, %c1 : index\n"
        "%u = arith.select %c, %g, %t : index\nscf.yield %u : index\n}\nfunc.return %a : f64"
    ),
    "a counter over iterations of step two": (
        f"{TWO}%z = scf.for %i = %c0 to %n step %two iter_args(%t = %c0) -> (index) {{\n"
        f"{check('%t', 'eq', '%i')}\n"
        "%u = arith.addi %t, %c1 : index\nscf.yield %u : index\n}\nfunc.return %a : f64"
    ),
    "while: i + 1 < n": WHILE.replace("BOUND ", "").replace(
        "CHECK", NEXT + check("%next", "slt", "%n")
    ),
}


@pytest.mark.parametrize("name", PROVABLE)
def test_a_provable_check_vanishes(name: str) -> None:
    module = function(PROVABLE[name])
    found = apply(module, bounds)
    assert not ops(found, "cf.assert")
    assert outcomes(found) == outcomes(module)


@pytest.mark.parametrize("name", UNPROVABLE)
def test_a_check_that_may_fail_stays(name: str) -> None:
    module = function(UNPROVABLE[name])
    found = apply(module, bounds, canonicalize)
    assert ops(found, "cf.assert")
    assert outcomes(found) == outcomes(module)


def test_a_check_holds_after_itself_and_not_before() -> None:
    body = f"{NEXT}{check('%next', 'slt', '%n')}\n"
    again = body.replace("%next", "%next2").replace("%ok", "%ok2")
    found = apply(function(LOOP.format(body + again)), bounds)
    assert len(ops(found, "cf.assert")) == 1
    weaker_first = check("%i", "sle", "%n") + "\n" + body.replace("%ok", "%ok2")
    found = apply(function(LOOP.format(weaker_first)), bounds)
    assert len(ops(found, "cf.assert")) == 1


def test_a_check_that_always_fails_stays() -> None:
    found = apply(function(LOOP.format(check("%i", "slt", "%c0"))), bounds, canonicalize)
    assert len(ops(found, "cf.assert")) == 1
    assert outcomes(found) == outcomes(function(LOOP.format(check("%i", "slt", "%c0"))))


@pytest.mark.parametrize(
    ("left", "holds"),
    [("%i, %two", True), ("%i, %three", False)],
    ids=["2 i + 1 < 2 n + 1", "3 i + 1 < 2 n + 1"],
)
def test_extents_are_related_by_their_polynomials(left: str, holds: bool) -> None:
    module = parse_module(
        f"""
func.func @f(%n: index {{dp.dimension = "n"}}, %l: index {{dp.dimension = "2*n + 1"}}) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %two = arith.constant 2 : index
  %three = arith.constant 3 : index
  scf.for %i = %c0 to %n step %c1 {{
    %p = arith.muli {left} : index
    %q = arith.addi %p, %c1 : index
    {check("%q", "slt", "%l")}
  }}
  func.return
}}
"""
    )
    found = bounds(module)
    verify(found)
    assert bool(ops(found, "cf.assert")) != holds


def test_a_check_before_a_loop_that_may_be_idle_holds_inside() -> None:
    body = (
        "%idle = arith.cmpi sge, %c0, %n : index\n%low = arith.cmpi sge, %m, %k : i64\n"
        "%either = arith.ori %low, %idle : i1\n"
        'cf.assert %either, "order" {kind = "assert"}\n'
        + LOOP.format(check("%m", "sge", "%k", "i64"))
    )
    assert len(ops(apply(function(body), bounds), "cf.assert")) == 1
    outside = body.replace("func.return", check("%m", "sge", "%k", "i64") + "\nfunc.return")
    outside = outside.replace("scf.for %i = %c0", "scf.for %i = %c1").replace(
        "%ok = arith.cmpi sge, %m", "%ok2 = arith.cmpi sge, %m", 1
    )
    outside = outside.replace("cf.assert %ok,", "cf.assert %ok2,", 1)
    assert len(ops(apply(function(outside), bounds), "cf.assert")) == 2


def test_a_minimum_that_is_known_is_its_operand() -> None:
    body = LOOP.format(
        "%h = arith.minsi %i, %n : index\n%g = arith.maxsi %n, %c0 : index\n"
        "%e = arith.minsi %i, %c1 : index\n"
        + check("%h", "eq", "%e").replace("cf.assert %ok", "cf.assert %c")
        + "\n"
        + check("%g", "eq", "%e").replace("%ok", "%ok2").replace("cf.assert %ok2", "cf.assert %c")
    )
    found = apply(function(body), bounds)
    assert len(ops(found, "arith.minsi")) == 1
    assert not ops(found, "arith.maxsi")
