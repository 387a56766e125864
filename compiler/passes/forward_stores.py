"""Stores forwarded to loads, stores that nothing sees.

- A load takes the value last stored (or loaded) at the same indices of the same buffer, unless
  something in between may have written there. Two index lists of one buffer are different places
  where they provably differ by a constant on some axis.
- A store is dropped when the place holds that value already, or when the same block stores there
  again before anything reads the buffer. Checks count as readers of buffers seen outside.
"""

from dpc.compiler.analysis.effects import EffectsOf
from dpc.compiler.analysis.memory import MemoryState
from dpc.compiler.dialects.linalg import Fill
from dpc.compiler.dialects.memref import Alloc, Load, Store
from dpc.compiler.dialects.scf import For, While
from dpc.compiler.ir.core import Block, Function, Module, Op, Value
from dpc.compiler.passes.traversal import Traversal

MOST_NEIGHBOURS = 8  # known places of a buffer that a store is compared with
Place = tuple[Value, ...]


def forward_stores(module: Module) -> Module:
    """Use stored values instead of loading them, drop stores never seen."""
    return module.map(_function)


def _function(function: Function) -> Function:
    forwarded = _Forward(function).run()
    return forwarded.with_body(_Overwritten().block(forwarded.body))


class _Forward(Traversal):
    """`memory` maps (buffer, its version, indices) to the value there, and (buffer, version) to
    the value everywhere; `places` lists the places known of a version.
    """

    def __init__(self, function: Function) -> None:
        super().__init__(function)
        self.memory = MemoryState()
        self.effects = EffectsOf()

    def inner(self, op: Op, position: int) -> Block:
        with self.memory.scope():
            if isinstance(op, For | While):
                self.memory.clobber(self._written(op))
            return super().inner(op, position)

    def structure(self, op: Op) -> list[Op]:
        self.memory.clobber(self._written(op))
        return [op]

    def plain(self, op: Op) -> list[Op]:
        if isinstance(op, Load):
            known = self._known(op.buffer, op.indices)
            if known is not None:
                self.env[op.result] = known
                return []
            self._learn(op.buffer, op.indices, op.result)
        elif isinstance(op, Store):
            if self._known(op.buffer, op.indices) is op.value:
                return []
            self._store(op)
        else:
            self.memory.clobber(self.effects.op(op).writes)
            if isinstance(op, Fill):
                self.memory.put((op.buffer, self.memory.version(op.buffer)), op.value)
        return [op]

    def _known(self, buffer: Value, place: Place) -> Value | None:
        version = self.memory.version(buffer)
        found: Value | None = self.memory.get((buffer, version, place))
        return found or self.memory.get((buffer, version))

    def _learn(self, buffer: Value, place: Place, value: Value) -> None:
        version = self.memory.version(buffer)
        self.memory.put((buffer, version, place), value)
        places = self.memory.get(("places", buffer, version)) or ()
        self.memory.put(("places", buffer, version), (*places[-MOST_NEIGHBOURS:], place))

    def _store(self, op: Store) -> None:
        """A new version of the buffer, which keeps what is known of other places."""
        buffer, version = op.buffer, self.memory.version(op.buffer)
        places = self.memory.get(("places", buffer, version)) or ()
        kept = [(p, self._known(buffer, p)) for p in places if self._differ(p, op.indices)]
        self.memory.clobber((buffer,))
        for place, value in kept:
            if value is not None:
                self._learn(buffer, place, value)
        self._learn(buffer, op.indices, op.value)

    def _differ(self, left: Place, right: Place) -> bool:
        for a, b in zip(left, right, strict=True):
            difference = self.ranges.form(a).minus(self.ranges.form(b))
            if not difference.terms and difference.constant:
                return True
        return False

    def _written(self, op: Op) -> set[Value]:
        return {self.now(buffer) for buffer in self.effects.op(op).writes}


class _Overwritten:
    """Drops stores that a later store of the same block covers before any read."""

    def __init__(self) -> None:
        self.effects = EffectsOf()
        self.env: dict[Value, Value] = {}

    def block(self, block: Block) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            blocks = tuple(self.block(b) for b in op.blocks) if op.kinds.blocks else None
            new = op.rebuild(self.env, blocks)
            if new is not op:
                self.env.update(zip(op.results, new.results, strict=True))
            ops.append(new)
        kept = self._kept(ops)
        if len(kept) == len(block.ops) and all(
            a is b for a, b in zip(kept, block.ops, strict=True)
        ):
            return block
        return Block(block.arguments, tuple(kept))

    def _kept(self, ops: list[Op]) -> list[Op]:
        kept: list[Op] = []
        pending: dict[Value, set[Place | None]] = {}  # overwritten before being read; None: all
        for op in reversed(ops):
            if isinstance(op, Store | Fill):
                places = pending.setdefault(op.buffer, set())
                place = op.indices if isinstance(op, Store) else None
                if place in places or None in places:
                    continue
                places.add(place)
                kept.append(op)
                continue
            found = self.effects.op(op)
            for buffer in found.reads:
                pending.pop(buffer, None)
            if found.fails or found.calls:
                for buffer in [b for b in pending if not isinstance(b.owner, Alloc)]:
                    del pending[buffer]
            kept.append(op)
        kept.reverse()
        return kept
