import pytest

from dpc.compiler.passes.canonicalize import canonicalize
from dpc.compiler.passes.dce import dce
from dpc.compiler.passes.promote import promote
from tests.passes.harness import apply, function, normal, outcomes

# body, the same simplified (both return their results)
REWRITES = {
    "x - 0": (
        "%z = arith.constant 0.0 : f64\n%r = arith.subf %a, %z : f64\nfunc.return %r : f64",
        "func.return %a : f64",
    ),
    "x + -0": (
        "%z = arith.constant -0.0 : f64\n%r = arith.addf %z, %a : f64\nfunc.return %r : f64",
        "func.return %a : f64",
    ),
    "x * 1, x / 1": (
        "%o = arith.constant 1.0 : f64\n%p = arith.mulf %o, %a : f64\n"
        "%r = arith.divf %p, %o : f64\nfunc.return %r : f64",
        "func.return %a : f64",
    ),
    "- -x": (
        "%p = arith.negf %a : f64\n%r = arith.negf %p : f64\nfunc.return %r : f64",
        "func.return %a : f64",
    ),
    "x + -y": (
        "%p = arith.negf %b : f64\n%r = arith.addf %a, %p : f64\nfunc.return %r : f64",
        "%r = arith.subf %a, %b : f64\nfunc.return %r : f64",
    ),
    "strong product with 0": (
        "%z = arith.constant 0.0 : f64\n%r = arith.mulz %z, %a : f64\nfunc.return %r : f64",
        "%z = arith.constant 0.0 : f64\nfunc.return %z : f64",
    ),
    "strong product with 1 and -1": (
        "%o = arith.constant 1.0 : f64\n%p = arith.mulz %o, %a : f64\n"
        "%w = arith.constant -1.0 : f64\n%r = arith.mulz %p, %w : f64\nfunc.return %r : f64",
        "%r = arith.negf %a : f64\nfunc.return %r : f64",
    ),
    "x ** 5": (
        "%e = arith.constant 5 : i64\n%r = math.fpowi %a, %e : f64, i64\nfunc.return %r : f64",
        "%s = arith.mulf %a, %a : f64\n%q = arith.mulf %s, %s : f64\n"
        "%r = arith.mulf %a, %q : f64\nfunc.return %r : f64",
    ),
    "constants": (
        "%p = arith.constant 2.0 : f64\n%q = arith.constant 0.1 : f64\n"
        "%r = arith.mulf %p, %q : f64\nfunc.return %r : f64",
        "%r = arith.constant 0.2 : f64\nfunc.return %r : f64",
    ),
    "a known branch": (
        "%t = arith.constant true\n%r = scf.if %t -> (f64) {\n%p = arith.addf %a, %b : f64\n"
        "scf.yield %p : f64\n} else {\nscf.yield %b : f64\n}\nfunc.return %r : f64",
        "%p = arith.addf %a, %b : f64\nfunc.return %p : f64",
    ),
    "a branch that only picks": (
        "%r = scf.if %c -> (f64) {\nscf.yield %a : f64\n} else {\nscf.yield %b : f64\n}\n"
        "func.return %r : f64",
        "%r = arith.select %c, %a, %b : f64\nfunc.return %r : f64",
    ),
    "no iterations": (
        "%r = scf.for %i = %n to %n step %c1 iter_args(%v = %a) -> (f64) {\n"
        "%w = arith.addf %v, %b : f64\nscf.yield %w : f64\n}\nfunc.return %r : f64",
        "func.return %a : f64",
    ),
    "one iteration": (
        "%r = scf.for %i = %c0 to %c1 step %c1 iter_args(%v = %a) -> (f64) {\n"
        "%w = arith.addf %v, %b : f64\nscf.yield %w : f64\n}\nfunc.return %r : f64",
        "%w = arith.addf %a, %b : f64\nfunc.return %w : f64",
    ),
    "a carried value that stays": (
        "%r, %s = scf.for %i = %c0 to %n step %c1 iter_args(%v = %a, %u = %b) -> (f64, f64) {\n"
        "%w = arith.addf %v, %u : f64\nscf.yield %w, %u : f64, f64\n}\n"
        "%t = arith.addf %r, %s : f64\nfunc.return %t : f64",
        "%r = scf.for %i = %c0 to %n step %c1 iter_args(%v = %a) -> (f64) {\n"
        "%w = arith.addf %v, %b : f64\nscf.yield %w : f64\n}\n"
        "%t = arith.addf %r, %b : f64\nfunc.return %t : f64",
    ),
}
# none of these holds for every float, or at every point's derivative
KEPT = {
    "x + 0": "%z = arith.constant 0.0 : f64\n%r = arith.addf %a, %z : f64\nfunc.return %r : f64",
    "0 - x": "%z = arith.constant 0.0 : f64\n%r = arith.subf %z, %a : f64\nfunc.return %r : f64",
    "x * 0": "%z = arith.constant 0.0 : f64\n%r = arith.mulf %a, %z : f64\nfunc.return %r : f64",
    "x - x": "%r = arith.subf %a, %a : f64\nfunc.return %r : f64",
    "sqrt(x * x)": "%p = arith.mulf %a, %a : f64\n%r = math.sqrt %p : f64\nfunc.return %r : f64",
    "max(0, x)": "%z = arith.constant 0.0 : f64\n%r = arith.maximumf %z, %a : f64\n"
    "func.return %r : f64",
    "x if x == 0 else y": "%z = arith.constant 0.0 : f64\n%e = arith.cmpf oeq, %a, %z : f64\n"
    "%r = arith.select %e, %a, %b : f64\nfunc.return %r : f64",
}


