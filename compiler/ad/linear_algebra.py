"""Closed forms for linear algebra. Each forward rule gives the tangent of what an operation
writes, each reverse rule adds to the cotangents of what it reads.

Source of the equations: M. Giles, "Collected matrix derivative results for forward and reverse
mode algorithmic differentiation" (2008); I. Murray, "Differentiation of the Cholesky
decomposition" (2016). A rule uses only operations that have rules themselves.

Conventions: x_dot is the tangent, x_bar the cotangent of x; tri(X) keeps the triangle that an
operation reads; Phi(X) is the lower triangle of X with its diagonal halved.

A symmetric argument is read in its lower triangle alone, and so its gradient is lower triangular:
that of the function as computed. The tangent's upper triangle is not read either.
"""

from collections.abc import Callable
from dataclasses import dataclass

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.matrices import Matrices, Matrix, swapped, where
from dpc.compiler.dialects import lapack, linalg
from dpc.compiler.ir.core import Op, Value


@dataclass(frozen=True, slots=True)
class Operands:
    """The buffers of an operation by field name, and what goes with those that are active.

    `shadows`: tangents in forward mode, cotangents in reverse mode.
    """

    values: dict[str, Matrix]
    shadows: dict[str, Matrix]

    def __getitem__(self, name: str) -> Matrix:
        return self.values[name]

    def shadow(self, name: str) -> Matrix | None:
        """The tangent or cotangent; None where the operand is not active."""
        return self.shadows.get(name)


ClosedForm = Callable[[Matrices, Op, Operands], None]


@dataclass(frozen=True, slots=True)
class Forms:
    """Both rules of an operation; `needed`: the operands whose contents the reverse rule uses."""

    forward: ClosedForm
    reverse: ClosedForm
    needed: tuple[str, ...]


# --- c += a b ------------------------------------------------------------------------------------

# For each kind: a_bar += first * second, b_bar += first * second, of a, b and c_bar.
_PRODUCTS: dict[str, tuple[tuple[str, str, str], tuple[str, str, str]]] = {
    "nn": (("c", "b", "nt"), ("a", "c", "tn")),
    "nt": (("c", "b", "nn"), ("c", "a", "tn")),
    "tn": (("b", "c", "nt"), ("a", "c", "nn")),
    "tt": (("b", "c", "tt"), ("c", "a", "tt")),
}


def _matmul_forward(m: Matrices, op: Op, x: Operands) -> None:
    """c_dot += a_dot b + a b_dot."""
    assert isinstance(op, linalg.Matmul)
    c_dot = x.shadows["c"]
    a_dot, b_dot = x.shadow("a"), x.shadow("b")
    if a_dot is not None:
        m.add_product(c_dot, a_dot, x["b"], op.kind)
    if b_dot is not None:
        m.add_product(c_dot, x["a"], b_dot, op.kind)


def _matmul_reverse(m: Matrices, op: Op, x: Operands) -> None:
    """a_bar += c_bar b^T,  b_bar += a^T c_bar  (kind nn)."""
    assert isinstance(op, linalg.Matmul)
    factors = {"a": x["a"], "b": x["b"], "c": x.shadows["c"]}
    for name, (first, second, kind) in zip("ab", _PRODUCTS[op.kind], strict=True):
        target = x.shadow(name)
        if target is not None:
            m.add_product(target, factors[first], factors[second], kind)


# --- L = cholesky(a) -----------------------------------------------------------------------------


def _half(emit: Emit, x: Matrix, i: Value, j: Value) -> Value:
    """Phi(x) at (i, j)."""
    value = x.at(emit, i, j)
    halved = where(emit, "eq", i, j, emit.scaled(0.5, value))
    return emit.addf(where(emit, "sgt", i, j, value), halved)


def symmetric_tangent(m: Matrices, a_dot: Matrix) -> Matrix:
    """The symmetric matrix of which the lower triangle is given."""
    return m.filled(a_dot, a_dot.extents, lambda e, ij: a_dot.at(e, *swapped(e, "sge", *ij)))


def add_symmetric(m: Matrices, a_bar: Matrix, s: Matrix) -> None:
    """a_bar += tri(s + s^T), its diagonal halved: what s contributes through both triangles."""

    def folded(emit: Emit, ij: tuple[Value, ...]) -> Value:
        i, j = ij
        below = emit.addf(s.at(emit, i, j), s.at(emit, j, i))
        diagonal = where(emit, "eq", i, j, s.at(emit, i, j))
        return emit.addf(where(emit, "sgt", i, j, below), diagonal)

    m.add(a_bar, folded)


