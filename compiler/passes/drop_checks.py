"""Without the checks of the program's asserts and indices, for those who know that all hold.

A program in which one would have failed then means nothing at all. Checks of shapes, of sizes and
of what a library reports stay: they are not part of any loop's work.
"""

from dpc.compiler.dialects.cf import Assert
from dpc.compiler.ir.core import Module, Op, Value
from dpc.compiler.ir.rewrite import rebuild_block

DROPPED = frozenset({"assert", "bounds"})


def drop_checks(module: Module) -> Module:
    """Leave out asserts and bounds checks."""
    return module.map(lambda f: f.with_body(rebuild_block(f.body, {}, _drop)))


def _drop(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
    return ([], ()) if isinstance(op, Assert) and op.kind in DROPPED else None
