"""The reference interpreter."""

from dpc.compiler.interpret.machine import CheckFailed, InterpreterError, uninitialised
from dpc.compiler.interpret.run import run

__all__ = ["CheckFailed", "InterpreterError", "run", "uninitialised"]
