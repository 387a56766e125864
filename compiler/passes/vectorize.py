"""Loops whose iterations run side by side: 8 iterations a step, each in a lane of vectors.

LLVM makes vectors of innermost loops only. Here an outer loop is taken, the outermost that pays:
inner loops stay loops, of vectors. Where iterations add to the same elements of an array, as
adjoints of shared parameters do, each lane adds to elements of its own, which are added up at the
end; so do sums that the loop carries. The last iterations, fewer than 8, run one by one, and so do
all where the lanes' own elements would take more than LARGEST_SCRATCH bytes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dpc.compiler.ad.layout import extents_of
from dpc.compiler.analysis.constants import literal
from dpc.compiler.analysis.lane_costs import (
    LANES,
    computes_functions,
    constant_trips,
    left_to_llvm,
)
from dpc.compiler.analysis.lockstep import SUM, Lockstep, NotInLockstep, lockstep
from dpc.compiler.dialects import arith, cf, linalg, memref, scf, vector
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Block, Function, Module, Op, Value
from dpc.compiler.ir.rewrite import clone_block, uses
from dpc.compiler.ir.types import INDEX, FloatType, MemRefType, element_of
from dpc.compiler.passes.lane_roles import Roles, Scratch, pays, roles
from dpc.compiler.passes.lane_rules import RULES
from dpc.compiler.passes.lanes import Even, Lanes, Places, vector_of
from dpc.dsl.source import Span

LARGEST_SCRATCH = 1 << 20
LEAST_STEPS = 2  # for which lanes get elements of their own
INNERMOST = "an innermost loop, of which LLVM makes vectors"
MEMORY = "lanes would take memory, of which there is a budget"
FEW = "too few iterations"
DEAR = "lanes would cost as much as iterations"
SIDE_BY_SIDE = f"{LANES} iterations run side by side"


@dataclass(frozen=True, slots=True)
class Remark:
    """What was decided about a loop, and why; `at` is the place that shows it."""

    loop: Span | None
    vectorised: bool
    reason: str
    at: Span | None


def vectorize(module: Module) -> Module:
    """Run iterations of loops side by side, sums in any order."""
    return module.map(lambda f: _Vectorize(f, exact=False).run())


def vectorize_exactly(module: Module) -> Module:
    """Run iterations of loops side by side where no sum changes its order."""
    return module.map(lambda f: _Vectorize(f, exact=True).run())


def vectorize_in_place(module: Module) -> Module:
    """Run iterations of loops side by side where that takes no memory and no sum changes."""
    return module.map(lambda f: _Vectorize(f, exact=True, frugal=True).run())


def remarks(function: Function, exact: bool, frugal: bool = False) -> tuple[Remark, ...]:
    """What is decided about the loops of a function, outer before inner: `exact` where no sum may
    change its order, `frugal` where lanes may take no memory.
    """
    decisions = _Vectorize(function, exact or frugal, frugal)
    decisions.run()
    return tuple(decisions.remarks)


class _Vectorize:
    def __init__(self, function: Function, exact: bool, frugal: bool = False) -> None:
        self.function = function
        self.exact = exact
        self.frugal = frugal
        self.uses = uses(function.body)
        self.env: dict[Value, Value] = {}
        self.remarks: list[Remark] = []

    def run(self) -> Function:
        """The function with the loops that pay; itself when there are none."""
        return self.function.with_body(self._block(self.function.body))

    def _block(self, block: Block) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            made = self._loop(op) if isinstance(op, scf.For) else None
            if made is not None:
                ops += made
                continue
            blocks = tuple(self._block(b) for b in op.blocks) if op.kinds.blocks else None
            new = op.rebuild(self.env, blocks)
            if new is not op:
                self.env.update(zip(op.results, new.results, strict=True))
            ops.append(new)
        if len(ops) == len(block.ops) and all(a is b for a, b in zip(ops, block.ops, strict=True)):
            return block
        return Block(block.arguments, tuple(ops))

    def _loop(self, loop: scf.For) -> list[Op] | None:
        """The ops that take a loop's place; None where it stays."""
        try:
            facts, found = self._plan(loop)
        except NotInLockstep as why:
            self.remarks.append(Remark(loop.span, False, why.reason, why.span))
            return None
        self.remarks.append(Remark(loop.span, True, SIDE_BY_SIDE, loop.span))
        frame = _Frame(self.function, loop, facts, found, self.env)
        if left_to_llvm(loop):
            return frame.masked()
        made, results = frame.write()
        self.env.update(zip(loop.results, results, strict=True))
        return made

    def _plan(self, loop: scf.For) -> tuple[Lockstep, Roles]:
        """What is known of a loop; `NotInLockstep` where it had better stay."""
        simple = left_to_llvm(loop)
        if simple and (self.exact or not computes_functions(loop)):
            raise NotInLockstep(INNERMOST, loop.span)
        known = constant_trips(loop)
        if not simple and known is not None and known < LEAST_STEPS * LANES:
            raise NotInLockstep(FEW, loop.span)
        facts = lockstep(loop, self.uses, self.exact)
        found = roles(self.function, loop, facts)
        takes_memory = bool(found.scratch or facts.private)
        if self.frugal and takes_memory:
            raise NotInLockstep(MEMORY, loop.span)
        if takes_memory if simple else not pays(loop, facts, found):
            raise NotInLockstep(DEAR, loop.span)
        return facts, found


