"""How far a long reverse pass is: told while it runs, from a thread of its own.

Native code counts executions of the bodies of loops that are reversed from stored states, and how
many are to come, in its context; a thread reads these counts now and then. So watching costs the
computation nothing.
"""

import sys
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, TextIO

from dpc.compiler.codegen import abi
from dpc.compiler.dialects.tape import COUNTED
from dpc.dsl.diagnostics import Error

Report = Callable[[int, int], Any]
INTERVAL = 0.1  # seconds between two looks
_PLAIN, _TAPED, _EXPECTED = (COUNTED.index(kind) for kind in ("plain", "taped", "expected"))


def progress_option(value: Any) -> Report | None:
    """The option `progress`: None or False, True for a line on standard error, or a callback."""
    if value is None or value is False:
        return None
    if value is True:
        return shown
    if callable(value):
        return value  # type: ignore[no-any-return]
    raise Error(
        "option progress is True, None, or a function of two numbers (executions done, and in"
        f" all), not {value!r}"
    )


def shown(done: int, total: int, to: TextIO | None = None) -> None:
    """Write how far it is on one line of standard error, where that is a terminal."""
    stream = to or sys.stderr
    if stream.isatty():
        share = 100 * done // max(total, 1)
        end = "\n" if done == total else ""
        text = f"\rreverse pass: {share:3} % ({done} of {total} executions of loop bodies)"
        print(text, end=end, file=stream, flush=True)


def watched(report: Report, context: abi.Context, run: Callable[[], int]) -> int:
    """The status of `run`, which works on the context; `report(done, total)` is called when more is
    done, from another thread, and once in the end, from this one.

    What `report` raises is raised when the run has ended; it is not called again.
    """
    watch = _Watch(report, context)
    thread = threading.Thread(target=watch.loop, name="dpc progress", daemon=True)
    thread.start()
    try:
        status = run()
    finally:
        watch.over.set()
        thread.join()
    if watch.raised is not None:
        raise watch.raised
    if status == abi.OK:
        watch.look()
    return status


class _Watch:
    """Looks at the counts of a context until the run is `over`."""

    def __init__(self, report: Report, context: abi.Context) -> None:
        self.over = threading.Event()
        self.raised: BaseException | None = None
        self._report = report
        self._context = context
        self._last = (0, 0)

    def loop(self) -> None:
        """Report every `INTERVAL` seconds."""
        due = monotonic() + INTERVAL
        while not self.over.wait(max(0.0, due - monotonic())):
            due = monotonic() + INTERVAL
            try:
                self.look()
            except BaseException as error:  # handed to the caller's thread
                self.raised = error
                return

    def look(self) -> None:
        """Report, where there is something new."""
        counts = self._context.counts
        now = counts[_PLAIN] + counts[_TAPED], counts[_EXPECTED]
        if now != self._last:
            self._last = now
            self._report(*now)
