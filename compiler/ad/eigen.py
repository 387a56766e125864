"""Closed forms of eigenvalues and eigenvectors of symmetric matrices.

With a = v diag(w) v^T and p = v^T a_dot v (a_dot symmetric, made of its lower triangle):

    w_dot = diag p,   v_dot = v (f o p),   f[i, j] = 1 / (w[j] - w[i]), 0 where w[i] = w[j]

Where eigenvalues repeat, their eigenvectors are not functions of a: only what does not depend on
the choice within their space (a sum of eigenvalues, a projector) has a derivative, and for such a
quantity the terms that f leaves out cancel. (M. Giles 2008, section 3.1.)
"""

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.linear_algebra import Forms, Operands, add_symmetric, symmetric_tangent
from dpc.compiler.ad.matrices import Matrices, Matrix, where
from dpc.compiler.dialects import lapack
from dpc.compiler.ir.core import Op, Value


def _over_gap(emit: Emit, w: Matrix, i: Value, j: Value, value: Value) -> Value:
    """Value * f[i, j]; the division is never by 0, so that its derivatives are finite."""
    zero = emit.index(0)
    gap = emit.subf(w.at(emit, j, zero), w.at(emit, i, zero))
    same = emit.compare("oeq", gap, emit.constant(0.0, gap.type))
    safe = emit.select(same, emit.constant(1.0, gap.type), gap)
    return emit.select(same, emit.constant(0.0, gap.type), emit.divf(value, safe))


def _forward(m: Matrices, op: Op, x: Operands) -> None:
    w, v, a_dot = x["w"], x["v"], x.shadow("a")
    w_dot, v_dot = x.shadow("w"), x.shadow("v")
    for target in (w_dot, v_dot):
        if target is not None:
            m.emit.zero(target.value)
    if a_dot is None:
        return
    p = m.product(v, m.product(symmetric_tangent(m, a_dot), v), "tn")
    if w_dot is not None:
        m.fill(w_dot, lambda e, ij: p.at(e, ij[0], ij[0]))
    if v_dot is not None:
        turned = m.filled(v, v.extents, lambda e, ij: _over_gap(e, w, ij[0], ij[1], p.at(e, *ij)))
        m.add_product(v_dot, v, turned)


def _reverse(m: Matrices, op: Op, x: Operands) -> None:
    """a_bar += tri(s + s^T), its diagonal halved: s = v (diag w_bar + f o v^T v_bar) v^T."""
    w, v, a_bar = x["w"], x["v"], x.shadow("a")
    w_bar, v_bar = x.shadow("w"), x.shadow("v")
    if a_bar is not None:
        inner = m.new(v, v.extents)
        if v_bar is None:
            m.emit.zero(inner.value)
        else:
            p = m.product(v, v_bar, "tn")
            m.fill(inner, lambda e, ij: _over_gap(e, w, ij[0], ij[1], p.at(e, *ij)))
        if w_bar is not None:

            def diagonal(emit: Emit, ij: tuple[Value, ...]) -> Value:
                return where(emit, "eq", ij[0], ij[1], w_bar.at(emit, ij[0], emit.index(0)))

            m.add(inner, diagonal)
        add_symmetric(m, a_bar, m.product(m.product(v, inner), v, "nt"))
    for bar in (w_bar, v_bar):
        if bar is not None:
            m.emit.zero(bar.value)


FORMS: dict[type[Op], Forms] = {lapack.Eigh: Forms(_forward, _reverse, ("w", "v"))}
