"""A function as inspectors need it: what only computes floats from floats is left out.

Every float that something else than a scalar operation uses becomes one `Join` of the loads, block
arguments and results it is made of; an integer that floats determine becomes `Undecided`; prints,
checks (but those of integers, if asked for) and what nothing uses any more are gone.
"""

from collections.abc import Callable

from dpc.compiler.dialects import arith, cf, io, memref
from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.ir.core import Block, Function, Op, Value, operation
from dpc.compiler.ir.rewrite import uses
from dpc.compiler.ir.types import Type, is_float

MOST_PARTS = 24

Carries = Callable[[Op, int], bool]
Parts = tuple[Value, ...]


@operation("inspect.join")
class Join(Op):
    """The union of what its parts depend on."""

    parts: tuple[Value, ...]
    type: Type

    def infer(self) -> tuple[Type, ...]:
        return (self.type,)


@operation("inspect.undecided")
class Undecided(Op):
    """An integer that floats determine."""

    type: Type

    def infer(self) -> tuple[Type, ...]:
        return (self.type,)


def reduced(function: Function, carries: Carries, checks: bool = False) -> Function:
    """The function without its float arithmetic; `checks`: with those that integers decide."""
    return function.with_body(_trimmed(_Reduction(carries, checks).block(function.body)))


class _Reduction:
    """`parts`: what float values made of others are made of; `env`: what others have become."""

    def __init__(self, carries: Carries, checks: bool) -> None:
        self._carries = carries
        self._checks = checks
        self._parts: dict[Value, Parts] = {}
        self._env: dict[Value, Value] = {}
        self._undecided: set[Value] = set()

    def block(self, block: Block) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            self._reduce(op, ops)
        return Block(block.arguments, tuple(ops))

    def _reduce(self, op: Op, ops: list[Op]) -> None:
        if isinstance(op, cf.Assert | io.Print) and not self._keeps(op):
            return
        if isinstance(op, Scalar):
            floats = [v for v in op.operands if is_float(v.type)]
            result = op.results[0]
            if is_float(result.type) and not self._chooses(op):
                self._compose(op, result, ops)
                return
            if floats and not is_float(result.type):
                new: Op = Undecided(result.type, span=op.span)
                ops.append(new)
                self._env[result] = new.results[0]
                self._undecided.add(result)
                return
        blocks = tuple(self.block(b) for b in op.blocks) if op.blocks else None
        known = {v: self._value(v, ops) for v in op.operands}
        new = op.rebuild(known, blocks)
        ops.append(new)
        self._env.update(zip(op.results, new.results, strict=True))

    def _keeps(self, op: Op) -> bool:
        """True for a check of integers."""
        decided = not any(is_float(v.type) or v in self._undecided for v in op.operands)
        return self._checks and isinstance(op, cf.Assert) and decided

    def _chooses(self, op: Op) -> bool:
        """True for a choice that integers make."""
        return isinstance(op, arith.Select) and op.condition not in self._undecided

    def _compose(self, op: Op, result: Value, ops: list[Op]) -> None:
        found: dict[Value, None] = {}
        for position, operand in enumerate(op.operands):
            if is_float(operand.type) and self._carries(op, position):
                found.update(dict.fromkeys(self._parts_of(operand)))
        self._parts[result] = tuple(found)
        if len(found) > MOST_PARTS:
            self._parts[result] = (self._value(result, ops),)

    def _parts_of(self, value: Value) -> Parts:
        return self._parts.get(value, (self._env.get(value, value),))

    def _value(self, value: Value, ops: list[Op]) -> Value:
        """The value, joined here if it is made of others."""
        parts = self._parts.get(value)
        if parts is None:
            return self._env.get(value, value)
        if len(parts) == 1:
            return parts[0]
        join = Join(parts, value.type)
        ops.append(join)
        return join.results[0]


def _trimmed(block: Block) -> Block:
    """Without loads and scalar operations that nothing uses, to the end."""
    while True:
        counts = uses(block)
        smaller = _without_unused(block, counts)
        if smaller is block:
            return block
        block = smaller


def _without_unused(block: Block, counts: dict[Value, int]) -> Block:
    ops: list[Op] = []
    changed = False
    for op in block.ops:
        if isinstance(op, _IDLE) and not any(r in counts for r in op.results):
            changed = True
            continue
        if op.blocks:
            blocks = tuple(_without_unused(b, counts) for b in op.blocks)
            if any(a is not b for a, b in zip(blocks, op.blocks, strict=True)):
                changed = True
                new = op.rebuild({}, blocks)
                # The results are looked up by their values.
                new.results = op.results
                op = new
        ops.append(op)
    return Block(block.arguments, tuple(ops)) if changed else block


_IDLE = (Scalar, memref.Load, Join, Undecided)
