"""The reverse of callees, as two functions each: what one pushes, the other pops.

    taped_f   [dimensions][inputs][outputs][tapes] -> results
    vjp_f     [dimensions][inputs][cotangents of float results][shadows of float outputs]
              [gradients of active arrays][tapes] -> gradients of active scalars

All but the arguments is gone when the reverse half runs. So each block, the body too, pushes at its
end what its reverse needs and can't compute again; the reverse of the block begins by popping that,
last first. Hence what is popped is always on top, whatever other invocations pushed in between.

The reverse half consumes the shadows of outputs, adds to the gradients.

A callee that may run again needs no forward half and no tapes: its reverse runs it once more, as
the reverse of a whole function does, so that what is kept is that of one call and loops around it
need no tape for it. At most `AGAIN` such are within each other, so that nothing runs more than so
many times besides; the callees around them push and pop. (Measured on trees of calls: one level
costs a tenth where tapes fit the cache, and halves the time where they do not.)
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dpc.compiler.ad.call import Taped
from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.iterations import Iterations
from dpc.compiler.ad.layout import (
    Argument,
    active_inputs,
    arguments,
    companion,
    distinct,
    is_buffer,
)
from dpc.compiler.ad.materialise import Materialise
from dpc.compiler.ad.plan import TapePlan, plan
from dpc.compiler.ad.planning import planned
from dpc.compiler.ad.sweep import Scope, Sweep
from dpc.compiler.ad.trips import has_shape, is_loop
from dpc.compiler.analysis.needed import needed, nest_of
from dpc.compiler.analysis.repeatable import repeatable
from dpc.compiler.dialects import cf, func, tape
from dpc.compiler.ir.core import Block, Function, Op, Parameter, Value
from dpc.compiler.ir.rewrite import clone_block, rebuild_block
from dpc.compiler.ir.types import MemRefType, ScalarType, StackType, Type, holds_float, is_float

AGAIN = 1


@dataclass(slots=True)
class Drafted:
    """A callee's reverse, drafted: its arguments, its ops, and how it has what it needs."""

    sweep: Sweep
    cotangents: tuple[Argument, ...]
    shadows: tuple[Argument, ...]
    ops: tuple[Op, ...]
    iterations: Iterations
    plan: TapePlan

    @property
    def stacked(self) -> set[ScalarType]:
        """The types of what is kept on shared tapes."""
        if self.again:
            return set()
        return {v.type for v, d in self.plan.items() if d.stored}  # type: ignore[misc]

    @property
    def again(self) -> bool:
        """True if the callee runs again."""
        return not self.sweep.nest.stacked


def run_again(callees: Iterable[Function]) -> frozenset[str]:
    """The callees whose reverse runs them again."""
    heights = repeatable(callees, _may_need_stacks)
    return frozenset(name for name, height in heights.items() if height <= AGAIN)


def _may_need_stacks(function: Function) -> bool:
    """True if loops are of unknown length: stacks are better grown once than in every call."""
    nest = nest_of(function)
    return any(not has_shape(block, nest) for block, (op, _) in nest.parents.items() if is_loop(op))


