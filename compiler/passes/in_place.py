"""Results made where they are returned.

A buffer of the outermost block that is copied whole into an output, which nothing else touches, is
that output, if nothing writes it afterwards. Both have the same type and extents, so a result whose
extents are checked first stays apart. After the last derivative only: the reverse of a function
knows its outputs as what it is given.
"""

from dpc.compiler.analysis.effects import EffectsOf
from dpc.compiler.dialects.memref import Alloc, Copy
from dpc.compiler.ir.core import Function, Module, Op, Value
from dpc.compiler.ir.rewrite import rebuild_block, uses
from dpc.compiler.passes.read_in_place import alike


def in_place(module: Module) -> Module:
    """Make results where they are returned."""
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
    """The buffers that go, each with the output that takes its place."""
    pairs = zip(function.parameters, function.arguments, strict=True)
    outputs = {argument for parameter, argument in pairs if parameter.role == "output"}
    counts, effects = uses(function.body), EffectsOf()
    positions = {op: position for position, op in enumerate(function.body.ops)}
    last = {b: position for op, position in positions.items() for b in effects.op(op).writes}
    found: dict[Value, Value] = {}
    for op, position in positions.items():
        if not isinstance(op, Copy) or not alike(function, op):
            continue
        local, output = op.source, op.target
        returned = output in outputs and counts[output] == 1 and last.get(local, 0) < position
        if returned and isinstance(local.op, Alloc) and local.op in positions:
            found.setdefault(local, output)
    return found
