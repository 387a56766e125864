"""Builds the C primals with the compilers at hand."""

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FLAGS = ("-O3", "-march=native", "-ffast-math", "-fPIC", "-w")
# Linked without -ffast-math: with it gcc adds code that, on loading, makes the whole process flush
# subnormal numbers to zero.
LINK = ("-shared", "-lm")


@dataclass(frozen=True)
class CLibrary:
    """A compiled C file and the compiler that made it."""

    compiler: str
    library: ctypes.CDLL


def compilers() -> list[str]:
    """The C compilers on this machine, newest clang first."""
    clangs = [c for c in ("clang-21", "clang-20", "clang-19", "clang") if shutil.which(c)]
    return [*clangs[:1], *(c for c in ("gcc",) if shutil.which(c))]


def version(compiler: str) -> str:
    """The first line that a compiler says of its version."""
    shown = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True)
    return shown.stdout.splitlines()[0]


def build(source: Path, found: Sequence[str]) -> list[CLibrary]:
    """The C file as a shared library from each compiler.

    FileNotFoundError when there is none, `subprocess.CalledProcessError` when one refuses the file.
    """
    if not found:
        raise FileNotFoundError("no C compiler: install gcc or clang")
    libraries = []
    with tempfile.TemporaryDirectory(prefix="dpc-benchmark-") as folder:
        for compiler in found:
            target = Path(folder) / f"{source.stem}-{compiler}.so"
            code = target.with_suffix(".o")
            subprocess.run([compiler, *FLAGS, "-c", str(source), "-o", str(code)], check=True)
            subprocess.run([compiler, str(code), "-o", str(target), *LINK], check=True)
            libraries.append(CLibrary(compiler, ctypes.CDLL(str(target))))
    return libraries
