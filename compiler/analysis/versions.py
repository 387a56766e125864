"""Buffers at every moment: which contents follow from which values.

Each write gives a buffer a new version. A part written, the old version flows into the new one; a
whole buffer overwritten (by a fill, a copy, or a loop over all its elements that stores to each)
it does not. Where control flow meets there is a version into which both flow, and a loop's first
version holds what came before it and what each iteration leaves.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.dialects import linalg, memref, scf, tape
from dpc.compiler.dialects.memory import writes
from dpc.compiler.ir.core import Block, Function, Op, Value
from dpc.compiler.ir.types import MemRefType, holds_float


@dataclass(slots=True, eq=False)
class Version:
    """Contents of a buffer or stack, from one write to the next."""

    buffer: Value


# A scalar value or what a buffer holds; a buffer's Value is what it holds where it begins.
Node = Value | Version
Edge = tuple[Node, Node]
# The edges that an op makes, between its operands, results and what its blocks carry.
Flows = Callable[[Op], Iterable[tuple[Value, Value]]]
_WHOLE = (linalg.Fill, memref.Copy, tape.Restore)


@dataclass(slots=True)
class Flow:
    """One walk of a function; `now` holds the versions of buffers that were written, but for those
    `shared` with callers, which have one.
    """

    function: Function
    flows: Flows
    shared: frozenset[Value] = frozenset()
    edges: list[Edge] = field(default_factory=list)
    now: dict[Value, Node] = field(default_factory=dict)

    def run(self) -> None:
        """Find all edges; afterwards `now` has the last versions."""
        self._block(self.function.body)

    def version(self, buffer: Value) -> Node:
        """What a buffer holds, or a scalar itself."""
        return self.now.get(buffer, buffer)

    def _versioned(self, buffer: Value) -> bool:
        """True for floats, but for what callers share: its shadow is changed wherever it is."""
        return holds_float(buffer.type) and buffer not in self.shared

    def _block(self, block: Block) -> None:
        for op in block.ops:
            handler = _STRUCTURES.get(type(op))
            if handler is not None:
                handler(self, op)
            else:
                self._plain(op)

    def _plain(self, op: Op) -> None:
        if isinstance(op, memref.Alloc | tape.Stack):
            self.now.pop(op.result, None)
        written: dict[Value, Node] = {}
        for buffer in writes(op):
            if self._versioned(buffer):
                written[buffer] = Version(buffer)
                if not isinstance(op, _WHOLE):
                    self.edges.append((self.version(buffer), written[buffer]))
        for source, target in self.flows(op):
            if holds_float(source.type) and holds_float(target.type):
                self.edges.append((self.version(source), written.get(target, target)))
        self.now.update(written)

    def begin(self, op: Op) -> dict[Value, Node]:
        """The versions with which the iterations of a loop begin."""
        first: dict[Value, Node] = {}
        for inner in (o for b in op.blocks for o in b.walk()):
            for buffer in writes(inner):
                if buffer not in first and self._versioned(buffer):
                    first[buffer] = Version(buffer)
        self.edges.extend((self.version(b), node) for b, node in first.items())
        self.now.update(first)
        return first

    def repeat(self, first: dict[Value, Node]) -> None:
        """The end of an iteration leads to the beginning of the next."""
        self.edges.extend((self.version(b), node) for b, node in first.items())

    def loop(self, op: scf.For) -> None:
        """A counted loop."""
        self.edges.extend(self.flows(op))
        first = self.begin(op)
        self._block(op.body)
        self.repeat(first)
        self.now.update(first)
        for store in self.covering(op):
            self.now[store.buffer] = Version(store.buffer)
            self.edges.append((store.value, self.now[store.buffer]))

    def while_(self, op: scf.While) -> None:
        """A loop of unknown length; it leaves after `before`."""
        self.edges.extend(self.flows(op))
        first = self.begin(op)
        self._block(op.before)
        leaving = dict(self.now)
        self._block(op.body)
        self.repeat(first)
        self.now = leaving

    def branch(self, op: scf.If) -> None:
        """Either block, then what both leave."""
        self.edges.extend(self.flows(op))
        before, ends = dict(self.now), list[dict[Value, Node]]()
        for block in op.blocks:
            self.now = dict(before)
            self._block(block)
            ends.append(self.now)
        then, otherwise = ends
        for buffer in {**then, **otherwise}:
            left, right = then.get(buffer, buffer), otherwise.get(buffer, buffer)
            if left is not right:
                self.now[buffer] = Version(buffer)
                self.edges.extend(((left, self.now[buffer]), (right, self.now[buffer])))

    def covering(self, op: scf.For) -> Iterator[memref.Store]:
        """The stores of a loop nest that reach every element of what nobody else writes there."""
        loops, block = [op], op.body
        writers: dict[Value, int] = {}
        for inner in op.body.walk():
            for buffer in writes(inner):
                writers[buffer] = writers.get(buffer, 0) + 1
        while True:
            stores = [inner for inner in block.ops if isinstance(inner, memref.Store)]
            yield from (s for s in stores if writers[s.buffer] == 1 and self._covers(s, loops))
            nested = [inner for inner in block.ops if isinstance(inner, scf.For)]
            if len(nested) != 1:
                return
            loops, block = [*loops, nested[0]], nested[0].body

    def _covers(self, store: memref.Store, loops: list[scf.For]) -> bool:
        inductions = [loop.body.arguments[0] for loop in loops]
        if list(store.indices) != inductions or not self._versioned(store.buffer):
            return False
        pairs = zip(loops, self._extents(store.buffer), strict=True)
        return all(
            constant_of(loop.lower) == 0
            and constant_of(loop.step) == 1
            and (loop.upper is extent or constant_of(loop.upper) == extent)
            for loop, extent in pairs
        )

    def _extents(self, buffer: Value) -> tuple[int | Value, ...]:
        type_, op = buffer.type, buffer.op
        assert isinstance(type_, MemRefType)
        if isinstance(op, memref.Alloc):
            dynamic = iter(op.extents)
            found = tuple(next(dynamic) if e is None else e for e in type_.shape)
        else:
            declared = self.function.extents(buffer)
            found = tuple(d if k is None else k for k, d in zip(type_.shape, declared, strict=True))
        return tuple(
            e if isinstance(e, int) or not isinstance(c := constant_of(e), int) else c
            for e in found
        )


_STRUCTURES: dict[type[Op], Callable[..., None]] = {
    scf.For: Flow.loop,
    scf.While: Flow.while_,
    scf.If: Flow.branch,
}


def covered(op: scf.For, function: Function) -> set[Value]:
    """The buffers of which a nest of loops stores every element, and nobody else inside."""
    return {store.buffer for store in Flow(function, lambda _: ()).covering(op)}
