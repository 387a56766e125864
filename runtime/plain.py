"""Signatures and what belongs to machine code as JSON, and back.

Only the classes listed here are made from what was read, all of them records of plain values: a
file, whatever is in it, runs nothing.
"""

from dataclasses import fields
from typing import Any

from dpc.compiler import signature
from dpc.compiler.codegen import llvm, text
from dpc.compiler.ir import types as ir
from dpc.dsl import shapes, types
from dpc.dsl.typed import Binding

_CLASSES: tuple[type[Any], ...] = (
    *(signature.Signature, signature.Slot, signature.Group, Binding),
    *(llvm.LlvmModule, text.Check, text.Shown),
    *(ir.FloatType, ir.IntType, ir.IndexType, ir.MemRefType),
    *(types.ScalarType, types.ArrayType, types.RecordType, types.TupleType, types.Leaf),
    *(shapes.Poly, shapes.Dimension, shapes.Floored, shapes.Local),
)
_NAMES = {class_: f"{class_.__module__}.{class_.__qualname__}" for class_ in _CLASSES}
_BY_NAME = {name: class_ for class_, name in _NAMES.items()}


class NotPlainError(Exception):
    """A value, or what was read, is not of the kinds this module is for."""


def to_plain(value: Any) -> Any:
    """Lists, strings and numbers that say the value; `NotPlainError` for other classes."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return {"float": value.hex()}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    name = _NAMES.get(type(value))
    if name is None:
        raise NotPlainError(type(value).__name__)
    return {"class": name, "values": [to_plain(getattr(value, f.name)) for f in fields(value)]}


def from_plain(plain: Any) -> Any:
    """The value; `NotPlainError` where it is none."""
    if plain is None or isinstance(plain, bool | int | str):
        return plain
    if isinstance(plain, list):
        return tuple(from_plain(item) for item in plain)
    try:
        if "float" in plain:
            return float.fromhex(plain["float"])
        return _BY_NAME[plain["class"]](*(from_plain(item) for item in plain["values"]))
    except (KeyError, TypeError, ValueError) as error:
        raise NotPlainError(str(error)) from error
