"""`io`: what a program shows while it runs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from string import Formatter
from typing import Any

import numpy as np

from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import (
    F32,
    I1,
    FloatType,
    IndexType,
    IntType,
    MemRefType,
    TensorType,
    Type,
)
from dpc.compiler.ir.verify_error import require


@operation("io.print")
class Print(Op):
    """Show a line on Python's standard output.

    `message` is a `str.format` template with one `{}` for each of `values`, scalars and arrays. A
    side effect: lines keep their order among themselves and with checks. Derivatives show it once,
    in the primal sweep.
    """

    values: tuple[Value, ...]
    message: str

    def verify(self) -> None:
        places = sum(name is not None for _, name, _, _ in Formatter().parse(self.message))
        require(self, places == len(self.values), "the message has one place for each value")
        shown = (FloatType, IntType, IndexType, MemRefType, TensorType)
        require(self, all(isinstance(v.type, shown) for v in self.values), "scalars and arrays")


OPS: tuple[type[Op], ...] = (Print,)

_silent: ContextVar[bool] = ContextVar("silent", default=False)


@contextmanager
def silenced() -> Iterator[None]:
    """Nothing is printed by the programs that run inside: they answer questions of our own."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def is_silent() -> bool:
    """True inside of `silenced`."""
    return _silent.get()


def line(template: str, types: Sequence[Type], values: Sequence[Any]) -> str:
    """The line that a print shows: scalars as Python writes them, arrays as NumPy does."""
    return template.format(*(str(_shown(t, v)) for t, v in zip(types, values, strict=True)))


def _shown(type_: Type, value: Any) -> Any:
    """A value in the type in which it is written."""
    if isinstance(type_, MemRefType | TensorType):
        exact = all(isinstance(v, int | float) for v in value.flat)
        objects = value.dtype == object and exact
        return value.astype(_DTYPES[str(type_.element)]) if objects else value
    if type_ == I1:
        return bool(value)
    return np.float32(value) if type_ == F32 and isinstance(value, float) else value


_DTYPES = {
    "f64": "float64", "f32": "float32", "i64": "int64", "i32": "int32", "index": "int64",
    "i1": "bool",
}  # fmt: skip
