"""How much native memory a call takes, as the native allocator counts it."""

from collections.abc import Callable

from dpc.runtime import call_path, native_function


def peak_bytes(call: Callable[[], object]) -> int:
    """The most bytes of temporaries, tapes and stacks that the native code a call runs has at once.

    Arguments and results are not in it. For one thread: calls of others at the same time count too.
    """
    pools = (native_function._INTERRUPTIBLE, native_function._QUIET)
    for pool in pools:
        for context in pool.free:
            context.peak = 0
    call_path.peak.value = 0
    call()
    peaks = (int(c.peak) for pool in pools for c in pool.free)
    return max(call_path.peak.value, *peaks)
