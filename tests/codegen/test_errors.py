"""What a native call raises, and that nothing it allocated is left."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dpc.compiler.codegen.text import Check
from dpc.runtime import errors, native_function
from dpc.runtime.native_function import exception_of
from tests.codegen.programs import ALLOCATE, CHECK, PUSH, REVERSE, ROWS, SPIN
from tests.codegen.running import Program


def held() -> int:
    """Bytes that idle contexts still have of the C library."""
    pools = (native_function._INTERRUPTIBLE, native_function._QUIET)
    return sum(context.held for pool in pools for context in pool.free)


# Members of C's struct mallinfo2, all size_t.
MALLINFO2 = (
    "arena", "ordblks", "smblks", "hblks", "hblkhd",
    "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
)  # fmt: skip


def allocated() -> int:
    """Bytes in use in the C library's heap."""

    class Mallinfo2(ctypes.Structure):
        _fields_ = [(name, ctypes.c_size_t) for name in MALLINFO2]

    function = ctypes.CDLL(None).mallinfo2
    function.restype = Mallinfo2
    info = function()
    return int(info.uordblks + info.hblkhd)


def loses(action: Callable[[], Any]) -> int:
    """Bytes of the heap that ten more repetitions of an action use."""
    for _ in range(3):
        action()
    before = allocated()
    for _ in range(10):
        action()
    return allocated() - before


@pytest.mark.parametrize(
    ("kind", "exception"),
    [
        ("bounds", errors.RuntimeError),
        ("shape", errors.ShapeError),
        ("assert", errors.RuntimeError),
        ("budget", errors.MemoryBudgetError),
    ],
)
def test_a_failed_check_says_which_and_why(kind: str, exception: type[errors.RuntimeError]) -> None:
    program = Program(CHECK.replace("KIND", kind))
    assert program.agree(5, 9) == [3.0]
    with pytest.raises(exception) as caught:
        program.call(3000, 2500)
    assert type(caught.value) is exception
    assert caught.value.message == "index 2500 is bad: 1250.5 False"
    assert caught.value.kind == kind
    assert held() == 0
    assert program.call(5, 9) == [3.0]


def test_the_message_names_file_and_line() -> None:
    check = Check("bounds", "index {} of {}", "model.dp", 12, 3, ("i64", "i64"))
    error = exception_of(check, [7, 5])
    assert str(error) == "model.dp:12: index 7 of 5"
    assert (error.file, error.line) == ("model.dp", 12)


def test_failed_allocations() -> None:
    program = Program(ALLOCATE)
    assert program.call(3, 4) == [1.0]
    for n, m, text in (
        (2**60, 1, str(2**63)),
        (2**33, 2**33, "2**64 or more"),
        (2**62, 2**62, "2**64 or more"),
        (2**59, 1, str(2**62)),
        (2**45, 1, str(2**48)),
    ):
        with pytest.raises(errors.OutOfMemoryError, match="out of memory") as caught:
            program.call(n, m)
        assert text in caught.value.message
        assert held() == 0


def test_a_stack_that_outgrows_memory() -> None:
    resource = pytest.importorskip("resource")
    program = Program(PUSH)
    before = resource.getrlimit(resource.RLIMIT_AS)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + (1 << 28), before[1]))
    try:
        with pytest.raises(errors.OutOfMemoryError):
            program.call(0)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert held() == 0


def test_nothing_is_left_behind() -> None:
    rows, reverse = Program(ROWS), Program(REVERSE)
    check = Program(CHECK.replace("KIND", "bounds"))
    a, x = np.ones((30, 4000)), np.ones(50_000)

    def fail() -> None:
        with pytest.raises(errors.RuntimeError):
            check.call(3000, 2500)

    slack = 20_000  # what Python itself holds meanwhile
    assert loses(lambda: rows.call(30, 4000, a, np.zeros(30))) < slack
    assert loses(lambda: reverse.call(50_000, x, np.zeros(50_000))) < slack
    assert loses(fail) < slack
    assert held() == 0


def test_the_arena_is_reused_by_every_iteration() -> None:
    program = Program(ROWS)
    program.call(2000, 1000, np.ones((2000, 1000)), np.zeros(2000))
    peak = max(context.peak for context in native_function._INTERRUPTIBLE.free)
    assert 16_000 <= peak < 64 << 20


INTERRUPTED = """\
import os, signal, sys, threading
from tests.codegen.programs import SPIN, PUSH, COLLATZ
from tests.codegen.running import Program
from tests.codegen.test_errors import held
program = Program(SPIN)
for repetition in range(3):
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        program.call(2**40)
    except KeyboardInterrupt:
        print("interrupted")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as a notebook does for each cell
assert program.call(9)[0] > 0.9
assert held() == 0
"""


def test_ctrl_c_ends_a_native_loop() -> None:
    start = time.monotonic()
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], cwd=root, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == ["interrupted"] * 3, done.stderr
    assert time.monotonic() - start < 30


def test_a_handler_that_returns_still_runs() -> None:
    program, seen = Program(SPIN), []
    before = signal.signal(signal.SIGINT, lambda *_: seen.append("handler"))
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    try:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            program.call(2**40)
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
    assert seen == ["handler"]
