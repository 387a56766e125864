"""Checks that always hold, by range analysis; comparisons, minima and maxima it decides.

A check is proved from the bounds of the loops around it, the branches it stands in, the checks
before it, and what extents are. Checks that may fail stay as they are, and in order; one that
certainly fails stays too.
"""

from dpc.compiler.analysis.constants import literal
from dpc.compiler.dialects.arith import CmpI, MaxSI, MinSI
from dpc.compiler.dialects.cf import Assert
from dpc.compiler.ir.core import Module, Op, Value
from dpc.compiler.ir.types import I1
from dpc.compiler.passes.traversal import Traversal


def bounds(module: Module) -> Module:
    """Remove checks that are proved to hold."""
    return module.map(lambda function: _Bounds(function).run())


class _Bounds(Traversal):
    def plain(self, op: Op) -> list[Op]:
        if isinstance(op, Assert):
            return [] if self.ranges.decide(op.condition) else [op]
        if isinstance(op, CmpI):
            outcome = self.ranges.decide(op.result)
            if outcome is not None:
                known = literal(outcome, I1)
                known.span = op.span
                self.env[op.result] = known.result
                return [known]
        if isinstance(op, MinSI | MaxSI):
            smaller = self._smaller(op)
            if smaller is not None:
                larger = op.rhs if smaller is op.lhs else op.lhs
                self.env[op.result] = smaller if isinstance(op, MinSI) else larger
                return []
        return [op]

    def _smaller(self, op: MinSI | MaxSI) -> Value | None:
        """The operand that is at most the other, when that is known."""
        left, right = self.ranges.form(op.lhs), self.ranges.form(op.rhs)
        if self.ranges.at_most(left, right):
            return op.lhs
        return op.rhs if self.ranges.at_most(right, left) else None
