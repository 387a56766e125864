"""Constants of the IR: reading and making them."""

from math import copysign
from typing import Any

from dpc.compiler.dialects.arith import Constant
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import I1, FloatType, IndexType, IntType, Type


def constant_of(value: Value) -> Any:
    """The Python value of a constant, or None."""
    op = value.owner
    return op.value if type(op) is Constant else None


def is_constant(value: Value, expected: float) -> bool:
    """The value is this float constant; zeros are told apart by sign."""
    found = constant_of(value)
    if found is None or found != expected:
        return False
    return copysign(1.0, found) == copysign(1.0, expected)


def literal(value: bool | int | float, type_: Type) -> Constant:
    """A constant op of a scalar type, its value in the type's own Python form."""
    assert isinstance(type_, FloatType | IntType | IndexType)
    if type_ == I1:
        return Constant(bool(value), type_)
    return Constant(float(value) if isinstance(type_, FloatType) else int(value), type_)
