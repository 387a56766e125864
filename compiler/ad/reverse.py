"""Reverse mode: a forward sweep that keeps what is needed, then the reverse of every block.

    z = f(x, y):   x_bar += z_bar (*) df/dx,   y_bar += z_bar (*) df/dy,   last op first

1. `sweep` and the structural rules (`straight_line`, `branch`, `loop`, `buffers`) draft the reverse
   sweep, naming values of the primal freely;
2. `needed` collects which, `plan` decides to store or recompute each;
3. `materialise` writes both sweeps.

On entry: a function at the loops level, not itself made by reverse mode (`terms` answers that by
symmetry). On exit: one of the same kind:
[dimensions][inputs][cotangents of float results: scalars, then outputs][outputs][gradients of
active array inputs] -> results, gradients of active scalar inputs
Its callees are those that it still needs, and two functions for the reverse of each (`halves`).
"""

from dataclasses import dataclass, replace

from dpc.compiler.ad import branch, buffers, call, closed_forms, custom, loop, straight_line, trap
from dpc.compiler.ad.call import Taped
from dpc.compiler.ad.calls import named_apart
from dpc.compiler.ad.checkpoint import Checkpoints, checkpoints
from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.forms import FORMS
from dpc.compiler.ad.halves import drafted, halves, run_again, silent
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
from dpc.compiler.ad.plan import TapePlan
from dpc.compiler.ad.planning import planned
from dpc.compiler.ad.required import required_flow
from dpc.compiler.ad.retain import Retained, retain, retains
from dpc.compiler.ad.rules.table import carries
from dpc.compiler.ad.sweep import Reverse, Scope, Sweep
from dpc.compiler.analysis.activity import Activity
from dpc.compiler.analysis.callees import Callees, pruned
from dpc.compiler.analysis.flow import flow
from dpc.compiler.analysis.needed import Nest, nest_of, nest_of_callee
from dpc.compiler.dialects import (
    ad,
    arith,
    cf,
    func,
    io,
    linalg,
    memref,
    scf,
    tape,
)
from dpc.compiler.ir.core import Block, Function, Op, Parameter, Value
from dpc.compiler.ir.rewrite import clone_block, rebuild_block, uses
from dpc.compiler.ir.types import INDEX, ScalarType, StackType, holds_float, is_float

RULES: dict[type[Op], Reverse] = {
    Op: straight_line.reverse,  # every op not named here
    scf.For: loop.reverse_for,
    scf.While: loop.reverse_while,
    scf.If: branch.reverse,
    memref.Load: buffers.reverse_load,
    memref.Store: buffers.reverse_store,
    memref.Copy: buffers.reverse_copy,
    linalg.Fill: buffers.reverse_fill,
    memref.Alloc: straight_line.ignore,
    memref.Constant: straight_line.ignore,
    cf.Assert: straight_line.ignore,
    io.Print: straight_line.ignore,
    ad.Retain: closed_forms.reverse_retain,
    func.Invoke: call.reverse,
    ad.Custom: custom.reverse,
    ad.Trap: trap.reverse,
    **dict.fromkeys(FORMS, closed_forms.reverse),
}


@dataclass(frozen=True, slots=True)
class Reversed:
    """What reverse mode made of a function: its own copy of that (`primal`), the function with
    gradients, and for both the values of the primal that are stored or recomputed, how its loops
    are reversed, and from which states. Ops of the primal have the spans of the source. taped,
    again: the callees that keep something of each call, and those that run again.
    """

    primal: Function
    function: Function
    plan: TapePlan
    iterations: Iterations
    checkpoints: Checkpoints
    taped: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


def vjp(function: Function, active: tuple[bool, ...]) -> Function:
    """The function with gradients of the active inputs for given cotangents of its results.

    `active` has one flag for each input argument; flags of inputs without floats have no effect.
    """
    return reverse_of(function, active).function


