"""QR and singular values in any field of numbers: see `linear_algebra` for the conventions."""

from typing import cast

import numpy as np

from dpc.compiler.dialects.lapack import Qr, Svd
from dpc.compiler.dialects.numbers import Number, Numbers
from dpc.compiler.interpret.machine import Array, Handler, Machine, Results
from dpc.compiler.interpret.matrices import objects, real, store
from dpc.compiler.ir.core import Op

_SWEEPS = 30


def _identity(rows: int, columns: int) -> Array:
    return np.array(np.eye(rows, columns), dtype=object)


def _dot(left: Array, right: Array) -> Number:
    return sum(left * right)


def _qr(machine: Machine, op: Op, operands: Results) -> Results:
    """Householder's reflections; nan where a is not finite."""
    qr, (a, q, r) = cast(Qr, op), operands
    numbers, top, k = machine.numbers, objects(a), q.shape[1]
    columns = _identity(*q.shape)
    vectors = [_reflect(numbers, top, j) for j in range(k)]
    for v in reversed(vectors):
        columns = columns - np.outer(v, v @ columns)
    for j in range(k):
        if real(top[j, j]) < 0:
            top[j], columns[:, j] = -top[j], -columns[:, j]
    top[np.tril_indices(k, -1, r.shape[1])] = 0.0
    store(machine, qr.q, q, columns)
    store(machine, qr.r, r, top[:k])
    return ()


def _reflect(numbers: Numbers, top: Array, j: int) -> Array:
    """Make the elements below the diagonal of column j 0 by 1 - v v^T; v."""
    v: Array = top[:, j].copy()
    v[:j] = 0.0
    square = _dot(v, v)
    if square == 0:
        return v
    length = numbers.sqrt(square)
    if real(v[j]) < 0:
        length = -length
    square = length * (length + v[j])
    v[j] = v[j] + length
    v = v / numbers.sqrt(square)
    top[:] = top - np.outer(v, v @ top)
    return v


def _svd(machine: Machine, op: Op, operands: Results) -> Results:
    """One-sided rotations of the columns of a, of its rows where it is wide."""
    svd, (a, u, s, vt) = cast(Svd, op), operands
    matrix = objects(a)
    if not all(np.isfinite(complex(x)) for x in matrix.flat):
        return (1,)
    numbers, tall = machine.numbers, a.shape[0] >= a.shape[1]
    g = matrix.T.copy() if tall else matrix
    v = _identity(len(g), len(g))
    for _ in range(_SWEEPS):
        for second in range(len(g)):
            for first in range(second):
                _rotate(numbers, g, v, first, second)
    lengths = [numbers.sqrt(_dot(row, row)) for row in g]
    order = sorted(range(len(g)), key=lambda k: -real(lengths[k]))
    g, v, lengths = g[order], v[order], [lengths[k] for k in order]
    for k, length in enumerate(lengths):
        g[k] = _orthogonal(numbers, g[:k]) if length == 0 else g[k] / length
    left, right = (g, v) if tall else (v, g)
    for k, row in enumerate(left):
        if max((real(x) for x in row), key=abs) < 0:
            left[k], right[k] = -left[k], -right[k]
    store(machine, svd.u, u, left.T)
    store(machine, svd.s, s, np.array(lengths, dtype=object)[:, None])
    store(machine, svd.vt, vt, right)
    return (0,)


def _rotate(numbers: Numbers, g: Array, v: Array, p: int, q: int) -> None:
    """Make rows p and q of g orthogonal."""
    both = _dot(g[p], g[q])
    if both == 0:
        return
    theta = (_dot(g[q], g[q]) - _dot(g[p], g[p])) / (2 * both)
    root = numbers.sqrt(theta * theta + 1)
    t = 1 / (theta + root) if real(theta) >= 0 else 1 / (theta - root)
    c = 1 / numbers.sqrt(t * t + 1)
    for m in (g, v):
        m[p], m[q] = c * m[p] - t * c * m[q], t * c * m[p] + c * m[q]


def _orthogonal(numbers: Numbers, rows: Array) -> Array:
    """A vector of length 1 orthogonal to the rows."""
    units = _identity(rows.shape[1], rows.shape[1])
    rests = [x - (rows @ x) @ rows for x in units]
    longest = max(rests, key=lambda x: real(_dot(x, x)))
    again = longest - (rows @ longest) @ rows
    return cast(Array, again / numbers.sqrt(_dot(again, again)))


HANDLERS: dict[type[Op], Handler] = {Qr: _qr, Svd: _svd}
