"""Carried integers that change by constants: what their increments are."""

from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.dialects.arith import AddI, AndI, CmpI, Select
from dpc.compiler.dialects.scf import If, While
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import INDEX, IntType

MOST_LEAVES = 16


def increments(argument: Value, yielded: Value) -> tuple[int, int] | None:
    """Least and most that one iteration adds to a carried integer; None when not constant."""
    if not (argument.type == INDEX or isinstance(argument.type, IntType)):
        return None
    found: list[int] = []
    work = [(yielded, 0)]
    for _ in range(MOST_LEAVES):
        if not work:
            return (min(found), max(found))
        value, added = work.pop()
        op = value.owner
        if value is argument:
            found.append(added)
        elif isinstance(op, AddI) and constant_of(op.rhs) is not None:
            work.append((op.lhs, added + constant_of(op.rhs)))
        elif isinstance(op, Select):
            work += [(op.true_value, added), (op.false_value, added)]
        elif isinstance(op, If):
            position = op.results.index(value)
            work += [(b.terminator.operands[position], added) for b in (op.then, op.otherwise)]
        else:
            return None
    return None


def is_bounded_by_condition(op: While, position: int) -> bool:
    """The loop goes on only while the carried integer is less than something of its type."""
    argument = op.before.arguments[position]
    work = [op.before.terminator.operands[0]]
    while work:
        condition = work.pop().owner
        if isinstance(condition, AndI):
            work += [condition.lhs, condition.rhs]
        elif isinstance(condition, CmpI):
            smaller = {"slt": condition.lhs, "sgt": condition.rhs}.get(condition.predicate)
            if smaller is argument:
                return True
    return False
