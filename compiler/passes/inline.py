"""Inlining at the array level: on exit functions call none of the module but those that lead back
to themselves, and those that `outline` keeps.
"""

from dpc.compiler.dialects import ad
from dpc.compiler.dialects.func import Call, Return
from dpc.compiler.ir.core import Block, Function, Module, Op, Value
from dpc.compiler.ir.rewrite import clone_ops, rebuild_block
from dpc.compiler.passes.outline import call_sites, stays


def inline(module: Module) -> Module:
    """Replace every call by a copy of the callee's body, callees first; recursive ones stay, and
    large ones that are called at several places.
    """
    originals = {function.name: function for function in module.functions}
    kept = set(recursive_functions(module))
    sites = call_sites(module)
    done: dict[str, Function] = {}

    def finish(function: Function) -> Function:
        """The function without calls of functions that end in none of their own."""
        known = done.get(function.name)
        if known is None:
            known = function.with_body(rebuild_block(function.body, {}, expand))
            done[function.name] = known
            if stays(known, sites[function.name]):
                kept.add(function.name)
        return known

    def expand(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        if not isinstance(op, Call) or op.callee not in originals or op.callee in kept:
            return None
        callee = finish(originals[op.callee])
        if op.callee in kept:
            return None
        env = dict(zip(callee.arguments, op.arguments, strict=True))
        ops = clone_ops(callee.body.ops[:-1], env)
        for inner in ops:
            if isinstance(inner, ad.Call) and inner.callee == op.callee:
                inner.span = op.span  # the callee is nothing but this
        return ops, tuple(env.get(v, v) for v in callee.body.terminator.operands)

    return module.map(finish)


def recursive_functions(module: Module) -> frozenset[str]:
    """Names of the functions that call themselves, directly or not."""
    called = {f.name: _called(f) & {g.name for g in module.functions} for f in module.functions}
    return frozenset(name for name in called if name in _reached(called, called[name]))


def call_tree(module: Module, name: str) -> Module:
    """The function and everything it calls, in the module's order."""
    called = {f.name: _called(f) for f in module.functions}
    reached = _reached(called, {name})
    return Module(tuple(f for f in module.functions if f.name in reached), module.name)


def _called(function: Function) -> set[str]:
    return {op.callee for op in function.body.walk() if isinstance(op, Call)}


def _reached(called: dict[str, set[str]], starts: set[str]) -> set[str]:
    reached: set[str] = set()
    pending = list(starts)
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending.extend(called[name])
    return reached


def with_callees(module: Module, name: str) -> Module:
    """The function first, then what it still calls. One that calls itself stands there twice: as
    itself, under another name, and as the function that calls it.
    """
    function = module.function(name)
    callees = [f for f in call_tree(module, name).functions if f is not function]
    if name not in recursive_functions(module):
        return Module((function, *callees), name)
    names = {name: f"{name}.itself"}
    own = [_calling(f, names) for f in (function, *callees)]
    arguments = tuple(Value(a.type, None, a.name) for a in function.arguments)
    call = Call(names[name], arguments, function.result_types, span=function.span)
    body = Block(arguments, (call, Return(call.results, span=function.span)))
    return Module((function.with_body(body), *own), name)


def _calling(function: Function, names: dict[str, str]) -> Function:
    """The function under its new name, calling others under theirs."""

    def rename(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        if not isinstance(op, Call) or op.callee not in names:
            return None
        new = op.with_attributes(callee=names[op.callee])
        return [new], new.results

    body = rebuild_block(function.body, {}, rename)
    name = names.get(function.name, function.name)
    return Function(
        name, function.parameters, function.result_types, body, function.span, function.callees
    )
