"""Indices as linear forms: what is no sum, difference or multiple is an atom."""

from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.analysis.inequalities import Linear
from dpc.compiler.dialects import arith
from dpc.compiler.ir.core import Value


def index_form(index: Value) -> Linear:
    """The form of an index; its atoms are values."""
    op, constant = index.op, constant_of(index)
    if isinstance(constant, int):
        return Linear(constant)
    if isinstance(op, arith.AddI):
        return index_form(op.lhs).plus(index_form(op.rhs))
    if isinstance(op, arith.SubI):
        return index_form(op.lhs).minus(index_form(op.rhs))
    if isinstance(op, arith.MulI):
        factor = constant_of(op.rhs)
        if isinstance(factor, int):
            return index_form(op.lhs).times(factor)
    return Linear.of(index)
