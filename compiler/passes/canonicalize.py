"""Simplification: `identities` on scalars, structure whose course is known, loop constants.

On exit no op is an instance of what the rules rewrite: running the pass again changes nothing.
What is computed but not used stays for `dce`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.dialects.arith import Select, XOrI
from dpc.compiler.dialects.scf import For, If, While, Yield
from dpc.compiler.ir.core import Block, Function, Module, Op, Value
from dpc.compiler.ir.types import FloatType, IndexType, IntType
from dpc.compiler.passes.identities import simplify

Environment = dict[Value, Value]
# Structure can open up for a few rounds (a bound becomes constant, the loop goes, ...).
MAXIMUM_ROUNDS = 16


def canonicalize(module: Module) -> Module:
    """Fold constants, apply identities, resolve known branches and trip counts."""
    return module.map(_function)


def _function(function: Function) -> Function:
    body = function.body
    for _ in range(MAXIMUM_ROUNDS):
        new = _Rewrite({}).block(body)
        if new is body:
            break
        body = new
    return function.with_body(body)


class _Rewrite:
    """One traversal; `env` maps old values to new."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.out: list[Op] = []
        self.changed = False

    def block(self, block: Block) -> Block:
        """The block rewritten; itself when nothing changed."""
        outer, outer_changed = self.out, self.changed
        self.out, self.changed = [], False
        self.ops(block.ops)
        new = Block(block.arguments, tuple(self.out)) if self.changed else block
        self.out, self.changed = outer, outer_changed
        return new

    def ops(self, ops: Iterable[Op]) -> None:
        """Append the rewritten ops."""
        for op in ops:
            if op.kinds.blocks:
                self._structure(op)
            else:
                self._plain(op)

    def bind(self, old: Iterable[Value], new: Iterable[Value]) -> None:
        """From now on the old values are the new ones."""
        for before, after in zip(old, new, strict=True):
            after = self.env.get(after, after)
            if after is not before:
                self.env[before] = after

    def _plain(self, op: Op) -> None:
        new = op.rebuild(self.env)
        if len(new.results) == 1:
            value = self.add(new)
            if value is not op.results[0]:
                self.env[op.results[0]] = value
                self.changed = True
            return
        self.changed |= new is not op
        self.bind(op.results, new.results)
        self.out.append(new)

    def add(self, op: Op) -> Value:
        """Append an op with one result, or what it simplifies to; the value."""
        outcome = simplify(op)
        if outcome is None:
            self.out.append(op)
            return op.results[0]
        self.changed = True
        if isinstance(outcome, Value):
            return outcome
        made: Environment = {}
        value = op.results[0]
        for new in outcome:
            new.span = op.span
            value = self.add(new.rebuild(made))
            made[new.results[0]] = value
        return value

    def _structure(self, op: Op) -> None:
        rule = RULES.get(type(op))
        outcome = rule(self, op) if rule is not None else None
        if outcome is not None:
            self.changed |= outcome
            return
        blocks = tuple(self.block(b) for b in op.blocks)
        new = op.rebuild(self.env, blocks)
        self.changed |= new is not op
        self.bind(op.results, new.results)
        self.out.append(new)

    def constant(self, value: Value) -> Any:
        """The Python value of what an old value is now, or None."""
        return constant_of(self.env.get(value, value))


