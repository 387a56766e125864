"""What a reverse sweep needs of the primal, and where in the primal it comes from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from dpc.compiler.dialects import memref, scf
from dpc.compiler.dialects.memory import writes
from dpc.compiler.ir.core import Block, Function, Op, Value
from dpc.compiler.ir.types import is_float


@dataclass(frozen=True, slots=True)
class Nest:
    """Where blocks and values of a function stand.

    A frame is a block that its reverse finds with all its values there: the function's body, and
    the body of every loop that is reversed iteration by iteration.

    parents: the op that holds a block and the block that op stands in; the body is in none.
    positions: where in its block that op stands. depths: how many ops hold a block. homes: the
    block in which a value is defined. levels: the outermost block in which a value can be had by
    pure operations on values of that block. writes: the ops that write a buffer, each with its
    block and the position, in the block of the buffer, of the op that holds it. kept: the store
    that puts a value where it stays to the end, each iteration to an element of its own.
    stacked: what is stored goes on stacks alone.
    """

    body: Block
    frames: frozenset[Block]
    parents: dict[Block, tuple[Op, Block]] = field(default_factory=dict)
    positions: dict[Block, int] = field(default_factory=dict)
    depths: dict[Block, int] = field(default_factory=dict)
    homes: dict[Value, Block] = field(default_factory=dict)
    levels: dict[Value, Block] = field(default_factory=dict)
    writes: dict[Value, list[tuple[int, Op, Block]]] = field(default_factory=dict)
    kept: dict[Value, memref.Store] = field(default_factory=dict)
    stacked: bool = False

    def frame(self, block: Block) -> Block:
        """The innermost frame around a block, itself included."""
        while block not in self.frames:
            block = self.parents[block][1]
        return block

    def chain(self, block: Block, frame: Block | None = None) -> tuple[tuple[Op, Block], ...]:
        """The ops around a block within its frame (or `frame`), outermost first, each with its
        block on the way inwards.
        """
        frame = frame or self.frame(block)
        found: list[tuple[Op, Block]] = []
        while block is not frame:
            op, outer = self.parents[block]
            found.append((op, block))
            block = outer
        return tuple(reversed(found))

    def at_hand(self, value: Value) -> bool:
        """True for values of frames: they are still there when the frame is reversed."""
        return self.homes.get(value) in self.frames

    def inside(self, block: Block, outer: Block) -> bool:
        """True if a block is `outer` or within it."""
        while block is not outer:
            if block not in self.parents:
                return False
            block = self.parents[block][1]
        return True

    def position(self, block: Block, outer: Block) -> int:
        """The position in `outer` of the op that holds a block, directly or not."""
        while self.parents[block][1] is not outer:
            block = self.parents[block][1]
        return self.positions[block]

    def invariant(self, value: Value, frame: Block) -> bool:
        """True if a value can be had in a frame before the op that holds it."""
        return self.depths[self.levels[value]] <= self.depths[frame]

    def stable(self, buffer: Value, block: Block) -> bool:
        """True if a buffer holds, when a block is reversed, what it held when the block ran: it is
        a frame's, and written only before the op of that frame that holds the block.
        """
        home = self.homes[buffer]
        if home not in self.frames or home is block:
            return False
        return self.last_write(buffer) < self.position(block, home)

    def last_write(self, buffer: Value) -> int:
        """The position, in the block of a buffer, of the last op that writes it; -1 for none."""
        return self.writes[buffer][-1][0] if buffer in self.writes else -1

    def with_frames(self, frames: Iterable[Block]) -> "Nest":
        """The nest with these frames besides the body."""
        return replace(self, frames=self.frames.union(frames))


def nest_of(function: Function) -> Nest:
    """The nest of a function; its body is the only frame."""
    body = function.body
    nest = Nest(body, frozenset((body,)))
    nest.depths[body] = 0
    _enter_arguments(nest, body)
    for position, op in enumerate(body.ops):
        _enter(nest, op, body, position)
    for position, op in enumerate(body.ops):
        _find_kept(nest, op, position)
    return nest


def nest_of_callee(function: Function) -> Nest:
    """The nest of a function whose values are gone when it is reversed, but for its dimensions and
    inputs, which hold what they held.
    """
    outside, body = Block(function.arguments, ()), function.body
    nest = Nest(outside, frozenset((outside,)), stacked=True)
    nest.depths.update({outside: 0, body: 1})
    nest.parents[body] = (scf.Yield(), outside)
    nest.positions[body] = 0
    _enter_arguments(nest, outside)
    outputs = (v for p, v in zip(function.parameters, function.arguments) if p.role == "output")
    nest.homes.update(dict.fromkeys(outputs, body))
    for position, op in enumerate(body.ops):
        _enter(nest, op, body, position)
    return nest


def _find_kept(nest: Nest, op: Op, position: int) -> None:
    """The values that an op of the body stores for good in a buffer of the body."""
    writers: dict[Value, list[tuple[Op, Block]]] = {}
    for block in (b for o in (op, *(i for b in op.blocks for i in b.walk())) for b in o.blocks):
        for inner in block.ops:
            for buffer in writes(inner):
                writers.setdefault(buffer, []).append((inner, block))
    for buffer, found in writers.items():
        (store, block), alone = found[0], len(found) == 1
        if not alone or not isinstance(store, memref.Store) or nest.homes[buffer] is not nest.body:
            continue
        if nest.last_write(buffer) == position and nest.homes.get(store.value) is block:
            loops = [o for o, _ in nest.chain(block, nest.body) if not isinstance(o, scf.If)]
            by_loops = all(isinstance(o, scf.For) and _indexed_by(store, o) for o in loops)
            if by_loops and _place_is_known(store, nest):
                nest.kept.setdefault(store.value, store)


def _place_is_known(store: memref.Store, nest: Nest) -> bool:
    """True if the indices can be had without the value that is stored, or any kept likewise: they
    are integers that follow from integers, and a stored integer is no part of it.
    """
    if not is_float(store.value.type):
        return all(nest.homes[v] is nest.body for v in store.indices)
    pending, seen = list(store.indices), set(store.indices)
    while pending:
        value = pending.pop()
        if is_float(value.type):
            return False
        if value.op is not None and not value.op.blocks and nest.homes[value] is not nest.body:
            pending += [v for v in value.op.operands if v not in seen]
            seen.update(value.op.operands)
    return True


def _indexed_by(store: memref.Store, loop: scf.For) -> bool:
    return any(index is loop.body.arguments[0] for index in store.indices)


def _enter_arguments(nest: Nest, block: Block) -> None:
    nest.homes.update(dict.fromkeys(block.arguments, block))
    nest.levels.update(dict.fromkeys(block.arguments, block))


def _enter(nest: Nest, op: Op, block: Block, position: int) -> None:
    nest.homes.update(dict.fromkeys(op.results, block))
    level = block
    if op.pure:
        level = max(
            (nest.levels[v] for v in op.operands), key=nest.depths.__getitem__, default=nest.body
        )
    nest.levels.update(dict.fromkeys(op.results, level))
    for buffer in writes(op):
        home = nest.homes[buffer]
        top = position if home is block else nest.position(block, home)
        nest.writes.setdefault(buffer, []).append((top, op, block))
    for inner in op.blocks:
        nest.parents[inner] = (op, block)
        nest.positions[inner] = position
        nest.depths[inner] = nest.depths[block] + 1
        _enter_arguments(nest, inner)
        for inner_position, inner_op in enumerate(inner.ops):
            _enter(nest, inner_op, inner, inner_position)


def needed(ops: Iterable[Op], nest: Nest) -> dict[Value, Op]:
    """Values of the primal that reverse code names, each with the first op of it that does.

    Those of frames aside, which dominate the reverse code and need no care.
    """
    found: dict[Value, Op] = {}
    for op in ops:
        for value in op.operands:
            if value in nest.homes and not nest.at_hand(value):
                found.setdefault(value, op)
        for block in op.blocks:
            for value, inner in needed(block.ops, nest).items():
                found.setdefault(value, inner)
    return found


def named(ops: Iterable[Op]) -> Iterator[Value]:
    """The operands of ops and of all ops inside."""
    for op in ops:
        yield from op.operands
        for block in op.blocks:
            yield from named(block.ops)
