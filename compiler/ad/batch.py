"""Functions that work on many members at once: one loop around a function.

On entry: a function of the loops level, whose labels may name lanes: one run of it then works on as
many members. On exit: one of the same kind, [dimensions][inputs][outputs] -> scalar results; arrays
of the members are stacked as `Members` says.
"""

from functools import reduce

from dpc.compiler.ad.batch_body import batch_body
from dpc.compiler.ad.batch_frame import Frame, fill_zero
from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.layout import distinct
from dpc.compiler.ad.members import Labelled, Members, lane_of
from dpc.compiler.dialects import arith, func, scf
from dpc.compiler.ir.core import Function, Value
from dpc.compiler.ir.types import MemRefType


def batch(of: Labelled, members: Members, lanes: int = 1) -> Labelled:
    """The function over all members, `lanes` of them in each run of `of`."""
    emit = Emit(of.function.span)
    frame = Frame(of, members, lanes)
    frame.name_results(emit)
    sizes = [_size(emit, frame, segment) for segment in range(len(members.segments))]
    body = batch_body(frame, sizes, _seed_buffers(emit, frame))
    upper = _runs(emit, frame, reduce(emit.addi, sizes))
    emit.add(scf.For(emit.index(0), upper, emit.index(1), (), body, parallel=True))
    values = tuple(emit.load(cell, (emit.index(0),)) for cell in frame.cells.values())
    emit.add(func.Return(values))
    layout = (*frame.dimensions.values(), *frame.inputs.values(), *frame.outputs.values())
    made = Function(
        f"batch_{of.function.name}",
        tuple(p for p, _ in distinct(layout)),
        tuple(v.type for v in values),
        emit.block(tuple(v for _, v in layout)),
        of.function.span,
        of.function.callees,
    )
    return Labelled(made, tuple(frame.inputs), tuple(frame.cells), tuple(frame.outputs))


def _size(emit: Emit, frame: Frame, segment: int) -> Value:
    extents = [emit.extent(e) for e in frame.extents(segment)]
    return reduce(emit.muli, extents) if extents else emit.index(1)


def _seed_buffers(emit: Emit, frame: Frame) -> dict[Value, Value]:
    """Zeros for each array that unit vectors are set in."""
    made: dict[Value, Value] = {}
    for label, (_, old) in frame.old_inputs():
        if lane_of(label)[1] in frame.members.seeds and isinstance(old.type, MemRefType):
            made[old] = frame.local(emit, old)
            fill_zero(emit, made[old])
    return made


def _runs(emit: Emit, frame: Frame, total: Value) -> Value:
    """How often the body runs."""
    runs = total
    if frame.lanes > 1:
        rounded = emit.addi(total, emit.index(frame.lanes - 1))
        runs = emit.emit(arith.FloorDivSI(rounded, emit.index(frame.lanes)))
    return emit.emit(arith.MaxSI(runs, emit.index(1))) if frame.runs_always else runs
