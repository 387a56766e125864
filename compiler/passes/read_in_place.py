"""Arrays read where they are: a local buffer that is only a copy of another is that other.

The copy is the buffer's one store, source and buffer have the same type and extents, and either
the source is an input, which nothing writes, or all uses of the buffer follow the copy in its block
and nothing writes the source up to the last of them. No derivative changes; but what is not
copied need not be kept for the reverse of an operation that takes whole arrays.
"""

from collections.abc import Iterator, Sequence

from dpc.compiler.ad.layout import extents_of
from dpc.compiler.dialects.memory import writes
from dpc.compiler.dialects.memref import Alloc, Copy
from dpc.compiler.ir.core import Block, Function, Module, Op, Value
from dpc.compiler.ir.rewrite import rebuild_block, uses


def read_in_place(module: Module) -> Module:
    """Read what is only a copy where it comes from."""
    return module.map(_function)


def alike(function: Function, copy: Copy) -> bool:
    """True if both buffers of a copy have the same type and extents."""
    if copy.source.type != copy.target.type:
        return False
    source, target = (extents_of(function, buffer) for buffer in (copy.source, copy.target))
    pairs = zip(source, target, strict=True)
    return all(a is b or (isinstance(a, int) and a == b) for a, b in pairs)


def writers(body: Block) -> dict[Value, int]:
    """How many ops write each buffer."""
    found: dict[Value, int] = {}
    for op in body.walk():
        for buffer in writes(op):
            found[buffer] = found.get(buffer, 0) + 1
    return found


def _function(function: Function) -> Function:
    while found := _found(function):
        function = _without(function, found)
    return function


def _without(function: Function, gone: dict[Copy, Value]) -> Function:
    """The function without these copies and their targets."""
    env: dict[Value, Value] = {}
    targets = frozenset(gone.values())

    def rewrite(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        if isinstance(op, Alloc) and op.result in targets:
            return [], (op.result,)
        if isinstance(op, Copy) and op.target in targets:
            env[op.target] = op.source
            return [], ()
        return None

    return function.with_body(rebuild_block(function.body, env, rewrite))


def _found(function: Function) -> dict[Copy, Value]:
    """Copies that can go, with their targets; no source is a target of another."""
    body = function.body
    if not any(isinstance(op, Copy) for op in body.walk()):
        return {}
    pairs = zip(function.parameters, function.arguments, strict=True)
    inputs = frozenset(v for p, v in pairs if p.role == "input")
    order = {op: number for number, op in enumerate(body.walk())}
    first: dict[Value, int] = {}
    for op, number in order.items():
        for operand in op.operands:
            first.setdefault(operand, number)
    written, counts = writers(body), uses(body)
    found: dict[Copy, Value] = {}
    for block in _blocks(body):
        for place, op in enumerate(block.ops):
            if not isinstance(op, Copy) or not isinstance(op.target.op, Alloc):
                continue
            alone = written[op.target] == 1 and first[op.target] == order[op]
            if not alone or op.source in found.values() or not alike(function, op):
                continue
            later = block.ops[place + 1 :]
            if op.source in inputs or _stays(op, later, counts[op.target] - 1):
                found[op] = op.target
    return found


def _blocks(block: Block) -> Iterator[Block]:
    yield block
    for op in block.ops:
        for inner in op.blocks:
            yield from _blocks(inner)


def _stays(copy: Copy, later: Sequence[Op], left: int) -> bool:
    """True if the ops that follow in the block are all `left` uses of the target, and none of them
    writes the source before the last use is over.
    """
    for op in later:
        if left == 0:
            return True
        everything = [op, *(each for block in op.blocks for each in block.walk())]
        left -= sum(each.operands.count(copy.target) for each in everything)
        if any(copy.source in writes(each) for each in everything):
            return False
    return left == 0
