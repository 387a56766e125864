"""The options of `dpc.load`, `dpc.compile`, `Function.options` and the transforms, validated."""

from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from dpc.compiler.codegen.pool import MOST_WORKERS
from dpc.compiler.driver import Options
from dpc.dsl.diagnostics import Error
from dpc.runtime import blas
from dpc.runtime.budget import memory_option

MATH = ("fast", "strict")
LINEAR_ALGEBRA = ("library", "loops")
TRAPS = ("nonfinite", None)
REAL = ("f64", "f32")
MOST_THREADS = MOST_WORKERS + 1
# Options whose other values come later: the one value that says what happens today.
FIXED: dict[str, Any] = {"checks": True}
NAMES = ("math", "linear_algebra", "trap", "memory", "threads", "real", *FIXED)


def merged(options: Options, changes: dict[str, Any]) -> Options:
    """The options with changes; `dpc.Error` names what is unknown, wrong or not supported yet."""
    for name, value in changes.items():
        if name == "math":
            if value not in MATH:
                raise Error(f'option math is "fast" or "strict", not {value!r}')
            options = replace(options, math=value)
        elif name == "linear_algebra":
            if value not in LINEAR_ALGEBRA:
                raise Error(f'option linear_algebra is "library" or "loops", not {value!r}')
            options = replace(options, library=value == "library" and blas.library() is not None)
        elif name == "trap":
            if value not in TRAPS:
                raise Error(f'option trap is "nonfinite" or None, not {value!r}')
            options = replace(options, trap=value or "")
        elif name == "memory":
            options = replace(options, memory=memory_option(value))
        elif name == "threads":
            if type(value) is not int or not 1 <= value <= MOST_THREADS:
                raise Error(f"option threads is a number from 1 to {MOST_THREADS}, not {value!r}")
            options = replace(options, threads=value)
        elif name == "real":
            raise Error("option real belongs to a whole module: pass it to dpc.load or dpc.compile")
        elif name in FIXED:
            if type(value) is not type(FIXED[name]) or value != FIXED[name]:
                raise Error(
                    f"option {name}={value!r} is not supported yet; only {FIXED[name]!r} is"
                )
        else:
            near = get_close_matches(name, NAMES, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise Error(f"unknown option {name!r}{hint}")
    return options


def working_precision(real: Any) -> str:
    """The option `real`, validated."""
    if real not in REAL:
        raise Error(f'option real is "f64" or "f32", not {real!r}')
    return str(real)
