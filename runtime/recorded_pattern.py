"""The pattern of a Jacobian out of what native code recorded (`compiler.ad.recorded`)."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dpc.dsl.source import Source
from dpc.runtime.colouring import Pattern
from dpc.runtime.function import Function
from dpc.runtime.module import Module

ROOM = 1 << 16  # numbers that the log has room for at first


def recorded_pattern(recorder: Function, values: Sequence[Any], columns: int) -> Pattern:
    """The pattern at validated arguments; `columns`: how many elements the parameters have."""
    made = recorder(*values, np.empty(ROOM, np.int64))
    if made[-1] > ROOM:
        made = recorder(*values, np.empty(made[-1], np.int64))
    *numbers, log, length = made
    roots = np.concatenate([np.ravel(n) for n in numbers]).astype(np.int64, copy=False)
    log = log[:length]
    counts, found = _reached(roots, log, columns + 1)
    rows = np.repeat(np.arange(len(roots), dtype=np.int64), counts)
    order = np.lexsort((found, rows))
    return Pattern((len(roots), columns), rows, found[order] - 1)


def _reached(
    roots: NDArray[np.int64], log: NDArray[np.int64], base: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many inputs each root comes to, and which."""
    marks = np.zeros(base + len(log), np.int64)
    room = np.empty(len(roots) + ROOM, np.int64)
    counts, found, total = _library()(roots, log, marks, room, base)
    if total > len(room):
        counts, found, total = _library()(roots, log, marks, np.empty(total, np.int64), base)
    return counts, found[:total]


@cache
def _library() -> Function:
    path = files("dpc.dsl") / "std" / "_reached.dp"
    reached: Function = Module(Source(path.name, path.read_text()), {}).reached
    return reached
