"""Parallel loops as blocks of iterations that may run on several threads.

    for i in lower..upper:  body          becomes          forall b in 0..B:  task(b)

Task b is a callee that runs the iterations of the b-th of B blocks of the range. Elements that
different iterations touch apart stay where they are. What iterations only add to, carried values
and elements alike, is private to a block and added up afterwards, block by block; so every bit of
a result follows from the sizes alone, whatever the number of threads. B is 16, or less (but not
less than 2) where the private copies would take more than 8 MiB.

A loop marked `parallel` whose iterations are not seen to be independent stays as it is. Before all
passes that come after differentiation; only outside of callees, and not inside of another.
"""

from dataclasses import dataclass, field, replace

from dpc.compiler.ad.emit import Emit, Extent, is_constant
from dpc.compiler.ad.layout import extents_of
from dpc.compiler.ad.trips import trip_count
from dpc.compiler.analysis.callees import fresh
from dpc.compiler.analysis.constants import literal
from dpc.compiler.analysis.independence import apart, only_added_to, written
from dpc.compiler.analysis.sums import adds_to
from dpc.compiler.dialects import arith, extern, func, io, linalg, memref, scf
from dpc.compiler.ir.core import Block, Function, Module, Op, Parameter, Value
from dpc.compiler.ir.rewrite import clone_block, defined_in, free_values, rebuild_block, uses
from dpc.compiler.ir.types import INDEX, FloatType, MemRefType, ScalarType, StackType

BLOCKS, LEAST_BLOCKS = 16, 2
PRIVATE_BYTES = 8 << 20
# What must keep its order or its thread.
ORDERED = (io.Print, extern.Call, func.Forall)
# About how many operations stand for one of these; a loop of unknown length, for its iterations.
MATH_WORK, UNKNOWN_TRIPS = 10, 8