def reverse_of(function: Function, active: tuple[bool, ...]) -> Reversed:
    """The same with what was decided on the way."""
    primal = _prepared(function)
    again = run_again(function.callees)
    callees = tuple(
        silent(_prepared(c)) if c.name in again else _prepared(c) for c in function.callees
    )
    primal = replace(primal, callees=callees)
    inputs = active_inputs(primal, active)
    carried = Callees({callee.name: callee for callee in function.callees})
    sweeps = _sweeps(primal, inputs, carried, again)
    scope = Scope(sweeps[0], Emit(function.span))
    cotangents = _cotangents(primal)
    gradients = tuple(companion(a, "d", "output") for a in inputs if is_buffer(a[1]))
    shadows = (a[1] for a in inputs if is_buffer(a[1]))
    for shadowed, (_, gradient) in zip(shadows, gradients, strict=True):
        scope.emit.zero(gradient)
        scope.sweep.shadows[shadowed] = gradient
    _seed(scope, sweeps[0].function, cotangents)
    scope.reverse(sweeps[0].function.body)
    scalars = tuple(scope.take(v) or scope.zero(v) for _, v in inputs if not is_buffer(v))
    elements, reverses = _halves(sweeps)
    made = _assembled(scope, cotangents, gradients, scalars, elements)
    whole = replace(made.function, callees=(*carried.found.values(), *reverses))
    taped = sweeps[0].taped
    assert taped is not None
    rerun = tuple(name for name in taped.reverse if name in again)
    return replace(made, function=pruned(whole), taped=tuple(taped.forward), again=rerun)


def _sweeps(
    primal: Function, inputs: tuple[Argument, ...], carried: Callees, again: frozenset[str]
) -> tuple[Sweep, ...]:
    """What the reverse of the function needs to know, then that of each active callee."""

    def nest(callee: Function) -> Nest:
        return nest_of(callee) if callee.name in again else nest_of_callee(callee)

    found = required_flow(primal, inputs)
    kept = _retaining(primal, found.activity, nest_of(primal))
    callees = {
        name: _retaining(found.callees[name], inside, nest(found.callees[name]))
        for name, inside in found.inside.items()
    }
    everyone = (callees[c.name][0] if c.name in callees else c for c in primal.callees)
    whole = replace(kept[0], callees=tuple(everyone))
    found = flow(whole, (v for _, v in inputs), carries)
    taken = {callee.name for callee in primal.callees}
    forward = named_apart(found.inside.keys() - again, "taped", taken)
    reverse = named_apart(found.inside, "vjp", taken)
    carried.reserved = frozenset((*forward.values(), *reverse.values()))
    taped = Taped(found, forward, reverse, carried, again)

    def sweep(function: Function, active: Activity, at: Nest, retained: Retained) -> Sweep:
        counts = uses(function.body)
        return Sweep(function, active, RULES, _trips(function), at, counts, retained, taped)

    return (
        sweep(whole, found.activity, nest_of(whole), kept[1]),
        *(
            sweep(f, found.inside[name], nest(f), retained)
            for name, (f, retained) in callees.items()
        ),
    )


def _retaining(function: Function, active: Activity, nest: Nest) -> tuple[Function, Retained]:
    return retain(function, active, nest) if retains(function) else (function, Retained())


def _halves(sweeps: tuple[Sweep, ...]) -> tuple[tuple[ScalarType, ...], tuple[Function, ...]]:
    """The types of what is on tapes, and the functions that reverse the callees."""
    taped = sweeps[0].taped
    assert taped is not None
    frames = [drafted(s, taped.flow.flags[s.function.name]) for s in sweeps[1:]]
    stored = {element for frame in frames for element in frame.stacked}
    elements = tuple(sorted(stored, key=str))
    return elements, tuple(f for frame in frames for f in halves(frame, taped, elements))


