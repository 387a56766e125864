"""Conversions between scalar types."""

from dpc.compiler.dialects import arith
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import F64, I1, FloatType, IntType, Type
from dpc.compiler.lowering.scope import Scope


def convert(scope: Scope, value: Value, to: FloatType | IntType) -> Value:
    """A scalar in another type; float -> integer truncates and is checked."""
    source = value.type
    if source == to:
        return value
    if isinstance(source, FloatType):
        return _from_float(scope, value, to)
    assert isinstance(source, IntType)
    return _from_integer(scope, value, to)


def widened_float(scope: Scope, value: Value) -> Value:
    """A float as f64, the type in which floats are reported."""
    return value if value.type == F64 else scope.emit(arith.ExtF(value, F64))


def _from_float(scope: Scope, value: Value, to: FloatType | IntType) -> Value:
    assert isinstance(value.type, FloatType)
    if isinstance(to, FloatType):
        make = arith.ExtF if to.width > value.type.width else arith.TruncF
        return scope.emit(make(value, to))
    if to == I1:
        return scope.emit(arith.CmpF("une", value, scope.constant(0.0, value.type)))
    limit = 2.0 ** (to.width - 1)
    # -limit - 1 is a float only where the float is wider than the integer.
    exact = to.width < 53 and value.type == F64
    low = scope.constant(-limit - 1.0 if exact else -limit, value.type)
    above = scope.emit(arith.CmpF("ogt" if exact else "oge", value, low))
    below = scope.emit(arith.CmpF("olt", value, scope.constant(limit, value.type)))
    holds = scope.emit(arith.AndI(above, below))
    scope.check(holds, "convert", f"cannot convert {{}} to {to}", widened_float(scope, value))
    return scope.emit(arith.FPToSI(value, to))


def _from_integer(scope: Scope, value: Value, to: FloatType | IntType) -> Value:
    source = value.type
    assert isinstance(source, IntType)
    if isinstance(to, FloatType):
        return scope.emit((arith.UIToFP if source == I1 else arith.SIToFP)(value, to))
    if to == I1:
        return scope.emit(arith.CmpI("ne", value, scope.constant(0, source)))
    if source == I1:
        return scope.emit(arith.ExtUI(value, to))
    make = arith.ExtSI if to.width > source.width else arith.TruncI
    return scope.emit(make(value, to))


def may_fail(source: Type, to: Type) -> bool:
    """True when the conversion has a check."""
    return isinstance(source, FloatType) and isinstance(to, IntType) and to != I1


__all__ = ["convert", "may_fail", "widened_float"]
