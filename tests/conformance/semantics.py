"""What Python over NumPy computes for a program: the built-ins under their names here."""

import dataclasses
import types
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from tests.lowering import harness

Array = np.ndarray[Any, Any]


def _along(function: Callable[..., Any], default: int | None = None) -> Callable[..., Any]:
    """A reduction of an array, or of a generator's values."""

    def call(x: Any, *rest: Any, **keywords: Any) -> Any:
        if rest:
            return function(np.stack(np.broadcast_arrays(x, *rest)), axis=0)
        if isinstance(x, types.GeneratorType):
            x = np.array(list(x))
        if default is not None:
            keywords.setdefault("axis", default)
        return function(x, **keywords)

    return call


def _extents(extents: tuple[Any, ...]) -> Any:
    return extents[0] if len(extents) == 1 else extents


def _zeros(*extents: Any, dtype: Any = None) -> Array:
    return np.zeros(_extents(extents), getattr(dtype, "dtype", float))


def _ones(*extents: Any, dtype: Any = None) -> Array:
    return np.ones(_extents(extents), getattr(dtype, "dtype", float))


def _norm(x: Any, **keywords: Any) -> Any:
    return np.sqrt(np.sum(np.square(x), **keywords))


def _softmax(x: Any, axis: int = -1) -> Any:
    return special.softmax(x, axis=axis)


NAMES: dict[str, Any] = {
    **harness.NAMES,
    **{name: _along(getattr(np, name)) for name in ("var", "std", "argmin", "argmax")},
    **{name: _along(getattr(np, name)) for name in ("sum", "prod", "mean", "any", "all")},
    "min": _along(np.min),
    "max": _along(np.max),
    "logsumexp": _along(special.logsumexp),
    "cumsum": _along(np.cumsum, -1),
    "cumprod": _along(np.cumprod, -1),
    "sort": _along(np.sort, -1),
    "argsort": lambda x, axis=-1: np.argsort(x, axis=axis, kind="stable"),
    "softmax": _softmax,
    "norm": _norm,
    "zeros": _zeros,
    "ones": _ones,
    "concat": lambda *parts, axis=0: np.concatenate(parts, axis=axis),
    "stack": lambda *parts, axis=0: np.stack(parts, axis=axis),
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "float": float,
    "int": int,
    **{
        name: getattr(np, name)
        for name in (
            "zeros_like", "ones_like", "eye", "arange", "linspace", "outer", "diag", "trace",
            "tril", "triu", "transpose", "reshape", "flip", "roll", "repeat", "tile", "pad",
            "searchsorted", "einsum", "kron", "cross",
        )
    },
    **{name: getattr(np.linalg, name) for name in ("cholesky", "solve", "inv", "det")},
}  # fmt: skip


def by_python(text: str, arguments: dict[str, Any]) -> Any:
    """The result of `f`."""
    return harness.by_python(text, arguments, names=NAMES)


def plain(value: Any) -> Any:
    """Records as dictionaries, all the way down."""
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if dataclasses.is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return value