def _prepared(function: Function) -> Function:
    """A copy in which every `while` counts its iterations in its last carried value, and no pass
    will change how the loops round.
    """
    body = clone_block(function.body, {})

    def count(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        if isinstance(op, scf.For):
            settled = replace(op, settled=True)
            for new, old in zip(settled.results, op.results, strict=True):
                new.name = old.name
            return [settled], settled.results
        if not isinstance(op, scf.While):
            return None
        start = arith.Constant(0, INDEX)
        counting = _counting(op, start.result)
        return [start, counting], counting.results[:-1]

    return replace(function, body=rebuild_block(body, {}, count))


def _trips(prepared: Function) -> dict[Op, Value]:
    """For each `while` the number of its iterations."""
    return {op: op.results[-1] for op in prepared.body.walk() if isinstance(op, scf.While)}


def _counting(op: scf.While, start: Value) -> scf.While:
    before, body = (Value(INDEX, None, "trips") for _ in range(2))
    condition = op.before.terminator
    assert isinstance(condition, scf.Condition)
    goes_on = scf.Condition(condition.condition, (*condition.values, before), span=condition.span)
    one = arith.Constant(1, INDEX)
    more = arith.AddI(body, one.result)
    again = scf.Yield((*op.body.terminator.operands, more.result), span=op.body.terminator.span)
    return replace(
        op,
        settled=True,
        inits=(*op.inits, start),
        before=Block((*op.before.arguments, before), (*op.before.ops[:-1], goes_on)),
        body=Block((*op.body.arguments, body), (*op.body.ops[:-1], one, more, again)),
    )


def _cotangents(function: Function) -> tuple[Argument, ...]:
    """Arguments for the cotangents: scalar results, then outputs."""
    floats = [t for t in function.result_types if is_float(t)]
    names = ["ct"] if len(floats) == 1 else [f"ct_{i}" for i in range(len(floats))]
    scalars = tuple((Parameter(n), Value(t, None, n)) for n, t in zip(names, floats, strict=True))
    outputs = tuple(a for a in arguments(function, "output") if holds_float(a[1].type))
    return (*scalars, *(companion(a, "ct", "input") for a in outputs))


def _seed(scope: Scope, primal: Function, cotangents: tuple[Argument, ...]) -> None:
    """Start from the cotangents; those of outputs are copied, for shadows change."""
    results = [v for v in primal.body.terminator.operands if is_float(v.type)]
    outputs = [v for _, v in arguments(primal, "output") if holds_float(v.type)]
    given = [v for _, v in cotangents]
    for result, cotangent in zip(results, given[: len(results)], strict=True):
        scope.add(result, cotangent)
    for output, cotangent in zip(outputs, given[len(results) :], strict=True):
        if output in scope.sweep.activity and output not in scope.sweep.shadows:
            scope.allocate_shadow(output, cotangent)


def _assembled(
    scope: Scope,
    cotangents: tuple[Argument, ...],
    gradients: tuple[Argument, ...],
    scalars: tuple[Value, ...],
    elements: tuple[ScalarType, ...],
) -> Reversed:
    primal = scope.sweep.function
    ending = func.Return((*primal.body.terminator.operands, *scalars))
    draft = [*scope.emit.ops, ending]
    chosen, outcome = planned(scope.sweep, draft)
    tapes = {e: tape.Stack(StackType(e)).result for e in elements}
    stored = checkpoints(scope.sweep, chosen, outcome)
    ops = Materialise(scope.sweep, chosen, outcome, stored.loops, shared=tapes).sweeps(draft)
    layout = (
        *arguments(primal, "dimension"), *arguments(primal, "input"), *cotangents,
        *arguments(primal, "output"), *gradients,
    )  # fmt: skip
    made = Function(
        f"vjp_{primal.name}",
        tuple(p for p, _ in distinct(layout)),
        tuple(v.type for v in ops[-1].operands),
        Block(tuple(v for _, v in layout), tuple(ops)),
        primal.span,
    )
    return Reversed(primal, made, outcome, chosen, stored)
