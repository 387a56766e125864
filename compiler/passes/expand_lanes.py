"""Carries out `lanes` on loops that only add up.

With 8 lanes, over lower..upper: iterations are taken in blocks of 8, iteration j of a block adding
to accumulator j. Accumulator 0 starts from the loop's init, the others from -0.0, which adds
nothing. After the last whole block they are combined as
((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)), and the remaining iterations add to that in order. So
fewer than 8 iterations give what the plain loop gives, bit by bit. What else the body does is done
in the same order. Loops whose carried values are no longer plain sums become plain loops.
"""

from dpc.compiler.analysis.constants import literal
from dpc.compiler.analysis.sums import carries_sums
from dpc.compiler.dialects.arith import AddF, AddI, FloorDivSI, MaxSI, MulI, SubI
from dpc.compiler.dialects.scf import For, Yield
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Block, Module, Op, Value
from dpc.compiler.ir.rewrite import clone_block, clone_ops, rebuild_block
from dpc.compiler.ir.types import INDEX


def expand_lanes(module: Module) -> Module:
    """Compute marked sums in 8 accumulators, combined in a fixed order."""
    return module.map(lambda f: f.with_body(rebuild_block(f.body, {}, _expand)))


def _expand(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
    if not isinstance(op, For) or op.lanes == 1:
        return None
    if not carries_sums(op):
        plain = op.with_attributes(lanes=1)
        return [plain], plain.results
    build = Builder(op.span)
    lanes = build.emit(literal(op.lanes, INDEX))
    middle = _end_of_blocks(build, op, lanes)
    neutral = [build.emit(literal(-0.0, v.type)) for v in op.inits]
    inits = (*op.inits, *(neutral * (op.lanes - 1)))
    sums = build.add(For(op.lower, middle, lanes, inits, _block_of_iterations(op)))
    count = len(op.inits)
    total = tuple(_tree(build, [*sums[k::count]]) for k in range(count))
    rest = clone_block(op.body, {})
    results = build.add(For(middle, op.upper, op.step, total, rest))
    return build.ops, results


def _end_of_blocks(build: Builder, op: For, lanes: Value) -> Value:
    """Lower + the trip count rounded down to a multiple of the lanes."""
    zero = build.emit(literal(0, INDEX))
    trips = build.emit(MaxSI(build.emit(SubI(op.upper, op.lower)), zero))
    blocks = build.emit(FloorDivSI(trips, lanes))
    return build.emit(AddI(op.lower, build.emit(MulI(blocks, lanes))))


def _block_of_iterations(op: For) -> Block:
    """The body once for each lane; arguments: i, then lane by lane the carried values."""
    induction, *carried = op.body.arguments
    start = Value(INDEX, None, induction.name)
    arguments: list[Value] = [start]
    yielded: list[Value] = []
    build = Builder(op.span)
    for lane in range(op.lanes):
        index = start
        if lane:
            index = build.emit(AddI(start, build.emit(literal(lane, INDEX))))
        own = [Value(v.type, None, v.name) for v in carried]
        arguments += own
        env = {induction: index, **dict(zip(carried, own, strict=True))}
        build.ops += clone_ops(op.body.ops[:-1], env)
        yielded += [env[v] for v in op.body.terminator.operands]
    build.add(Yield(tuple(yielded)))
    return build.block(tuple(arguments))


def _tree(build: Builder, values: list[Value]) -> Value:
    """Neighbours added, then neighbours of these, and so on."""
    while len(values) > 1:
        values = [
            build.emit(AddF(values[k], values[k + 1])) if k + 1 < len(values) else values[k]
            for k in range(0, len(values), 2)
        ]
    return values[0]
