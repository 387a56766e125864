"""Accumulators in registers: what a loop adds up at one place of a buffer is a carried value.

A place qualifies when its indices do not change in the loop, the loop touches nothing else of the
buffer, and only in its outermost block; and when the place is proved to exist before the loop: it
is loaded there and stored after the loop, even if the loop does not run.
"""

from dataclasses import replace

from dpc.compiler.analysis.effects import EffectsOf
from dpc.compiler.dialects.memref import Load, Store
from dpc.compiler.dialects.scf import For, Yield
from dpc.compiler.ir.core import Block, Module, Op, Value
from dpc.compiler.ir.rewrite import rebuild_block
from dpc.compiler.passes.traversal import Traversal

Place = tuple[Value, tuple[Value, ...]]


def promote(module: Module) -> Module:
    """Carry memory cells that a loop updates as loop values."""
    return module.map(lambda function: _Promote(function).run())


class _Promote(Traversal):
    def structure(self, op: Op) -> list[Op]:
        if not isinstance(op, For):
            return [op]
        places = {
            place: store
            for place, store in _candidates(op).items()
            if self.ranges.in_bounds(*place)
        }
        if not places:
            return [op]
        loads = [Load(*place, span=store.span) for place, store in places.items()]
        loop = _carrying(op, loads)
        self.env.update(zip(op.results, loop.results, strict=False))
        last = loop.results[len(op.results) :]
        stores = [
            Store(value, *place, span=store.span)
            for value, (place, store) in zip(last, places.items(), strict=True)
        ]
        return [*loads, loop, *stores]


def _candidates(op: For) -> dict[Place, Store]:
    """Places whose indices are invariant and that are all the loop touches of their buffers."""
    effects = EffectsOf()
    places: dict[Value, set[Place]] = {}
    stores: dict[Place, Store] = {}
    excluded: set[Value] = set()
    inside = set(op.body.arguments)
    for inner in op.body.ops:
        if isinstance(inner, Load | Store):
            place = (inner.buffer, inner.indices)
            places.setdefault(inner.buffer, set()).add(place)
            if isinstance(inner, Store):
                stores[place] = inner
            if inner.buffer in inside or not inside.isdisjoint(inner.indices):
                excluded.add(inner.buffer)
        else:
            found = effects.op(inner)
            excluded |= found.reads | found.writes
        inside.update(inner.results)
    return {
        place: store
        for place, store in stores.items()
        if place[0] not in excluded and len(places[place[0]]) == 1
    }


def _carrying(op: For, loads: list[Load]) -> For:
    """The loop with the loaded places carried instead of accessed."""
    current: dict[Place, Value] = {}
    for load in loads:
        current[load.buffer, load.indices] = Value(load.result.type)
    arguments = (*op.body.arguments, *current.values())
    env: dict[Value, Value] = {}
    ops: list[Op] = []
    for inner in op.body.ops[:-1]:
        if isinstance(inner, Load | Store):
            place = (inner.buffer, inner.indices)
            if place in current:
                if isinstance(inner, Load):
                    env[inner.result] = current[place]
                else:
                    current[place] = env.get(inner.value, inner.value)
                continue
        blocks = tuple(rebuild_block(b, env) for b in inner.blocks) if inner.blocks else None
        new = inner.rebuild(env, blocks)
        env.update(zip(inner.results, new.results, strict=True))
        ops.append(new)
    last = op.body.terminator
    yielded = (*(env.get(v, v) for v in last.operands), *current.values())
    ops.append(Yield(yielded, span=last.span))
    inits = (*op.inits, *(load.result for load in loads))
    body = Block(arguments, tuple(ops))
    return replace(op, inits=inits, body=body)