def silent(function: Function) -> Function:
    """The function without its checks, which it passed before."""

    def drop(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        return ([], ()) if isinstance(op, cf.Assert) else None

    return function.with_body(rebuild_block(function.body, {}, drop))


def drafted(sweep: Sweep, flags: set[int]) -> Drafted:
    """The draft of a callee's reverse; `flags` are the positions of its active inputs."""
    function = sweep.function
    scope = Scope(sweep, Emit(function.span))
    roles = [p.role for p in function.parameters]
    marked = tuple(i in flags for i, role in enumerate(roles) if role == "input")
    inputs = active_inputs(function, marked)
    results = [v for v in function.body.terminator.operands if is_float(v.type)]
    cotangents = tuple(
        (Parameter(f"ct_{i}"), Value(v.type, None, f"ct_{i}")) for i, v in enumerate(results)
    )
    shadowed = tuple(
        a
        for a in (*arguments(function, "output"), *inputs)
        if is_buffer(a[1]) and holds_float(a[1].type)
    )
    shadows = tuple(companion(a, "d", "shared") for a in shadowed)
    for (_, buffer), (_, shadow) in zip(shadowed, shadows, strict=True):
        sweep.shadows[buffer] = shadow
    for result, (_, cotangent) in zip(results, cotangents, strict=True):
        scope.add(result, cotangent)
    scope.reverse(function.body)
    scalars = tuple(scope.take(v) or scope.zero(v) for _, v in inputs if not is_buffer(v))
    draft = (*scope.emit.ops, func.Return(scalars))
    if sweep.nest.stacked:
        whole = Iterations(sweep.nest, {}, {})
        outcome = plan(needed(draft, sweep.nest), sweep.same, sweep.nest)
    else:
        whole, outcome = planned(sweep, draft)
    return Drafted(sweep, cotangents, shadows, draft, whole, outcome)


def halves(draft: Drafted, taped: Taped, elements: tuple[ScalarType, ...]) -> tuple[Function, ...]:
    """The functions of a drafted reverse, with tapes of these elements."""
    if draft.again:
        return (_repeating(draft, taped),)
    function = draft.sweep.function
    tapes = tapes_of(elements)
    stacks = {stack.type.element: stack for _, stack in tapes if isinstance(stack.type, StackType)}
    whole = draft.iterations
    draft.sweep.fix_orders((v for v, d in draft.plan.items() if d.stored), whole.nest)
    forward, backward = (_Half(draft.sweep, whole, draft.plan, shared=stacks) for _ in range(2))
    ops = forward.first(function.body)
    taken = (*zip(function.parameters, function.arguments, strict=True), *tapes)
    types = function.result_types
    first = _made(taped.forward[function.name], function, taken, types, tuple(ops))
    back = backward.second(draft.ops)
    given = (*arguments(function, "dimension"), *arguments(function, "input"))
    layout = (*given, *draft.cotangents, *draft.shadows, *tapes)
    types = tuple(v.type for v in back[-1].operands)
    second = _made(taped.reverse[function.name], function, layout, types, tuple(back))
    return first, second


def _repeating(draft: Drafted, taped: Taped) -> Function:
    """The reverse that runs the callee again, with outputs of its own."""
    function = draft.sweep.function
    emit = Emit(function.span)
    outputs = {}
    for _, output in arguments(function, "output"):
        assert isinstance(output.type, MemRefType)
        outputs[output] = emit.alloc(output.type, function.extents(output))
    whole = Materialise(draft.sweep, draft.iterations, draft.plan, env=outputs)
    ops = (*emit.ops, *whole.sweeps(list(draft.ops)))
    given = (*arguments(function, "dimension"), *arguments(function, "input"))
    layout = (*given, *draft.cotangents, *draft.shadows)
    types = tuple(v.type for v in ops[-1].operands)
    return _made(taped.reverse[function.name], function, layout, types, ops)


def tapes_of(elements: tuple[ScalarType, ...]) -> tuple[Argument, ...]:
    """A parameter for the tape of each type of element."""
    names = [f"tape_{element}" for element in elements]
    return tuple(
        (Parameter(name, "shared"), Value(StackType(element), None, name))
        for name, element in zip(names, elements, strict=True)
    )


def _made(
    name: str,
    function: Function,
    layout: tuple[Argument, ...],
    types: tuple[Type, ...],
    ops: tuple[Op, ...],
) -> Function:
    parameters = tuple(p for p, _ in distinct(layout))
    body = clone_block(Block(tuple(v for _, v in layout), ops), {})
    return Function(name, parameters, types, body, function.span)


class _Half(Materialise):
    """Writes one half; what is stored goes on the tapes, a block at a time."""

    def first(self, body: Block) -> list[Op]:
        """The ops of the forward half."""
        ops: list[Op] = []
        for op in body.ops[:-1]:
            self.forward(op, None, ops)
        self._close(body, ops)
        ops.append(self._rebuilt(body.terminator))
        return ops

    def second(self, draft: tuple[Op, ...]) -> list[Op]:
        """The ops of the reverse half."""
        ops: list[Op] = []
        self._open(self.sweep.function.body, ops)
        self._reverse(draft, ops)
        return ops

    def keep(self, values: Iterable[Value], ops: list[Op]) -> None:
        """Nothing yet: all is kept at the end of the block."""

    def _close(self, block: Block, ops: list[Op]) -> None:
        for value in self._stored(block):
            push = tape.Push(self.shared[value.type], self.find(value))  # type: ignore[index]
            push.span = value.op.span if value.op is not None else None
            ops.append(push)

    def _open(self, block: Block, ops: list[Op]) -> None:
        for value in reversed(self._stored(block)):
            pop = tape.Pop(self.shared[value.type])  # type: ignore[index]
            pop.result.name = value.name
            self.env[value] = pop.result
            ops.append(pop)
        for value in self.by_block.get(block, ()):
            if not self.plan[value].stored:
                self._have(value, ops)

    def _stored(self, block: Block) -> list[Value]:
        return [v for v in self.by_block.get(block, ()) if self.plan[v].stored]
