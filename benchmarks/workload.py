"""What is measured: a model in dp, the same objective in C, and data."""

import ctypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

import dpc
from dpc.runtime.module import Module

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent / "examples"
Call = Callable[[], Any]
Size = Mapping[str, int]


@dataclass(frozen=True)
class Workload:
    """A model with its sizes. `make` has the data; `small` is a size for tests."""

    name: str
    sizes: tuple[Size, ...]
    small: Size
    make: Callable[[Size], "Case"]


@dataclass(frozen=True)
class Case:
    """A workload at one size.

    `arguments` are those of `function` in the file `model`, by name. `c_primal` binds the objective
    in `c/NAME.c` to them; it returns what `function` does. `derivative` makes the call that the
    column "gradient" is about, by default the gradient with respect to `wrt`.
    """

    model: Path
    function: str
    wrt: tuple[str, ...]
    arguments: Mapping[str, Any]
    c_primal: Callable[[ctypes.CDLL], Call]
    derivative: "Callable[[Case, Module], Call] | None" = None

    def primal(self, module: Module) -> Call:
        """The objective as a call without arguments."""
        function, arguments = getattr(module, self.function), dict(self.arguments)
        return lambda: function(**arguments)

    def gradient(self, module: Module) -> Call:
        """The derivative as a call without arguments."""
        if self.derivative is not None:
            return self.derivative(self, module)
        function = dpc.grad(getattr(module, self.function), wrt=self.wrt)
        arguments = dict(self.arguments)
        return lambda: function(**arguments)


def label(size: Size) -> str:
    """A size for the table: `n=1000 d=10`."""
    return " ".join(f"{name}={value}" for name, value in size.items())


def c_call(function: Any, *arguments: Any, result: Any = ctypes.c_double) -> Call:
    """A C function with its arguments bound: arrays as pointers, int as int64_t, float as double.

    Arrays have to be in C order; `result` None: the function writes into one of them.
    """
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            assert argument.flags.c_contiguous
    converted = [_converted(argument) for argument in arguments]
    function.restype = result

    def call(keep: Any = arguments) -> Any:
        return function(*converted)

    return call


def _converted(argument: Any) -> Any:
    if isinstance(argument, np.ndarray):
        return ctypes.c_void_p(argument.ctypes.data)
    if isinstance(argument, ctypes.c_void_p):
        return argument
    return ctypes.c_int64(argument) if isinstance(argument, int) else ctypes.c_double(argument)


def numbers(value: Any) -> list[Any]:
    """The floats of a result: of scalars, arrays, records, tuples, the elements of CSR matrices."""
    if is_dataclass(value) and not isinstance(value, type):
        return [a for field in fields(value) for a in numbers(getattr(value, field.name))]
    if isinstance(value, tuple | list):
        return [a for item in value for a in numbers(item)]
    if hasattr(value, "tocsr"):
        return [value.tocsr().data]
    return [np.asarray(value, dtype=np.float64)]


def assert_agrees(what: str, found: Any, expected: Any, tolerance: float = 1e-9) -> None:
    """Each array of `found` is that of `expected`, relative to its largest element."""
    pairs = list(zip(numbers(found), numbers(expected), strict=True))
    for index, (a, b) in enumerate(pairs):
        scale = float(np.max(np.abs(b), initial=1e-300))
        error = float(np.max(np.abs(a.reshape(-1) - b.reshape(-1)), initial=0.0)) / scale
        if not error <= tolerance:
            raise AssertionError(f"{what}: part {index} of the result is off by {error:.1e}")