def trip_count(lower: Any, upper: Any, step: Any) -> int | None:
    """How often a loop with these constant bounds runs; None when one is unknown."""
    if lower is None or upper is None or step is None:
        return None
    return int(max(0, -((lower - upper) // step)))


def _for(rewrite: _Rewrite, op: For) -> bool | None:
    """Loops of no or one iteration go; carried values that never change become their inits."""
    trips = trip_count(*(rewrite.constant(v) for v in (op.lower, op.upper, op.step)))
    if rewrite.env.get(op.lower, op.lower) is rewrite.env.get(op.upper, op.upper):
        trips = 0
    if trips == 0:
        rewrite.bind(op.results, op.inits)
        return True
    if trips == 1:
        rewrite.bind(op.body.arguments, (op.lower, *op.inits))
        rewrite.ops(op.body.ops[:-1])
        rewrite.bind(op.results, op.body.terminator.operands)
        return True
    carried = op.body.arguments[1:]
    kept = _changing(op.inits, carried, op.body.terminator.operands)
    if len(kept) == len(carried):
        return None
    constant = [k for k in range(len(carried)) if k not in kept]
    for k in constant:
        rewrite.bind((carried[k], op.results[k]), (op.inits[k], op.inits[k]))
    yielded = op.body.terminator.operands
    ops = (*op.body.ops[:-1], _yield(op.body, [yielded[k] for k in kept]))
    arguments = (op.body.arguments[0], *(carried[k] for k in kept))
    body = rewrite.block(Block(arguments, ops))
    inits = tuple(op.inits[k] for k in kept)
    new = replace(op, inits=inits, body=body)
    _append(rewrite, op, new, kept)
    return True


def _while(rewrite: _Rewrite, op: While) -> bool | None:
    """Carried values that never change become their inits."""
    carried = op.body.arguments
    kept = _changing(op.inits, carried, op.body.terminator.operands, op.before.arguments)
    if len(kept) == len(carried):
        return None
    for k in range(len(carried)):
        if k not in kept:
            known = (op.before.arguments[k], carried[k], op.results[k])
            rewrite.bind(known, (op.inits[k],) * 3)
    condition: Any = op.before.terminator
    forwarded = tuple(op.before.arguments[k] for k in kept)
    last = type(condition)(condition.condition, forwarded, span=condition.span)
    before = rewrite.block(Block(forwarded, (*op.before.ops[:-1], last)))
    yielded = op.body.terminator.operands
    ops = (*op.body.ops[:-1], _yield(op.body, [yielded[k] for k in kept]))
    body = rewrite.block(Block(tuple(carried[k] for k in kept), ops))
    inits = tuple(op.inits[k] for k in kept)
    _append(rewrite, op, replace(op, inits=inits, before=before, body=body), kept)
    return True


def _changing(
    inits: tuple[Value, ...],
    carried: tuple[Value, ...],
    yielded: tuple[Value, ...],
    also: tuple[Value, ...] = (),
) -> list[int]:
    """Positions of the carried values that the body may change."""
    same = [(carried[k], inits[k], *also[k : k + 1]) for k in range(len(carried))]
    return [k for k in range(len(carried)) if all(yielded[k] is not v for v in same[k])]


def _if(rewrite: _Rewrite, op: If) -> bool:
    """A known condition picks its block; a negated one swaps them; empty blocks become selects."""
    condition = rewrite.env.get(op.condition, op.condition)
    known = constant_of(condition)
    if known is not None:
        taken = op.then if known else op.otherwise
        rewrite.ops(taken.ops[:-1])
        rewrite.bind(op.results, taken.terminator.operands)
        return True
    then, otherwise = rewrite.block(op.then), rewrite.block(op.otherwise)
    negation = condition.owner
    if isinstance(negation, XOrI) and constant_of(negation.rhs):
        condition, then, otherwise = negation.lhs, otherwise, then
    pairs = list(zip(then.terminator.operands, otherwise.terminator.operands, strict=True))
    kept = [k for k, (yes, no) in enumerate(pairs) if yes is not no]
    for k, (yes, _) in enumerate(pairs):
        if k not in kept:
            rewrite.bind((op.results[k],), (yes,))
    scalar = all(isinstance(yes.type, FloatType | IntType | IndexType) for yes, _ in pairs)
    if scalar and len(then.ops) == len(otherwise.ops) == 1:
        for k in kept:
            value = rewrite.add(Select(condition, *pairs[k], span=op.span))
            rewrite.bind((op.results[k],), (value,))
        return True
    if len(kept) < len(pairs):
        then = Block((), (*then.ops[:-1], _yield(then, [pairs[k][0] for k in kept])))
        otherwise = Block((), (*otherwise.ops[:-1], _yield(otherwise, [pairs[k][1] for k in kept])))
    elif (condition, then, otherwise) == (op.condition, op.then, op.otherwise):
        rewrite.out.append(op)
        return False
    _append(rewrite, op, If(condition, then, otherwise, span=op.span), kept)
    return True


def _yield(block: Block, values: list[Value]) -> Yield:
    return Yield(tuple(values), span=block.terminator.span)


def _append(rewrite: _Rewrite, old: Op, new: Op, kept: list[int]) -> None:
    """Append a new loop whose results are the kept ones of the old."""
    built = new.rebuild(rewrite.env)
    for k, result in zip(kept, built.results, strict=True):
        result.name = old.results[k].name
        rewrite.env[old.results[k]] = result
    rewrite.out.append(built)


# A rule appends what replaces the op and says whether that differs; None leaves it to the general
# case.
Rule = Callable[[_Rewrite, Any], bool | None]
RULES: dict[type[Op], Rule] = {For: _for, While: _while, If: _if}
