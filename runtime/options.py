"""The options of `dpc.load`, `dpc.compile`, `Function.options` and the transforms, validated."""

from collections.abc import Callable, Collection
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from dpc.compiler.codegen.pool import MOST_WORKERS
from dpc.compiler.driver import Options
from dpc.dsl.diagnostics import Error
from dpc.runtime import blas
from dpc.runtime.budget import memory_option
from dpc.runtime.progress import progress_option

REAL = ("f64", "f32")
MOST_THREADS = MOST_WORKERS + 1


def merged(options: Options, changes: dict[str, Any]) -> Options:
    """The options with changes; `dpc.Error` names what is unknown or wrong."""
    for name, value in changes.items():
        if name == "real":
            raise Error("option real belongs to a whole module: pass it to dpc.load or dpc.compile")
        if name not in _TAKEN:
            near = get_close_matches(name, (*_TAKEN, "real"), 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise Error(f"unknown option {name!r}{hint}")
        options = replace(options, **{_FIELDS.get(name, name): _TAKEN[name](value)})
    if options.progress is not None:  # what is told are counts of that build
        options = replace(options, checkpoint=True)
    return options


def _math(value: Any) -> str:
    return str(_one_of(("fast", "strict"), value, 'math is "fast" or "strict"'))


def _linear_algebra(value: Any) -> bool:
    chosen = _one_of(("library", "loops"), value, 'linear_algebra is "library" or "loops"')
    return chosen == "library" and blas.library() is not None


def _trap(value: Any) -> str:
    return _one_of(("nonfinite", None), value, 'trap is "nonfinite" or None') or ""


def _checks(value: Any) -> bool:
    return bool(_one_of((True, False), value, "checks is True or False"))


def _threads(value: Any) -> int:
    numbers = range(1, MOST_THREADS + 1)
    return int(_one_of(numbers, value, f"threads is a number from 1 to {MOST_THREADS}"))


def _one_of(values: Collection[Any], value: Any, expected: str) -> Any:
    """The value, one of `values` and of their type."""
    if value not in values or type(value) not in {type(v) for v in values}:
        raise Error(f"option {expected}, not {value!r}")
    return value


# What becomes of the value of an option, and which field of `Options` it sets if not its own.
_TAKEN: dict[str, Callable[[Any], Any]] = {
    "math": _math,
    "linear_algebra": _linear_algebra,
    "trap": _trap,
    "checks": _checks,
    "threads": _threads,
    "memory": memory_option,
    "progress": progress_option,
}
_FIELDS = {"linear_algebra": "library"}


def working_precision(real: Any) -> str:
    """The option `real`, validated."""
    if real not in REAL:
        raise Error(f'option real is "f64" or "f32", not {real!r}')
    return str(real)
