"""The callees of a function: who is invoked, whose names must differ, who is no longer needed.

A function holds the functions that it and they invoke (`Function.callees`); code that takes the
body of one function into another takes its callees along.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from dpc.compiler.dialects.func import Forall, Invoke
from dpc.compiler.ir.core import Block, Function, Module, Op, Value
from dpc.compiler.ir.rewrite import rebuild_block


def invocations(body: Block) -> Iterable[Invoke]:
    """Every invocation in a body, in order."""
    return (op for op in body.walk() if isinstance(op, Invoke))


def _runs(body: Block) -> Iterable[Invoke | Forall]:
    """Every op that runs a callee, once or many times."""
    return (op for op in body.walk() if isinstance(op, Invoke | Forall))


def pruned(function: Function) -> Function:
    """The function without callees that nothing invokes any more."""
    by_name = {callee.name: callee for callee in function.callees}
    needed: set[str] = set()
    pending = [op.callee for op in _runs(function.body)]
    while pending:
        name = pending.pop()
        if name not in needed:
            needed.add(name)
            pending.extend(op.callee for op in _runs(by_name[name].body))
    kept = tuple(callee for callee in function.callees if callee.name in needed)
    return function if len(kept) == len(function.callees) else replace(function, callees=kept)


def circular(callees: Iterable[Function]) -> frozenset[str]:
    """The names of the callees that lead back to themselves."""
    invoked = {f.name: {op.callee for op in invocations(f.body)} for f in callees}

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        pending = [start]
        while pending:
            new = invoked[pending.pop()] - found
            found |= new
            pending.extend(new)
        return found

    return frozenset(name for name in invoked if name in reached(name))


def flat(function: Function) -> Module:
    """A module of the function and, after it, its callees."""
    return Module((replace(function, callees=()), *function.callees), function.name)


def holding(module: Module) -> Function:
    """The first function of a module, with the others and what all of them hold as callees."""
    callees = Callees()
    first, *others = (callees.adopt(function) for function in module.functions)
    for function in others:
        callees.found[function.name] = function
    return callees.given_to(first)


def fresh(name: str, taken: Iterable[str]) -> str:
    """The name, with a number where it is taken."""
    used, made, count = set(taken), name, 2
    while made in used:
        made, count = f"{name}.{count}", count + 1
    return made


def renamed(function: Function, names: Mapping[str, str]) -> Function:
    """The function under its new name, invoking others under theirs."""

    def rename(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        if not isinstance(op, Invoke | Forall) or op.callee not in names:
            return None
        new = op.with_attributes(callee=names[op.callee])
        return [new], new.results

    name = names.get(function.name, function.name)
    body = rebuild_block(function.body, {}, rename)
    return (
        function
        if name == function.name and body is function.body
        else replace(function, name=name, body=body)
    )


@dataclass(slots=True)
class Callees:
    """Callees taken along into one function, by names of their own.

    reserved: names that others have who are not among them. known: what was adopted before.
    """

    found: dict[str, Function] = field(default_factory=dict)
    reserved: frozenset[str] = frozenset()
    known: dict[Function, Function] = field(default_factory=dict)

    def adopt(self, function: Function) -> Function:
        """The function without callees, which are among those found from now on: shared where they
        are there already, under other names where others have theirs.
        """
        if not function.callees:
            return function
        if function not in self.known:
            self.known[function] = self._adopted(function)
        return self.known[function]

    def _adopted(self, function: Function) -> Function:
        names: dict[str, str] = {}
        used = self.found.keys() | self.reserved
        both = [callee for callee in function.callees if callee.name in used]
        if any(self.found.get(callee.name) is not callee for callee in both):
            taken = {*used, *(callee.name for callee in function.callees)}
            for callee in both:
                names[callee.name] = fresh(callee.name, taken)
                taken.add(names[callee.name])
        for callee in function.callees:
            new = renamed(callee, names) if names else callee
            self.found[new.name] = new
        outer = {old: new for old, new in names.items() if old != function.name}
        body = renamed(function, outer).body
        return replace(function, body=body, callees=())

    def given_to(self, function: Function) -> Function:
        """The function with the callees found that it needs."""
        return pruned(replace(function, callees=tuple(self.found.values())))


__all__ = ["Callees", "circular", "flat", "fresh", "invocations", "pruned", "renamed"]
