"""What a call can raise, all under `dpc.Error`."""

from dpc.dsl.diagnostics import CompileError, Error


class RuntimeError(Error):
    """A check failed while native code ran: `file` and `line` say where in the `.dp` source."""

    def __init__(self, message: str, file: str = "", line: int = 0, kind: str = "assert") -> None:
        self.message = message
        self.file = file
        self.line = line
        self.kind = kind
        super().__init__(f"{file}:{line}: {message}" if file else message)


class ShapeError(RuntimeError):
    """Extents that should be equal are not."""


class ResultExtentError(ShapeError):
    """An extent that the value returned determines is not the one given: `name` is `extent`."""

    name = ""
    extent = 0


class TypeError(Error):
    """An argument has the wrong type; names parameter, expected and given."""


class OutOfMemoryError(RuntimeError):
    """The machine refused an allocation."""


class MemoryBudgetError(RuntimeError):
    """A reverse pass does not fit its memory budget: it needs `needed` bytes (at least, where it
    had to run to find out), and may take `budget`; 0 where that is not known.
    """

    needed = 0
    budget = 0


class CompileWarning(UserWarning):
    """Something in a program that is legal and probably not meant."""


__all__ = [
    "CompileError",
    "CompileWarning",
    "Error",
    "MemoryBudgetError",
    "OutOfMemoryError",
    "RuntimeError",
    "ShapeError",
    "TypeError",
]
