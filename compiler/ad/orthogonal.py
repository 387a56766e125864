"""Closed forms of a = q r, with k the shorter side of a and 1 the first k columns of a and r.

With c = a_dot_1 r_1^-1 and m = q^T c:

    omega = tril(m) - tril(m)^T, without the diagonal   (q^T q_dot, which is skew)
    q_dot = c - q (m - omega),   r_dot = triu(q^T a_dot - omega r)

    a_bar_1 = (q_bar + q (t + copyltu(r_1 r_bar_1^T - q_bar^T q - t^T))) r_1^-T,   t = r_2 r_bar_2^T
    a_bar_2 = q r_bar_2

where copyltu(x) has x's lower triangle on both sides. (S. Walter, L. Lehmann, "Algorithmic
differentiation of linear algebra functions with application in optimum experimental design",
2010; J. Roberts, Z. Roberts, "QR and LQ decomposition matrix backpropagation algorithms for square,
wide, and deep matrices", 2020.) A 0 on r's diagonal is an error: then q is no function of a.
"""

from dpc.compiler.ad.emit import Emit, Extent
from dpc.compiler.ad.linear_algebra import Forms, Operands
from dpc.compiler.ad.matrices import Matrices, Matrix, swapped, where
from dpc.compiler.dialects import cf, lapack
from dpc.compiler.ir.core import Op, Value

_DEPENDENT = (
    "the columns of the matrix are dependent: the derivative of `qr` needs the inverse of r"
)


def _square(m: Matrices, r: Matrix) -> Matrix:
    """The first columns of r, as many as it has rows, a diagonal without 0."""
    k = r.extents[0]

    def regular(emit: Emit, indices: tuple[Value, ...]) -> None:
        (i,) = indices
        value = r.at(emit, i, i)
        nonzero = emit.compare("une", value, emit.constant(0.0, value.type))
        emit.add(cf.Assert(nonzero, (), "singular", _DEPENDENT))

    m.emit.each((k,), regular)
    return m.filled(r, (k, k), lambda e, ij: r.at(e, *ij))


def _without_diagonal(emit: Emit, x: Matrix, i: Value, j: Value) -> Value:
    """tril(x) - tril(x)^T at (i, j)."""
    below = where(emit, "sgt", i, j, x.at(emit, i, j))
    return emit.subf(below, where(emit, "slt", i, j, x.at(emit, j, i)))


def _forward(m: Matrices, op: Op, x: Operands) -> None:
    q, r, a_dot = x["q"], x["r"], x.shadow("a")
    q_dot, r_dot = x.shadow("q"), x.shadow("r")
    for target in (q_dot, r_dot):
        if target is not None:
            m.emit.zero(target.value)
    if a_dot is None:
        return
    rows, k = q.extents
    first = m.filled(q, (k, rows), lambda e, ij: a_dot.at(e, ij[1], ij[0]))
    c = m.solve_triangular(_square(m, r), first, "ut")  # transposed
    inner = m.product(q, c, "tt")
    omega = m.filled(q, (k, k), lambda e, ij: _without_diagonal(e, inner, *ij))
    if q_dot is not None:
        m.fill(q_dot, lambda e, ij: c.at(e, ij[1], ij[0]))
        rest = m.filled(q, (k, k), lambda e, ij: e.subf(omega.at(e, *ij), inner.at(e, *ij)))
        m.add_product(q_dot, q, rest)
    if r_dot is not None:
        change = m.product(q, a_dot, "tn")
        m.add_product(change, m.negated(omega), r)
        m.fill(r_dot, lambda e, ij: where(e, "sle", ij[0], ij[1], change.at(e, *ij)))


def _reverse(m: Matrices, op: Op, x: Operands) -> None:
    q_bar, r_bar, a_bar = x.shadow("q"), x.shadow("r"), x.shadow("a")
    if a_bar is not None:
        _add_to_argument(m, x, a_bar)
    for bar in (q_bar, r_bar):
        if bar is not None:
            m.emit.zero(bar.value)


def _add_to_argument(m: Matrices, x: Operands, a_bar: Matrix) -> None:
    q, r, q_bar, r_bar = x["q"], x["r"], x.shadow("q"), x.shadow("r")
    rows, k = q.extents
    left = _square(m, r)
    inner, turn = m.new(q, (k, k)), m.new(q, (k, k))  # what copyltu takes, r_2 r_bar_2^T
    for made in (inner, turn):
        m.emit.zero(made.value)
    if q_bar is not None:
        m.add_product(inner, m.negated(q_bar), q, "tn")
    if r_bar is not None:
        upper = m.filled(r, (k, k), lambda e, ij: where(e, "sle", ij[0], ij[1], r_bar.at(e, *ij)))
        m.add_product(inner, left, upper, "nt")
        _add_wide(m, x, a_bar, r_bar, turn)
        m.add(inner, lambda e, ij: e.negf(turn.at(e, ij[1], ij[0])))
    m.add(turn, lambda e, ij: inner.at(e, *swapped(e, "sge", *ij)))
    whole = m.product(turn, q, "tt")
    if q_bar is not None:
        m.add(whole, lambda e, ij: q_bar.at(e, ij[1], ij[0]))
    solved = m.solve_triangular(left, whole, "un")

    def element(emit: Emit, ij: tuple[Value, ...]) -> None:
        i, j = ij
        total = emit.addf(a_bar.at(emit, i, j), solved.at(emit, j, i))
        emit.store(total, a_bar.value, ij)

    m.emit.each((rows, k), element)


def _add_wide(m: Matrices, x: Operands, a_bar: Matrix, r_bar: Matrix, turn: Matrix) -> None:
    """a_bar_2 += q r_bar_2,  turn += r_2 r_bar_2^T."""
    q, r = x["q"], x["r"]
    k, columns = r.extents
    if columns is k:
        return
    width: Extent = m.emit.subi(m.emit.extent(columns), m.emit.extent(k))

    def shifted(of: Matrix) -> Matrix:
        return m.filled(of, (k, width), lambda e, ij: of.at(e, ij[0], e.addi(ij[1], e.extent(k))))

    bar = shifted(r_bar)
    m.add_product(turn, shifted(r), bar, "nt")
    change = m.product(q, bar)

    def element(emit: Emit, ij: tuple[Value, ...]) -> None:
        place = (ij[0], emit.addi(ij[1], emit.extent(k)))
        emit.store(emit.addf(a_bar.at(emit, *place), change.at(emit, *ij)), a_bar.value, place)

    m.emit.each((q.extents[0], width), element)


FORMS: dict[type[Op], Forms] = {lapack.Qr: Forms(_forward, _reverse, ("q", "r"))}
