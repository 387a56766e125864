"""Constants in LLVM's spelling."""

import ctypes
import struct

from dpc.compiler.ir.types import I1, FloatType, Type, VectorType

_SPELLED = {"f64": "double", "f32": "float", "index": "i64", "i64": "i64", "i32": "i32", "i1": "i1"}


def overload(type_: str) -> str:
    """How the name of an overloaded intrinsic shows an LLVM type: f64, i32, v8f64."""
    if type_.startswith("<"):
        lanes, _, element = type_[1:-1].partition(" x ")
        return f"v{lanes}{overload(element)}"
    return {"double": "f64", "float": "f32"}.get(type_, type_)


def f64(value: float) -> str:
    """A double, by its bits."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


def literal(value: bool | int | float, type_: Type) -> str:
    """A constant of a scalar type; LLVM spells an f32 by the double of equal value. Of a vector
    type: the constant in every lane.
    """
    if isinstance(type_, VectorType):
        return f"splat ({_SPELLED[str(type_.element)]} {literal(value, type_.element)})"
    if isinstance(type_, FloatType):
        return f64(ctypes.c_float(value).value if type_.width == 32 else float(value))
    if type_ == I1:
        return "true" if value else "false"
    return str(int(value))
