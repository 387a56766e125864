"""`logsumexp(e for ...)` in one pass that keeps no elements.

It carries the largest element so far, a shift and the sum so far: with m = max(m, e) and the shift
that m is, 0 where that is infinite or NaN,

    total = total * exp(old shift - shift) + exp(e - shift),    result = shift + log(total).

The shift carries no derivative: the result is the same for any.
"""

from dpc.compiler.dialects import ad, arith
from dpc.compiler.dialects.math import UNARY, IsFinite
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import FloatType
from dpc.compiler.lowering.reductions import identity
from dpc.compiler.lowering.scope import Scope

Values = tuple[Value, ...]


def start(scope: Scope, type_: FloatType) -> Values:
    """Largest element, shift and total of no elements."""
    zero = scope.constant(0.0, type_)
    return identity(scope, "max", type_), zero, zero


def step(scope: Scope, carried: Values, element: Value) -> Values:
    """Take one element in."""
    largest, shift, total = carried
    emit, type_ = scope.emit, largest.type
    assert isinstance(type_, FloatType)
    zero = scope.constant(0.0, type_)
    grown = emit(arith.MaximumF(largest, emit(ad.StopGradient(element))))
    moved = emit(arith.Select(emit(IsFinite(grown)), grown, zero))
    # Before the first finite element the total is 0, whatever the shift.
    first = emit(arith.CmpF("oeq", largest, identity(scope, "max", type_)))
    change = emit(arith.Select(first, zero, emit(arith.SubF(shift, moved))))
    scaled = emit(arith.MulF(total, emit(UNARY["exp"](change))))
    term = emit(UNARY["exp"](emit(arith.SubF(element, moved))))
    return grown, moved, emit(arith.AddF(scaled, term))


def result(scope: Scope, carried: Values) -> Value:
    """The value after all elements."""
    _, shift, total = carried
    return scope.emit(arith.AddF(shift, scope.emit(UNARY["log"](total))))
