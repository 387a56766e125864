"""Linear algebra in any field of numbers, by the textbook's loops.

Nothing is conjugated, so that complex steps go through; comparisons look at the real part.
"""

from typing import cast

import numpy as np

from dpc.compiler.dialects.lapack import Cholesky, Det, Eigh, Lu, LuSolve, SolveTriangular
from dpc.compiler.dialects.linalg import Matmul
from dpc.compiler.dialects.numbers import Numbers
from dpc.compiler.interpret.machine import Array, Handler, Machine, Results
from dpc.compiler.interpret.matrices import objects, real, store
from dpc.compiler.ir.core import Op
from dpc.compiler.ir.types import FloatType, element_of


def _matmul(machine: Machine, op: Op, operands: Results) -> Results:
    matmul = cast(Matmul, op)
    a, b, c = operands
    left = objects(a.T if matmul.kind[0] == "t" else a)
    right = objects(b.T if matmul.kind[1] == "t" else b)
    numbers, width = machine.numbers, cast(FloatType, element_of(matmul.c.type)).width
    total = objects(c)
    for i, j in np.ndindex(*c.shape):
        for k in range(left.shape[1]):
            product = numbers.round_to(numbers.mul(left[i, k], right[k, j]), width)
            total[i, j] = numbers.round_to(numbers.add(total[i, j], product), width)
    store(machine, matmul.c, c, total)
    return ()


def _cholesky(machine: Machine, op: Op, operands: Results) -> Results:
    a, factor = operands
    numbers, n = machine.numbers, a.shape[0]
    low = objects(a)
    for j in range(n):
        pivot = low[j, j] - sum(low[j, k] * low[j, k] for k in range(j))
        if not real(pivot) > 0:
            return (j + 1,)
        low[j, j] = numbers.sqrt(pivot)
        for i in range(j + 1, n):
            rest = low[i, j] - sum(low[i, k] * low[j, k] for k in range(j))
            low[i, j] = rest / low[j, j]
            low[j, i] = 0.0
    store(machine, cast(Cholesky, op).factor, factor, low)
    return (0,)


def _solve_triangular(machine: Machine, op: Op, operands: Results) -> Results:
    solve = cast(SolveTriangular, op)
    a, b, x = operands
    matrix = triangle(objects(a), solve.kind)
    store(machine, solve.x, x, substituted(machine.numbers, matrix, objects(b)))
    return ()


def triangle(a: Array, kind: str) -> Array:
    """The triangle of a that `kind` names, transposed if it says so; zeros elsewhere."""
    rows, columns = np.indices(a.shape)
    kept = rows >= columns if kind[0] == "l" else rows <= columns
    part = np.where(kept, a, 0.0)
    return part.T if kind[1] == "t" else part


def substituted(numbers: Numbers, a: Array, b: Array) -> Array:
    """The solution of a x = b for a triangular a with zeros in its other triangle."""
    n, x = a.shape[0], b.copy()
    lower = not any(a[i, j] != 0 for i in range(n) for j in range(i + 1, n))
    order = range(n) if lower else range(n - 1, -1, -1)
    for column in range(b.shape[1]):
        done: list[int] = []
        for i in order:
            rest = x[i, column]
            for k in done:
                rest = rest - a[i, k] * x[k, column]
            x[i, column] = numbers.div(rest, a[i, i])
            done.append(i)
    return x


def _lu(machine: Machine, op: Op, operands: Results) -> Results:
    a, factors, pivots = operands
    f, n, info = objects(a), a.shape[0], 0
    for k in range(n):
        p = max(range(k, n), key=lambda i: abs(real(f[i, k])))
        pivots[k] = p
        f[[k, p]] = f[[p, k]]
        if f[k, k] == 0:
            info = info or k + 1
            continue
        for i in range(k + 1, n):
            f[i, k] = f[i, k] / f[k, k]
            f[i, k + 1 :] = f[i, k + 1 :] - f[i, k] * f[k, k + 1 :]
    store(machine, cast(Lu, op).factors, factors, f)
    return (info,)


def _lu_solve(machine: Machine, op: Op, operands: Results) -> Results:
    solve = cast(LuSolve, op)
    _, factors, pivots, b, x = operands
    f, right, n = objects(factors), objects(b), len(factors)
    low = triangle(f, "ln")
    np.fill_diagonal(low, 1.0)
    high = triangle(f, "un")
    if solve.kind == "n":
        for k in range(n):
            right[[k, pivots[k]]] = right[[pivots[k], k]]
        right = substituted(machine.numbers, high, substituted(machine.numbers, low, right))
    else:
        right = substituted(machine.numbers, low.T, substituted(machine.numbers, high.T, right))
        for k in range(n - 1, -1, -1):
            right[[k, pivots[k]]] = right[[pivots[k], k]]
    store(machine, solve.x, x, right)
    return ()


def _det(machine: Machine, op: Op, operands: Results) -> Results:
    det = cast(Det, op)
    _, factors, pivots, value = operands
    numbers, total = machine.numbers, machine.numbers.lift(1.0)
    for k in range(len(factors)):
        factor = numbers.lift(objects(factors)[k, k])
        total = numbers.mul(total, factor if pivots[k] == k else -factor)
    if det.kind == "log":
        total = numbers.log(total)
    store(machine, det.value, value, np.array([[total]], dtype=object))
    return ()


def _eigh(machine: Machine, op: Op, operands: Results) -> Results:
    eigh = cast(Eigh, op)
    a, w, v = operands
    low = triangle(objects(a), "ln")
    s = low + low.T
    np.fill_diagonal(s, low.diagonal())
    vectors = np.array(np.eye(len(s)), dtype=object)
    for _ in range(30):
        for q in range(len(s)):
            for p in range(q):
                _rotate(machine.numbers, s, vectors, p, q)
    order = sorted(range(len(s)), key=lambda k: real(s[k, k]))
    for k in order:
        column = [real(x) for x in vectors[:, k]]
        if max(column, key=abs) < 0:
            vectors[:, k] = -vectors[:, k]
    store(machine, eigh.w, w, s.diagonal()[order][:, None])
    store(machine, eigh.v, v, vectors[:, order])
    return (0,)


def _rotate(numbers: Numbers, s: Array, v: Array, p: int, q: int) -> None:
    """Jacobi's rotation, which makes s[p, q] zero."""
    if s[p, q] == 0:
        return
    # tan of the angle as b / (d ± sqrt(d² + b²)): where b all but vanishes nothing overflows.
    d, b = s[q, q] - s[p, p], 2 * s[p, q]
    root = numbers.sqrt(d * d + b * b)
    whole = d + root if real(d) >= 0 else d - root
    t = b / whole if whole != 0 else 1.0
    c = 1 / numbers.sqrt(t * t + 1)
    for m in (s, s.T, v):
        m[:, p], m[:, q] = c * m[:, p] - t * c * m[:, q], t * c * m[:, p] + c * m[:, q]
    s[p, q] = s[q, p] = 0.0


HANDLERS: dict[type[Op], Handler] = {
    Matmul: _matmul,
    Cholesky: _cholesky,
    SolveTriangular: _solve_triangular,
    Lu: _lu,
    LuSolve: _lu_solve,
    Det: _det,
    Eigh: _eigh,
}
