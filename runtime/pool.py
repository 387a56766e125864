"""The threads that share the work of parallel loops: `compiler.codegen.pool` has their code.

One pool for the process, made when the first function with more than one thread is compiled; its
threads start with the first loop that needs them and sleep in between. A call that finds the pool
busy does all itself. In a forked child, which has none of the threads, it starts anew. Linux only;
elsewhere, and where no thread can be had, a call does all itself: the results are the same bits.
"""

import os
import sys
from collections.abc import Callable
from ctypes import CFUNCTYPE
from typing import Any

from dpc.compiler.codegen import abi
from dpc.compiler.codegen.pool import POOL

_POOL, _RESET = "dpc.threads.pool", "dpc.threads.reset"
_loaded: list[Any] = []  # the linked pool: never unloaded, its threads run in it


def install(load: Callable[..., Any]) -> None:
    """Load the pool with `load(text, *symbols)`, which returns what maps the symbols."""
    if sys.platform == "linux" and not _loaded:
        resources = load(POOL, _POOL, _RESET)
        _loaded.append(resources)
        os.register_at_fork(after_in_child=CFUNCTYPE(None)(resources[_RESET]))


def connect(context: abi.Context, threads: int) -> None:
    """Tell a context before a call how many threads it may use."""
    context.threads = threads
    context.pool = _loaded[0][_POOL] if threads > 1 and _loaded else None
