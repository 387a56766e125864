"""`print` of running native code: lines go to Python's standard output as they come.

Native code calls back with the number of the print and its values; the line is written by Python,
under the GIL, in the thread of the call. What the output raises (a closed pipe, Ctrl-C) ends the
native call and is raised from there.
"""

import ctypes
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from dpc.compiler.codegen.text import Shown
from dpc.compiler.dialects.io import is_silent, line
from dpc.compiler.ir.types import MemRefType, Type

_SHOW = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)
_DTYPES = {"f64": "f8", "f32": "f4", "i64": "i8", "index": "i8", "i32": "i4", "i1": "?"}
_GO_ON, _STOP = 0, 1


class Printer:
    """Writes the lines of one native function."""

    def __init__(self, prints: Sequence[Shown]) -> None:
        self._prints = prints
        self._raised: dict[int, BaseException] = {}  # by the address of the call's context
        self._callback: Callable[..., int] = _SHOW(self._show)
        self._address = ctypes.cast(self._callback, ctypes.c_void_p).value

    @property
    def address(self) -> int | None:
        """What native code calls; None while nothing is to be printed."""
        return None if is_silent() else self._address

    def take(self, context: int) -> BaseException | None:
        """What the output raised in a call that ended."""
        return self._raised.pop(context, None)

    def _show(self, context: int, number: int, slots: int) -> int:
        try:
            shown = self._prints[number]
            print(line(shown.template, shown.types, _values(shown.types, slots)))
        except BaseException as error:  # it must not pass through native code
            self._raised[context] = error
            return _STOP
        return _GO_ON


def _values(types: Sequence[Type], address: int) -> list[Any]:
    """The values of a print from their slots."""
    values: list[Any] = []
    for type_ in types:
        if isinstance(type_, MemRefType):
            rank = len(type_.shape)
            base, *extents = _integers(address, 1 + rank)
            values.append(_array(str(type_.element), base, extents))
            address += 8 * (1 + rank)
            continue
        values.append(_memory(address, 8).view(_DTYPES[str(type_)])[0].item())
        address += 8
    return values


def _memory(address: int, size: int) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(address))


def _integers(address: int, count: int) -> list[int]:
    return [int(v) for v in _memory(address, 8 * count).view(np.int64)]


def _array(element: str, base: int, extents: Sequence[int]) -> "np.ndarray[Any, Any]":
    dtype = np.dtype(_DTYPES[element])
    size = prod(extents) * dtype.itemsize
    if size == 0:
        return np.empty(extents, dtype)
    return _memory(base, size).view(dtype).reshape(extents)
