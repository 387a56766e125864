"""Ctrl-C while native code runs in the main thread.

Python's handlers run only between bytecodes, so native loops look at a word of memory. A tiny
native signal handler sets the word and calls the handler that was installed before, Python's own;
so once the native call has returned, Python does whatever its handler says. Programs (notebooks
for one) may install handlers at any time, which would displace ours: so each call that reaches the
end of a long loop's iteration asks once, natively, whether ours is still there, and if not puts it
back. Where the disposition is the default or to ignore, nothing is installed.

The handler is loaded for good. Calls from other threads look at a word that stays 0.
"""

import ctypes

from dpc.compiler.codegen import abi

WORD, IDLE = ctypes.c_int32(0), ctypes.c_int32(0)


def connect(context: abi.Context, interruptible: bool) -> None:
    """Tell a new context which word its call looks at."""
    context.interrupt = ctypes.addressof(WORD if interruptible else IDLE)
    context.attend = None
