"""How often loops run, and whether that is known before their nest begins."""

from dpc.compiler.ad.emit import Emit, is_constant
from dpc.compiler.analysis.needed import Nest
from dpc.compiler.dialects import arith, scf
from dpc.compiler.ir.core import Block, Op, Value


def trip_count(emit: Emit, lower: Value, upper: Value, step: Value) -> Value:
    """How often the body of a `for` runs; zero or negative for not at all."""
    if is_constant(step, 1):
        return upper if is_constant(lower, 0) else emit.subi(upper, lower)
    last = emit.subi(emit.addi(emit.subi(upper, lower), step), emit.index(1))
    return emit.emit(arith.FloorDivSI(last, step))


def is_loop(op: Op) -> bool:
    """True for `for` and `while`."""
    return isinstance(op, scf.For | scf.While)


def bounds(op: Op) -> tuple[Value, ...]:
    """What the trip count of a loop follows from; nothing where it has no bound."""
    if isinstance(op, scf.For):
        return (op.lower, op.upper, op.step)
    assert isinstance(op, scf.While)
    return () if op.bound is None else (op.bound,)


def has_shape(block: Block, nest: Nest) -> bool:
    """True if all trip counts around a block are known before the op of its frame that holds it.

    A branch that holds loops must have a known condition too: else the tape could be far larger
    than what is ever kept on it.
    """
    if nest.stacked:
        return False
    loop_inside, frame = False, nest.frame(block)
    for op, _ in reversed(nest.chain(block)):
        if isinstance(op, scf.If):
            if loop_inside and not nest.invariant(op.condition, frame):
                return False
            continue
        loop_inside = True
        known = bounds(op)
        if not known or not all(nest.invariant(v, frame) for v in known):
            return False
    return True


def forward_iteration(emit: Emit, op: scf.For) -> Value:
    """The number of the iteration, from 0, in the body of a loop of the forward sweep."""
    value = op.body.arguments[0]
    if not is_constant(op.lower, 0):
        value = emit.subi(value, op.lower)
    if not is_constant(op.step, 1):
        value = emit.emit(arith.FloorDivSI(value, op.step))
    return value
