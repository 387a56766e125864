"""The reverse sweep under construction: cotangents, shadows, and what mirrors what.

Reverse code is written as if every value of the primal were at hand: it names the primal's own
Values, even those of inner blocks that do not dominate it. `needed` collects these names, `plan`
decides how each is had, `materialise` puts stored or recomputed values in their place.

Conventions: z_bar is the cotangent of z. A scope is the reverse of one block; the cotangents left
over when it is done belong to values from outside the block.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dpc.compiler.ad.emit import Emit, Extent
from dpc.compiler.ad.layout import extents_of
from dpc.compiler.ad.retain import Retained
from dpc.compiler.analysis.accumulation import Accumulation, accumulations
from dpc.compiler.analysis.activity import Activity
from dpc.compiler.analysis.independence import written
from dpc.compiler.analysis.needed import Nest
from dpc.compiler.dialects import memref
from dpc.compiler.ir.core import Block, Function, Op, Value
from dpc.compiler.ir.types import MemRefType

if TYPE_CHECKING:
    from dpc.compiler.ad.call import Taped


@dataclass(frozen=True, slots=True)
class Mirror:
    """What a block of reverse code reverses; its first `header` ops find the iteration."""

    primal: Block
    header: int


@dataclass(slots=True)
class Sweep:
    """What all scopes of one reverse sweep share.

    shadows: cotangent buffers of active buffers. mirrors: reverse blocks to what they reverse.
    same: values that stand for others (an induction variable for its mirrored counterpart, an
    invariant carried cotangent for its initial value). iterations: for the body of each reversed
    loop the number of the iteration, counted from 0, in the reverse sweep. trips: for each while
    the number of its iterations. nest, uses: where the primal's values stand, and how often they
    are used. retained: where the contents are that closed forms need; contents: the buffers of the
    reverse sweep that stand for those that the primal only names. origins: the op of the primal
    that an op of reverse code reverses. taped: the callees' reverse.
    """

    function: Function
    activity: Activity
    rules: "dict[type[Op], Reverse]"
    trips: dict[Op, Value]
    nest: Nest
    uses: Mapping[Value, int]
    retained: Retained
    taped: "Taped | None" = None
    shadows: dict[Value, Value] = field(default_factory=dict)
    mirrors: dict[Block, Mirror] = field(default_factory=dict)
    same: dict[Value, Value] = field(default_factory=dict)
    iterations: dict[Block, Value] = field(default_factory=dict)
    any_order: dict[Block, Value] = field(default_factory=dict)
    contents: dict[Value, Value] = field(default_factory=dict)
    origins: dict[Op, Op] = field(default_factory=dict)

    def extents(self, buffer: Value) -> tuple[Extent, ...]:
        """The extents of a buffer of the primal."""
        return extents_of(self.function, buffer)

    def written(self, block: Block) -> set[Value]:
        """The active buffers that anything inside changes, and those it retains."""
        kept = self.retained.kept
        return {b for b in written(block) if b in self.activity or b in kept}

    def fix_orders(self, stacked: Iterable[Value], nest: Nest) -> None:
        """First to last, where the order is free and nothing inside sits on a stack: neither the
        values `stacked` nor what callees put there.
        """
        for value in stacked:
            for _, block in nest.chain(nest.homes[value]):
                self.any_order.pop(block, None)
        for block, mirror in self.mirrors.items():
            if self.taped is not None and any(map(self.taped.pops, block.walk())):
                self.any_order.pop(mirror.primal, None)
        for body, counter in self.any_order.items():
            self.same[self.iterations[body]] = counter


@dataclass(slots=True)
class Scope:
    """The reverse of one block."""

    sweep: Sweep
    emit: Emit
    bars: dict[Value, Value] = field(default_factory=dict)
    sums: dict[Op, Accumulation] = field(default_factory=dict)

    def add(self, value: Value, contribution: Value) -> None:
        """value_bar += contribution, for active values."""
        if value not in self.sweep.activity:
            return
        known = self.bars.get(value)
        self.bars[value] = contribution if known is None else self.emit.addf(known, contribution)

    def take(self, value: Value) -> Value | None:
        """value_bar, complete; None for zero."""
        return self.bars.pop(value, None)

    def inner(self) -> "Scope":
        """A scope for the reverse of an inner block."""
        return Scope(self.sweep, Emit(self.emit.span))

    def zero(self, like: Value) -> Value:
        """The constant 0 of a value's type."""
        return self.emit.constant(0.0, like.type)

    def reverse(self, block: Block) -> None:
        """Emit the reverse of a block's ops, with shadows for the buffers it allocates."""
        for op in block.ops:
            if isinstance(op, memref.Alloc) and op.result in self.sweep.activity:
                with self.emit.at(op.span):
                    self.allocate_shadow(op.result)
            elif isinstance(op, memref.Alloc) and op.result in self.sweep.retained.kept:
                extents = self.sweep.extents(op.result)
                self.sweep.contents[op.result] = self.emit.alloc(op.type, extents)
        self.sums = accumulations(block, self.sweep.uses)
        done = {op for s in self.sums.values() for op in (s.load, s.combine)}
        for op in reversed(block.ops[:-1]):
            if op in done:
                continue
            rule = self.sweep.rules.get(type(op), self.sweep.rules[Op])
            start = len(self.emit.ops)
            with self.emit.at(op.span):
                rule(self, op)
            self.sweep.origins.update(dict.fromkeys(self.emit.ops[start:], op))

    def allocate_shadow(self, buffer: Value, start: Value | None = None) -> None:
        """A new shadow of a buffer: a copy of `start`, else zero."""
        type_ = buffer.type
        assert isinstance(type_, MemRefType)
        shadow = self.emit.alloc(type_, self.sweep.extents(buffer))
        shadow.name = f"d_{buffer.name}" if buffer.name else ""
        if start is None:
            self.emit.zero(shadow)
        else:
            self.emit.add(memref.Copy(start, shadow))
        self.sweep.shadows[buffer] = shadow


Reverse = Callable[[Scope, Op], None]
