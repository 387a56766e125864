"""How much memory a call may take: the option `memory`, the environment, the default.

What a call takes of the system counts: tapes, kept states, temporaries, shadows and workspaces;
arguments and results do not. Reverse passes always have a budget, other calls only where the option
says so.
"""

import operator
import os
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from dpc.compiler.driver import Options
from dpc.dsl.diagnostics import Error
from dpc.dsl.sizes import UNIT_NAMES, bytes_of
from dpc.runtime.progress import Report

VARIABLE = "DPC_MEMORY"
MOST = (1 << 62) - 1
LARGEST_DEFAULT = 1 << 30
_MEMORY_INFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Budget:
    """The most bytes that a call may take, 0 for no limit, and who says so; how many threads; whom
    to tell how far it is.
    """

    limit: int
    source: str
    threads: int = 1
    progress: Report | None = None


NO_LIMIT = Budget(0, "")


def memory_option(value: Any) -> int | None:
    """The option `memory` in bytes, None for the default; `dpc.Error` says what is wrong."""
    return None if value is None else _bytes(value, "option memory", repr(value))


def budget_of(options: Options, reverse: bool) -> Budget:
    """The budget of a call; `reverse`: it is a reverse pass."""
    return replace(_limit_of(options, reverse), threads=options.threads, progress=options.progress)


def given(options: Options) -> bool:
    """True if the user says how much memory reverse passes may take."""
    return options.memory is not None or bool(os.environ.get(VARIABLE, "").strip())


def _limit_of(options: Options, reverse: bool) -> Budget:
    if options.memory is not None:
        return Budget(options.memory, "option memory")
    if not reverse:
        return NO_LIMIT
    text = os.environ.get(VARIABLE, "").strip()
    if text:
        what = f"environment variable {VARIABLE}"
        return Budget(_bytes(text, f"the {what}", repr(text)), what)
    return Budget(default(), "a quarter of the free memory, at most 1 GiB")


@cache
def default() -> int:
    """A quarter of the memory that is available when first asked, at most 1 GiB."""
    return max(1, min(available() // 4, LARGEST_DEFAULT))


def available() -> int:
    """The bytes that the process could have at this moment, as far as the system tells."""
    return min((*_system(), *_group()), default=4 * LARGEST_DEFAULT)


def _system() -> list[int]:
    """What the whole machine has left."""
    try:
        lines = _MEMORY_INFO.read_text().splitlines()
    except OSError:
        return []
    return [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]


def _group() -> list[int]:
    """What a container has left."""
    try:
        limit, used = (int((_GROUP / f"memory.{n}").read_text()) for n in ("max", "current"))
    except (OSError, ValueError):  # no such file; "max": no limit
        return []
    return [max(limit - used, 0)]


def _bytes(value: Any, what: str, given: str) -> int:
    if isinstance(value, str):
        number = int(value) if value.strip().isdecimal() else bytes_of(value)
    else:
        number = None if isinstance(value, bool) else _integer(value)
    if number is None:
        raise Error(
            f'{what} is a number of bytes or a text like "64MiB" (units {UNIT_NAMES}), not {given}'
        )
    if number < 1:
        raise Error(f"{what} is at least 1 byte, not {given}")
    return min(number, MOST)


def _integer(value: Any) -> int | None:
    try:
        return operator.index(value)
    except TypeError:
        return None
