"""The reference interpreter."""

from dpc.compiler.interpret.machine import (
    UNINITIALISED,
    CheckFailed,
    Handler,
    InterpreterError,
    Machine,
    Results,
    uninitialised,
)
from dpc.compiler.interpret.run import run

__all__ = [
    "UNINITIALISED",
    "CheckFailed",
    "Handler",
    "InterpreterError",
    "Machine",
    "Results",
    "run",
    "uninitialised",
]