def distribute(module: Module) -> Module:
    """Make blocks of the parallel loops of functions, for threads to run."""
    new = tuple(_Distribution(function).run() for function in module.functions)
    same = all(a is b for a, b in zip(new, module.functions, strict=True))
    return module if same else replace(module, functions=new)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The buffers from outside that iterations touch: only read, changed apart, added to."""

    read: tuple[Value, ...]
    changed: tuple[Value, ...]
    private: tuple[Value, ...]


def _parts(op: scf.For) -> _Parts | None:
    """What a loop touches, if its iterations are independent but for sums."""
    body = op.body
    if any(_is_ordered(inner) for inner in body.walk()):
        return None
    yielded = zip(body.terminator.operands, body.arguments[1:], strict=True)
    if not all(adds_to(value, argument, body) for value, argument in yielded):
        return None
    inside, counts = defined_in(body), uses(body)
    read = [v for v in free_values(body) if isinstance(v.type, MemRefType)]
    changed, private = [], []
    for buffer in (b for b in written(body) if b not in inside):
        read.remove(buffer)
        if apart(body, body.arguments[0], buffer):
            changed.append(buffer)
        elif only_added_to(body, buffer, counts):
            private.append(buffer)
        else:
            return None
    order = {v: k for k, v in enumerate(free_values(body))}
    changed.sort(key=order.__getitem__)
    private.sort(key=order.__getitem__)
    return _Parts(tuple(read), tuple(changed), tuple(private))


def _is_ordered(op: Op) -> bool:
    touched = (*op.operands, *op.results)
    return isinstance(op, ORDERED) or any(isinstance(v.type, StackType) for v in touched)


@dataclass(slots=True)
class _Distribution:
    """One function; `callees` are the tasks made."""

    function: Function
    env: dict[Value, Value] = field(default_factory=dict)
    callees: list[Function] = field(default_factory=list)

    def run(self) -> Function:
        """The function with its tasks; itself when there are none."""
        body = self._block(self.function.body)
        if not self.callees:
            return self.function
        callees = (*self.function.callees, *self.callees)
        return replace(self.function, body=body, callees=callees)

    def _block(self, block: Block) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            parts = None
            new = op.rebuild(self.env)
            if isinstance(new, scf.For) and new.parallel:
                new = replace(new, body=rebuild_block(new.body, self.env), parallel=False)
                parts = _parts(new)
            if parts is None:
                new = new.rebuild({}, tuple(self._block(b) for b in op.blocks))
                ops.append(new)
                results = new.results
            else:
                assert isinstance(new, scf.For)
                emit = Emit(op.span)
                results = self._distributed(new, parts, emit)
                ops += emit.ops
            self.env.update(zip(op.results, results, strict=True))
        same = len(ops) == len(block.ops) and all(
            a is b for a, b in zip(ops, block.ops, strict=True)
        )
        return block if same else Block(block.arguments, tuple(ops))

    def _distributed(self, op: scf.For, parts: _Parts, emit: Emit) -> tuple[Value, ...]:
        """Emit the runs of a new task and what combines their parts; the loop's results."""
        count = self._count(op, emit)
        extents = {b: extents_of(self.function, b) for b in parts.private}
        blocks = _blocks(emit, extents)
        copies = {b: _copies(emit, b, blocks, extents[b]) for b in parts.private}
        sums = [
            emit.emit(memref.Alloc((), MemRefType((BLOCKS,), v.type)))  # type: ignore[arg-type]
            for v in op.inits
        ]
        taken = {f.name for f in (self.function, *self.function.callees, *self.callees)}
        task = _Task(self.function, fresh(f"{self.function.name}.block", taken))
        self.callees.append(task.made(op, parts, count, blocks, copies, sums))
        work = emit.muli(count, _work(emit, op.body, defined_in(op.body)))
        emit.add(func.Forall(task.name, blocks, work, task.arguments, task.position, task.changed))
        for buffer, copy in copies.items():
            _add_copies(emit, buffer, copy, blocks, extents[buffer])
        return tuple(
            _added(emit, init, partial, blocks)
            for init, partial in zip(op.inits, sums, strict=True)
        )

    def _count(self, op: scf.For, emit: Emit) -> Value:
        """How many iterations there are; an extent as it is, for it is not negative."""
        trips = trip_count(emit, op.lower, op.upper, op.step)
        pairs = zip(self.function.parameters, self.function.arguments, strict=True)
        if any(v is trips and p.role == "dimension" for p, v in pairs):
            return trips
        return emit.emit(arith.MaxSI(trips, emit.index(0)))


def _blocks(emit: Emit, private: dict[Value, tuple[Extent, ...]]) -> Value:
    """How many blocks there are: by the bytes of one set of private copies."""
    if not private:
        return emit.index(BLOCKS)
    size = emit.index(0)
    for buffer, extents in private.items():
        assert isinstance(buffer.type, MemRefType)
        bytes_ = emit.index(_bytes(buffer.type.element))
        for extent in extents:
            bytes_ = emit.muli(bytes_, emit.extent(extent))
        size = emit.addi(size, bytes_)
    positive = emit.emit(arith.MaxSI(size, emit.index(1)))
    fitting = emit.emit(arith.FloorDivSI(emit.index(PRIVATE_BYTES), positive))
    most = emit.emit(arith.MinSI(fitting, emit.index(BLOCKS)))
    return emit.emit(arith.MaxSI(most, emit.index(LEAST_BLOCKS)))


def _bytes(element: ScalarType) -> int:
    return element.width // 8 if isinstance(element, FloatType) else 8


def _copies(emit: Emit, buffer: Value, blocks: Value, extents: tuple[Extent, ...]) -> Value:
    """A buffer with a copy of `buffer` for each block."""
    assert isinstance(buffer.type, MemRefType)
    type_ = MemRefType((None, *buffer.type.shape), buffer.type.element)
    return emit.alloc(type_, (blocks, *extents))


