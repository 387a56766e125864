"""Builds the C primals with the compilers at hand."""

import ctypes
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

FLAGS = ("-O3", "-march=native", "-ffast-math", "-fPIC", "-shared")


@dataclass(frozen=True)
class CLibrary:
    """A compiled C file and the compiler that made it."""

    compiler: str
    library: ctypes.CDLL


def compilers() -> list[str]:
    """The C compilers on this machine, newest clang first."""
    clangs = [c for c in ("clang-21", "clang-20", "clang-19", "clang") if shutil.which(c)]
    return [*clangs[:1], *(c for c in ("gcc",) if shutil.which(c))]


def build(source: Path) -> list[CLibrary]:
    """The C file as a shared library from each compiler; FileNotFoundError when there is none."""
    found = compilers()
    if not found:
        raise FileNotFoundError("no C compiler: install gcc or clang")
    folder = Path(tempfile.mkdtemp(prefix="dpc-benchmark-"))
    libraries = []
    for compiler in found:
        target = folder / f"{source.stem}-{compiler}.so"
        subprocess.run([compiler, *FLAGS, str(source), "-o", str(target), "-lm"], check=True)
        libraries.append(CLibrary(compiler, ctypes.CDLL(str(target))))
    shutil.rmtree(folder)
    return libraries
