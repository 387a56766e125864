"""Dead code: what no result, check or visible store depends on.

Liveness is marked from the roots (checks, prints, calls, stores to buffers seen outside, the
function's results) through operands, and one by one through values that loops carry and branches
yield, so a cycle of carried values that feeds only itself goes. A store to a local buffer is live
when something live reads the buffer. Loops of unknown length stay: they may not end.
"""

from dataclasses import replace
from typing import Any

from dpc.compiler.analysis.effects import FAILING, calls_once, may_fail
from dpc.compiler.analysis.repeatable import idle
from dpc.compiler.dialects import ad
from dpc.compiler.dialects.func import Call, Forall, Invoke, Return
from dpc.compiler.dialects.memory import writes
from dpc.compiler.dialects.memref import Alloc
from dpc.compiler.dialects.scf import Condition, For, If, While, Yield
from dpc.compiler.dialects.tape import Stack
from dpc.compiler.ir.core import Block, Function, Module, Op, Value

ROOTS = (*FAILING, Call, Invoke, Forall, *ad.EXPANDED, Return)


def _is_root(op: Op) -> bool:
    if isinstance(op, While):
        return op.bound is None
    if isinstance(op, ad.Custom):
        return may_fail(op.function)
    return isinstance(op, ROOTS) or calls_once(op)


def dce(module: Module) -> Module:
    """Remove what has no effect: unused values, carried values, stores never read."""
    made = tuple(map(_with_callees, module.functions))
    same = all(a is b for a, b in zip(made, module.functions, strict=True))
    return module if same else replace(module, functions=made)


def _with_callees(function: Function) -> Function:
    free = idle(function.callees) if function.callees else frozenset()
    callees = tuple(_function(callee, free) for callee in function.callees)
    made = _function(function, free)
    same = all(a is b for a, b in zip(callees, function.callees, strict=True))
    return made if same else replace(made, callees=callees)


def _function(function: Function, free: frozenset[str]) -> Function:
    return function.with_body(_Sweep(_Liveness(function.body, free)).block(function.body))


class _Liveness:
    """The live ops and values of a function body; invocations of `free` callees are no roots."""

    def __init__(self, body: Block, free: frozenset[str]) -> None:
        self._free = free
        self.ops: set[Op] = set()
        self.values: set[Value] = set()
        self._parents: dict[Op, Op] = {}
        self._holders: dict[Value, tuple[Op, int]] = {}  # block argument: its op and position
        self._writers: dict[Value, list[Op]] = {}
        self._work: list[Op | Value] = []
        self._scan(body, None)
        while self._work:
            item = self._work.pop()
            if isinstance(item, Value):
                self._trace(item)
            else:
                self._trace_op(item)

    def _scan(self, block: Block, parent: Op | None) -> None:
        """Learn who holds and writes what; put the roots to work."""
        for op in block.ops:
            if parent is not None:
                self._parents[op] = parent
            for target in writes(op):  # a stack by whatever moves its top
                if isinstance(target.owner, Alloc | Stack):
                    self._writers.setdefault(target, []).append(op)
                else:
                    self._op(op)
            if _is_root(op) and not (isinstance(op, Invoke) and op.callee in self._free):
                self._op(op)
            for inner in op.blocks:
                for position, argument in enumerate(inner.arguments):
                    self._holders[argument] = (op, position)
                self._scan(inner, op)

    def _op(self, op: Op) -> None:
        if op not in self.ops:
            self.ops.add(op)
            self._work.append(op)

    def _value(self, value: Value) -> None:
        if value not in self.values:
            self.values.add(value)
            self._work.append(value)

    def _trace(self, value: Value) -> None:
        """What a live value needs."""
        holder = self._holders.get(value)
        if holder is not None:
            op, position = holder
            self._op(op)
            if isinstance(op, For | While):
                self._carried(op, position - isinstance(op, For))
            return
        op_ = value.owner
        if not isinstance(op_, Op):
            return
        self._op(op_)
        if isinstance(op_, For | While | If):
            position = op_.results.index(value)
            if isinstance(op_, If):
                self._value(op_.then.terminator.operands[position])
                self._value(op_.otherwise.terminator.operands[position])
            else:
                self._carried(op_, position)
        for writer in self._writers.get(value, ()):
            self._op(writer)

    def _carried(self, op: For | While, position: int) -> None:
        """Everything that stands for one carried value of a loop; -1 is the induction variable."""
        if position < 0:
            return
        self._value(op.inits[position])
        self._value(op.results[position])
        self._value(op.body.terminator.operands[position])
        if isinstance(op, While):
            self._value(op.before.arguments[position])
            self._value(op.body.arguments[position])
        else:
            self._value(op.body.arguments[position + 1])

    def _trace_op(self, op: Op) -> None:
        """What a live op needs, besides what its single results need."""
        parent = self._parents.get(op)
        if parent is not None:
            self._op(parent)
        select = CONTROL.get(type(op))
        needed = select(op) if select else op.operands
        for value in needed:
            self._value(value)
        if select is None:
            for block in op.blocks:
                for value in block.terminator.operands:
                    self._value(value)


