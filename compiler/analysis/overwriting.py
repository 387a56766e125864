"""Whether what was read from a buffer can be read again in the reverse sweep.

An element read in one iteration is overwritten when a write to it runs afterwards. For indices
c t + e on one axis, t the induction variable of a loop around both and c, e the same in all of its
iterations, a write c t' + e' meets the element in iteration t' = t + (e - e') / c alone: never if
that is no integer, before the read if it is less than t, in the same iteration if it is t. What
cannot be compared like this is taken to overwrite.
"""

from dataclasses import dataclass

from dpc.compiler.analysis.index_forms import index_form
from dpc.compiler.analysis.inequalities import Linear
from dpc.compiler.analysis.needed import Nest
from dpc.compiler.dialects import memref, scf
from dpc.compiler.ir.core import Block, Op, Value

Path = tuple[tuple[Op, Block], ...]
Forms = tuple[Linear, ...]


@dataclass(frozen=True, slots=True)
class Overwriting:
    """An op that overwrites what was read; `certain` unless its indices could not be compared."""

    op: Op
    certain: bool


def overwriting(load: memref.Load, nest: Nest) -> Overwriting | None:
    """The first op that may overwrite what a load of an inner block read, after it ran."""
    block, home = nest.homes[load.result], nest.homes[load.buffer]
    start = nest.position(block, home)
    later = [row for row in nest.writes.get(load.buffer, ()) if row[0] >= start]
    if not later:
        return None
    read = _Access(load, block, nest.chain(block, home), _forms(load))
    for position, op, own in later:
        write = _Access(op, own, nest.chain(own, home), _forms(op))
        found = _certainty(read, write, position > start, nest)
        if found is not None:
            return Overwriting(op, found)
    return None


@dataclass(frozen=True, slots=True)
class _Access:
    op: Op
    block: Block
    path: Path
    forms: Forms | None  # None for a whole buffer


def _forms(op: Op) -> Forms | None:
    if isinstance(op, memref.Load | memref.Store):
        return tuple(index_form(index) for index in op.indices)
    return None


def _certainty(read: _Access, write: _Access, later: bool, nest: Nest) -> bool | None:
    """Whether the write is certain to come after the read; None if it is certain not to."""
    if later:
        if read.forms is None or write.forms is None:
            return True
        home = nest.homes[read.op.operands[0]]
        return None if _apart(read.forms, write.forms, home, nest) else False
    common = nest.parents[read.path[0][1]][1]
    for (outer, block), (other, own) in zip(read.path, write.path, strict=False):
        if outer is not other:
            break
        if block is not own:
            return None  # the other branch
        if isinstance(outer, scf.While):
            return False
        if isinstance(outer, scf.For):
            found = _iterations(read, write, outer, nest)
            if found != "same":
                return {"before": None, "after": True}.get(found, False)
        common = block
    depth = nest.depths[common] - nest.depths[nest.homes[read.op.operands[0]]]
    first, second = (a.path[depth][0] if len(a.path) > depth else a.op for a in (write, read))
    return None if common.ops.index(first) < common.ops.index(second) else True


def _apart(read: Forms, write: Forms, home: Block, nest: Nest) -> bool:
    """True if two accesses from anywhere in a block never meet, by an index that is fixed there."""
    for one, other in zip(read, write, strict=True):
        difference = one.minus(other)
        atoms = [a for f in (one, other) for a in f.terms]
        fixed = all(isinstance(a, Value) and nest.inside(home, nest.homes[a]) for a in atoms)
        if fixed and not difference.terms and difference.constant:
            return True
    return False


def _iterations(read: _Access, write: _Access, loop: scf.For, nest: Nest) -> str:
    """When the write meets the element: in an iteration "before" that of the read (or never),
    "after" it, in the "same" one, or in "any".
    """
    if read.forms is None or write.forms is None:
        return "any"
    pairs = zip(read.forms, write.forms, strict=True)
    found = {_axis(r, w, loop.body, nest) for r, w in pairs}
    if "before" in found or {"same", "after"} <= found:
        return "before"
    return "same" if "same" in found else "after" if "after" in found else "any"


def _axis(read: Linear, write: Linear, body: Block, nest: Nest) -> str:
    induction = body.arguments[0]
    factor = read.terms.get(induction, 0)
    difference = read.minus(write)
    atoms = [a for f in (read, write) for a in f.terms if a is not induction]
    fixed = all(isinstance(a, Value) and not nest.inside(nest.homes[a], body) for a in atoms)
    if difference.terms or not fixed:
        return "any"
    if factor == 0:
        return "before" if difference.constant else "any"
    steps, rest = divmod(difference.constant, factor)
    if rest or steps < 0:
        return "before"
    return "after" if steps else "same"
