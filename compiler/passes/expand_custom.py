"""Puts the bodies of functions with derivative rules in the places of their calls.

On entry: the loops level, no derivative to be taken any more. On exit: no `ad.custom` is left.
"""

from dataclasses import dataclass, field, replace

from dpc.compiler.analysis.callees import Callees
from dpc.compiler.dialects import ad, extern
from dpc.compiler.ir.core import Block, Function, Module, Op, Value
from dpc.compiler.ir.rewrite import clone_ops, rebuild_block


def expand_custom(module: Module) -> Module:
    """Inline functions that were kept for their derivative rules; their callees come along."""
    functions = tuple(_Expansion(function).run() for function in module.functions)
    same = all(a is b for a, b in zip(functions, module.functions, strict=True))
    return module if same else replace(module, functions=functions)


def holds_extern(function: Function) -> bool:
    """True if a C function is called, directly or not."""
    (whole,) = expand_custom(Module((function,))).functions
    everyone = (whole, *whole.callees)
    return any(isinstance(op, extern.Call) for f in everyone for op in f.body.walk())


@dataclass(slots=True)
class _Expansion:
    """One function with its callees; those found on the way wait for their turn."""

    function: Function
    callees: Callees = field(default_factory=Callees)

    def run(self) -> Function:
        """The function; itself where there was nothing to expand."""
        function, found = self.function, self.callees.found
        found.update((callee.name, callee) for callee in function.callees)
        body = self._expanded(function.body)
        done: set[str] = set()
        while pending := found.keys() - done:
            name = min(pending)
            found[name] = found[name].with_body(self._expanded(found[name].body))
            done.add(name)
        same = all(found[callee.name] is callee for callee in function.callees)
        if body is function.body and same:
            return function
        return self.callees.given_to(function.with_body(body))

    def _expanded(self, body: Block) -> Block:
        while True:
            new = rebuild_block(body, {}, self._inlined)
            if new is body:
                return body
            body = new

    def _inlined(self, op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        if not isinstance(op, ad.Custom):
            return None
        primal = self.callees.adopt(op.function.primal())
        env = dict(zip(primal.arguments, (*op.inputs, *op.outputs), strict=True))
        ops = clone_ops(primal.body.ops[:-1], env)
        return ops, tuple(env.get(v, v) for v in primal.body.terminator.operands)
