"""Checks that always hold, by range analysis, and branches whose course it knows.

A check is proved from the bounds of the loops around it, the branches it stands in, the checks
before it, and what extents are. Checks that may fail stay as they are, and in order; one that
certainly fails stays too.
"""

from dpc.compiler.analysis.constants import literal
from dpc.compiler.dialects.arith import CmpI
from dpc.compiler.dialects.cf import Assert
from dpc.compiler.ir.core import Module, Op
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
        return [op]
