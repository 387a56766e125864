"""Calls of functions whose results have extents known only when they have run.

Native code is given the extents of its outputs and stores nothing before it has compared them with
those of the value it is about to return. So a call starts with the extents of the call before; the
check tells the right ones where they differ, and the call is made again, without its prints.
"""

from collections.abc import Sequence
from typing import Any

from dpc.runtime import errors
from dpc.runtime.budget import Budget
from dpc.runtime.marshal import Frame, Marshaller
from dpc.runtime.native_function import NativeFunction


class SizedCalls:
    """Calls of one function; `extents` are those of the last result."""

    def __init__(self) -> None:
        self.extents: dict[str, int] = {}

    def call(
        self, marshaller: Marshaller, values: Sequence[Any], native: NativeFunction, budget: Budget
    ) -> Frame:
        """The frame of a finished call."""
        extents = dict(self.extents)
        learnt: set[str] = set()
        while True:
            frame = marshaller.pack(values, extents)
            try:
                native.call(frame.slots, bool(learnt), budget)
            except errors.ResultExtentError as error:
                if error.name in learnt or error.name not in marshaller.result_dimensions:
                    raise
                learnt.add(error.name)
                extents[error.name] = error.extent
                continue
            self.extents = extents
            return frame
