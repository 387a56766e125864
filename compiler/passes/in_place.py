"""Buffers that are only copies: results are made where they are returned, inputs are read where
they are.

- A buffer of the outermost block that is copied whole into an output, which nothing else touches,
  is that output, if nothing writes it afterwards.
- A buffer that is written by nothing but a copy of an input is that input.

Both have the same type and extents, so a result whose extents are checked first stays apart. After
the last derivative only: the reverse of a function knows its outputs as what it is given.
"""

from dpc.compiler.ad.layout import extents_of
from dpc.compiler.analysis.effects import EffectsOf
from dpc.compiler.dialects.memory import writes
from dpc.compiler.dialects.memref import Alloc, Copy
from dpc.compiler.ir.core import Function, Module, Op, Value
from dpc.compiler.ir.rewrite import rebuild_block, uses


def in_place(module: Module) -> Module:
    """Make results where they are returned, read inputs where they are."""
    return module.map(_function)


def _function(function: Function) -> Function:
    replaced = _replaced(function)
    if not replaced:
        return function

    def rewrite(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        if isinstance(op, Alloc) and op.result in replaced:
            return [], (replaced[op.result],)
        if isinstance(op, Copy) and op.source is op.target:
            return [], ()
        return None

    return function.with_body(rebuild_block(function.body, {}, rewrite))


def _replaced(function: Function) -> dict[Value, Value]:
    """The buffers that go, each with the argument that takes its place."""
    pairs = zip(function.parameters, function.arguments, strict=True)
    roles = {argument: parameter.role for parameter, argument in pairs}
    counts, outermost = uses(function.body), set(function.body.ops)
    positions = {op: position for position, op in enumerate(function.body.ops)}
    effects = EffectsOf()
    last = {b: position for op, position in positions.items() for b in effects.op(op).writes}
    writers: dict[Value, int] = {}
    for op in function.body.walk():
        for buffer in writes(op):
            writers[buffer] = writers.get(buffer, 0) + 1
    found: dict[Value, Value] = {}
    for op in function.body.walk():
        if not isinstance(op, Copy) or not _alike(function, op):
            continue
        source, target = op.source, op.target
        returned = roles.get(target) == "output" and counts[target] == 1
        if returned and source.op in outermost and last.get(source, 0) < positions.get(op, 0):
            local, argument = source, target
        elif roles.get(source) == "input" and writers[target] == 1:
            local, argument = target, source
        else:
            continue
        if isinstance(local.op, Alloc):
            found.setdefault(local, argument)
    return found


def _alike(function: Function, copy: Copy) -> bool:
    """True if both buffers have the same type and extents."""
    if copy.source.type != copy.target.type:
        return False
    source, target = (extents_of(function, buffer) for buffer in (copy.source, copy.target))
    return all(a is b or (isinstance(a, int) and a == b) for a, b in zip(source, target))
