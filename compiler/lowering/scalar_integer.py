"""Elementwise operations on integers and bools: one builder for each name of the typed tree."""

from collections.abc import Callable

from dpc.compiler.dialects import arith, math
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import I1, I64, IntType
from dpc.compiler.lowering.scalar_float import Build, operation, repeated_squaring
from dpc.compiler.lowering.scope import Scope


def number(scope: Scope, value: int, like: Value) -> Value:
    """A constant of another value's integer type."""
    assert isinstance(like.type, IntType)
    return scope.constant(bool(value) if like.type == I1 else value, like.type)


def comparison(predicate: str) -> Build:
    """The builder of an integer comparison; bools compare as 0 and 1."""

    def build(scope: Scope, left: Value, right: Value) -> Value:
        if left.type == I1 and predicate not in ("eq", "ne"):
            left, right = (scope.emit(arith.ExtUI(v, I64)) for v in (left, right))
        return scope.emit(arith.CmpI(predicate, left, right))

    return build


def _neg(scope: Scope, x: Value) -> Value:
    return scope.emit(arith.SubI(number(scope, 0, x), x))


def _invert(scope: Scope, x: Value) -> Value:
    """`~x`; on bools, `not x`."""
    return scope.emit(arith.XOrI(x, number(scope, 1 if x.type == I1 else -1, x)))


def reported(scope: Scope, value: Value) -> Value:
    """An integer as a message shows it."""
    return value if value.type in (I1, I64) else scope.emit(arith.ExtSI(value, I64))


def check_divisor(scope: Scope, divisor: Value) -> None:
    """Integer division by zero is an error."""
    if isinstance(divisor.op, arith.Constant) and divisor.op.value != 0:
        return
    nonzero = scope.emit(arith.CmpI("ne", divisor, number(scope, 0, divisor)))
    scope.check(nonzero, "divide", "integer division or modulo by zero")


def _checked_division(make: Callable[[Value, Value], Op]) -> Build:
    def build(scope: Scope, left: Value, right: Value) -> Value:
        check_divisor(scope, right)
        return scope.emit(make(left, right))

    return build


def _pow(scope: Scope, base: Value, exponent: Value) -> Value:
    """An integer power, wrapping; a negative exponent is an error."""
    if exponent.type != base.type:
        make = arith.ExtSI if exponent.type.width < base.type.width else arith.TruncI  # type: ignore[union-attr]
        exponent = scope.emit(make(exponent, base.type))
    holds = scope.emit(arith.CmpI("sge", exponent, number(scope, 0, exponent)))
    message = "an integer to the negative power {} is no integer"
    scope.check(holds, "power", message, reported(scope, exponent))
    return scope.emit(math.IPowI(base, exponent))


def integer_power_by_constant(scope: Scope, x: Value, exponent: int) -> Value:
    """A constant power, for an exponent >= 0."""
    if exponent == 0:
        return number(scope, 1, x)
    return repeated_squaring(scope, arith.MulI, x, exponent)


def _abs(scope: Scope, x: Value) -> Value:
    return scope.emit(arith.MaxSI(x, _neg(scope, x)))


def _sign(scope: Scope, x: Value) -> Value:
    """-1, 0 or 1."""
    low, high = number(scope, -1, x), number(scope, 1, x)
    return scope.emit(arith.MinSI(scope.emit(arith.MaxSI(x, low)), high))


def _relu(scope: Scope, x: Value) -> Value:
    return scope.emit(arith.MaxSI(x, number(scope, 0, x)))


def _clip(scope: Scope, x: Value, low: Value, high: Value) -> Value:
    return scope.emit(arith.MinSI(scope.emit(arith.MaxSI(x, low)), high))


def _minimum(scope: Scope, left: Value, right: Value) -> Value:
    return scope.emit((arith.AndI if left.type == I1 else arith.MinSI)(left, right))


def _maximum(scope: Scope, left: Value, right: Value) -> Value:
    return scope.emit((arith.OrI if left.type == I1 else arith.MaxSI)(left, right))


def _identity(scope: Scope, x: Value) -> Value:
    return x


def _never(scope: Scope, x: Value) -> Value:
    return scope.constant(False, I1)


def _always(scope: Scope, x: Value) -> Value:
    return scope.constant(True, I1)


def _where(scope: Scope, condition: Value, then: Value, otherwise: Value) -> Value:
    return scope.emit(arith.Select(condition, then, otherwise))


INTEGER: dict[str, Build] = {
    "neg": _neg,
    "not": _invert,
    "invert": _invert,
    "add": operation(arith.AddI),
    "sub": operation(arith.SubI),
    "mul": operation(arith.MulI),
    "floordiv": _checked_division(arith.FloorDivSI),
    "mod": _checked_division(arith.FloorModSI),
    "pow": _pow,
    "and": operation(arith.AndI),
    "or": operation(arith.OrI),
    "xor": operation(arith.XOrI),
    "abs": _abs,
    "sign": _sign,
    "relu": _relu,
    "floor": _identity,
    "ceil": _identity,
    "round": _identity,
    "min": _minimum,
    "max": _maximum,
    "clip": _clip,
    "where": _where,
    "isnan": _never,
    "isinf": _never,
    "isfinite": _always,
    "lt": comparison("slt"),
    "le": comparison("sle"),
    "gt": comparison("sgt"),
    "ge": comparison("sge"),
    "eq": comparison("eq"),
    "ne": comparison("ne"),
}
# Operations that may fail: their arrays are computed where they stand, to keep the order of errors.
CHECKED = frozenset({"floordiv", "mod", "pow"})

__all__ = ["CHECKED", "INTEGER", "check_divisor", "integer_power_by_constant", "reported"]
