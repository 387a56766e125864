"""Scalar ops: what they mean is their `evaluate`."""

from dpc.compiler.dialects import ALL_OPS, ad
from dpc.compiler.dialects.arith import Scalar, evaluate
from dpc.compiler.interpret.machine import Handler, Machine, Results
from dpc.compiler.ir.core import Op


def _scalar(machine: Machine, op: Op, operands: Results) -> Results:
    assert isinstance(op, Scalar)
    return (evaluate(op, machine.numbers, operands),)


HANDLERS: dict[type[Op], Handler] = {
    op_class: _scalar for op_class in (*ALL_OPS, ad.Trap) if issubclass(op_class, Scalar)
}
