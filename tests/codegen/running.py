"""Running loops-level IR text natively and in the reference interpreter."""

import ctypes
import struct
from typing import Any

import numpy as np

from dpc.compiler.codegen.llvm import DEFAULT, CodegenOptions
from dpc.compiler.interpret import run
from dpc.compiler.ir.core import Module
from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.types import FloatType, MemRefType, Type
from dpc.compiler.ir.verify import verify
from dpc.runtime.engine import compile_ir
from dpc.runtime.native_function import NativeFunction

DTYPES = {"f64": np.float64, "f32": np.float32, "i64": np.int64, "i32": np.int32, "i1": np.bool_}
Array = np.ndarray[Any, Any]


def module_of(text: str) -> Module:
    """Parsed and verified."""
    module = parse_module(text)
    verify(module)
    return module


def bits_of(value: Any, type_: Type) -> int:
    """A scalar argument as it lies in a slot."""
    if isinstance(type_, FloatType):
        if type_.width == 32:
            return int(struct.unpack("i", struct.pack("f", value))[0])
        return int(struct.unpack("q", struct.pack("d", value))[0])
    return int(value)


def value_of(bits: int, type_: Type) -> Any:
    """A scalar result from its slot."""
    if isinstance(type_, FloatType):
        code, size = ("f", 4) if type_.width == 32 else ("d", 8)
        return struct.unpack(code, struct.pack("q", bits)[:size])[0]
    return bits


class Program:
    """One function of a module, compiled."""

    def __init__(self, text: str, options: CodegenOptions = DEFAULT) -> None:
        self.module = module_of(text)
        self.function = self.module.functions[0]
        self.native: NativeFunction = compile_ir(self.module, self.function.name, options)

    def call(self, *arguments: Any) -> list[Any]:
        """The native results; outputs are written in place."""
        types = [a.type for a in self.function.arguments]
        slots = (ctypes.c_int64 * (len(types) + len(self.function.result_types)))()
        for position, (argument, type_) in enumerate(zip(arguments, types, strict=True)):
            if isinstance(type_, MemRefType):
                assert argument.dtype == DTYPES.get(str(type_.element), np.int64)
                slots[position] = argument.ctypes.data
            else:
                slots[position] = bits_of(argument, type_)
        self.native.call(slots)
        results = slots[len(types) :]
        return [value_of(b, t) for b, t in zip(results, self.function.result_types, strict=True)]

    def interpret(self, *arguments: Any) -> list[Any]:
        """The reference interpreter's results; outputs are written in place."""
        return run(self.module, self.function.name, list(arguments))

    def both(self, *arguments: Any) -> tuple[list[Any], list[Any]]:
        """Native and interpreted results, then the arrays written, each a list."""
        mine = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        reference = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        native, interpreted = self.call(*mine), self.interpret(*reference)
        for position, parameter in enumerate(self.function.parameters):
            if parameter.role == "output":
                native.append(mine[position])
                interpreted.append(reference[position])
        return native, interpreted

    def agree(self, *arguments: Any) -> list[Any]:
        """The native results, which equal the interpreter's bit for bit."""
        native, interpreted = self.both(*arguments)
        for left, right in zip(native, interpreted, strict=True):
            np.testing.assert_array_equal(left, right)
        return native


def ulps(left: Array, right: Array) -> Array:
    """Distances in units in the last place; 0 for equal or two NaN, inf where only one is NaN."""
    left, right = np.asarray(left), np.asarray(right, left.dtype)
    with np.errstate(all="ignore"):
        distance = np.abs(left - right) / np.spacing(np.abs(right))
    same = (left == right) | (np.isnan(left) & np.isnan(right))
    return np.asarray(np.where(same, 0.0, np.nan_to_num(distance, nan=np.inf)))