def _needed_by_while(op: While) -> tuple[Value, ...]:
    condition: Any = op.before.terminator
    return (condition.condition, *(() if op.bound is None else (op.bound,)))


# What control flow needs whether or not its results are used.
CONTROL: dict[type[Op], Any] = {
    For: lambda op: (op.lower, op.upper, op.step),
    If: lambda op: (op.condition,),
    While: _needed_by_while,
}


class _Sweep:
    """Rebuilds a function body from what is live."""

    def __init__(self, live: _Liveness) -> None:
        self.live = live
        self.env: dict[Value, Value] = {}

    def block(self, block: Block) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            if op.terminator:
                ops.append(op.rebuild(self.env))
            elif op in self.live.ops:
                ops.append(self._op(op))
        if len(ops) == len(block.ops) and all(map(_is, ops, block.ops)):
            return block
        return Block(block.arguments, tuple(ops))

    def _op(self, op: Op) -> Op:
        if isinstance(op, For | While | If):
            values = self.live.values
            kept = [k for k, result in enumerate(op.results) if result in values]
            if len(kept) < len(op.results):
                return self._trimmed(op, kept)
        blocks = tuple(self.block(b) for b in op.blocks) if op.kinds.blocks else None
        new = op.rebuild(self.env, blocks)
        if new is not op:
            self.env.update(zip(op.results, new.results, strict=True))
        return new

    def _trimmed(self, op: For | While | If, kept: list[int]) -> Op:
        """The op with the kept results only."""
        if isinstance(op, If):
            then = self._ending(op.then, (), kept)
            new: Op = If(op.condition, then, self._ending(op.otherwise, (), kept), span=op.span)
        else:
            inits = tuple(op.inits[k] for k in kept)
            if isinstance(op, For):
                arguments = (op.body.arguments[0], *(op.body.arguments[k + 1] for k in kept))
                body = self._ending(op.body, arguments, kept)
                new = replace(op, inits=inits, body=body)
            else:
                forwarded = tuple(op.before.arguments[k] for k in kept)
                before = self._ending(op.before, forwarded, kept)
                body = self._ending(op.body, tuple(op.body.arguments[k] for k in kept), kept)
                new = replace(op, inits=inits, before=before, body=body)
        new = new.rebuild(self.env)
        for k, result in zip(kept, new.results, strict=True):
            result.name = op.results[k].name
            self.env[op.results[k]] = result
        return new

    def _ending(self, block: Block, arguments: tuple[Value, ...], kept: list[int]) -> Block:
        """The block with these arguments, its terminator passing on the kept values."""
        last: Any = block.terminator
        values = tuple(last.values[k] for k in kept)
        if isinstance(last, Condition):
            new: Op = Condition(last.condition, values, span=last.span)
        else:
            new = Yield(values, span=last.span)
        return self.block(Block(arguments, (*block.ops[:-1], new)))


def _is(left: Op, right: Op) -> bool:
    return left is right
