"""What a plan says of loops that can be reversed from stored states: how many steps, the bytes of a
state and of a step's tape, as polynomials like those of `account`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dpc.compiler.ad.account import Extents
from dpc.compiler.ad.checkpoint import Checkpoint
from dpc.compiler.ad.layout import extents_of
from dpc.compiler.ad.plan import size_of
from dpc.compiler.ad.reverse import Reversed
from dpc.compiler.ad.trips import is_loop
from dpc.compiler.dialects import scf
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import MemRefType
from dpc.dsl.shapes import ONE, Poly
from dpc.dsl.source import Span

POSITION = 8  # bytes of the number of the step that a state is of


@dataclass(frozen=True, slots=True)
class LoopStates:
    """A loop that may be reversed from stored states, or `barred`, the reason why it can't.

    wish: what `checkpoint` says in the source, "auto" for nothing. steps, state and tape (bytes of
    one state and of the tape of one step): None where only the run tells. variables: those a state
    consists of; arrays: in how many pieces states and tape lie.
    """

    span: Span | None
    wish: str
    steps: Poly | None
    state: Poly | None
    tape: Poly | None
    variables: tuple[str, ...]
    arrays: int = 0
    barred: str = ""


def states_of(made: Reversed, dimensions: Sequence[Poly]) -> tuple[LoopStates, ...]:
    """The loops that ask to be reversed from stored states; `dimensions` as for `account`."""
    extents = Extents(made.primal, tuple(dimensions))
    found = made.checkpoints
    can = (_loop(made, op, plan, extents) for op, plan in found.loops.items())
    return (*can, *(_barred(op, reason) for op, reason in found.barred.items()))


def _barred(op: Op, reason: str) -> LoopStates:
    return LoopStates(op.span, _wish(op), None, None, None, (), barred=reason)


def _wish(op: Op) -> str:
    assert isinstance(op, scf.For | scf.While)
    return op.checkpoint


def _loop(made: Reversed, op: Op, plan: Checkpoint, extents: Extents) -> LoopStates:
    assert isinstance(op, scf.For)
    carried = [op.body.arguments[position + 1] for position in plan.carried]
    sizes = [Poly.constant(size_of(v)) for v in carried]
    arrays = [_array(made, buffer, extents) for buffer in plan.buffers]
    tapes = [_on_tape(made, value, op, extents) for value in plan.stored]
    names = dict.fromkeys(v.name for v in (*carried, *plan.buffers) if v.name)
    return LoopStates(
        op.span,
        op.checkpoint,
        extents.trips(op),
        _total([Poly.constant(POSITION), *sizes, *arrays]),
        _total(tapes),
        tuple(names),
        1 + len(carried) + len(arrays) + len(tapes),  # the first: which steps the states are of
    )


def _array(made: Reversed, buffer: Value, extents: Extents) -> Poly | None:
    """The bytes of an array."""
    assert isinstance(buffer.type, MemRefType)
    size = size_of(Value(buffer.type.element))
    known = (
        Poly.constant(e) if isinstance(e, int) else extents.poly(e)
        for e in extents_of(made.primal, buffer)
    )
    return _product(size, known)


def _on_tape(made: Reversed, value: Value, loop: Op, extents: Extents) -> Poly | None:
    """The bytes of a value on the tape of one step of the loop."""
    nest = made.iterations.nest
    around = (op for op, _ in nest.chain(nest.homes[value]) if is_loop(op) and op is not loop)
    return _product(size_of(value), (extents.trips(op) for op in around))


def _product(size: int, factors: Iterator[Poly | None]) -> Poly | None:
    total = Poly.constant(size) * ONE
    for factor in factors:
        if factor is None:
            return None
        total = total * factor
    return total


def _total(parts: list[Poly | None] | list[Poly]) -> Poly | None:
    known = [part for part in parts if part is not None]
    return sum(known, Poly.constant(0)) if len(known) == len(parts) else None


__all__ = ["LoopStates", "states_of"]
