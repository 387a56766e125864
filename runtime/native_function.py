"""Compiled functions: calling them, and exceptions from the status they return.

A call takes a context from a pool, so that calls from several threads, or one inside another,
never share one. The GIL is released while native code runs.
"""

import ctypes
import struct
import threading
from collections import deque
from dataclasses import dataclass

from dpc.compiler.codegen import abi
from dpc.compiler.codegen.llvm import LlvmModule
from dpc.compiler.codegen.text import Check
from dpc.compiler.dialects.cf import failure_text, result_name
from dpc.dsl.sizes import readable
from dpc.runtime import errors, interrupt, native_stack, pool
from dpc.runtime.budget import NO_LIMIT, Budget
from dpc.runtime.printing import Printer
from dpc.runtime.progress import watched

MAIN_THREAD = threading.main_thread().ident
_ENTRY = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p)
_EXCEPTIONS: dict[str, type[errors.RuntimeError]] = {
    "memory": errors.OutOfMemoryError,
    "shape": errors.ShapeError,
    "result": errors.ResultExtentError,
    "budget": errors.MemoryBudgetError,
}


class _Pool:
    """Contexts that no call uses at the moment."""

    def __init__(self, interruptible: bool) -> None:
        self.interruptible = interruptible
        self.free: deque[abi.Context] = deque()

    def take(self) -> abi.Context:
        """A context for one call."""
        try:
            return self.free.pop()
        except IndexError:
            context = abi.Context()
            interrupt.connect(context, self.interruptible)
            return context

    def give(self, context: abi.Context) -> None:
        """The call is over."""
        self.free.append(context)


# For functions that poll, called in the main thread, once the handler is loaded; for the rest.
_INTERRUPTIBLE, _QUIET = _Pool(True), _Pool(False)


@dataclass(frozen=True, slots=True)
class Executions:
    """What the loops that are reversed from stored states did: runs of their bodies, without and
    with a tape, states stored and restored, and how many runs were predicted where they began.
    """

    plain: int = 0
    taped: int = 0
    stores: int = 0
    restores: int = 0
    expected: int = 0


class NativeFunction:
    """A compiled function. `resources` keep its code loaded; `image` is its object file."""

    def __init__(self, address: int, code: LlvmModule, resources: object, image: bytes) -> None:
        self.code = code
        self.image = image
        self.address = address
        self._resources = resources
        self._entry = _ENTRY(address)
        self._printer = Printer(code.prints) if code.prints else None
        self.executions = Executions()  # of the call that ended last

    def call(
        self,
        slots: "ctypes.Array[ctypes.c_int64]",
        quiet: bool = False,
        budget: Budget = NO_LIMIT,
    ) -> None:
        """Run on slots laid out as `abi` says; results are in them afterwards. `quiet`: without
        printing.

        Raises a `dpc.RuntimeError` when a check fails, `OutOfMemoryError` when memory does,
        `MemoryBudgetError` when it would take more of it than its budget,
        KeyboardInterrupt when Ctrl-C was pressed, and whatever the output of a print raises.
        """
        main_thread = self.code.polls and threading.get_ident() == MAIN_THREAD
        contexts = _INTERRUPTIBLE if main_thread else _QUIET
        context = contexts.take()
        context.limit = budget.limit
        if self._printer is not None:
            context.show = None if quiet else self._printer.address
        if self.code.tasks:
            pool.connect(context, budget.threads)
        if self.code.recurses:
            context.deepest, context.stack_end = native_stack.limits()
        if self.code.counts:
            context.counts[:] = (0,) * len(context.counts)
        report = None if quiet or not self.code.counts else budget.progress
        try:
            if report is None:
                status = self._enter(context, slots)
            else:
                status = watched(report, context, lambda: self._enter(context, slots))
            if status != abi.OK:
                self._fail(status, context, budget)
        finally:
            if self.code.counts:
                self.executions = Executions(*context.counts)
            contexts.give(context)

    def _enter(self, context: abi.Context, slots: "ctypes.Array[ctypes.c_int64]") -> int:
        return int(self._entry(ctypes.addressof(context), slots))

    def _fail(self, status: int, context: abi.Context, budget: Budget) -> None:
        """Raise what a status other than OK means."""
        if status == abi.INTERRUPTED:
            printer = self._printer
            raised = printer.take(ctypes.addressof(context)) if printer is not None else None
            raise KeyboardInterrupt if raised is None else raised
        check = self.code.checks[context.check]
        if status == abi.MEMORY and context.wanted:
            raise exceeded(check, context.wanted, budget)
        raise exception_of(check, list(context.values))


def exceeded(check: Check, wanted: int, budget: Budget) -> errors.MemoryBudgetError:
    """The exception for an allocation that would have made a call have `wanted` bytes."""
    error = errors.MemoryBudgetError(
        f"the call needs at least {wanted} bytes of memory ({readable(wanted)}), its budget is"
        f" {budget.limit} ({budget.source}); the option memory= gives it another",
        check.file,
        check.line,
        "budget",
    )
    error.needed, error.budget = wanted, budget.limit
    return error


def exception_of(check: Check, reported: list[int]) -> errors.RuntimeError:
    """The exception for a failed check; `reported` are its values as 64 bits each."""
    values: list[object] = [
        _decoded(t, bits) for t, bits in zip(check.types, reported, strict=False)
    ]
    if check.kind == "memory":
        values = ["2**64 or more" if v == -1 else v % 2**64 for v in reported[: len(values)]]
    message = failure_text(check.kind, check.message, values)
    kind = _EXCEPTIONS.get(check.kind, errors.RuntimeError)
    error = kind(message, check.file, check.line, check.kind)
    if isinstance(error, errors.ResultExtentError):
        error.name, error.extent = result_name(check.message), reported[0]
    return error


def _decoded(type_: str, bits: int) -> object:
    """A reported value from its 64 bits."""
    if type_ == "double":
        (value,) = struct.unpack("d", struct.pack("q", bits))
        return value
    return bool(bits) if type_ == "i1" else bits