def _cholesky_forward(m: Matrices, op: Op, x: Operands) -> None:
    """L_dot = L Phi(L^-1 a_dot L^-T)."""
    low, a_dot, target = x["factor"], x.shadow("a"), x.shadows["factor"]
    m.emit.zero(target.value)
    if a_dot is None:
        return
    full = symmetric_tangent(m, a_dot)
    half = m.transposed(m.solve_triangular(low, full, "ln"))
    inner = m.solve_triangular(low, half, "ln")
    phi = m.filled(low, low.extents, lambda e, ij: _half(e, inner, *ij))
    m.add_product(target, low, phi)


def _cholesky_reverse(m: Matrices, op: Op, x: Operands) -> None:
    """a_bar += tri(S + S^T), its diagonal halved, with S = L^-T Phi(L^T tri(L_bar)) L^-1."""
    low, low_bar, a_bar = x["factor"], x.shadows["factor"], x.shadow("a")
    if a_bar is not None:
        bar = m.filled(
            low, low.extents, lambda e, ij: where(e, "sge", ij[0], ij[1], low_bar.at(e, *ij))
        )
        inner = m.product(low, bar, "tn")
        phi = m.filled(low, low.extents, lambda e, ij: _half(e, inner, *ij))
        left = m.transposed(m.solve_triangular(low, phi, "lt"))
        s = m.solve_triangular(low, left, "lt")
        add_symmetric(m, a_bar, s)
    m.emit.zero(low_bar.value)


# --- a x = b, a triangular -----------------------------------------------------------------------


def _part(emit: Emit, kind: str, i: Value, j: Value, value: Value) -> Value:
    """The value inside the triangle that is read, 0 outside."""
    return where(emit, "sge" if kind[0] == "l" else "sle", i, j, value)


def _triangular_forward(m: Matrices, op: Op, x: Operands) -> None:
    """x_dot solves a x_dot = b_dot - tri(a_dot) x."""
    assert isinstance(op, lapack.SolveTriangular)
    kind, a_dot, b_dot, target = op.kind, x.shadow("a"), x.shadow("b"), x.shadows["x"]
    rest = m.new(x["x"], x["x"].extents)
    if b_dot is None:
        m.emit.zero(rest.value)
    else:
        m.fill(rest, lambda e, ij: b_dot.at(e, *ij))
    if a_dot is not None:
        minus = m.filled(
            a_dot,
            a_dot.extents,
            lambda e, ij: _part(e, kind, ij[0], ij[1], e.negf(a_dot.at(e, *ij))),
        )
        m.add_product(rest, minus, x["x"], kind[1] + "n")
    m.emit.add(lapack.SolveTriangular(x["a"].value, rest.value, target.value, kind))


def _triangular_reverse(m: Matrices, op: Op, x: Operands) -> None:
    """r solves a^T r = x_bar;  b_bar += r,  a_bar -= tri(r x^T).  (Transposed: a_bar -= x r^T.)"""
    assert isinstance(op, lapack.SolveTriangular)
    kind, x_bar = op.kind, x.shadows["x"]
    a_bar, b_bar = x.shadow("a"), x.shadow("b")
    r = m.solve_triangular(x["a"], x_bar, kind[0] + ("t" if kind[1] == "n" else "n"))
    if b_bar is not None:
        m.add(b_bar, lambda e, ij: r.at(e, *ij))
    if a_bar is not None:
        first, second = (r, x["x"]) if kind[1] == "n" else (x["x"], r)
        outer = m.product(first, second, "nt")
        m.add(a_bar, lambda e, ij: _part(e, kind, ij[0], ij[1], e.negf(outer.at(e, *ij))))
    m.emit.zero(x_bar.value)


FORMS: dict[type[Op], Forms] = {
    linalg.Matmul: Forms(_matmul_forward, _matmul_reverse, ("a", "b")),
    lapack.Cholesky: Forms(_cholesky_forward, _cholesky_reverse, ("factor",)),
    lapack.SolveTriangular: Forms(_triangular_forward, _triangular_reverse, ("a", "x")),
}
