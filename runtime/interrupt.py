"""Ctrl-C while native code runs in the main thread.

Python's handlers run only between bytecodes, so native loops look at a word of memory. A tiny
native signal handler sets the word and calls the handler that was installed before, Python's own;
so once the native call has returned, Python does whatever its handler says. Programs (notebooks
for one) install handlers at any time, which displaces ours: so a call asks, at its first long
loop, whether ours is still there, and if not puts it back. Where the disposition is the default or
to ignore, nothing is installed. Calls from other threads look at a word that stays 0.

Linux only, whose C libraries agree on `struct sigaction`; elsewhere a native call runs to its end.
"""

import ctypes
import sys
from collections.abc import Callable, Mapping
from typing import Any

from dpc.compiler.codegen import abi

# struct sigaction: handler, 128 bytes of mask, flags, restorer.
_SIZE, _FLAGS_AT, _SA_SIGINFO, _SIGINT = 152, 136, 4, 2
_STOP, _ATTEND = 1, "dpc.interrupt.attend"

_word, _idle = ctypes.c_int32(0), ctypes.c_int32(0)
_loaded: list[Any] = []  # the linked handler: never unloaded, a signal may come at any time

_WORD = "dpc.interrupt.word"
_TEXT = f"""\
@{_WORD} = external global i32
@before = internal global ptr null
define internal void @handler(i32 %signal) nounwind {{
  store atomic i32 {_STOP}, ptr @{_WORD} monotonic, align 4
  %before = load atomic ptr, ptr @before monotonic, align 8
  call void %before(i32 %signal)
  ret void
}}
declare i32 @sigaction(i32, ptr, ptr) nounwind
define i32 @"{_ATTEND}"(ptr %context) nounwind {{
  %asked = cmpxchg ptr @{_WORD}, i32 {abi.ASK}, i32 0 monotonic monotonic
  %asks = extractvalue {{ i32, i1 }} %asked, 1
  br i1 %asks, label %look, label %stop
stop:
  store atomic i32 0, ptr @{_WORD} monotonic, align 4
  ret i32 1
look:
  %action = alloca [{_SIZE} x i8], align 8
  %queried = call i32 @sigaction(i32 {_SIGINT}, ptr null, ptr %action)
  %installed = load ptr, ptr %action
  %ours = icmp eq ptr %installed, @handler
  %address = ptrtoint ptr %installed to i64
  %none = icmp ule i64 %address, 1
  %flags.at = getelementptr i8, ptr %action, i64 {_FLAGS_AT}
  %flags = load i32, ptr %flags.at
  %siginfo = and i32 %flags, {_SA_SIGINFO}
  %other = icmp ne i32 %siginfo, 0
  %failed = icmp ne i32 %queried, 0
  %a = or i1 %ours, %none
  %b = or i1 %other, %failed
  %leave = or i1 %a, %b
  br i1 %leave, label %done, label %install
install:
  store atomic ptr %installed, ptr @before monotonic, align 8
  store ptr @handler, ptr %action
  %set = call i32 @sigaction(i32 {_SIGINT}, ptr %action, ptr null)
  br label %done
done:
  ret i32 0
}}
"""


def install(load: Callable[[str, str, Mapping[str, int]], Any]) -> None:
    """Load the native handler with `load(text, symbol, addresses)`, which returns what maps the
    symbol; `addresses`: of the symbols that the text leaves open.
    """
    if sys.platform == "linux" and not _loaded:
        _loaded.append(load(_TEXT, _ATTEND, {_WORD: ctypes.addressof(_word)}))


def addresses() -> dict[str, int]:
    """By symbol: the word that calls of the main thread look at, that of others, whom to ask."""
    return {
        _WORD: ctypes.addressof(_word),
        "dpc.interrupt.idle": ctypes.addressof(_idle),
        "dpc.interrupt.attends": _loaded[0][_ATTEND] if _loaded else 0,
    }


def connect(context: abi.Context, interruptible: bool) -> None:
    """Tell a new context which word its calls look at and whom they ask."""
    watched = interruptible and bool(_loaded)
    context.interrupt = ctypes.addressof(_word if watched else _idle)
    context.attend = _loaded[0][_ATTEND] if watched else None
