"""Memory and control flow where iterations run side by side: one rule an op."""

from collections.abc import Iterable

from dpc.compiler.analysis.accumulation import Accumulation
from dpc.compiler.analysis.constants import literal
from dpc.compiler.analysis.lane_costs import LANES, scalar_weight
from dpc.compiler.dialects import arith, cf, linalg, memref, scf, vector
from dpc.compiler.dialects import math as mathd
from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.rewrite import clone
from dpc.compiler.ir.types import I1, INDEX, MemRefType, VectorType, with_lanes
from dpc.compiler.passes.lanes import Lanes, Rule, vector_of

MOST_TRIVIAL = 8  # ops of a branch that lanes go through whether any takes it or not


def _load(lanes: Lanes, op: memref.Load) -> None:
    if not lanes.differs(op.result):
        lanes.build.ops.append(clone(op, lanes.env))
        return
    buffer, indices, apart = lanes.place(op)
    new: Op = vector.Load(buffer, indices, vector_of(op.result.type))
    if apart is not None:
        nothing = lanes.nothing(op.result.type)
        new = vector.Gather(buffer, indices, apart, lanes.active(), nothing)
    elif lanes.mask is not None:
        new = vector.MaskedLoad(buffer, indices, lanes.mask, lanes.nothing(op.result.type))
    lanes.bind(op.result, lanes.build.emit(new))


def _store(lanes: Lanes, op: memref.Store) -> None:
    if op in lanes.places.across:
        _add_across(lanes, op, lanes.places.across[op])
        return
    if op in lanes.places.ordered:
        _add_in_order(lanes, op, lanes.places.ordered[op])
        return
    buffer, indices, apart = lanes.place(op)
    value = lanes.lanes(op.value)
    if apart is not None:
        lanes.build.add(vector.Scatter(buffer, indices, apart, lanes.active(), value))
    elif lanes.mask is not None:
        lanes.build.add(vector.MaskedStore(buffer, indices, lanes.mask, value))
    else:
        lanes.build.add(vector.Store(value, buffer, indices))


def _addend(lanes: Lanes, sum_: Accumulation) -> Value:
    """What the lanes add to an element, a vector."""
    op = sum_.combine
    if isinstance(op, mathd.Fma):
        return lanes.build.emit(arith.MulF(lanes.lanes(op.a), lanes.lanes(op.b)))
    other = lanes.lanes(op.operands[1 - sum_.position])
    return lanes.build.emit(arith.NegF(other)) if isinstance(op, arith.SubF) else other


def _add_across(lanes: Lanes, op: memref.Store, sum_: Accumulation) -> None:
    addend = _addend(lanes, sum_)
    if lanes.mask is not None:
        none = lanes.everywhere(lanes.build.emit(literal(-0.0, op.value.type)))
        addend = lanes.build.emit(arith.Select(lanes.mask, addend, none))
    total = lanes.build.emit(vector.Reduction(addend, vector.SUM))
    _add(lanes, lanes.same(op.buffer), tuple(lanes.same(i) for i in op.indices), total)


def _add(lanes: Lanes, buffer: Value, indices: tuple[Value, ...], addend: Value) -> None:
    old = lanes.build.emit(memref.Load(buffer, indices))
    lanes.build.add(memref.Store(lanes.build.emit(arith.AddF(old, addend)), buffer, indices))


def _add_in_order(lanes: Lanes, op: memref.Store, sum_: Accumulation) -> None:
    addend = _addend(lanes, sum_)
    places = [lanes.lanes(i) if lanes.differs(i) else lanes.same(i) for i in op.indices]
    outer = lanes.build
    for lane in range(LANES):
        if lanes.mask is not None:
            lanes.build = outer.nested()
        indices = tuple(
            lanes.build.emit(vector.Extract(p, lane)) if isinstance(p.type, VectorType) else p
            for p in places
        )
        own = lanes.build.emit(vector.Extract(addend, lane))
        _add(lanes, lanes.same(op.buffer), indices, own)
        if lanes.mask is not None:
            comes = outer.emit(vector.Extract(lanes.mask, lane))
            lanes.build.add(scf.Yield(()))
            made = lanes.build.block()
            outer.add(scf.If(comes, made, Block((), (scf.Yield(()),))))
    lanes.build = outer