@pytest.mark.parametrize("name", REWRITES)
def test_rewrites(name: str) -> None:
    before, after = (function(body) for body in REWRITES[name])
    found = apply(before, canonicalize, dce)
    assert normal(found) == normal(apply(after, dce))
    assert outcomes(found) == outcomes(before)
    assert canonicalize(found) is found


@pytest.mark.parametrize("name", KEPT)
def test_what_is_not_an_identity_stays(name: str) -> None:
    module = apply(function(KEPT[name]), dce)
    assert canonicalize(module) is module


INTEGERS = {
    "k + 0": ("%z = arith.constant 0 : i64\n%r = arith.addi %k, %z : i64", "%k"),
    "(k + m) - m": ("%s = arith.addi %k, %m : i64\n%r = arith.subi %s, %m : i64", "%k"),
    "(k - m) + m": ("%s = arith.subi %k, %m : i64\n%r = arith.addi %s, %m : i64", "%k"),
    "k // 1": ("%o = arith.constant 1 : i64\n%r = arith.floordivsi %k, %o : i64", "%k"),
    "to index and back": (
        "%p = arith.index_cast %k : i64 to index\n%r = arith.index_cast %p : index to i64",
        "%k",
    ),
}


@pytest.mark.parametrize("name", INTEGERS)
def test_integer_identities(name: str) -> None:
    body, value = INTEGERS[name]
    before = function(f"{body}\nfunc.return %r : i64", "i64")
    found = apply(before, canonicalize, dce)
    assert normal(found) == normal(apply(function(f"func.return {value} : i64", "i64"), dce))


def test_a_narrowing_cast_is_kept() -> None:
    body = (
        "%p = arith.trunci %k : i64 to i32\n%q = arith.extsi %p : i32 to i64\nfunc.return %q : i64"
    )
    module = apply(function(body, "i64"), dce)
    assert canonicalize(module) is module


def test_division_by_a_constant_zero_is_not_folded() -> None:
    body = (
        "%p = arith.constant 4 : i64\n%z = arith.constant 0 : i64\n"
        "%q = arith.floordivsi %p, %z : i64\nfunc.return %q : i64"
    )
    module = apply(function(body, "i64"), dce)
    assert canonicalize(module) is module


def test_unchanged_modules_are_the_same_object() -> None:
    module = apply(function("func.return %a : f64"), dce)
    assert promote(canonicalize(dce(module))) is module
