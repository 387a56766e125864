"""Contents of buffers that closed forms need in the reverse sweep.

A rule that works on whole buffers cannot name their elements one by one as the other rules do.
Where a buffer still holds in the reverse sweep what it held at the operation, the rule uses it as
it is. Elsewhere (inside loops, or when it is overwritten later) the primal gets, right after the
operation, a loop over the elements,

    keep = alloc;   for i, j:  v = buffer[i, j];  ad.retain v, keep[i, j]

whose reverse stores v, however the plan has it, into a buffer of the reverse sweep that stands for
`keep`: it is full when the operation itself is reversed. The loop's forward half does nothing.

Where the buffer is filled element by element out of what nothing writes, as a slice of an input
is, v is computed as it was there: so the plan may read the input again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dpc.compiler.ad.emit import Emit, Extent
from dpc.compiler.ad.forms import FORMS
from dpc.compiler.ad.layout import arguments, extents_of, is_buffer
from dpc.compiler.analysis.activity import Activity
from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.analysis.needed import Nest
from dpc.compiler.dialects import ad, memref, scf
from dpc.compiler.dialects.func import Invoke
from dpc.compiler.dialects.memory import writes
from dpc.compiler.ir.core import Block, Function, Op, Value
from dpc.compiler.ir.rewrite import clone_ops
from dpc.compiler.ir.types import MemRefType


@dataclass(slots=True)
class Retained:
    """For operands (operation, field) the buffer whose contents are theirs at the operation.

    Of a custom function's call the field is the number among its `known_values`, as text.
    """

    buffers: dict[tuple[Op, str], Value] = field(default_factory=dict)
    kept: set[Value] = field(default_factory=set)


def retains(function: Function) -> bool:
    """True if any operation has a closed form or a rule of its own, or is an invocation."""
    kept = (ad.Custom, Invoke)
    return any(type(op) in FORMS or isinstance(op, kept) for op in function.body.walk())


def retain(function: Function, activity: Activity, nest: Nest) -> tuple[Function, Retained]:
    """The function with loops that retain what active closed forms and invocations need."""
    retained = Retained()
    return _Retainer(function, activity, nest, retained).run(), retained


class _Retainer:
    """One walk; `env` maps values of ops that hold loops to new ones."""

    def __init__(
        self, function: Function, activity: Activity, nest: Nest, retained: Retained
    ) -> None:
        self.function = function
        self.activity = activity
        self.nest = nest
        self.retained = retained
        self.env: dict[Value, Value] = {}

    def run(self) -> Function:
        """The function with its body rebuilt."""
        return replace(self.function, body=self.block(self.function.body))

    def block(self, block: Block) -> Block:
        """The block with loops after operations that need them."""
        emit = Emit()
        for position, op in enumerate(block.ops):
            blocks = tuple(self.block(b) for b in op.blocks) if op.blocks else None
            new = op.rebuild(self.env, blocks)
            if new is not op:
                self.env.update(zip(op.results, new.results, strict=True))
            emit.add(new)
            if any(v in self.activity for v in (*writes(op), *op.results)):
                with emit.at(op.span):
                    pairs = zip(_needed(op), _needed(new), strict=True)
                    for (name, before), (_, buffer) in pairs:
                        if self._lasts(before, block, position):
                            self.retained.buffers[new, name] = buffer
                            continue
                        filled = _filled(before, self.function, self.nest, block, position)
                        self._operand(new, name, buffer, filled, emit)
        return Block(block.arguments, tuple(emit.ops))

    def _operand(
        self, op: Op, name: str, buffer: Value, filled: memref.Store | None, emit: Emit
    ) -> None:
        extents = extents_of(self.function, buffer)
        assert isinstance(buffer.type, MemRefType)
        keep = emit.alloc(buffer.type, extents)
        self.retained.buffers[op, name] = keep
        self.retained.kept.add(keep)

        def element(inner: Emit, indices: tuple[Value, ...]) -> None:
            if filled is None:
                value = inner.load(buffer, indices)
            else:
                value = self._again(inner, filled, indices)
            inner.add(ad.Retain(value, keep, indices))

        emit.each(extents, element)

    def _again(self, emit: Emit, store: memref.Store, indices: tuple[Value, ...]) -> Value:
        """What a store of an element stores, computed once more."""
        env = {**self.env, **dict(zip(store.indices, indices, strict=True))}
        innermost = store.indices[-1].owner
        assert isinstance(innermost, Block)
        for op in clone_ops(innermost.ops[: innermost.ops.index(store)], env):
            emit.add(op)
        return env.get(store.value, store.value)

    def _lasts(self, buffer: Value, block: Block, position: int) -> bool:
        """True if the buffer holds in the reverse sweep what it holds after the operation."""
        if not self.nest.at_hand(buffer):
            return False
        if block is self.nest.body:
            return self.nest.last_write(buffer) <= position
        return self.nest.stable(buffer, block)


def _filled(
    buffer: Value, function: Function, nest: Nest, block: Block, position: int
) -> memref.Store | None:
    """The store by which loops over all indices have filled a buffer, out of what is never written,
    before an op of a block; None if it is not so.
    """
    home = nest.homes[buffer]
    before = position if block is home else nest.position(block, home)
    writers = nest.writes.get(buffer, [])
    if len(writers) != 1 or writers[0][0] >= before:
        return None
    _, store, inner = writers[0]
    loops = nest.chain(inner, home)
    if not isinstance(store, memref.Store) or len(loops) != len(store.indices) or not loops:
        return None
    rows = zip(loops, store.indices, extents_of(function, buffer), strict=True)
    if not all(_counts(op, body, index, extent) for (op, body), index, extent in rows):
        return None
    alone = all(len(body.ops) == 2 for _, body in loops[:-1])
    made = inner.ops[: inner.ops.index(store)]
    return store if alone and all(_repeats(op, nest) for op in made) else None


def _counts(op: Op, body: Block, index: Value, extent: Extent) -> bool:
    """True for a loop over all numbers below an extent, which carries nothing."""
    if not isinstance(op, scf.For) or op.inits or index is not body.arguments[0]:
        return False
    if constant_of(op.lower) != 0 or constant_of(op.step) != 1:
        return False
    upper = constant_of(op.upper)
    known = extent if isinstance(extent, int) else constant_of(extent)
    return op.upper is extent or (upper is not None and upper == known)


def _repeats(op: Op, nest: Nest) -> bool:
    """True for ops that yield the same at any time."""
    return op.pure or (isinstance(op, memref.Load) and op.buffer not in nest.writes)


def _needed(op: Op) -> Iterator[tuple[str, Value]]:
    """The buffers that the reverse rule reads, each with the name of its field."""
    if type(op) in FORMS:
        for name in FORMS[type(op)].needed:
            yield name, getattr(op, name)
    elif isinstance(op, Invoke):
        for number, value in enumerate(op.arguments[: len(op.arguments) - op.changed]):
            if is_buffer(value):
                yield str(number), value
    elif isinstance(op, ad.Custom):
        rule = op.function.reverse()
        read = {v for inner in rule.body.walk() for v in inner.operands}
        given = [v for role in ("dimension", "input") for _, v in arguments(rule, role)]
        for number, (argument, value) in enumerate(zip(given, known_values(op), strict=False)):
            if is_buffer(value) and argument in read:
                yield str(number), value


def known_values(op: ad.Custom) -> tuple[Value, ...]:
    """What a reverse rule is given, before the cotangents: arguments, results, outputs."""
    return (*op.inputs, *op.results, *op.outputs)


__all__ = ["Retained", "known_values", "retain", "retains"]
