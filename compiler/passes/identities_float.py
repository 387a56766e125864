"""Identities of single float operations; see `identities` for what every rule must keep."""

from collections.abc import Callable
from typing import Any

from dpc.compiler.analysis.constants import constant_of, is_constant, literal
from dpc.compiler.dialects.arith import AddF, DivF, MulF, MulZ, NegF, SubF
from dpc.compiler.dialects.math import FPowI
from dpc.compiler.dialects.numbers_real import power_by_squaring
from dpc.compiler.ir.core import Op, Value

Outcome = Value | tuple[Op, ...] | None
LARGEST_EXPANDED_POWER = 16


def _negated(value: Value) -> Value | None:
    """The x of a value that is -x, else None."""
    op = value.owner
    return op.operand if isinstance(op, NegF) else None


def _add(op: AddF) -> Outcome:
    if is_constant(op.rhs, -0.0):
        return op.lhs
    if (right := _negated(op.rhs)) is not None:
        return (SubF(op.lhs, right),)
    if (left := _negated(op.lhs)) is not None:
        return (SubF(op.rhs, left),)
    return None


def _subtract(op: SubF) -> Outcome:
    if is_constant(op.rhs, 0.0):
        return op.lhs
    if is_constant(op.lhs, -0.0):
        return (NegF(op.rhs),)
    if (right := _negated(op.rhs)) is not None:
        return (AddF(op.lhs, right),)
    return None


def _multiply(op: MulF) -> Outcome:
    return _scale(op) or _both_negated(op)


def _divide(op: DivF) -> Outcome:
    return _scale(op) or _both_negated(op)


def _scale(op: MulF | DivF) -> Outcome:
    """Factors and divisors 1 and -1; (-x) * c is x * -c."""
    if is_constant(op.rhs, 1.0):
        return op.lhs
    if is_constant(op.rhs, -1.0):
        return (NegF(op.lhs),)
    factor = constant_of(op.rhs)
    left = _negated(op.lhs)
    if factor is not None and left is not None:
        negative = literal(-factor, op.lhs.type)
        return negative, type(op)(left, negative.result)
    return None


def _both_negated(op: MulF | DivF) -> Outcome:
    left, right = _negated(op.lhs), _negated(op.rhs)
    if left is not None and right is not None:
        return (type(op)(left, right),)
    return None


def _strong_multiply(op: MulZ) -> Outcome:
    for factor, other in ((op.rhs, op.lhs), (op.lhs, op.rhs)):
        number = constant_of(factor)
        if number == 0.0:
            return (literal(0.0, op.lhs.type),)
        if number == 1.0:
            return other
        if number == -1.0:
            return (NegF(other),)
    return None


def _negate(op: NegF) -> Outcome:
    return _negated(op.operand)


def _integer_power(op: FPowI) -> Outcome:
    """A small constant power as products, in the order of the op's own definition."""
    exponent = constant_of(op.rhs)
    if exponent is None or abs(exponent) > LARGEST_EXPANDED_POWER:
        return None
    one = literal(1.0, op.lhs.type)
    if exponent == 0:
        return (one,)
    made: list[Op] = []

    def multiply(left: Value, right: Value) -> Value:
        made.append(MulF(left, right))
        return made[-1].result

    product: Value = power_by_squaring(multiply, op.lhs, abs(exponent))
    if exponent < 0:
        made += [one, DivF(one.result, product)]
    return tuple(made) if made else product


FLOAT_RULES: dict[type[Op], Callable[[Any], Outcome]] = {
    AddF: _add,
    SubF: _subtract,
    MulF: _multiply,
    DivF: _divide,
    MulZ: _strong_multiply,
    NegF: _negate,
    FPowI: _integer_power,
}