class _Frame:
    """What stands around the body: how many steps, scratch, sums, the last iterations."""

    def __init__(
        self,
        function: Function,
        loop: scf.For,
        facts: Lockstep,
        found: Roles,
        env: dict[Value, Value],
    ) -> None:
        self.function = function
        self.loop = loop
        self.facts = facts
        self.roles = found
        self.env = env
        self.build = Builder(loop.span)
        self.scratch = dict.fromkeys(found.scratch.values())
        self.private = [op.result for op in loop.body.walk() if isinstance(op, memref.Alloc)]

    def now(self, value: Value) -> Value:
        """What a value from outside is."""
        return self.env.get(value, value)

    def index(self, number: int) -> Value:
        """An index constant."""
        return self.build.emit(literal(number, INDEX))

    def write(self) -> tuple[list[Op], tuple[Value, ...]]:
        """The ops, and what the loop's results are."""
        build, loop = self.build, self.loop
        lower, upper = self.now(loop.lower), self.now(loop.upper)
        runs, middle = self._middle(lower, upper)
        if self.facts.checks:
            middle = self._checked(lower, middle)
        own = {s: self._allocated(s, runs) for s in self.scratch}
        inits = tuple(
            self._first(self.now(v), kind)
            for v, kind in zip(loop.inits, self.facts.kinds, strict=True)
        )
        body = self._body(own, inits)
        parts = build.add(scf.For(lower, middle, self.index(LANES), inits, body))
        for scratch, buffer in own.items():
            if scratch.sums:
                self._added(scratch, buffer)
        totals = tuple(
            build.emit(vector.Reduction(part, kind))
            for part, kind in zip(parts, self.facts.kinds, strict=True)
        )
        rest = clone_block(loop.body, dict(self.env))
        results = build.add(scf.For(middle, upper, self.now(loop.step), totals, rest))
        for new, old in zip(results, loop.results, strict=True):
            new.name = old.name
        return build.ops, results

    def masked(self) -> list[Op]:
        """The ops for a loop without sums and checks: the last step has lanes that do nothing."""
        build, loop = self.build, self.loop
        lower, upper = self.now(loop.lower), self.now(loop.upper)
        places = Places({}, self.roles.across, self.roles.ordered)
        lanes, arguments = self._lanes(places, ())
        own = lanes.lanes(loop.body.arguments[0])
        lanes.mask = lanes.build.emit(arith.CmpI("slt", own, lanes.everywhere(upper)))
        lanes.block(loop.body)
        lanes.build.add(scf.Yield(()))
        body = lanes.build.block(arguments)
        build.add(scf.For(lower, upper, self.index(LANES), (), body))
        return build.ops

    def _middle(self, lower: Value, upper: Value) -> tuple[Value, Value]:
        """Whether there are steps, and where they end."""
        build = self.build
        trips = build.emit(arith.MaxSI(build.emit(arith.SubI(upper, lower)), self.index(0)))
        least = LANES * (LEAST_STEPS if self.scratch else 1)
        runs = build.emit(arith.CmpI("sge", trips, self.index(least)))
        if self.scratch or self.private:
            fits = build.emit(arith.CmpI("sle", self._bytes(), self.index(LARGEST_SCRATCH)))
            runs = build.emit(arith.AndI(fits, runs))
        steps = build.emit(arith.FloorDivSI(trips, self.index(LANES)))
        done = build.emit(arith.MulI(steps, self.index(LANES)))
        taken = build.emit(arith.Select(runs, done, self.index(0)))
        return runs, build.emit(arith.AddI(lower, taken))

    def _checked(self, lower: Value, middle: Value) -> Value:
        """Where the first step begins in which a check fails of a lane; else the same end.

        From there on iterations run one by one, so that the first to fail says so.
        """
        lanes, arguments = self._lanes(Places({}, {}, {}), (middle,))
        start, end = arguments
        for op in self.facts.checks:
            if not isinstance(op, cf.Assert):
                lanes.op(op)
                continue
            holds = lanes.lanes(op.condition)
            lanes.mask = lanes.build.emit(arith.AndI(lanes.active(), holds))
        hold = lanes.build.emit(vector.Reduction(lanes.active(), vector.ALL))
        sooner = lanes.build.emit(arith.MinSI(start, end))
        lanes.build.add(scf.Yield((lanes.build.emit(arith.Select(hold, end, sooner)),)))
        body = lanes.build.block(arguments)
        return self.build.emit(scf.For(lower, middle, self.index(LANES), (middle,), body))

    def _lanes(self, places: Places, carried: Sequence[Value]) -> tuple[Lanes, tuple[Value, ...]]:
        """What writes a body, and the arguments of that body."""
        lanes = Lanes(self.function, self.facts, places, dict(self.env), RULES)
        one = self.index(1)
        lanes.build = Builder(self.loop.span)
        induction = self.loop.body.arguments[0]
        start = Value(INDEX, None, induction.name)
        lanes.even[induction] = Even(start, one)
        return lanes, (start, *(Value(v.type, None, v.name) for v in carried))

    def _extents(self, scratch: Scratch) -> list[int | Value]:
        everything = extents_of(self.function, scratch.buffer)
        chosen = (everything[axis] for axis in scratch.axes)
        return [e if isinstance(e, int) else self.now(e) for e in chosen]

    def _bytes(self) -> Value:
        """How much the lanes' own elements take, and the buffers of their iterations."""
        total = self.index(0)
        sizes = [(s.buffer.type, self._extents(s)) for s in self.scratch]
        sizes += [
            (
                a.type,
                [e if isinstance(e, int) else self.now(e) for e in extents_of(self.function, a)],
            )
            for a in self.private
        ]
        for type_, extents in sizes:
            element = element_of(type_)
            width = element.width if isinstance(element, FloatType) else 64
            size = self.index(LANES * width // 8)
            for extent in extents:
                factor = self.index(extent) if isinstance(extent, int) else extent
                size = self.build.emit(arith.MulI(size, factor))
            total = self.build.emit(arith.AddI(total, size))
        return total

    def _allocated(self, scratch: Scratch, runs: Value) -> Value:
        """The lanes' elements; none where there are no steps."""
        build = self.build
        dynamic: list[Value] = []
        shape: list[int | None] = []
        for extent in self._extents(scratch):
            shape.append(extent if isinstance(extent, int) else None)
            if isinstance(extent, Value):
                if not dynamic:
                    extent = build.emit(arith.Select(runs, extent, self.index(0)))
                dynamic.append(extent)
        type_ = MemRefType((*shape, LANES), element_of(scratch.buffer.type))
        buffer = build.emit(memref.Alloc(tuple(dynamic), type_))
        if scratch.sums:
            zero = build.emit(literal(0.0, type_.element))
            build.add(linalg.Fill(zero, buffer))
        return buffer

    def _first(self, init: Value, kind: str) -> Value:
        """What the lanes start from: a sum in lane 0, an extreme in all."""
        type_ = vector_of(init.type)
        if kind != SUM:
            return self.build.emit(vector.Broadcast(init, type_))
        nothing = self.build.emit(literal(-0.0, init.type))
        lanes = self.build.emit(vector.Broadcast(nothing, type_))
        return self.build.emit(vector.Insert(init, lanes, 0))

    def _body(self, own: dict[Scratch, Value], inits: tuple[Value, ...]) -> Block:
        loop = self.loop
        placed = {op: (own[s], s.axes) for op, s in self.roles.scratch.items()}
        places = Places(placed, self.roles.across, self.roles.ordered)
        lanes, arguments = self._lanes(places, inits)
        lanes.env.update(zip(loop.body.arguments[1:], arguments[1:], strict=True))
        for scratch, buffer in own.items():
            if not scratch.sums:
                self._gathered(lanes, scratch, buffer, arguments[0])
        lanes.block(loop.body)
        yielded = tuple(lanes.lanes(v) for v in loop.body.terminator.operands)
        lanes.build.add(scf.Yield(yielded))
        return lanes.build.block(arguments)

    def _gathered(self, lanes: Lanes, scratch: Scratch, buffer: Value, first: Value) -> None:
        """Copy the rows of a step to where the lanes' elements lie side by side."""
        rank = len(scratch.axes) + 1
        (mine,) = set(range(rank)) - set(scratch.axes)
        apart = lanes.apart(scratch.buffer, mine)

        def element(build: Builder, indices: tuple[Value, ...]) -> None:
            lanes.build = build
            place = (*indices[:mine], first, *indices[mine:])
            type_ = vector_of(element_of(buffer.type))
            read: Op = vector.Load(self.now(scratch.buffer), place, type_)
            if apart is not None:
                nothing = lanes.nothing(type_.element)
                read = vector.Gather(
                    self.now(scratch.buffer), place, apart, lanes.active(), nothing
                )
            zero = build.emit(literal(0, INDEX))
            build.add(vector.Store(build.emit(read), buffer, (*indices, zero)))

        outer = lanes.build
        _nest(outer, self._extents(scratch), element)
        lanes.build = outer

    def _added(self, scratch: Scratch, own: Value) -> None:
        """Add up the lanes' elements."""
        shared = self.now(scratch.buffer)
        extents = extents_of(self.function, own)[:-1]

        def element(build: Builder, indices: tuple[Value, ...]) -> None:
            zero = build.emit(literal(0, INDEX))
            type_ = vector_of(element_of(own.type))
            lanes = build.emit(vector.Load(own, (*indices, zero), type_))
            total = build.emit(vector.Reduction(lanes, SUM))
            old = build.emit(memref.Load(shared, indices))
            build.add(memref.Store(build.emit(arith.AddF(old, total)), shared, indices))

        _nest(self.build, extents, element)


def _nest(
    build: Builder,
    extents: Sequence[int | Value],
    element: Callable[[Builder, tuple[Value, ...]], None],
    outer: tuple[Value, ...] = (),
) -> None:
    """Loops over all indices, outermost first."""
    if len(outer) == len(extents):
        element(build, outer)
        return
    extent = extents[len(outer)]
    upper = build.emit(literal(extent, INDEX)) if isinstance(extent, int) else extent
    zero, one = (build.emit(literal(n, INDEX)) for n in (0, 1))
    inner, index = build.nested(), Value(INDEX, None, "")
    _nest(inner, extents, element, (*outer, index))
    inner.add(scf.Yield(()))
    build.add(scf.For(zero, upper, one, (), inner.block((index,))))
