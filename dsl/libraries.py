"""C libraries by the names that programs give them, found by the system's loader."""

import ctypes
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PROCESS = "process"
"""The name of what is loaded already: the C library, Python, their libraries."""


@cache
def find(name: str, folder: str | None) -> str | None:
    """What the loader knows a library by: "" for the process; None if it can't be loaded.

    A name with a slash is a path, from the folder of the program; "libm" is looked for as
    libm.so.6, libm.so, libm.dylib, libm.dll, libm.
    """
    for candidate in _candidates(name, folder):
        try:
            ctypes.CDLL(candidate or None)
        except OSError:
            continue
        return candidate
    return None


def _candidates(name: str, folder: str | None) -> Iterator[str]:
    if name == PROCESS:
        yield ""
        return
    if "/" in name or "\\" in name:
        path = Path(name)
        yield str(path if path.is_absolute() or folder is None else Path(folder) / path)
        return
    endings = {"linux": (".so.6", ".so"), "darwin": (".dylib",), "win32": (".dll",)}
    for ending in (*endings.get(sys.platform, (".so",)), ""):
        yield f"{name}{ending}"


@cache
def address(path: str, symbol: str) -> int | None:
    """Where a function of a library found before is in memory; None if it has none of that name."""
    try:
        function = getattr(ctypes.CDLL(path or None), symbol)
    except AttributeError:
        return None
    return ctypes.cast(function, ctypes.c_void_p).value
