"""Fusion at the array level: a tensor that is only read by element is computed where it is read.

Two cases. A *view* (no arithmetic but on indices) is looked through wherever it is read. Another
tensor is computed in place when one `array.extract` reads it and reads each element at most once:
every index of the loops between the tensor and the extract picks an axis of its own.

What the body reads from buffers moves with it, so nothing in between may write those buffers: not
the ops between, not a loop around the extract, nor a branch that holds it. A tensor that was read
from a buffer counts as that buffer. A body with checks stays: its checks would run later, or not
at all.
"""

from bisect import bisect_right
from dataclasses import dataclass, field

from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.analysis.effects import EffectsOf
from dpc.compiler.dialects.arith import (
    AddI,
    BinaryInt,
    CmpI,
    Constant,
    IndexCast,
    Select,
    SubI,
)  # fmt: skip
from dpc.compiler.dialects.array import Extract, Generate, Read, Reduce
from dpc.compiler.dialects.memref import Load
from dpc.compiler.dialects.scf import For, If, Yield
from dpc.compiler.ir.core import Block, Function, Module, Op, Value
from dpc.compiler.ir.rewrite import clone_ops
from dpc.compiler.ir.types import TensorType
from dpc.compiler.passes.cse import cse
from dpc.compiler.passes.dce import dce

MAXIMUM_ROUNDS = 8
VIEW_OPS = (Extract, Load, Constant, BinaryInt, CmpI, IndexCast, Select, Yield)
LARGEST_VIEW = 24  # ops


def fuse(module: Module) -> Module:
    """Compute array elements where they are used instead of storing arrays."""
    for _ in range(MAXIMUM_ROUNDS):
        new = module.map(_function)
        if new is module:
            break
        module = cse(dce(new))
    return module


def _function(function: Function) -> Function:
    survey = _Survey(function.body)
    chosen: set[Op] = {use.op for use in survey.chosen()}
    return function.with_body(_expand(function.body, chosen, {})) if chosen else function


def _expand(block: Block, chosen: set[Op], env: dict[Value, Value]) -> Block:
    """The block with the chosen extracts replaced by the bodies of what they read."""
    ops: list[Op] = []
    changed = False
    for op in block.ops:
        if op in chosen and isinstance(op, Extract):
            producer = env.get(op.tensor, op.tensor).owner
            assert isinstance(producer, Generate)
            indices = (env.get(v, v) for v in op.indices)
            inner = dict(zip(producer.body.arguments, indices, strict=True))
            ops += clone_ops(producer.body.ops[:-1], inner)
            value = producer.body.terminator.operands[0]
            env[op.result] = inner.get(value, value)
            changed = True
            continue
        blocks = tuple(_expand(b, chosen, env) for b in op.blocks) if op.kinds.blocks else None
        new = op.rebuild(env, blocks)
        if new is not op:
            env.update(zip(op.results, new.results, strict=True))
            changed = True
        ops.append(new)
    return Block(block.arguments, tuple(ops)) if changed else block


@dataclass(frozen=True, slots=True)
class _Use:
    """An extract, and the ops around it: (block, position, op) from the outermost in."""

    op: Extract
    path: tuple[tuple[Block, int, Op], ...]


@dataclass(slots=True)
class _Producer:
    """A generate: where it stands and who reads it."""

    op: Generate
    block: Block
    position: int
    depth: int
    uses: list[_Use] = field(default_factory=list)
    used_whole: bool = False


class _Survey:
    """Producers of a function body, their uses, and which of these may be fused."""

    def __init__(self, body: Block) -> None:
        self._producers: dict[Value, _Producer] = {}
        self._effects = EffectsOf()
        self._sources: dict[Value, frozenset[Value]] = {}
        self._writers: dict[Block, dict[Value, list[int]]] = {}
        self._function_arguments = set(body.arguments)
        self._scan(body, ())

    def _scan(self, block: Block, path: tuple[tuple[Block, int, Op], ...]) -> None:
        writers = self._writers.setdefault(block, {})
        for position, op in enumerate(block.ops):
            for buffer in self._effects.op(op).writes:
                writers.setdefault(buffer, []).append(position)
            here = (*path, (block, position, op))
            if isinstance(op, Extract) and op.tensor in self._producers:
                self._producers[op.tensor].uses.append(_Use(op, here))
            else:
                for operand in op.operands:
                    if isinstance(operand.type, TensorType) and operand in self._producers:
                        self._producers[operand].used_whole = True
            for inner in op.blocks:
                self._scan(inner, here)
            if isinstance(op, Generate):
                self._producers[op.result] = _Producer(op, block, position, len(path))

    def chosen(self) -> list[_Use]:
        """The extracts to replace."""
        found: list[_Use] = []
        for producer in self._producers.values():
            effects = self._effects.block(producer.op.body)
            if not producer.uses or effects.fails or effects.calls:
                continue
            if _is_view(producer.op.body):
                found += [use for use in producer.uses if self._movable(producer, use)]
            elif len(producer.uses) == 1 and not producer.used_whole:
                (use,) = producer.uses
                if self._reads_once(producer, use) and self._movable(producer, use):
                    found.append(use)
        return found

    def _reads_once(self, producer: _Producer, use: _Use) -> bool:
        """No element is read twice by the loops between the producer and the extract."""
        free = {self._picked(index) for index in use.op.indices}
        for _, _, op in use.path[producer.depth :]:
            if isinstance(op, Generate | Reduce):
                loops = op.body.arguments
            elif isinstance(op, For):
                loops = op.body.arguments[:1]
            elif isinstance(op, If | Extract):
                continue
            else:
                return False
            if not free.issuperset(loops):
                return False
        return True

    def _picked(self, index: Value) -> Value:
        """The value an index differs from by something the same everywhere."""
        op = index.owner
        if isinstance(op, AddI | SubI) and self._is_fixed(op.rhs):
            return self._picked(op.lhs)
        if isinstance(op, AddI | SubI) and self._is_fixed(op.lhs):
            return self._picked(op.rhs)
        return index

    def _is_fixed(self, value: Value) -> bool:
        return constant_of(value) is not None or value in self._function_arguments

    def _movable(self, producer: _Producer, use: _Use) -> bool:
        """What the producer reads is not written before the extract reads it."""
        sources = self._sources_of(producer.op.result)
        if not sources:
            return True
        block, position, holder = use.path[producer.depth]
        assert block is producer.block
        written = self._effects.op(holder).writes
        if written & sources:
            return False
        writers = self._writers[block]
        for source in sources:
            places = writers.get(source, [])
            following = bisect_right(places, producer.position)
            if following < len(places) and places[following] < position:
                return False
        return True

    def _sources_of(self, tensor: Value) -> frozenset[Value]:
        """The buffers whose contents a tensor is made of."""
        known = self._sources.get(tensor)
        if known is not None:
            return known
        op = tensor.owner
        found: frozenset[Value] = frozenset()
        if isinstance(op, Read):
            found = frozenset((op.buffer,))
        elif isinstance(op, Op):
            found = self._effects.op(op).reads
            for block in op.blocks:
                for inner in block.walk():
                    for operand in inner.operands:
                        if isinstance(operand.type, TensorType):
                            found |= self._sources_of(operand)
        self._sources[tensor] = found
        return found


def _is_view(body: Block) -> bool:
    """Only index arithmetic and reads: to repeat it costs no more than to load what it made."""
    if len(body.ops) > LARGEST_VIEW or any(op.blocks for op in body.ops):
        return False
    return all(isinstance(op, VIEW_OPS) for op in body.ops)


__all__ = ["fuse"]
