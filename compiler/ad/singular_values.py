"""Closed forms of singular values and vectors, a = u diag(s) v^T.

With p = u^T a_dot v and f[i, j] = 1 / (s[j]^2 - s[i]^2), 0 where s[i] = s[j]:

    s_dot = diag p,   0 where s = 0
    u_dot = u (f o (p s + s p^T)) + (1 - u u^T) a_dot v s^-1
    v_dot = v (f o (s p + p^T s)) + (1 - v v^T) a_dot^T u s^-1

and with b = u^T u_bar, c = v^T v_bar:

    a_bar = u (f o ((b - b^T) s + s (c - c^T)) + diag s_bar) v^T
            + (1 - u u^T) u_bar s^-1 v^T + u s^-1 v_bar^T (1 - v v^T)

1 / s is 0 where s = 0. Where singular values repeat or are 0, their vectors are not functions of a:
what does not depend on the choice has its right derivative, as the terms left out cancel; the
derivative of a singular value 0 is 0, as that of the norm of a zero vector. (J. Townsend,
"Differentiating the singular value decomposition", 2016.)
"""

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.linear_algebra import Forms, Operands
from dpc.compiler.ad.matrices import Matrices, Matrix, where
from dpc.compiler.dialects import lapack
from dpc.compiler.ir.core import Op, Value


def _value(emit: Emit, s: Matrix, i: Value) -> Value:
    return s.at(emit, i, emit.index(0))


def _quotient(emit: Emit, value: Value, divisor: Value) -> Value:
    """Value / divisor, 0 where the divisor is 0; never divides by 0, for the derivatives' sake."""
    none = emit.compare("oeq", divisor, emit.constant(0.0, divisor.type))
    safe = emit.select(none, emit.constant(1.0, divisor.type), divisor)
    return emit.select(none, emit.constant(0.0, divisor.type), emit.divf(value, safe))


def _over_gap(emit: Emit, s: Matrix, i: Value, j: Value, value: Value) -> Value:
    """Value * f[i, j]."""
    left, right = _value(emit, s, i), _value(emit, s, j)
    gap = emit.mulf(emit.subf(right, left), emit.addf(right, left))
    return _quotient(emit, value, gap)


def _turn(emit: Emit, s: Matrix, p: Matrix, i: Value, j: Value, mirrored: bool = False) -> Value:
    """f o (p s + s p^T) at (i, j); mirrored: f o (s p + p^T s)."""
    at_i, at_j = _value(emit, s, i), _value(emit, s, j)
    here, there = (at_i, at_j) if mirrored else (at_j, at_i)
    total = emit.addf(emit.mulf(p.at(emit, i, j), here), emit.mulf(p.at(emit, j, i), there))
    return _over_gap(emit, s, i, j, total)


def _forward(m: Matrices, op: Op, x: Operands) -> None:
    u, s, vt, a_dot = x["u"], x["s"], x["vt"], x.shadow("a")
    u_dot, s_dot, vt_dot = x.shadow("u"), x.shadow("s"), x.shadow("vt")
    for target in (u_dot, s_dot, vt_dot):
        if target is not None:
            m.emit.zero(target.value)
    if a_dot is None:
        return
    k = s.extents[0]
    after = m.product(a_dot, vt, "nt")
    p = m.product(u, after, "tn")
    minus = m.negated(p)
    if s_dot is not None:
        m.fill(s_dot, lambda e, ij: _diagonal(e, s, ij[0], p.at(e, ij[0], ij[0])))
    if u_dot is not None:
        m.add_product(after, u, minus)
        m.fill(u_dot, lambda e, ij: _quotient(e, after.at(e, *ij), _value(e, s, ij[1])))
        turn = m.filled(p, (k, k), lambda e, ij: _turn(e, s, p, ij[0], ij[1]))
        m.add_product(u_dot, u, turn)
    if vt_dot is not None:
        before = m.product(u, a_dot, "tn")
        m.add_product(before, minus, vt)
        m.fill(vt_dot, lambda e, ij: _quotient(e, before.at(e, *ij), _value(e, s, ij[0])))
        turn = m.filled(p, (k, k), lambda e, ij: _turn(e, s, p, ij[0], ij[1], mirrored=True))
        m.add_product(vt_dot, turn, vt, "tn")


def _diagonal(emit: Emit, s: Matrix, i: Value, value: Value) -> Value:
    """The value; 0 where s[i] = 0."""
    singular = _value(emit, s, i)
    zero = emit.constant(0.0, singular.type)
    return emit.select(emit.compare("oeq", singular, zero), zero, value)


def _reverse(m: Matrices, op: Op, x: Operands) -> None:
    """a_bar += u (inner v^T + right) + left v^T, the three of `_cotangents`."""
    u, s, vt, a_bar = x["u"], x["s"], x["vt"], x.shadow("a")
    bars = u_bar, s_bar, vt_bar = x.shadow("u"), x.shadow("s"), x.shadow("vt")
    if a_bar is not None:
        k = s.extents[0]
        inner = m.new(s, (k, k))
        m.emit.zero(inner.value)
        if s_bar is not None:
            m.fill(
                inner,
                lambda e, ij: where(
                    e, "eq", ij[0], ij[1], _diagonal(e, s, ij[0], _value(e, s_bar, ij[0]))
                ),
            )
        if u_bar is not None:
            b = m.product(u, u_bar, "tn")
            m.add(inner, lambda e, ij: _skew(e, s, b, ij, ij[1]))
            left = m.filled(
                u, u.extents, lambda e, ij: _quotient(e, u_bar.at(e, *ij), _value(e, s, ij[1]))
            )
            m.add_product(left, u, m.negated(m.product(u, left, "tn")))
            m.add_product(a_bar, left, vt)
        if vt_bar is not None:
            c = m.product(vt, vt_bar, "nt")
            m.add(inner, lambda e, ij: _skew(e, s, c, ij, ij[0]))
        right = m.product(inner, vt)
        if vt_bar is not None:
            rest = m.filled(
                vt, vt.extents, lambda e, ij: _quotient(e, vt_bar.at(e, *ij), _value(e, s, ij[0]))
            )
            m.add_product(rest, m.negated(m.product(rest, vt, "nt")), vt)
            m.add(right, lambda e, ij: rest.at(e, *ij))
        m.add_product(a_bar, u, right)
    for bar in bars:
        if bar is not None:
            m.emit.zero(bar.value)


def _skew(emit: Emit, s: Matrix, b: Matrix, ij: tuple[Value, ...], scale: Value) -> Value:
    """f o (b - b^T) at (i, j), times s[scale]."""
    i, j = ij
    difference = emit.subf(b.at(emit, i, j), b.at(emit, j, i))
    return _over_gap(emit, s, i, j, emit.mulf(difference, _value(emit, s, scale)))


FORMS: dict[type[Op], Forms] = {lapack.Svd: Forms(_forward, _reverse, ("u", "s", "vt"))}
