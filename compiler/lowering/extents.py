"""Index values of symbolic integers.

Polynomials over dimension variables alone are computed once, at the start of the function; those
with run-time extents where they are first needed in a block, once.
"""

from collections.abc import Callable, MutableMapping
from typing import Protocol

from dpc.compiler.dialects import arith
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import INDEX, ScalarType
from dpc.dsl.shapes import Atom, Dimension, Floored, Local, Poly

Emit = Callable[[Op], Value]


class _Scope(Protocol):
    """What is needed of a `Scope`."""

    @property
    def known_polynomials(self) -> MutableMapping[Poly, Value]: ...

    @property
    def entry_polynomials(self) -> MutableMapping[Poly, Value]: ...

    def emit(self, op: Op) -> Value: ...

    def emit_at_entry(self, op: Op) -> Value: ...

    def constant(self, value: bool | int | float, type_: ScalarType) -> Value: ...


def depends_on_locals(poly: Poly) -> bool:
    """True when a run-time extent occurs."""
    return any(
        isinstance(a, Local) or (isinstance(a, Floored) and depends_on_locals(a.poly))
        for a in poly.atoms()
    )


def run_time_extent(key: int) -> Poly:
    """What a bound run-time extent is known under: its text does not matter."""
    return Poly.atom(Local(key, ""))


def known_nonnegative(poly: Poly) -> bool:
    """True when extents being at least 0 shows that the value is."""
    return all(c >= 0 for _, c in poly.terms) and all(
        not isinstance(a, Floored) or known_nonnegative(a.poly) for a in poly.atoms()
    )


class _UnknownError(Exception):
    """A run-time extent that has not been bound here."""


def extent_value(scope: _Scope, poly: Poly) -> Value | None:
    """The index value of a polynomial; None when it uses a run-time extent not bound here."""
    try:
        return _value(scope, poly)
    except _UnknownError:
        return None


def _value(scope: _Scope, poly: Poly) -> Value:
    constant = poly.value
    if constant is not None:
        return scope.constant(constant, INDEX)
    known = scope.known_polynomials.get(poly)
    if known is not None:
        return known
    local = depends_on_locals(poly)
    value = _sum(scope, poly, scope.emit if local else scope.emit_at_entry)
    (scope.known_polynomials if local else scope.entry_polynomials)[poly] = value
    return value


def _atom(scope: _Scope, atom: Atom, emit: Emit) -> Value:
    if isinstance(atom, Floored):
        divisor = scope.constant(atom.divisor, INDEX)
        return emit(arith.FloorDivSI(_value(scope, atom.poly), divisor))
    key = run_time_extent(atom.key) if isinstance(atom, Local) else Poly.atom(atom)
    known = scope.known_polynomials.get(key)
    if known is None:
        assert not isinstance(atom, Dimension), f"the dimension {atom} is not an argument"
        raise _UnknownError
    return known


def _sum(scope: _Scope, poly: Poly, emit: Emit) -> Value:
    """Emit the terms, a positive one first where there is one."""
    terms = sorted(poly.terms, key=lambda term: term[1] < 0)
    total: Value | None = None
    for monomial, coefficient in terms:
        if len(poly.terms) == 1 and len(monomial) == 1 and coefficient == 1:
            return _atom(scope, monomial[0], emit)
        factors = [_value(scope, Poly.atom(a)) for a in monomial]
        magnitude = abs(coefficient)
        if magnitude != 1 or not factors:
            factors.append(scope.constant(magnitude, INDEX))
        term = factors[0]
        for factor in factors[1:]:
            term = emit(arith.MulI(term, factor))
        if coefficient > 0:
            total = term if total is None else emit(arith.AddI(total, term))
        else:
            start = scope.constant(0, INDEX) if total is None else total
            total = emit(arith.SubI(start, term))
    assert total is not None
    return total
