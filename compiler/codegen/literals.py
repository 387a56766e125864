"""Constants in LLVM's spelling."""

import ctypes
import struct

from dpc.compiler.ir.types import I1, FloatType, Type


def f64(value: float) -> str:
    """A double, by its bits."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


def literal(value: bool | int | float, type_: Type) -> str:
    """A constant of a scalar type; LLVM spells an f32 by the double of equal value."""
    if isinstance(type_, FloatType):
        return f64(ctypes.c_float(value).value if type_.width == 32 else float(value))
    if type_ == I1:
        return "true" if value else "false"
    return str(int(value))
