"""Puts the bodies of functions with derivative rules in the places of their calls.

On entry: the loops level, no derivative to be taken any more. On exit: no `ad.custom` is left.
"""

from dpc.compiler.dialects import ad, extern
from dpc.compiler.ir.core import Function, Module, Op, Value
from dpc.compiler.ir.rewrite import clone_ops, rebuild_block


def expand_custom(module: Module) -> Module:
    """Inline functions that were kept for their derivative rules."""
    while True:
        new = module.map(lambda f: f.with_body(rebuild_block(f.body, {}, _inlined)))
        if new is module:
            return module
        module = new


def holds_extern(function: Function) -> bool:
    """True if a C function is called, directly or not."""
    (whole,) = expand_custom(Module((function,))).functions
    everyone = (whole, *whole.callees)
    return any(isinstance(op, extern.Call) for f in everyone for op in f.body.walk())


def _inlined(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
    if not isinstance(op, ad.Custom):
        return None
    primal = op.function.primal()
    env = dict(zip(primal.arguments, (*op.inputs, *op.outputs), strict=True))
    ops = clone_ops(primal.body.ops[:-1], env)
    return ops, tuple(env.get(v, v) for v in primal.body.terminator.operands)
