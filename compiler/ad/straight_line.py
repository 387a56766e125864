"""Reverse of scalar operations.

z = f(x, y):   x_bar += z_bar (*) df/dx,   y_bar += z_bar (*) df/dy
"""

from dpc.compiler.ad.rules.table import rule_of
from dpc.compiler.ad.sweep import Scope
from dpc.compiler.ir.core import Op, Value


def reverse(scope: Scope, op: Op) -> None:
    """Hand the result's cotangent to the active operands."""
    (result,) = op.results
    adjoint = scope.take(result)
    if adjoint is None:
        return
    hand_on(scope, op, adjoint)


def hand_on(scope: Scope, op: Op, adjoint: Value, skip: int | None = None) -> None:
    """Hand the result's cotangent to the active operands, all but the one at `skip`."""
    rule = rule_of(op)
    for position, operand in enumerate(op.operands):
        if position == skip or operand not in scope.sweep.activity:
            continue
        if rule.carries(position):
            scope.add(operand, rule.cotangent(scope.emit, op, position, adjoint))


def ignore(scope: Scope, op: Op) -> None:
    """Checks, prints, and buffers whose shadows are there already: nothing to reverse."""
