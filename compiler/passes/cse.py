"""Common subexpressions: an op equal to one that dominates it is that one.

Equal loads are one load where nothing was stored to the buffer between them; a load of what was
stored is left to `forward_stores`. A check whose condition was checked before goes.
"""

from typing import Any

from dpc.compiler.analysis.effects import WRITES, EffectsOf
from dpc.compiler.analysis.memory import MemoryState, float_bits
from dpc.compiler.dialects.arith import Constant, FloorDivSI, FloorModSI
from dpc.compiler.dialects.array import Read
from dpc.compiler.dialects.cf import Assert
from dpc.compiler.dialects.memref import Load
from dpc.compiler.dialects.scf import For, While
from dpc.compiler.ir.core import Block, Function, Module, Op, Value

# Not pure (they may not move up), but equal operands give equal results.
REPEATABLE = (FloorDivSI, FloorModSI)
READS = (Load, Read)


def cse(module: Module) -> Module:
    """Compute equal things once."""
    return module.map(_function)


def _function(function: Function) -> Function:
    return function.with_body(_Cse().block(function.body))


class _Cse:
    def __init__(self) -> None:
        self.env: dict[Value, Value] = {}
        self.known = MemoryState()
        self.effects = EffectsOf()

    def block(self, block: Block) -> Block:
        ops: list[Op] = []
        with self.known.scope():
            for op in block.ops:
                new = self._op(op)
                if new is not None:
                    ops.append(new)
        if len(ops) == len(block.ops) and all(a is b for a, b in zip(ops, block.ops, strict=True)):
            return block
        return Block(block.arguments, tuple(ops))

    def _op(self, op: Op) -> Op | None:
        """The op rebuilt, or None when an earlier one stands for it."""
        if op.kinds.blocks:
            return self._structure(op)
        new = op.rebuild(self.env)
        key = self._key(new)
        if key is not None:
            found = self.known.get(key)
            if found is not None:
                self.env.update(zip(op.results, found, strict=True))
                return None
            self.known.put(key, new.results)
        if new is not op:
            self.env.update(zip(op.results, new.results, strict=True))
        if type(new) in WRITES:
            self.known.clobber(self.effects.op(new).writes)
        return new

    def _structure(self, op: Op) -> Op:
        written = {self.env.get(b, b) for b in self.effects.op(op).writes}
        repeated = isinstance(op, For | While)
        if repeated:
            self.known.clobber(written)
        blocks = tuple(self.block(b) for b in op.blocks)
        new = op.rebuild(self.env, blocks)
        if new is not op:
            self.env.update(zip(op.results, new.results, strict=True))
        self.known.clobber(written)
        return new

    def _key(self, op: Op) -> Any:
        """What ops must have in common to be one; None for ops that are never merged."""
        kind = type(op)
        if isinstance(op, Constant):
            return (kind, op.results[0].type, float_bits(op.value))
        if isinstance(op, Assert):
            return (kind, op.condition)
        operands: Any = op.operands
        if kind in READS:
            return (kind, operands, self.known.version(operands[0]))
        if not op.pure and kind not in REPEATABLE:
            return None
        if op.commutative:
            operands = frozenset(operands)
        attributes = tuple(getattr(op, name) for name in op.kinds.attributes)
        return (kind, operands, attributes)
