"""Reverse of operations with closed forms, and of what is retained for them."""

from dpc.compiler.ad.forms import FORMS
from dpc.compiler.ad.layout import is_buffer
from dpc.compiler.ad.linear_algebra import Operands
from dpc.compiler.ad.matrices import Matrices, Matrix
from dpc.compiler.ad.sweep import Scope
from dpc.compiler.dialects import ad
from dpc.compiler.dialects.memory import WRITES
from dpc.compiler.ir.core import Op


def reverse(scope: Scope, op: Op) -> None:
    """The rule of the operation, on its cotangents and on the contents that it needs."""
    sweep = scope.sweep
    if not any(getattr(op, name) in sweep.activity for name in WRITES[type(op)]):
        return
    form = FORMS[type(op)]
    names = [n for n in op.kinds.operands if is_buffer(getattr(op, n))]
    extents = {n: sweep.extents(getattr(op, n)) for n in names}
    values = {n: sweep.retained.buffers[op, n] for n in form.needed}
    shadows = {n: sweep.shadows[b] for n in names if (b := getattr(op, n)) in sweep.activity}
    form.reverse(
        Matrices(scope.emit),
        op,
        Operands(
            {n: Matrix(sweep.contents.get(b, b), extents[n]) for n, b in values.items()},
            {n: Matrix(b, extents[n]) for n, b in shadows.items()},
        ),
    )


def reverse_retain(scope: Scope, op: Op) -> None:
    """The element of the buffer that the rule works on."""
    assert isinstance(op, ad.Retain)
    scope.emit.store(op.value, scope.sweep.contents[op.buffer], op.indices)