def _add_copies(
    emit: Emit, buffer: Value, copy: Value, blocks: Value, extents: tuple[Extent, ...]
) -> None:
    """buffer[:] += copy[b, :] for one block after the other."""

    def element(inner: Emit, indices: tuple[Value, ...]) -> None:
        total = inner.addf(inner.load(buffer, indices[1:]), inner.load(copy, indices))
        inner.store(total, buffer, indices[1:])

    emit.each((blocks, *extents), element)


def _added(emit: Emit, init: Value, partial: Value, blocks: Value) -> Value:
    """The init plus the parts of a carried sum, one block after the other."""
    number, so_far, inner = Value(INDEX), Value(init.type, None, "sum"), Emit(emit.span)
    add = arith.AddF if isinstance(init.type, FloatType) else arith.AddI
    total = inner.emit(add(so_far, inner.load(partial, (number,))))
    inner.add(scf.Yield((total,)))
    body = inner.block((number, so_far))
    return emit.emit(scf.For(emit.index(0), blocks, emit.index(1), (init,), body))


def _work(emit: Emit, block: Block, inside: set[Value]) -> Value:
    """About how many operations a run of a block takes."""
    plain, loops = 0, []
    for op in block.ops:
        plain += MATH_WORK if op.name.startswith("math.") else 1
        for inner in op.blocks:
            work = _work(emit, inner, inside)
            if isinstance(op, scf.For) and inside.isdisjoint((op.lower, op.upper, op.step)):
                work = emit.muli(work, trip_count(emit, op.lower, op.upper, op.step))
            elif not isinstance(op, scf.If):
                work = emit.muli(work, emit.index(UNKNOWN_TRIPS))
            loops.append(work)
    total = emit.index(plain)
    for work in loops:
        total = emit.addi(total, work)
    return total


