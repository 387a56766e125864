"""How far down this thread's stack native code may go, for functions that call themselves.

A margin stays for what runs below the last frame looked at: the frame of that invocation, the C
library, a print's callback.
"""

import ctypes
import sys
import threading
from functools import cache
from typing import Any

MARGIN = 1 << 18
DEEPEST = 1_000_000  # invocations open at once
DEEPEST_BLINDLY = 1000  # where the stack's end is not known
_ATTRIBUTES = 256  # bytes: more than a pthread_attr_t has

_local = threading.local()


def limits() -> tuple[int, int]:
    """The most invocations that may be open, and the lowest address for a frame that starts one."""
    known: tuple[int, int] | None = getattr(_local, "limits", None)
    if known is None:
        known = _local.limits = _measured()
    return known


def _measured() -> tuple[int, int]:
    if not sys.platform.startswith("linux"):
        return DEEPEST_BLINDLY, 0
    library = _library()
    attributes = ctypes.create_string_buffer(_ATTRIBUTES)
    start, size = ctypes.c_void_p(), ctypes.c_size_t()
    if library.pthread_getattr_np(ctypes.c_void_p(library.pthread_self()), attributes):
        return DEEPEST_BLINDLY, 0
    failed = library.pthread_attr_getstack(attributes, ctypes.byref(start), ctypes.byref(size))
    library.pthread_attr_destroy(attributes)
    if failed or not start.value:
        return DEEPEST_BLINDLY, 0
    return DEEPEST, start.value + min(MARGIN, size.value // 2)


@cache
def _library() -> Any:
    library = ctypes.CDLL(None)
    library.pthread_self.restype = ctypes.c_void_p
    return library
