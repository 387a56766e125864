"""Callees in the place of their invocations, where what is made of a function sees all of it."""

from dataclasses import replace

from dpc.compiler.analysis.callees import circular, pruned
from dpc.compiler.dialects.func import Invoke
from dpc.compiler.ir.core import Block, Function, Op, Value
from dpc.compiler.ir.rewrite import clone_ops, rebuild_block

MOST_OPS = 20_000  # of a function with what it invokes


def inlined(function: Function) -> Function:
    """The function without the callees that don't lead back to themselves, as far as there is room:
    code could grow with the tree of calls.
    """
    if not function.callees:
        return function
    by_name = {callee.name: callee for callee in function.callees}
    kept = circular(function.callees)
    bodies: dict[str, Block] = {}
    room = MOST_OPS

    def body(name: str) -> Block:
        if name not in bodies:
            bodies[name] = rebuild_block(by_name[name].body, {}, expand)
        return bodies[name]

    def expand(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        nonlocal room
        if not isinstance(op, Invoke) or op.callee in kept:
            return None
        found = body(op.callee)
        room -= sum(1 for _ in found.walk())
        if room < 0:
            return None
        env = dict(zip(found.arguments, op.arguments, strict=True))
        ops = clone_ops(found.ops[:-1], env)
        return ops, tuple(env.get(v, v) for v in found.terminator.operands)

    return pruned(replace(function, body=rebuild_block(function.body, {}, expand)))


__all__ = ["inlined"]
