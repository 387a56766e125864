"""Calls of functions with derivative rules of their own, in both modes.

    forward: z, z_dot = rule(x, x_dot)
    reverse: x_bar += rule(x, z, z_bar)

What a rule yields is there already (`dialects.ad.CustomFunction`); it is inlined here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.layout import arguments, is_buffer
from dpc.compiler.ad.retain import known_values
from dpc.compiler.ad.sweep import Scope
from dpc.compiler.dialects import ad, memref
from dpc.compiler.ir.core import Block, Function, Op, Value
from dpc.compiler.ir.rewrite import clone_ops, rebuild_block
from dpc.compiler.ir.types import MemRefType, holds_float, is_float

Values = tuple[Value, ...]


@dataclass(slots=True)
class Inlining:
    """One use of a function: its arguments in order, and where it is emitted."""

    emit: Emit
    function: Function
    env: dict[Value, Value] = field(default_factory=dict)

    def give(self, role: str, values: Sequence[Value | None]) -> None:
        """The arguments of a role; None for a buffer of its own."""
        for (_, argument), value in zip(arguments(self.function, role), values, strict=True):
            self.env[argument] = self.local(argument) if value is None else value

    def local(self, argument: Value) -> Value:
        """A buffer in the place of an argument."""
        assert isinstance(argument.type, MemRefType)
        return self.emit.alloc(argument.type, self.extents(argument))

    def extents(self, argument: Value) -> tuple[int | Value, ...]:
        """The extents of an array argument."""
        known = self.function.extents(argument)
        return tuple(e if isinstance(e, int) else self.env[e] for e in known)

    def run(self, known: ad.Custom | None = None, values: Values = ()) -> Values:
        """Emit the body, in which calls like `known` yield these values; what it returns."""
        body = Block((), tuple(clone_ops(self.function.body.ops, self.env)))
        if known is not None:
            body = with_known_values(known, body, values)
        for op in body.ops[:-1]:
            self.emit.add(op)
        return body.terminator.operands


def with_known_values(call: ad.Custom, body: Block, values: Values) -> Block:
    """The same with calls like this one replaced by what it yielded: results, then outputs."""

    def known(op: Op) -> tuple[list[Op], Values] | None:
        same = isinstance(op, ad.Custom) and op.function is call.function
        if not isinstance(op, ad.Custom) or not same or op.inputs != call.inputs:
            return None
        count = len(op.results)
        pairs = zip(values[count:], op.outputs, strict=True)
        return [memref.Copy(old, new, span=op.span) for old, new in pairs], values[:count]

    return rebuild_block(body, {}, known)


def tangent(
    emit: Emit,
    op: ad.Custom,
    rule: Function,
    dots: Sequence[Value | None],
    shadows: Sequence[Value | None],
    values: Values | None,
) -> Values:
    """Emit a forward rule for tangents of the float inputs; its results and their tangents.

    `shadows` get the tangents of the float outputs. None stands for the tangent 0, and for a shadow
    that nobody needs. `values` are the results where the call has been made before.
    """
    made = Inlining(emit, rule)
    dimensions, inputs = split(op, rule)
    made.give("dimension", dimensions)
    arguments_ = [v for _, v in arguments(rule, "input")]
    made.env.update(zip(arguments_, inputs, strict=False))
    for argument, dot in zip(arguments_[len(inputs) :], dots, strict=True):
        made.env[argument] = _zero(made, argument) if dot is None else dot
    if values is None:
        made.give("output", (*op.outputs, *shadows))
        return made.run()
    made.give("output", (*(None for _ in op.outputs), *shadows))
    return made.run(op, (*values, *op.outputs))


def _zero(made: Inlining, argument: Value) -> Value:
    """0 in the place of an argument."""
    if not is_buffer(argument):
        return made.emit.constant(0.0, argument.type)
    zero = made.local(argument)
    made.emit.zero(zero)
    return zero


def split(op: ad.Custom, function: Function) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """The op's dimensions, and its inputs."""
    count = len(arguments(function, "dimension"))
    return op.inputs[:count], op.inputs[count:]


def reverse(scope: Scope, op: Op) -> None:
    """x_bar += rule(x, z, z_bar); the cotangents of what the function writes are 0 before it."""
    assert isinstance(op, ad.Custom)
    sweep, emit = scope.sweep, scope.emit
    if not any(v in sweep.activity for v in (*op.results, *op.outputs)):
        return
    assert sweep.taped is not None
    function = sweep.taped.callees.adopt(op.function.reverse())
    dimensions, inputs = split(op, function)
    known = [_contents(scope, op, *row) for row in enumerate(known_values(op))]
    made = Inlining(emit, function)
    made.give("dimension", dimensions)
    bars: list[Value | None] = [
        scope.take(r) or scope.zero(r) for r in op.results if is_float(r.type)
    ]
    bars += [_cotangent(scope, b) for b in op.outputs if holds_float(b.type)]
    made.give("input", (*known[len(dimensions) :], *bars))
    outputs = [v for _, v in arguments(function, "output")]
    made.give("output", [None] * len(outputs))
    gradients = iter(made.run())
    arrays = iter(outputs)
    for value in (v for v in inputs if holds_float(v.type)):
        if not is_buffer(value):
            scope.add(value, next(gradients))
            continue
        argument = next(arrays)
        if value in sweep.activity:
            _add(emit, sweep.shadows[value], made.env[argument], made.extents(argument))
    for output in op.outputs:
        if output in sweep.activity:
            emit.zero(sweep.shadows[output])


def _contents(scope: Scope, op: Op, number: int, value: Value) -> Value:
    """The value, or the buffer that has its contents in the reverse sweep."""
    kept = scope.sweep.retained.buffers.get((op, str(number)), value)
    return scope.sweep.contents.get(kept, kept)


def _cotangent(scope: Scope, output: Value) -> Value:
    """The cotangent of an output: its shadow, 0 where there is none."""
    if output in scope.sweep.activity:
        return scope.sweep.shadows[output]
    assert isinstance(output.type, MemRefType)
    zero = scope.emit.alloc(output.type, scope.sweep.extents(output))
    scope.emit.zero(zero)
    return zero


def _add(emit: Emit, target: Value, terms: Value, extents: tuple[int | Value, ...]) -> None:
    def element(inner: Emit, indices: tuple[Value, ...]) -> None:
        total = inner.addf(inner.load(target, indices), inner.load(terms, indices))
        inner.store(total, target, indices)

    emit.each(extents, element)


__all__ = ["reverse", "tangent", "with_known_values"]