def _alloc(lanes: Lanes, op: memref.Alloc) -> None:
    type_ = MemRefType((*op.type.shape, LANES), op.type.element)
    extents = tuple(lanes.same(e) for e in op.extents)
    lanes.bind(op.result, lanes.build.emit(memref.Alloc(extents, type_)))


def _for(lanes: Lanes, op: scf.For) -> None:
    induction, *carried = op.body.arguments
    kept = [Value(INDEX, None, induction.name)]
    lanes.env[induction] = kept[0]
    inits: list[Value] = []
    for old, init in zip(carried, op.inits, strict=True):
        wide = lanes.differs(old)
        inits.append(lanes.lanes(init) if wide else lanes.same(init))
        kept.append(Value(with_lanes(old.type, inits[-1].type), None, old.name))
        lanes.env[old] = kept[-1]
    body = _yielding(lanes, op.body, kept, [lanes.differs(v) for v in carried])
    lower, upper, step = (lanes.same(v) for v in (op.lower, op.upper, op.step))
    results = lanes.build.add(scf.For(lower, upper, step, tuple(inits), body))
    for old, new in zip(op.results, results, strict=True):
        lanes.bind(old, new)


def _yielding(
    lanes: Lanes, block: Block, arguments: Iterable[Value], wide: Iterable[bool]
) -> Block:
    """A block inside; `wide`: which of the values it yields are vectors."""
    outer, lanes.build = lanes.build, Builder(lanes.build.span)
    lanes.block(block)
    terminator = block.terminator
    values = tuple(
        lanes.lanes(v) if w else lanes.same(v)
        for v, w in zip(terminator.operands, wide, strict=True)
    )
    lanes.build.add(scf.Yield(values))
    made, lanes.build = lanes.build.block(tuple(arguments)), outer
    return made


def _if(lanes: Lanes, op: scf.If) -> None:
    """One branch where all lanes take the same; else both, each by the lanes that take it."""
    if lanes.differs(op.condition):
        _both(lanes, op)
        return
    wide = [lanes.differs(v) for v in op.results]
    blocks = (_yielding(lanes, block, (), wide) for block in op.blocks)
    results = lanes.build.add(scf.If(lanes.same(op.condition), *blocks))
    for old, new in zip(op.results, results, strict=True):
        lanes.bind(old, new)


def _both(lanes: Lanes, op: scf.If) -> None:
    condition, build = lanes.lanes(op.condition), lanes.build
    true = lanes.everywhere(build.emit(literal(True, I1)))
    sides = []
    for block, taken in ((op.then, True), (op.otherwise, False)):
        mask = condition if taken else build.emit(arith.XOrI(condition, true))
        sides.append(_side(lanes, block, mask))
    for result, left, right in zip(op.results, *sides, strict=True):
        lanes.bind(result, build.emit(arith.Select(condition, left, right)))


def _side(lanes: Lanes, block: Block, mask: Value) -> tuple[Value, ...]:
    """What a branch yields, for the lanes of the mask; not entered where there are none."""
    build, outer = lanes.build, lanes.mask
    lanes.mask = mask if outer is None else build.emit(arith.AndI(outer, mask))
    yielded = block.terminator.operands
    if all(_is_trivial(op) for op in block.ops[:-1]) and len(block.ops) <= MOST_TRIVIAL:
        lanes.block(block)
        values = tuple(lanes.lanes(v) for v in yielded)
    else:
        some = build.emit(vector.Reduction(lanes.mask, vector.ANY))
        made = _yielding(lanes, block, (), [True] * len(yielded))
        otherwise = build.nested()
        lanes.build = otherwise
        nothing = tuple(lanes.nothing(v.type) for v in yielded)
        otherwise.add(scf.Yield(nothing))
        lanes.build = build
        values = build.add(scf.If(some, made, otherwise.block()))
    lanes.mask = outer
    return values


def _is_trivial(op: Op) -> bool:
    """Cheap, and harmless where no lane comes."""
    return isinstance(op, Scalar) and op.pure and scalar_weight(op) <= 1


def _copied(lanes: Lanes, op: Op) -> None:
    lanes.build.ops.append(clone(op, lanes.env))


RULES: dict[type[Op], Rule] = {
    memref.Load: _load,
    memref.Store: _store,
    memref.Alloc: _alloc,
    memref.Copy: _copied,
    linalg.Fill: _copied,
    cf.Assert: _copied,
    scf.For: _for,
    scf.If: _if,
}
