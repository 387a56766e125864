"""Numbers, strings and names of functions as MLIR spells them. Printing them loses nothing."""

import math
import re
import struct

from dpc.compiler.ir.types import FloatType, IntType, ScalarType

_BITS = {64: ("<d", "<Q"), 32: ("<f", "<I")}
_BARE = re.compile(r"[A-Za-z_][\w$.]*", re.ASCII)
_ESCAPE = re.compile(rb"\\(n|t|\"|\\|[0-9A-Fa-f]{2})")
_ESCAPED = {b"n": b"\n", b"t": b"\t", b'"': b'"', b"\\": b"\\"}


def print_number(value: bool | int | float, type_: ScalarType) -> str:
    """A constant of a type, without the type."""
    if isinstance(type_, FloatType):
        return print_float(float(value), type_.width)
    if type_ == IntType(1):
        return "true" if value else "false"
    return str(int(value))


def print_float(value: float, width: int) -> str:
    """The shortest decimal that reads back as `value`; bits in hexadecimal for inf and NaN."""
    if not math.isfinite(value):
        as_float, as_int = _BITS[width]
        (bits,) = struct.unpack(as_int, struct.pack(as_float, value))
        return f"0x{bits:0{width // 4}X}"
    text = repr(value)
    if "." not in text:
        mantissa, _, exponent = text.partition("e")
        text = f"{mantissa}.0e{exponent}" if exponent else f"{mantissa}.0"
    return text


def parse_float(text: str, width: int) -> float:
    """A decimal or hexadecimal float literal; ValueError for another text."""
    if text.startswith("0x"):
        as_float, as_int = _BITS[width]
        (value,) = struct.unpack(as_float, struct.pack(as_int, int(text, 16)))
        return float(value)
    return float(text)


def print_string(text: str) -> str:
    """A string in quotes; everything but printable ASCII escaped byte by byte."""
    pieces = []
    for byte in text.encode():
        character = chr(byte)
        if character in '"\\':
            pieces.append("\\" + character)
        elif " " <= character <= "~":
            pieces.append(character)
        else:
            pieces.append("\\n" if byte == 10 else f"\\{byte:02X}")
    return '"' + "".join(pieces) + '"'


def parse_string(literal: str) -> str:
    """The text of a string literal with its quotes."""
    raw = literal[1:-1].encode()

    def unescape(match: "re.Match[bytes]") -> bytes:
        code = match.group(1)
        return _ESCAPED[code] if code in _ESCAPED else bytes([int(code, 16)])

    return _ESCAPE.sub(unescape, raw).decode()


def print_symbol(name: str) -> str:
    """`@name`, quoted where it must be."""
    return f"@{name}" if _BARE.fullmatch(name) else f"@{print_string(name)}"
