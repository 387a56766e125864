"""Short loops of known length, spelt out: at most 8 iterations of a small body.

Innermost loops first, so a nest of short loops goes as long as the result stays small; a function
grows by at most LARGEST_GROWTH ops. Settled loops stay.
"""

from dpc.compiler.analysis.constants import constant_of, literal
from dpc.compiler.dialects.scf import For
from dpc.compiler.ir.core import Function, Module, Op, Value
from dpc.compiler.ir.rewrite import clone_ops, rebuild_block
from dpc.compiler.ir.types import INDEX
from dpc.compiler.passes.canonicalize import trip_count

MOST_TRIPS = 8
LARGEST_RESULT = 160  # ops of one unrolled loop
LARGEST_GROWTH = 4000  # ops of one function


def unroll(module: Module) -> Module:
    """Spell out loops of at most 8 iterations."""
    return module.map(_function)


def _function(function: Function) -> Function:
    left = LARGEST_GROWTH

    def expand(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        nonlocal left
        if not isinstance(op, For) or op.settled:
            return None
        trips = trip_count(*(constant_of(v) for v in (op.lower, op.upper, op.step)))
        if trips is None or trips > MOST_TRIPS:
            return None
        size = trips * sum(1 for _ in op.body.walk())
        if size > LARGEST_RESULT or size > left:
            return None
        left -= size
        return _iterations(op, trips)

    return function.with_body(rebuild_block(function.body, {}, expand))


def _iterations(op: For, trips: int) -> tuple[list[Op], tuple[Value, ...]]:
    ops: list[Op] = []
    carried = op.inits
    for trip in range(trips):
        index = literal(constant_of(op.lower) + trip * constant_of(op.step), INDEX)
        index.span = op.span
        ops.append(index)
        env = dict(zip(op.body.arguments, (index.result, *carried), strict=True))
        ops += clone_ops(op.body.ops[:-1], env)
        carried = tuple(env.get(v, v) for v in op.body.terminator.operands)
    return ops, carried
