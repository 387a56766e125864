"""Constant folding: elementwise operations on constant scalars, as the language defines them.

Integers wrap nowhere here: a constant that does not fit is an error. Floats are computed in f64 and
rounded once for f32.
"""

import math
import struct
from collections.abc import Callable

from dpc.dsl.types import BOOL, F32, ScalarType

Number = bool | int | float

RANGES = {"i64": (-(2**63), 2**63 - 1), "i32": (-(2**31), 2**31 - 1)}


class NoValueError(Exception):
    """The constant expression has no value; the message says why."""


def _divide(a: float, b: float) -> float:
    if b == 0.0:
        if a == 0.0 or math.isnan(a):
            return math.nan
        return math.copysign(math.inf, a) * math.copysign(1.0, b)
    return a / b


def _floor_divide(a: Number, b: Number) -> Number:
    if isinstance(a, float) or isinstance(b, float):
        return float(a // b) if b != 0 and math.isfinite(a) else _divide(a, b)
    if b == 0:
        raise NoValueError("integer division by zero")
    return a // b


def _modulo(a: Number, b: Number) -> Number:
    if b == 0:
        if isinstance(a, float) or isinstance(b, float):
            return math.nan
        raise NoValueError("integer division by zero")
    return a % b


def _power(a: Number, b: Number) -> Number:
    if isinstance(a, float):
        return math.pow(a, b)
    if b < 0:
        raise NoValueError("a negative power of an integer")
    if b > 63 and abs(a) > 1:
        raise NoValueError("the power does not fit into an integer")
    power: int = int(a) ** int(b)
    return power


def _smallest(a: Number, b: Number) -> Number:
    return math.nan if a != a or b != b else min(a, b)


def _largest(a: Number, b: Number) -> Number:
    return math.nan if a != a or b != b else max(a, b)


FUNCTIONS: dict[str, Callable[..., Number]] = {
    "neg": lambda a: -a,
    "not": lambda a: not a,
    "invert": lambda a: not a if isinstance(a, bool) else ~a,
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": _divide,
    "floordiv": _floor_divide,
    "mod": _modulo,
    "pow": _power,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "min": _smallest,
    "max": _largest,
    "clip": lambda x, low, high: _smallest(_largest(x, low), high),
    "where": lambda c, a, b: a if c else b,
    "abs": abs,
    "sign": lambda a: type(a)((a > 0) - (a < 0)),
    "floor": lambda a: float(math.floor(a)),
    "ceil": lambda a: float(math.ceil(a)),
    "round": lambda a: float(round(a)),
    "stop_gradient": float,
    "exp": math.exp,
    "expm1": math.expm1,
    "exp2": math.exp2,
    "log": math.log,
    "log1p": math.log1p,
    "log2": math.log2,
    "log10": math.log10,
    "sqrt": math.sqrt,
    "cbrt": math.cbrt,
    "rsqrt": lambda a: 1.0 / math.sqrt(a),
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "asinh": math.asinh,
    "acosh": math.acosh,
    "atanh": math.atanh,
    "erf": math.erf,
    "erfc": math.erfc,
    "lgamma": math.lgamma,
    "relu": lambda a: max(a, 0.0),
    "atan2": math.atan2,
    "hypot": math.hypot,
    "copysign": math.copysign,
    "isnan": math.isnan,
    "isinf": math.isinf,
    "isfinite": math.isfinite,
}


def to_element(value: Number, element: ScalarType) -> Number:
    """The value as that scalar type holds it; raises `NoValueError`."""
    if element == BOOL:
        return bool(value)
    if element.is_float:
        return _round(float(value)) if element == F32 else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise NoValueError(f"{value} is not an integer")
    whole = int(value)
    low, high = RANGES[element.name]
    if not low <= whole <= high:
        raise NoValueError(f"{whole} does not fit into {element}")
    return whole


def _round(value: float) -> float:
    if not math.isfinite(value):
        return value
    try:
        rounded: float = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return rounded


def fold(name: str, values: tuple[Number, ...], element: ScalarType) -> Number | None:
    """The value of the operation, or None where it is left to run time (unusual arguments too)."""
    function = FUNCTIONS.get(name)
    if function is None:
        return None
    try:
        result = function(*values)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None
    return to_element(result, element)
