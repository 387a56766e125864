"""Reverse of counted loops.

    c[t+1] = body(t, c[t], x),  t = 0 .. T-1:
    for t = T-1 .. 0:   c_bar[t], e_bar = body_bar(t, c_bar[t+1]);   x_bar += e_bar

c are the carried values and x what the body uses from outside. The sums over iterations are
carried as x_sum' = x_sum + e_bar with e_bar free of x_sum.

A reverse loop counts k = 0 .. T-1 and finds its iteration t = T-1-k first, or t = k where the
order does not matter; a `while` is a loop of as many iterations as were counted on the way forward.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dpc.compiler.ad.emit import Emit, is_constant
from dpc.compiler.ad.sweep import Mirror, Scope
from dpc.compiler.ad.trips import trip_count
from dpc.compiler.analysis.independence import disjoint, written
from dpc.compiler.dialects import arith, scf
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.types import INDEX, IntType


@dataclass(frozen=True, slots=True)
class Carried:
    """The carried values that matter: initial value, argument, yielded value, result of each."""

    inits: tuple[Value, ...]
    arguments: tuple[Value, ...]
    yielded: tuple[Value, ...]
    results: tuple[Value, ...]


def reverse_for(scope: Scope, op: Op) -> None:
    """Emit the loop that reverses a `for`, if anything flows through it."""
    assert isinstance(op, scf.For)
    arguments = op.body.arguments[1:]
    carried = _active(scope, op, op.inits, arguments, op.body)
    if not _matters(scope, carried, op.body):
        return
    loop = _Loop(scope, op.body, carried, trip_count(scope.emit, op.lower, op.upper, op.step))
    loop.run()
    header = Emit(op.span)
    number = loop.number(header)
    sweep = scope.sweep
    touched = sweep.written(op.body)
    if not loop.changing and disjoint(op.body, op.body.arguments[0], touched, sweep.uses):
        scope.sweep.any_order[op.body] = loop.counter
    value = number if is_constant(op.step, 1) else header.muli(number, op.step)
    if not is_constant(op.lower, 0):
        value = header.addi(op.lower, value)
    scope.sweep.same[op.body.arguments[0]] = value
    _counters(scope, header, number, zip(op.inits, arguments, op.body.terminator.operands))
    loop.finish(header, op.lanes, op.parallel)


def reverse_while(scope: Scope, op: Op) -> None:
    """Emit the loop that reverses a `while`; its last carried value counts the iterations.

    What `before` computes only decides about going on, so no derivative passes through it.
    """
    assert isinstance(op, scf.While)
    arguments = op.body.arguments
    carried = _active(scope, op, op.inits, arguments, op.body)
    if not _matters(scope, carried, op.body):
        return
    loop = _Loop(scope, op.body, carried, scope.sweep.trips[op])
    loop.run()
    header = Emit(op.span)
    number = loop.number(header)
    _counters(scope, header, number, zip(op.inits, arguments, op.body.terminator.operands))
    loop.finish(header)


def _counters(
    scope: Scope, header: Emit, number: Value, carried: Iterable[tuple[Value, Value, Value]]
) -> None:
    """Carried integers that grow by a constant follow from the number of the iteration."""
    for init, argument, yielded in carried:
        op = yielded.op
        if not isinstance(op, arith.AddI) or op.lhs is not argument:
            continue
        if isinstance(op.rhs.op, arith.Constant):
            steps, type_ = number, argument.type
            if isinstance(type_, IntType):
                steps = header.emit(arith.IndexCast(number, type_))
            if not is_constant(op.rhs, 1):
                step = header.emit(arith.Constant(op.rhs.op.value, op.rhs.op.type))
                steps = header.muli(steps, step)
            scope.sweep.same[argument] = header.addi(init, steps)


def _active(
    scope: Scope, op: Op, inits: tuple[Value, ...], arguments: tuple[Value, ...], body: Block
) -> Carried:
    activity = scope.sweep.activity
    rows = zip(inits, arguments, body.terminator.operands, op.results, strict=True)
    kept = [row for row in rows if row[1] in activity or row[3] in activity]
    columns = tuple(zip(*kept, strict=True)) or ((), (), (), ())
    return Carried(*columns)


def _matters(scope: Scope, carried: Carried, body: Block) -> bool:
    return any(r in scope.bars for r in carried.results) or bool(scope.sweep.written(body))


class _Loop:
    """One reverse loop under construction."""

    def __init__(self, scope: Scope, body: Block, carried: Carried, trips: Value) -> None:
        self.scope = scope
        self.body = body
        self.carried = carried
        self.trips = trips
        self.inner = scope.inner()
        self.counter = Value(INDEX)

    def run(self) -> None:
        """Reverse the body."""
        inner, carried, scope = self.inner, self.carried, self.scope
        self.seeds = tuple(scope.take(r) or scope.zero(r) for r in carried.results)
        self.bars = tuple(
            Value(r.type, None, f"d_{r.name}" if r.name else "") for r in carried.results
        )
        for value, bar in zip(carried.yielded, self.bars, strict=True):
            inner.add(value, bar)
        inner.reverse(self.body)
        self.after = tuple(inner.take(a) or inner.zero(a) for a in carried.arguments)
        pairs = enumerate(zip(self.after, self.bars, strict=True))
        self.changing = [i for i, (after, bar) in pairs if after is not bar]

    def number(self, header: Emit) -> Value:
        """The number of the iteration that is reversed; which one that is `same` says in the end.

        Last to first, unless `any_order` holds the loop and nothing of it sits on a stack.
        """
        sweep, number = self.scope.sweep, Value(INDEX)
        sweep.same[number] = header.subi(header.subi(self.trips, header.index(1)), self.counter)
        sweep.iterations[self.body] = number
        return number

    def finish(self, header: Emit, lanes: int = 1, parallel: bool = False) -> None:
        """Emit the loop and hand on what it computes. Pure sums may use the primal's lanes; where
        iterations hand nothing on they are as independent as the primal's.
        """
        inner, scope, changing = self.inner, self.scope, self.changing
        outside = tuple(inner.bars.items())
        sums = tuple(Value(v.type) for v, _ in outside)
        totals = tuple(inner.emit.addf(s, e) for s, (_, e) in zip(sums, outside, strict=True))
        inner.emit.add(scf.Yield((*(self.after[i] for i in changing), *totals)))
        arguments = (self.counter, *(self.bars[i] for i in changing), *sums)
        block = Block(arguments, (*header.ops, *inner.emit.ops))
        scope.sweep.mirrors[block] = Mirror(self.body, len(header.ops))
        zeros = tuple(scope.zero(v) for v, _ in outside)
        inits = (*(self.seeds[i] for i in changing), *zeros)
        emit = scope.emit
        sums_alone = not changing and not written(block)
        lanes = lanes if sums_alone else 1
        bounds = (emit.index(0), self.trips, emit.index(1))
        loop = scf.For(*bounds, inits, block, lanes, parallel and not changing)
        results = emit.add(loop)
        finals = dict(zip(changing, results[: len(changing)], strict=True))
        for position, init in enumerate(self.carried.inits):
            if position not in finals:
                scope.sweep.same[self.bars[position]] = self.seeds[position]
            scope.add(init, finals.get(position, self.seeds[position]))
        for (value, _), total in zip(outside, results[len(changing) :], strict=True):
            scope.add(value, total)