class _Task:
    """The callee that runs one block, and the arguments with which it runs."""

    def __init__(self, function: Function, name: str) -> None:
        self.function = function
        self.name = name
        self.env: dict[Value, Value] = {}
        self.dimensions: dict[Value, tuple[Parameter, Value]] = {}
        self.inputs: list[tuple[Parameter, Value]] = []
        self.shared: list[tuple[Parameter, Value]] = []
        self.given: dict[str, list[Value]] = {"input": [], "shared": []}
        self.number = Value(INDEX, None, "block")

    @property
    def position(self) -> int:
        """Where the block's number stands among the arguments."""
        return len(self.dimensions)

    @property
    def changed(self) -> int:
        """How many of the arguments are changed."""
        return len(self.shared)

    @property
    def arguments(self) -> tuple[Value, ...]:
        """What the task is given, but for its number."""
        return (*self.dimensions, *self.given["input"], *self.given["shared"])

    def made(
        self,
        op: scf.For,
        parts: _Parts,
        count: Value,
        blocks: Value,
        copies: dict[Value, Value],
        sums: list[Value],
    ) -> Function:
        """The task of a loop."""
        emit = Emit(op.span)
        for buffer in parts.read:
            self._take(buffer, "input")
        for buffer in (*parts.changed, *copies.values(), *sums):
            self._take(buffer, "shared")
        scalars = [op.lower, op.step, count, blocks, *free_values(op.body)]
        for value in dict.fromkeys(scalars):
            self._scalar(value, emit)
        for private in copies:
            self.env[private] = self._cleared(emit, private)
        results = self._loop(op, count, blocks, emit)
        for private, copy in copies.items():
            self._keep(emit, private, self.env[copy])
        for result, partial in zip(results, sums, strict=True):
            emit.store(result, self.env[partial], (self.number,))
        emit.add(func.Return())
        number = (Parameter("block"), self.number)
        layout = (*self.dimensions.values(), number, *self.inputs, *self.shared)
        body = Block(tuple(v for _, v in layout), tuple(emit.ops))
        return Function(self.name, tuple(p for p, _ in layout), (), body, op.span)

    def _take(self, buffer: Value, role: str) -> None:
        """Make a buffer an argument, its extents too."""
        extents = extents_of(self.function, buffer)
        assert isinstance(buffer.type, MemRefType)
        shape = tuple(
            e if isinstance(e, int) else self._dimension(e) if known is None else known
            for e, known in zip(extents, buffer.type.shape, strict=True)
        )
        argument = Value(buffer.type, None, buffer.name)
        name = f"{role}_{len(self.given[role])}"
        layout = self.inputs if role == "input" else self.shared
        layout.append((Parameter(name, role, shape), argument))
        self.given[role].append(buffer)
        self.env[buffer] = argument

    def _dimension(self, extent: Value) -> str:
        """The name of an extent, an argument from now on."""
        if extent not in self.dimensions:
            pairs = zip(self.function.parameters, self.function.arguments, strict=True)
            names = [p.name for p, v in pairs if v is extent and p.role == "dimension"]
            taken = {p.name for p in self.function.parameters}
            name = names[0] if names else fresh(f"extent_{len(self.dimensions)}", taken)
            value = Value(INDEX, None, extent.name)
            self.dimensions[extent] = (Parameter(name, "dimension"), value)
            self.env[extent] = value
        return self.dimensions[extent][0].name

    def _scalar(self, value: Value, emit: Emit) -> None:
        """Make a scalar an argument, or the constant that it is."""
        if value in self.env or isinstance(value.type, MemRefType):
            return
        if isinstance(value.op, arith.Constant):
            self.env[value] = emit.emit(literal(value.op.value, value.type))
            return
        argument = Value(value.type, None, value.name)
        self.inputs.append((Parameter(f"input_{len(self.inputs)}"), argument))
        self.given["input"].append(value)
        self.env[value] = argument

    def _extents(self, buffer: Value) -> tuple[Extent, ...]:
        """The extents of a buffer, as the task knows them."""
        extents = extents_of(self.function, buffer)
        return tuple(e if isinstance(e, int) else self.env[e] for e in extents)

    def _cleared(self, emit: Emit, private: Value) -> Value:
        """A buffer of the task's own, of -0.0, which adds nothing to anything."""
        assert isinstance(private.type, MemRefType)
        nothing = emit.constant(-0.0, private.type.element)
        own = emit.alloc(private.type, self._extents(private))
        own.name = private.name
        emit.add(linalg.Fill(nothing, own))
        return own

    def _keep(self, emit: Emit, private: Value, copy: Value) -> None:
        """copy[block, :] = what this block added."""
        own = self.env[private]

        def element(inner: Emit, at: tuple[Value, ...]) -> None:
            inner.store(inner.load(own, at), copy, (self.number, *at))

        emit.each(self._extents(private), element)

    def _loop(self, op: scf.For, count: Value, blocks: Value, emit: Emit) -> tuple[Value, ...]:
        """Emit the iterations of this block; the sums that they carry."""
        step = self.env[op.step]
        first = self._start(op, self.number, count, blocks, emit)
        following = emit.addi(self.number, emit.index(1))
        limit = self._start(op, following, count, blocks, emit)
        if is_constant(op.lower, 0) and is_constant(op.step, 1):
            # It is so anyway; but now later passes see it.
            first = emit.emit(arith.MaxSI(first, emit.index(0)))
            limit = emit.emit(arith.MinSI(limit, self.env[count]))
        body = clone_block(op.body, dict(self.env))
        nothing = tuple(
            emit.emit(literal(-0.0 if isinstance(v.type, FloatType) else 0, v.type))
            for v in op.inits
        )
        return emit.add(scf.For(first, limit, step, nothing, body, op.lanes))

    def _start(self, op: scf.For, number: Value, count: Value, blocks: Value, emit: Emit) -> Value:
        """Where a block begins: lower + (number * count // blocks) * step."""
        scaled = emit.muli(number, self.env[count])
        start = emit.emit(arith.FloorDivSI(scaled, self.env[blocks]))
        if not is_constant(op.step, 1):
            start = emit.muli(start, self.env[op.step])
        return start if is_constant(op.lower, 0) else emit.addi(self.env[op.lower], start)
