"""Where CPython and NumPy keep what a call reads, and whether they do so in this process.

The offsets are those of regular CPython builds and of NumPy's stable C interface. They are tried on
objects whose contents are known before any native code relies on them.
"""

import ctypes
import sys
import sysconfig
from functools import cache
from typing import Any

import numpy as np

OBJECT_TYPE = 8
FLOAT_VALUE = 16
ARRAY_DATA, ARRAY_NDIM, ARRAY_DIMS, ARRAY_DESCR, ARRAY_FLAGS = 16, 24, 32, 56, 64
C_CONTIGUOUS_ALIGNED = 0x101
_ARRAY_TYPE_ENTRY, _EMPTY_ENTRY = 2, 184  # of NumPy's table of C functions
_DTYPES = {"f64": "f8", "f32": "f4", "i64": "i8", "i32": "i4", "bool": "?"}


@cache
def addresses() -> dict[str, int] | None:
    """What `call_text` names, by symbol; None where objects are laid out in another way."""
    if sys.implementation.name != "cpython" or sys.maxsize < 2**32:
        return None
    table = _array_functions()
    if sysconfig.get_config_var("Py_GIL_DISABLED") or table is None or not _as_expected():
        return None
    known = {
        "dpc.python.array": id(np.ndarray),
        "dpc.python.double": id(np.float64),
        "dpc.python.single": id(np.float32),
        "dpc.python.empty": table[_EMPTY_ENTRY],
    }
    return known | {f"dpc.python.{name}": id(np.dtype(code)) for name, code in _DTYPES.items()}


def _array_functions() -> Any:
    """NumPy's table of C functions."""
    core = getattr(np, "_core", None) or getattr(np, "core", None)
    capsule = getattr(getattr(core, "_multiarray_umath", None), "_ARRAY_API", None)
    if capsule is None:
        return None
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    table = (ctypes.c_size_t * (_EMPTY_ENTRY + 1)).from_address(pointer(capsule, None))
    return table if table[_ARRAY_TYPE_ENTRY] == id(np.ndarray) else None


def _read(kind: Any, value: object, offset: int) -> Any:
    return kind.from_address(id(value) + offset).value


def _as_expected() -> bool:
    """Whether known objects are laid out as the offsets say."""
    number, array = 1.2345678, np.zeros((3, 5), np.int32)
    single, double = np.float32(1.5), np.float64(2.5)
    dims = (ctypes.c_ssize_t * 2).from_address(_read(ctypes.c_size_t, array, ARRAY_DIMS))
    flags = [_read(ctypes.c_int, a, ARRAY_FLAGS) for a in (array, array[:, ::2])]
    return (
        _read(ctypes.c_size_t, number, OBJECT_TYPE) == id(float)
        and _read(ctypes.c_double, number, FLOAT_VALUE) == number
        and _read(ctypes.c_double, double, FLOAT_VALUE) == double
        and _read(ctypes.c_float, single, FLOAT_VALUE) == single
        and _read(ctypes.c_size_t, array, ARRAY_DATA) == array.ctypes.data
        and _read(ctypes.c_int, array, ARRAY_NDIM) == array.ndim
        and tuple(dims) == array.shape
        and _read(ctypes.c_size_t, array, ARRAY_DESCR) == id(np.dtype(np.int32))
        and flags[0] & C_CONTIGUOUS_ALIGNED == C_CONTIGUOUS_ALIGNED
        and flags[1] & C_CONTIGUOUS_ALIGNED != C_CONTIGUOUS_ALIGNED
    )
