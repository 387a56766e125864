"""Closed forms of general linear systems and determinants, on the factors that the operation used.

The factors carry no derivative by themselves: every rule takes the matrix along, so that the
derivatives of the rules know what the factors depend on.
"""

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.linear_algebra import Forms, Operands
from dpc.compiler.ad.matrices import Matrices, Matrix, where
from dpc.compiler.dialects import cf, lapack
from dpc.compiler.ir.core import Op, Value


def _factors(x: Operands) -> tuple[Matrix, Matrix]:
    return x["factors"], x["pivots"]


def _no_derivative(m: Matrices, op: Op, x: Operands) -> None:
    """Factors are never active."""


def _solve_forward(m: Matrices, op: Op, x: Operands) -> None:
    """a x_dot = b_dot - a_dot x  (a^T and a_dot^T with kind t)."""
    assert isinstance(op, lapack.LuSolve)
    a_dot, b_dot, target = x.shadow("a"), x.shadow("b"), x.shadows["x"]
    rest = m.new(x["x"], x["x"].extents)
    if b_dot is None:
        m.emit.zero(rest.value)
    else:
        m.fill(rest, lambda e, ij: b_dot.at(e, *ij))
    if a_dot is not None:
        m.add_product(rest, m.negated(a_dot), x["x"], op.kind + "n")
    factors, pivots = (f.value for f in _factors(x))
    m.emit.add(lapack.LuSolve(x["a"].value, factors, pivots, rest.value, target.value, op.kind))


def _solve_reverse(m: Matrices, op: Op, x: Operands) -> None:
    """a^T r = x_bar;  b_bar += r,  a_bar -= r x^T.  (With kind t: a r = x_bar, a_bar -= x r^T.)"""
    assert isinstance(op, lapack.LuSolve)
    a_bar, b_bar, x_bar = x.shadow("a"), x.shadow("b"), x.shadows["x"]
    r = m.lu_solve(x["a"], _factors(x), x_bar, "t" if op.kind == "n" else "n")
    if b_bar is not None:
        m.add(b_bar, lambda e, ij: r.at(e, *ij))
    if a_bar is not None:
        minus = m.negated(r)
        first, second = (minus, x["x"]) if op.kind == "n" else (x["x"], minus)
        m.add_product(a_bar, first, second, "nt")
    m.emit.zero(x_bar.value)


def _regular(m: Matrices, op: lapack.Det, value: Value) -> None:
    """The determinant must not be 0: its derivative is had by the inverse."""
    singular = 0.0 if op.kind == "det" else float("-inf")
    condition = m.emit.compare("une", value, m.emit.constant(singular, value.type))
    message = "the matrix is singular: the derivative of its determinant needs its inverse"
    m.emit.add(cf.Assert(condition, (), "singular", message))


def _det_forward(m: Matrices, op: Op, x: Operands) -> None:
    """d_dot = d tr(a^-1 a_dot); without the factor d for its logarithm."""
    assert isinstance(op, lapack.Det)
    a_dot, target = x.shadow("a"), x.shadows["value"]
    m.emit.zero(target.value)
    if a_dot is None:
        return
    value = x["value"].at(m.emit, m.emit.index(0), m.emit.index(0))
    _regular(m, op, value)
    relative = m.lu_solve(x["a"], _factors(x), a_dot, "n")

    def add(emit: Emit, indices: tuple[Value, ...]) -> None:
        (i,) = indices
        zero = emit.index(0)
        term = relative.at(emit, i, i)
        if op.kind == "det":
            term = emit.mulz(term, value)
        total = emit.addf(target.at(emit, zero, zero), term)
        emit.store(total, target.value, (zero, zero))

    m.emit.each(a_dot.extents[:1], add)


def _det_reverse(m: Matrices, op: Op, x: Operands) -> None:
    """a_bar += d_bar d a^-T; without the factor d for its logarithm."""
    assert isinstance(op, lapack.Det)
    a_bar, bar = x.shadow("a"), x.shadows["value"]
    if a_bar is not None:
        zero = m.emit.index(0)
        value, factor = x["value"].at(m.emit, zero, zero), bar.at(m.emit, zero, zero)
        _regular(m, op, value)
        if op.kind == "det":
            factor = m.emit.mulz(factor, value)
        one = m.emit.constant(1.0, value.type)
        identity = m.filled(a_bar, a_bar.extents, lambda e, ij: where(e, "eq", ij[0], ij[1], one))
        inverse = m.lu_solve(x["a"], _factors(x), identity, "t")
        m.add(a_bar, lambda e, ij: e.mulz(factor, inverse.at(e, *ij)))
    m.emit.zero(bar.value)


FORMS: dict[type[Op], Forms] = {
    lapack.Lu: Forms(_no_derivative, _no_derivative, ()),
    lapack.LuSolve: Forms(_solve_forward, _solve_reverse, ("a", "factors", "pivots", "x")),
    lapack.Det: Forms(_det_forward, _det_reverse, ("a", "factors", "pivots", "value")),
}
