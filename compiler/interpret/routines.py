"""Routines of BLAS and LAPACK on floats, by NumPy and by their definitions.

A buffer's array is the routine's matrix transposed. Sizes that differ from those of the arrays are
not supported: the compiler calls routines on whole matrices only.
"""

from collections.abc import Callable
from typing import cast

import numpy as np

from dpc.compiler.dialects.lapack import Routine
from dpc.compiler.interpret.machine import Array, Handler, Machine, Results
from dpc.compiler.ir.core import Op
from dpc.compiler.ir.types import FloatType, element_of

Buffers = list[Array]  # inputs, then outputs, as the routine sees them


def _turned(matrix: Array, flag: str) -> Array:
    return matrix.T if flag == "T" else matrix


def _gemm(flags: str, numbers: list[int], buffers: Buffers) -> int:
    a, b, c = buffers
    c += _turned(a, flags[0]) @ _turned(b, flags[1])
    return 0


def _trsm(flags: str, numbers: list[int], buffers: Buffers) -> int:
    """X op(a) = b for the side R, which is all that is called."""
    a, b = buffers
    triangle, turned, unit = flags[1], flags[2], flags[3]
    part = np.triu(a) if triangle == "U" else np.tril(a)
    if unit == "U":
        np.fill_diagonal(part, 1.0)
    b[...] = np.linalg.solve(_turned(part, turned).T, b.T).T
    return 0


def _trsv(flags: str, numbers: list[int], buffers: Buffers) -> int:
    """op(a) x = b."""
    a, b = buffers
    turned = "N" if flags[1] == "T" else "T"
    return _trsm("R" + flags[0] + turned + flags[2], numbers, [a, b])


def _potrf(flags: str, numbers: list[int], buffers: Buffers) -> int:
    (a,) = buffers
    upper = np.triu_indices(len(a))
    whole = np.triu(a) + np.triu(a, 1).T
    for size in range(1, len(a) + 1):
        if not np.linalg.det(whole[:size, :size]) > 0:
            return size
    a[upper] = np.linalg.cholesky(whole).T[upper]
    return 0


def _getrf(flags: str, numbers: list[int], buffers: Buffers) -> int:
    a, pivots = buffers
    info = 0
    for k in range(len(a)):
        p = k + int(np.argmax(np.abs(a[k:, k])))
        pivots[k] = p + 1
        a[[k, p]] = a[[p, k]]
        if a[k, k] == 0:
            info = info or k + 1
            continue
        a[k + 1 :, k] /= a[k, k]
        a[k + 1 :, k + 1 :] -= np.outer(a[k + 1 :, k], a[k, k + 1 :])
    return info


def _syevd(flags: str, numbers: list[int], buffers: Buffers) -> int:
    a, w, _, _ = buffers
    w[...], a[...] = _columned(*np.linalg.eigh(np.triu(a) + np.triu(a, 1).T))
    return 0


def _columned(values: Array, vectors: Array) -> tuple[Array, Array]:
    return values[None, :], vectors


def _gelqf(flags: str, numbers: list[int], buffers: Buffers) -> int:
    a, tau, _ = buffers
    reflectors, factors = np.linalg.qr(a.T, mode="raw")
    a[...], tau[...] = reflectors, factors
    return 0


def _orglq(flags: str, numbers: list[int], buffers: Buffers) -> int:
    """The product of the reflections 1 - tau v v^T, v from the rows that gelqf left."""
    a, tau, _ = buffers
    rows, columns = numbers[:2]
    q = np.eye(columns)
    for k in range(rows):
        v = np.concatenate([np.zeros(k), [1.0], a[k, k + 1 :]])
        q = q - tau[k] * np.outer(q @ v, v)
    a[:rows] = q.T[:rows]
    return 0


def _gesdd(flags: str, numbers: list[int], buffers: Buffers) -> int:
    a, s, u, vt, _, _ = buffers
    u[...], s[0], vt[...] = np.linalg.svd(a, full_matrices=False)
    return 0


_ROUTINES: dict[str, Callable[[str, list[int], Buffers], int]] = {
    "gemm": _gemm,
    "trsm": _trsm,
    "trsv": _trsv,
    "potrf": _potrf,
    "getrf": _getrf,
    "syevd": _syevd,
    "gelqf": _gelqf,
    "orglq": _orglq,
    "gesdd": _gesdd,
}


def _routine(machine: Machine, op: Op, operands: Results) -> Results:
    routine = cast(Routine, op)
    inputs, outputs = len(routine.inputs), len(routine.outputs)
    buffers = list(operands[: inputs + outputs])
    seen = [_seen(b) for b in buffers]
    info = _ROUTINES[routine.kind](
        routine.flags, [int(n) for n in operands[inputs + outputs :]], seen
    )
    targets = zip(routine.outputs, buffers[inputs:], seen[inputs:], strict=True)
    for value, buffer, matrix in targets:
        kind = float if isinstance(element_of(value.type), FloatType) else int
        if matrix.size:
            buffer[...] = matrix.T.astype(kind).tolist()
    return (info,)


def _seen(buffer: Array) -> Array:
    """The matrix that a routine sees; zeros where nothing was written yet."""
    known = np.vectorize(lambda x: isinstance(x, int | float), otypes=[bool])(buffer)
    return np.where(known, buffer, 0.0).astype(float).T.copy()


HANDLERS: dict[type[Op], Handler] = {Routine: _routine}
