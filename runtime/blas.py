"""BLAS and LAPACK in this process: those that NumPy, else SciPy, brings along.

The routines are looked up in the extension modules that call them, whose symbol search covers the
library they were linked with. Only a library whose threads can be set is used: while native code
that calls it runs, it has one, so that results never depend on how many there are. Without such a
library, or with `DPC_LINEAR_ALGEBRA=loops` in the environment, the compiler's own loops do all.
"""

import ctypes
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from dpc.compiler.dialects.lapack import ROUTINES
from dpc.dsl.diagnostics import Error

VARIABLE = "DPC_LINEAR_ALGEBRA"
# How libraries spell a routine and the functions for their threads; how wide their integers are.
_SPELLINGS = (
    ("scipy_{}_64_", "scipy_openblas_{}_num_threads64_", 64),
    ("scipy_{}_", "scipy_openblas_{}_num_threads", 32),
    ("{}_64_", "openblas_{}_num_threads64_", 64),
    ("{}_", "openblas_{}_num_threads", 32),
)
_turns = (ctypes.c_int32 * 3)()  # shared by all code that calls the library
_NAMES = tuple(precision + routine for routine in ROUTINES for precision in "ds")


@dataclass(frozen=True, slots=True)
class Library:
    """A library: which package it came with, how wide its integers are, the addresses of its
    routines and of what `abi.LIBRARY_STATE` asks for.
    """

    package: str
    integer_bits: int
    addresses: dict[str, int]


@cache
def library() -> Library | None:
    """The library to use, or None; `dpc.Error` where the environment asks for an unknown one."""
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in ("", "loops", *_EXTENSIONS):
        known = ", ".join((*_EXTENSIONS, "loops"))
        raise Error(f"{VARIABLE} is {wanted!r}; known are {known}")
    if wanted == "loops":
        return None
    packages = (wanted,) if wanted else tuple(_EXTENSIONS)
    for package in packages:
        for path in _EXTENSIONS[package]():
            found = _opened(package, path)
            if found is not None:
                return found
    return None


def _of_numpy() -> Iterator[str]:
    """The extension module behind `numpy.linalg`, which is loaded already."""
    module = getattr(np.linalg, "_umath_linalg", None)
    if module is not None:
        yield module.__file__


def _of_scipy() -> Iterator[str]:
    """The extension module with SciPy's LAPACK, found without importing SciPy."""
    spec = find_spec("scipy")
    if spec is not None and spec.origin is not None:
        yield from map(str, Path(spec.origin).parent.glob("linalg/cython_lapack.*"))


_EXTENSIONS: dict[str, Callable[[], Iterator[str]]] = {"numpy": _of_numpy, "scipy": _of_scipy}


def _opened(package: str, path: str) -> Library | None:
    """The library behind an extension module, if it has all that is needed."""
    try:
        handle = ctypes.CDLL(path)
    except OSError:
        return None
    for routine, threads, bits in _SPELLINGS:
        try:
            addresses = {n: _address(handle, routine.format(n)) for n in _NAMES}
            verbs = {f"{v}_threads": _address(handle, threads.format(v)) for v in ("get", "set")}
        except AttributeError:
            continue
        return Library(package, bits, {**addresses, **verbs, "turns": ctypes.addressof(_turns)})
    return None


def _address(handle: ctypes.CDLL, symbol: str) -> int:
    address = ctypes.cast(getattr(handle, symbol), ctypes.c_void_p).value
    assert address is not None
    return address
