"""Shares the memory that a call may take among the loops that are reversed from stored states.

    reserve r, m          at the start: r bytes for everything else, and m bytes must be left
    budget of loop k      what is left now, in equal parts for the loops k, k + 1, ...; but no less
                          than m_k, and leaving m_j for each j > k

m_k is one state and the tape of one step, r what is allocated besides at any one time, as far as
sizes follow from the arguments. What a loop chose for itself lies in blocks of its own, so that the
rest fits where it was reserved.

On entry: the loops level after the last pass, before schedules are expanded. On exit: budgets are
those of one loop. Loops whose reverse is inside another loop ask for what is left as it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.layout import element_bytes
from dpc.compiler.dialects import arith, cf, memref, tape
from dpc.compiler.ir.core import Block, Function, Module, Op, Value
from dpc.compiler.ir.rewrite import rebuild_block

ROUNDING = 64  # of each array in the arena
HEADER = 128  # of a block, with its rounding
FRAME = 65536  # arrays of constant size live on the stack while they are small together


def expand_budget(module: Module) -> Module:
    """Share the budget."""
    return replace(module, functions=tuple(_Shares(f).run() for f in module.functions))


@dataclass(slots=True)
class _Loop:
    """A loop that asks: what it asks with, how many blocks it makes, and the least it needs."""

    choose: tape.Choose
    blocks: int = 0
    least: Value | None = None


@dataclass(slots=True)
class _Shares:
    function: Function
    start: Emit = field(default_factory=Emit)
    hoisted: dict[Value, Value | None] = field(default_factory=dict)
    asked_by: dict[Value, Op | None] = field(default_factory=dict)

    def run(self) -> Function:
        """The function with its budget shared."""
        body = self.function.body
        loops = {op: _Loop(op) for op in body.ops if isinstance(op, tape.Choose)}
        if not loops:
            return self.function
        self.start.span = next(iter(loops)).span
        for op in body.ops:
            if isinstance(op, memref.Alloc) and (choose := self._asker(op.extents)) is not None:
                loops[choose].blocks += 1  # type: ignore[index]
        for loop in loops.values():
            loop.least = self._least(loop)
        rest = self._peak(body) or self.start.index(0)
        least = self._sum(loop.least for loop in loops.values())
        self.start.add(tape.Reserve(rest, least))
        return self.function.with_body(self._rewritten(list(loops.values())))

    def _rewritten(self, loops: list[_Loop]) -> Block:
        body, env = self.function.body, dict[Value, Value]()
        ops: list[Op] = []
        for op in body.ops:
            if isinstance(op, memref.Alloc) and self._asker(op.extents) is not None:
                extents = tuple(env.get(v, v) for v in op.extents)
                new: Op = tape.Block(extents, op.type, span=op.span)
                new.result.name = op.result.name
            elif isinstance(op, tape.Choose):
                emit = Emit(op.span)
                moved = op.rebuild(env)
                number = next(k for k, loop in enumerate(loops) if loop.choose is op)
                assert isinstance(moved, tape.Choose)
                new = replace(moved, budget=self._share(emit, moved.budget, loops[number:]))
                ops.extend(emit.ops)
            else:
                ops.extend(rebuild_block(Block((), (op,)), env).ops)
                continue
            ops.append(new)
            env.update(zip(op.results, new.results, strict=True))
        first = next(k for k, op in enumerate(body.ops) if not _may_precede(op))
        return Block(body.arguments, (*ops[:first], *self.start.ops, *ops[first:]))

    def _share(self, emit: Emit, left: Value, loops: list[_Loop]) -> Value:
        """What the first of the loops may take of what is left, or of what it asked for."""
        own, *others = loops
        asked = left.op if isinstance(left.op, arith.MinSI) else None
        left = left if asked is None else asked.lhs
        rest = [loop.least for loop in others if loop.least is not None]
        most = left
        for least in rest:
            most = emit.subi(most, least)
        equal = emit.emit(arith.FloorDivSI(left, emit.index(len(loops))))
        share = emit.emit(arith.MinSI(most, equal))
        if own.least is not None:
            share = emit.emit(arith.MaxSI(share, own.least))
        if asked is not None:
            share = emit.emit(arith.MinSI(share, asked.rhs))
        return emit.subi(share, emit.index(HEADER * own.blocks))

    def _least(self, loop: _Loop) -> Value | None:
        state, frame = (self._hoist(v) for v in (loop.choose.state, loop.choose.tape))
        if state is None or frame is None:
            return None
        both = self.start.addi(state, frame)
        return self.start.addi(both, self.start.index(HEADER * loop.blocks))

    def _sum(self, values: Iterable[Value | None]) -> Value:
        total = self.start.index(0)
        for value in values:
            if value is not None:
                total = self.start.addi(total, value)
        return total

    # --- what everything else takes ----------------------------------------------------------

    def _peak(self, block: Block) -> Value | None:
        """The most bytes that a block has at once, blocks of loops aside; None for nothing."""
        own = [self._bytes(op) for op in block.ops if isinstance(op, memref.Alloc)]
        inner = [self._peak(b) for op in block.ops for b in op.blocks]
        known = [v for v in inner if v is not None]
        most: Value | None = None
        for value in known:
            most = value if most is None else self.start.emit(arith.MaxSI(most, value))
        parts = [v for v in (*own, most) if v is not None]
        return self._sum(parts) if parts else None

    def _bytes(self, op: memref.Alloc) -> Value | None:
        if self._asker(op.extents) is not None:
            return None
        size = element_bytes(op.result)
        for extent in op.type.shape:
            size *= 1 if extent is None else extent
        if not op.extents and size <= FRAME:
            return None
        total = self.start.index(size)
        for dynamic in op.extents:
            known = self._hoist(dynamic)
            if known is None:
                return None
            total = self.start.muli(total, known)
        return self.start.addi(total, self.start.index(ROUNDING))

    def _hoist(self, value: Value) -> Value | None:
        """The value computed at the start of the function; None where it can't be."""
        if value not in self.hoisted:
            self.hoisted[value] = self._computed(value)
        return self.hoisted[value]

    def _computed(self, value: Value) -> Value | None:
        op = value.op
        if op is None:
            return value if value in self.function.arguments else None
        if not op.pure or op.blocks or len(op.results) != 1:
            return None
        operands = [self._hoist(v) for v in op.operands]
        if any(v is None for v in operands):
            return None
        pairs = zip(op.operands, operands, strict=True)
        moved = op.rebuild({v: known for v, known in pairs if known is not None})
        return self.start.emit(moved.with_attributes())

    def _asker(self, values: Iterable[Value]) -> Op | None:
        """The last choice that values follow from."""
        found: Op | None = None
        for value in values:
            if value not in self.asked_by:
                op = value.op
                asks = isinstance(op, tape.Choose)
                self.asked_by[value] = op if asks or op is None else self._asker(op.operands)
            found = self.asked_by[value] or found
        return found


def _may_precede(op: Op) -> bool:
    """True for scalars, reads and checks, which come before memory is asked for."""
    return not op.blocks and (op.pure or isinstance(op, cf.Assert | memref.Load))


__all__ = ["expand_budget"]
