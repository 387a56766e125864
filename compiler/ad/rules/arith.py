"""Derivatives of `arith`."""

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.rules.vocabulary import (
    Chooses,
    Converts,
    Operation,
    Rules,
    linear,
    partials,
    partials_from_result,
    zero_derivative,
)
from dpc.compiler.dialects import arith
from dpc.compiler.ir.core import Value


def _divisor(emit: Emit, op: Operation) -> Value:
    """z = x / y: dz/dx = 1/y."""
    return emit.reciprocal(op.rhs)


def _quotient(emit: Emit, op: Operation) -> Value:
    """z = x / y: dz/dy = -z/y."""
    return emit.negf(emit.divf(op.result, op.rhs))


def _fmod_divisor(emit: Emit, op: Operation) -> Value:
    """z = fmod(x, y): dz/dy = -trunc(x/y)."""
    return emit.negf(emit.math("trunc", emit.divf(op.lhs, op.rhs)))


def _not_a_number(emit: Emit, value: Value) -> Value:
    return emit.compare("une", value, value)


def _first_is_maximum(emit: Emit, op: Operation) -> Value:
    """x >= y (the first on a tie), or x is NaN."""
    return emit.either(emit.compare("oge", op.lhs, op.rhs), _not_a_number(emit, op.lhs))


def _first_is_minimum(emit: Emit, op: Operation) -> Value:
    """x <= y (the first on a tie), or x is NaN."""
    return emit.either(emit.compare("ole", op.lhs, op.rhs), _not_a_number(emit, op.lhs))


RULES: Rules = {
    arith.Constant: zero_derivative(),
    arith.AddF: linear(1, 1),
    arith.SubF: linear(1, -1),
    arith.NegF: linear(-1),
    # z = x*y
    arith.MulF: partials(lambda e, op: op.rhs, lambda e, op: op.lhs),
    # z = x (*) y, strong zero: z_dot = x_dot (*) y + y_dot (*) x, never the derivative of a select
    arith.MulZ: partials(lambda e, op: op.rhs, lambda e, op: op.lhs),
    arith.DivF: partials_from_result(_divisor, _quotient),
    arith.RemF: partials(1, _fmod_divisor),
    arith.MaximumF: Chooses(_first_is_maximum, 0, 1),
    arith.MinimumF: Chooses(_first_is_minimum, 0, 1),
    arith.Select: Chooses(lambda e, op: op.condition, 1, 2),
    arith.ExtF: Converts(arith.ExtF, arith.TruncF),
    arith.TruncF: Converts(arith.TruncF, arith.ExtF),
    arith.SIToFP: zero_derivative(),
    arith.UIToFP: zero_derivative(),
    # results that are no floats carry no derivative
    arith.FPToSI: zero_derivative(),
    arith.CmpF: zero_derivative(),
    arith.CmpI: zero_derivative(),
    arith.AddI: zero_derivative(),
    arith.SubI: zero_derivative(),
    arith.MulI: zero_derivative(),
    arith.FloorDivSI: zero_derivative(),
    arith.FloorModSI: zero_derivative(),
    arith.MaxSI: zero_derivative(),
    arith.MinSI: zero_derivative(),
    arith.AndI: zero_derivative(),
    arith.OrI: zero_derivative(),
    arith.XOrI: zero_derivative(),
    arith.ExtSI: zero_derivative(),
    arith.ExtUI: zero_derivative(),
    arith.TruncI: zero_derivative(),
    arith.IndexCast: zero_derivative(),
}
