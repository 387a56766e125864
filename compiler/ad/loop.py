"""Reverse of counted loops.

    c[t+1] = body(t, c[t], x),  t = 0 .. T-1:
    for t = T-1 .. 0:   c_bar[t], e_bar = body_bar(t, c_bar[t+1]);   x_bar += e_bar

c are the carried values and x what the body uses from outside. The sums over iterations are
carried as x_sum' = x_sum + e_bar with e_bar free of x_sum.

A reverse loop counts k = 0 .. T-1 and finds its iteration t = T-1-k first; a `while` is a loop of
as many iterations as were counted on the way forward.
"""

from dataclasses import dataclass

from dpc.compiler.ad.emit import Emit, is_constant
from dpc.compiler.ad.sweep import Mirror, Scope
from dpc.compiler.dialects import arith, scf
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.types import INDEX


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
    carried = _active(scope, op, op.inits, op.body.arguments[1:], op.body)
    if not _matters(scope, carried, op.body):
        return
    trips = trip_count(scope.emit, op.lower, op.upper, op.step)
    loop = _Loop(scope, op.body, carried, trips)
    loop.header(op)
    loop.run()


def reverse_while(scope: Scope, op: Op) -> None:
    """Emit the loop that reverses a `while`; its last carried value counts the iterations.

    What `before` computes only decides about going on, so no derivative passes through it.
    """
    assert isinstance(op, scf.While)
    carried = _active(scope, op, op.inits, op.body.arguments, op.body)
    if not _matters(scope, carried, op.body):
        return
    loop = _Loop(scope, op.body, carried, scope.sweep.trips[op])
    loop.header(None)
    scope.sweep.same[op.body.arguments[-1]] = loop.iteration
    loop.run()


def trip_count(emit: Emit, lower: Value, upper: Value, step: Value) -> Value:
    """How often the body of a `for` runs; zero or negative for not at all."""
    if is_constant(step, 1):
        return upper if is_constant(lower, 0) else emit.subi(upper, lower)
    last = emit.subi(emit.addi(emit.subi(upper, lower), step), emit.index(1))
    return emit.emit(arith.FloorDivSI(last, step))


def _active(
    scope: Scope, op: Op, inits: tuple[Value, ...], arguments: tuple[Value, ...], body: Block
) -> Carried:
    activity = scope.sweep.activity
    rows = zip(inits, arguments, body.terminator.operands, op.results, strict=True)
    kept = [row for row in rows if row[1] in activity or row[3] in activity]
    columns = tuple(zip(*kept, strict=True)) or ((), (), (), ())
    return Carried(*columns)


def _matters(scope: Scope, carried: Carried, body: Block) -> bool:
    return any(r in scope.bars for r in carried.results) or scope.sweep.writes_active(body)


class _Loop:
    """One reverse loop under construction."""

    def __init__(self, scope: Scope, body: Block, carried: Carried, trips: Value) -> None:
        self.scope = scope
        self.body = body
        self.carried = carried
        self.trips = trips
        self.counter = Value(INDEX)
        self.inner = scope.inner()
        emit = self.inner.emit
        last = emit.subi(trips, emit.index(1))
        self.iteration = emit.subi(last, self.counter)
        scope.sweep.iterations[body] = self.iteration

    def header(self, op: scf.For | None) -> None:
        """Find the induction variable of the iteration."""
        if op is not None:
            emit, value = self.inner.emit, self.iteration
            if not is_constant(op.step, 1):
                value = emit.muli(value, op.step)
            if not is_constant(op.lower, 0):
                value = emit.addi(op.lower, value)
            self.scope.sweep.same[op.body.arguments[0]] = value
        self.header_length = len(self.inner.emit.ops)

    def run(self) -> None:
        """Reverse the body, emit the loop, hand its sums on."""
        inner, carried, scope = self.inner, self.carried, self.scope
        seeds = tuple(scope.take(r) or scope.zero(r) for r in carried.results)
        bars = tuple(Value(r.type, None, f"d_{r.name}" if r.name else "") for r in carried.results)
        for value, bar in zip(carried.yielded, bars, strict=True):
            inner.add(value, bar)
        inner.reverse(self.body)
        after = tuple(inner.take(a) or inner.zero(a) for a in carried.arguments)
        outside = tuple(inner.bars.items())
        sums = tuple(Value(v.type) for v, _ in outside)
        totals = tuple(inner.emit.addf(s, e) for s, (_, e) in zip(sums, outside, strict=True))
        changing = [i for i, (a, b) in enumerate(zip(after, bars, strict=True)) if a is not b]
        inner.emit.add(scf.Yield((*(after[i] for i in changing), *totals)))
        block = inner.emit.block((self.counter, *(bars[i] for i in changing), *sums))
        scope.sweep.mirrors[block] = Mirror(self.body, self.header_length)
        zeros = tuple(scope.zero(v) for v, _ in outside)
        inits = (*(seeds[i] for i in changing), *zeros)
        emit = scope.emit
        results = emit.add(scf.For(emit.index(0), self.trips, emit.index(1), inits, block))
        finals = dict(zip(changing, results[: len(changing)], strict=True))
        for position, init in enumerate(carried.inits):
            if position not in finals:
                scope.sweep.same[bars[position]] = seeds[position]
            scope.add(init, finals.get(position, seeds[position]))
        for (value, _), total in zip(outside, results[len(changing) :], strict=True):
            scope.add(value, total)
