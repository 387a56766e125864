"""What a reverse sweep needs of the primal, and where in the primal it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass

from dpc.compiler.dialects import memref, scf
from dpc.compiler.dialects.memory import WRITES
from dpc.compiler.ir.core import Block, Function, Op, Value


@dataclass(frozen=True, slots=True)
class Nest:
    """Where blocks and values of a function stand.

    parents: the op that holds a block and the block that op stands in; the body is in none.
    homes: the block in which a value is defined. tops: the position in the body of the op that
    holds a block, directly or not. last_write: the position in the body of the last op that writes
    a buffer, directly or inside. invariant: values that can be had before the op of the body that
    holds them, for they follow from values of the body by pure operations. kept: the store that
    puts a value where it stays to the end, each iteration to an element of its own.
    """

    body: Block
    parents: dict[Block, tuple[Op, Block]]
    homes: dict[Value, Block]
    tops: dict[Block, int]
    last_write: dict[Value, int]
    invariant: set[Value]
    kept: dict[Value, memref.Store]

    def chain(self, block: Block) -> tuple[tuple[Op, Block], ...]:
        """The ops around a block, outermost first, each with its block on the way inwards."""
        found: list[tuple[Op, Block]] = []
        while block in self.parents:
            op, outer = self.parents[block]
            found.append((op, block))
            block = outer
        return tuple(reversed(found))

    def outermost(self, value: Value) -> bool:
        """True for values of the body itself: they are still there when the body ends."""
        return self.homes.get(value) is self.body

    def stable(self, buffer: Value, block: Block) -> bool:
        """True if a buffer holds in the reverse sweep what it held when the block ran: it is
        alive until the end and written only before the op of the body that holds the block.
        """
        return self.outermost(buffer) and self.last_write.get(buffer, -1) < self.tops[block]


def nest_of(function: Function) -> Nest:
    """The nest of a function."""
    nest = Nest(function.body, {}, {}, {}, {}, set(function.arguments), {})
    nest.homes.update(dict.fromkeys(function.arguments, function.body))
    for position, op in enumerate(function.body.ops):
        _enter(nest, op, function.body, position)
    for position, op in enumerate(function.body.ops):
        _find_kept(nest, op, position)
    return nest


def _find_kept(nest: Nest, op: Op, position: int) -> None:
    """The values that an op of the body stores for good."""
    writers: dict[Value, list[tuple[Op, Block]]] = {}
    for block in (b for o in (op, *(i for b in op.blocks for i in b.walk())) for b in o.blocks):
        for inner in block.ops:
            for name in WRITES.get(type(inner), ()):
                writers.setdefault(getattr(inner, name), []).append((inner, block))
    for buffer, found in writers.items():
        (store, block), alone = found[0], len(found) == 1
        if not alone or not isinstance(store, memref.Store) or not nest.outermost(buffer):
            continue
        if nest.last_write[buffer] == position and nest.homes.get(store.value) is block:
            loops = [o for o, _ in nest.chain(block) if not isinstance(o, scf.If)]
            if all(isinstance(o, scf.For) and _indexed_by(store, o) for o in loops):
                nest.kept.setdefault(store.value, store)


def _indexed_by(store: memref.Store, loop: scf.For) -> bool:
    return any(index is loop.body.arguments[0] for index in store.indices)


def _enter(nest: Nest, op: Op, block: Block, position: int) -> None:
    nest.homes.update(dict.fromkeys(op.results, block))
    if block is nest.body or (op.pure and all(v in nest.invariant for v in op.operands)):
        nest.invariant.update(op.results)
    for name in WRITES.get(type(op), ()):
        nest.last_write[getattr(op, name)] = position
    for inner in op.blocks:
        nest.parents[inner] = (op, block)
        nest.tops[inner] = position
        nest.homes.update(dict.fromkeys(inner.arguments, inner))
        for inner_op in inner.ops:
            _enter(nest, inner_op, inner, position)


def needed(ops: list[Op], nest: Nest) -> set[Value]:
    """Values from inner blocks of the primal that reverse code names.

    (Those of the body itself dominate the reverse sweep and need no care.)
    """
    found: set[Value] = set()
    for op in _walk(ops):
        for operand in op.operands:
            if operand in nest.homes and not nest.outermost(operand):
                found.add(operand)
    return found


def _walk(ops: list[Op]) -> Iterator[Op]:
    for op in ops:
        yield op
        for block in op.blocks:
            yield from block.walk()
