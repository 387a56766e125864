"""How the memory that iterations share is reached when they run side by side, and what that costs.

- Elements that all lanes add to, at the same place in each lane: lanes have elements of their own
  (`Scratch`) if the iteration goes through the array, else the lanes are added up first.
- Elements that lanes add to at places of their own: lane by lane, as places may be the same.
- Rows of an array, one an iteration, that an iteration goes through more than once: copied first
  to where the lanes' elements lie side by side.
"""

from dataclasses import dataclass

from dpc.compiler.ad.layout import extents_of
from dpc.compiler.analysis.accumulation import Accumulation
from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.analysis.independence import written
from dpc.compiler.analysis.index_forms import index_form
from dpc.compiler.analysis.lane_costs import (
    FUNCTION,
    GUESSED_TRIPS,
    IN_VECTORS,
    LANES,
    cost,
    scalar_cost,
    scalar_weight,
)
from dpc.compiler.analysis.lockstep import Lockstep
from dpc.compiler.dialects import arith, math, memref, scf
from dpc.compiler.ir.core import Block, Function, Op, Value
from dpc.compiler.ir.rewrite import defined_in

GATHER, SCATTER, ACROSS, ORDERED = 12.0, 20.0, 14.0, 5.0 * LANES
WIDE_DIVISION = 4.0  # as dear as that of one lane
LEAST_WORK = 30.0  # of an innermost loop's iteration, for which the code of lanes is worth it
WORTH = 0.8  # of the scalar cost, at most


@dataclass(frozen=True, slots=True)
class Scratch:
    """A buffer with the lanes as last axis, which stands for a shared one in the loop.

    axes: those of the shared buffer that it has, all but the iteration's. sums: it starts as
    zeros and is added to the shared buffer at the end; otherwise it is filled in each step.
    """

    buffer: Value
    axes: tuple[int, ...]
    sums: bool


@dataclass(frozen=True, slots=True)
class Roles:
    """What becomes of loads and stores of shared buffers; those not in it are made in place."""

    scratch: dict[Op, Scratch]
    across: dict[Op, Accumulation]
    ordered: dict[Op, Accumulation]


def roles(function: Function, loop: scf.For, facts: Lockstep) -> Roles:
    """The roles of the accesses of a loop."""
    found = Roles({}, {}, {})
    within = defined_in(loop.body)
    known: dict[tuple[Value, tuple[int, ...]], Scratch] = {}
    for store, sum_ in facts.sums.items():
        indices = sum_.load.indices
        if any(i in facts.different for i in indices):
            found.ordered[store] = sum_
        elif all(i in within for i in indices) and indices:
            axes = tuple(range(len(indices)))
            made = known.setdefault(
                (sum_.load.buffer, axes), Scratch(sum_.load.buffer, axes, sums=True)
            )
            found.scratch[store] = found.scratch[sum_.load] = made
        else:
            found.across[store] = sum_
    _rows(function, loop, facts, found, known)
    return found


def _rows(
    function: Function,
    loop: scf.For,
    facts: Lockstep,
    found: Roles,
    known: dict[tuple[Value, tuple[int, ...]], Scratch],
) -> None:
    """Loads from a row of the iteration's own that it goes through more than once."""
    changed = written(loop.body)

    def visit(block: Block, around: tuple[Value, ...]) -> None:
        for op in block.ops:
            for inner in op.blocks:
                entered = (inner.arguments[0],) if isinstance(op, scf.For) else ()
                visit(inner, (*around, *entered))
            if isinstance(op, memref.Load) and op.buffer not in changed:
                axes = _row(function, loop, facts, op, around)
                if axes:
                    made = Scratch(op.buffer, axes, sums=False)
                    found.scratch[op] = known.setdefault((op.buffer, axes), made)

    visit(loop.body, ())


def _row(
    function: Function,
    loop: scf.For,
    facts: Lockstep,
    op: memref.Load,
    around: tuple[Value, ...],
) -> tuple[int, ...]:
    """The axes but the iteration's, if the load is from a row that inner loops go through, one of
    them over and over; else none. The rows of all iterations are inside of the buffer.
    """
    mine = [axis for axis, index in enumerate(op.indices) if index in facts.different]
    if len(mine) != 1 or op.indices[mine[0]] is not loop.body.arguments[0]:
        return ()
    axes = tuple(axis for axis in range(len(op.indices)) if axis != mine[0])
    extent = extents_of(function, op.buffer)[mine[0]]
    if not (_at_least_zero(loop.lower) and _at_most(loop.upper, extent)):
        return ()
    atoms = [set(index_form(op.indices[axis]).terms) for axis in axes]
    through = all(not row.isdisjoint(around) for row in atoms)
    again = any(all(induction not in row for row in atoms) for induction in around)
    return axes if through and again else ()


def _at_least_zero(lower: Value) -> bool:
    """True if that is to be seen: a constant, or the larger of it and something."""
    of = lower.op.operands if isinstance(lower.op, arith.MaxSI) else (lower,)
    return any(isinstance(c := constant_of(v), int) and c >= 0 for v in of)


def _at_most(upper: Value, extent: int | Value) -> bool:
    """True if that is to be seen: the extent, or the smaller of it and something."""
    of = upper.op.operands if isinstance(upper.op, arith.MinSI) else (upper,)
    return any(v is extent or (isinstance(extent, int) and constant_of(v) == extent) for v in of)


def pays(loop: scf.For, facts: Lockstep, found: Roles) -> bool:
    """True if a step of all lanes costs clearly less than as many iterations."""
    silent = {
        op for s in (found.across, found.ordered) for a in s.values() for op in (a.load, a.combine)
    }

    def weight(op: Op) -> float:
        if op in silent:
            return 0.0
        if isinstance(op, memref.Load | memref.Store):
            return _access(loop, facts, found, op)
        usual = scalar_weight(op)
        if not any(v in facts.different for v in op.results):
            return usual
        if isinstance(op, math.MathOp) and usual == FUNCTION and op.name not in IN_VECTORS:
            return usual * LANES
        if isinstance(op, arith.FloorDivSI | arith.FloorModSI) and constant_of(op.rhs) is None:
            return 10.0 * LANES
        return usual * WIDE_DIVISION if 1 < usual < FUNCTION else usual

    rows = sum(not s.sums for s in set(found.scratch.values()))

    def both(op: scf.If) -> bool:
        return op.condition in facts.different

    first = rows * GUESSED_TRIPS * GATHER + sum(map(weight, facts.checks))
    step = first + cost(loop.body, weight, lambda _: 1.0, both)
    alone = scalar_cost(loop)
    innermost = not any(isinstance(op, scf.For | scf.While) for op in loop.body.walk())
    if innermost and alone < LEAST_WORK:
        return False
    return step < WORTH * LANES * alone


def _access(loop: scf.For, facts: Lockstep, found: Roles, op: memref.Load | memref.Store) -> float:
    if op in found.across:
        return ACROSS
    if op in found.ordered:
        return ORDERED
    own = [i for i in op.indices if i in facts.different]
    if op in found.scratch or not own:
        return 1.0
    last = index_form(op.indices[-1]).terms
    alone = len(own) == 1 and own[0] is op.indices[-1] and op.buffer not in facts.private
    induction = loop.body.arguments[0]
    others = any(atom in facts.different for atom in last if atom is not induction)
    if alone and last.get(induction) == 1 and not others:
        return 1.0
    return GATHER if isinstance(op, memref.Load) else SCATTER
