"""One step of a reduction, by kind and element type."""

from collections.abc import Callable

from dpc.compiler.dialects import arith
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import FloatType

_FLOAT: dict[str, Callable[[Value, Value], Op]] = {
    "add": arith.AddF,
    "mul": arith.MulF,
    "min": arith.MinimumF,
    "max": arith.MaximumF,
}
_INTEGER: dict[str, Callable[[Value, Value], Op]] = {
    "add": arith.AddI,
    "mul": arith.MulI,
    "min": arith.MinSI,
    "max": arith.MaxSI,
    "and": arith.AndI,
    "or": arith.OrI,
}


def combine_op(kind: str, total: Value, element: Value) -> Op:
    """The op that takes an element into the total, for the kinds of `array.reduce`."""
    return (_FLOAT if isinstance(total.type, FloatType) else _INTEGER)[kind](total, element)
