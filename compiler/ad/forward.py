"""Forward mode: one traversal, tangents side by side with the values they belong to.

    z = f(x, y):   z_dot = x_dot (*) df/dx + y_dot (*) df/dy

Every active value has a tangent, every active buffer and stack a shadow that goes through the same
moves: what is stored, copied, pushed or carried has its tangent stored, copied, pushed or carried.

On entry: a function of the loops level. On exit: one of the same kind that computes the results and
their tangents along the tangents of the active inputs:
[dimensions][inputs][tangent inputs][outputs][tangent outputs] -> results, tangents of float results
Several tangents can go along at once, in lanes: tangent inputs, outputs and results are then those
of the first lane, those of the second, and so on. Callees get twins of the same kind (`calls`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from dpc.compiler.ad.calls import Calls, ForwardCall, named_apart
from dpc.compiler.ad.custom import tangent
from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.forms import FORMS
from dpc.compiler.ad.layout import (
    Argument,
    active_inputs,
    arguments,
    companion,
    distinct,
    extents_of,
    is_buffer,
)
from dpc.compiler.ad.linear_algebra import Operands
from dpc.compiler.ad.matrices import Matrices, Matrix
from dpc.compiler.ad.required import required_flow
from dpc.compiler.ad.rules.table import rule_of
from dpc.compiler.analysis.activity import Activity
from dpc.compiler.analysis.callees import Callees, pruned
from dpc.compiler.dialects import ad, func, linalg, memref, scf, tape
from dpc.compiler.dialects.memory import WRITES
from dpc.compiler.ir.core import ROLES, Block, Function, Op, Value
from dpc.compiler.ir.rewrite import clone
from dpc.compiler.ir.types import element_of, holds_float, is_float


def jvp(
    function: Function, active: tuple[bool, ...], lanes: int = 1, tapes: bool = True
) -> Function:
    """The function with tangents of all float results along those of the active inputs.

    `active` has a flag for each input; reverse mode can differentiate what is made without `tapes`.
    """
    inputs = active_inputs(function, active)
    found = required_flow(function, inputs)
    taken = {callee.name for callee in function.callees}
    names = named_apart(filter(found.active, found.callees), "jvp", taken)
    calls = Calls(found, names, Callees(dict(found.callees), frozenset(names.values())))
    twins = tuple(
        _twin(calls, found.callees[name], found.inside[name], found.flags[name], lanes, tapes)
        for name in calls.twins
    )
    flags = {function.arguments.index(v) for _, v in inputs}
    made = _twin(calls, function, found.activity, flags, lanes, tapes)
    return pruned(replace(made, callees=(*calls.callees.found.values(), *twins)))


def _twin(
    calls: Calls, function: Function, active: Activity, flags: set[int], lanes: int, tapes: bool
) -> Function:
    """A function with tangents: of its flagged inputs and shared arguments, and of all float
    outputs and results. Shared arguments come last, then their tangents.
    """
    forward = Forward(function, active, calls, lanes, tapes)
    fresh = {
        role: tuple((p, forward.fresh(v)) for p, v in arguments(function, role)) for role in ROLES
    }
    flagged = {function.arguments[i] for i in flags}
    emit = Emit(function.span)
    tangents: dict[str, list[Argument]] = {"input": [], "output": [], "shared": []}
    for dots in forward.lanes:
        for role, own in tangents.items():
            for argument in arguments(function, role):
                value = argument[1]
                if not (holds_float(value.type) if role == "output" else value in flagged):
                    continue
                dot = companion(argument, "d", role)
                own.append(dot)
                if role == "output" and value not in forward.activity:
                    emit.zero(dot[1])
                else:
                    dots[value] = dot[1]
    forward.ops(function.body, emit)
    results = forward.results(emit, function.body.terminator)
    layout = [*fresh["dimension"]]
    for role, own in tangents.items():
        layout += [*fresh[role], *own]
    return Function(
        calls.twins.get(function.name, f"jvp_{function.name}"),
        tuple(p for p, _ in distinct(tuple(layout))),
        tuple(v.type for v in results),
        emit.block(tuple(v for _, v in layout)),
        function.span,
    )


@dataclass
class Forward:
    """The traversal. `env` maps values to their copies, each lane active ones to their tangents."""

    function: Function
    activity: Activity
    calls: Calls
    count: int
    tapes: bool = True
    env: dict[Value, Value] = field(default_factory=dict)
    lanes: tuple[dict[Value, Value], ...] = ()

    def __post_init__(self) -> None:
        self.lanes = tuple({} for _ in range(self.count))

    def fresh(self, value: Value) -> Value:
        """A copy of a block argument."""
        copy = Value(value.type, None, value.name)
        self.env[value] = copy
        return copy

    def dot(self, emit: Emit, dots: dict[Value, Value], value: Value) -> Value:
        """The tangent of a float value in a lane, 0 where it is not active."""
        known = dots.get(value)
        return emit.constant(0.0, value.type) if known is None else known

    def all_dots(self, emit: Emit, values: Iterable[Value]) -> tuple[Value, ...]:
        """The tangents of float values, lane by lane."""
        row = tuple(values)
        return tuple(self.dot(emit, dots, v) for dots in self.lanes for v in row)

    def ops(self, block: Block, emit: Emit) -> None:
        """Emit a block's ops but the terminator, with their tangents."""
        for op in block.ops[:-1]:
            with emit.at(op.span):
                _HANDLERS.get(type(op), _scalar)(self, op, emit)

    def copy(self, op: Op, emit: Emit) -> None:
        """Emit the op itself."""
        emit.add(clone(op, self.env))

    def moved(self, op: Op, changes: dict[Value, Value]) -> Op:
        """The op on copies, some operands replaced by their tangents or shadows."""
        return op.rebuild({v: changes.get(v, self.env.get(v, v)) for v in op.operands})

    def block(self, block: Block, emit: Emit, slots: tuple[int, ...], skip: int = 0) -> Block:
        """The block with tangents of the carried values in `slots`; `skip` arguments precede."""
        inner = Emit(emit.span)
        arguments_ = [self.fresh(a) for a in block.arguments]
        for dots in self.lanes if block.arguments else ():
            for slot in slots:
                argument = block.arguments[skip + slot]
                dot = Value(argument.type, None, f"d_{argument.name}" if argument.name else "")
                dots[argument] = dot
                arguments_.append(dot)
        self.ops(block, inner)
        inner.add(self.terminator(inner, block.terminator, slots))
        return inner.block(tuple(arguments_))

    def terminator(self, emit: Emit, op: Op, slots: tuple[int, ...]) -> Op:
        """The terminator, which also hands on the tangents of the values in `slots`."""
        if isinstance(op, scf.Condition):
            dots = self.all_dots(emit, (op.values[s] for s in slots))
            return scf.Condition(
                self.env.get(op.condition, op.condition), (*self.values(op.values), *dots)
            )
        assert isinstance(op, scf.Yield)
        dots = self.all_dots(emit, (op.values[s] for s in slots))
        return scf.Yield((*self.values(op.values), *dots))

    def values(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        """Copies of values."""
        return tuple(self.env.get(v, v) for v in values)

    def slots(self, *rows: tuple[Value, ...]) -> tuple[int, ...]:
        """Positions at which any row holds an active value."""
        return tuple(
            i
            for i, column in enumerate(zip(*rows, strict=True))
            if any(v in self.activity for v in column)
        )

    def finish(self, op: Op, new: Op, slots: tuple[int, ...], emit: Emit) -> None:
        """Emit a structured op; its results are the old ones, then the tangents of `slots` in each
        lane.
        """
        results = emit.add(new)
        count = len(op.results)
        for old, result in zip(op.results, results[:count], strict=True):
            result.name = old.name
            self.env[old] = result
        tangents = iter(results[count:])
        for dots in self.lanes:
            dots.update((op.results[slot], next(tangents)) for slot in slots)

    def results(self, emit: Emit, op: Op) -> tuple[Value, ...]:
        """Emit the return; the values it returns."""
        dots = self.all_dots(emit, (v for v in op.operands if is_float(v.type)))
        values = (*self.values(op.operands), *dots)
        emit.add(func.Return(values))
        return values


def _scalar(forward: Forward, op: Op, emit: Emit) -> None:
    """z_dot = sum of x_dot (*) dz/dx."""
    forward.copy(op, emit)
    if not any(r in forward.activity for r in op.results):
        return
    rule = rule_of(op)
    new = forward.env[op.result].op
    assert new is not None
    for dots in forward.lanes:
        tangents = [dots.get(v) if rule.carries(i) else None for i, v in enumerate(op.operands)]
        tangent = rule.tangent(emit, new, tangents)
        if tangent is not None:
            dots[op.result] = tangent


def _for(forward: Forward, op: scf.For, emit: Emit) -> None:
    """Carried values carry their tangents: (c, c_dot)' = body(c, c_dot)."""
    slots = forward.slots(op.body.arguments[1:], op.results)
    dots = forward.all_dots(emit, (op.inits[s] for s in slots))
    lower, upper, step = forward.values((op.lower, op.upper, op.step))
    body = forward.block(op.body, emit, slots, skip=1)
    inits = (*forward.values(op.inits), *dots)
    new = replace(op, lower=lower, upper=upper, step=step, inits=inits, body=body)
    forward.finish(op, new, slots, emit)


def _if(forward: Forward, op: scf.If, emit: Emit) -> None:
    """Both branches yield the tangents of what they yield."""
    slots = forward.slots(op.results)
    then = forward.block(op.then, emit, slots)
    otherwise = forward.block(op.otherwise, emit, slots)
    (condition,) = forward.values((op.condition,))
    forward.finish(op, scf.If(condition, then, otherwise), slots, emit)


def _while(forward: Forward, op: scf.While, emit: Emit) -> None:
    """As a counted loop; the condition looks at the values alone."""
    slots = forward.slots(op.before.arguments, op.body.arguments, op.results)
    inits = (*forward.values(op.inits), *forward.all_dots(emit, (op.inits[s] for s in slots)))
    before = forward.block(op.before, emit, slots)
    body = forward.block(op.body, emit, slots)
    bound = None if op.bound is None else forward.env.get(op.bound, op.bound)
    forward.finish(op, replace(op, inits=inits, bound=bound, before=before, body=body), slots, emit)


def _made(forward: Forward, op: Op, emit: Emit) -> None:
    """A buffer or stack, and its shadow of the same extents."""
    forward.copy(op, emit)
    if op.result in forward.activity:
        copy = forward.env[op.result].op
        assert copy is not None
        for dots in forward.lanes:
            dots[op.result] = emit.emit(copy.with_attributes())


def _read(forward: Forward, op: memref.Load | tape.Pop, emit: Emit) -> None:
    """x_dot comes from where x comes, out of the shadow."""
    source = op.operands[0]
    forward.copy(op, emit)
    for dots in forward.lanes if source in forward.activity else ():
        dots[op.result] = emit.emit(forward.moved(op, {source: dots[source]}))


def _write(forward: Forward, op: memref.Store | tape.Push | linalg.Fill, emit: Emit) -> None:
    """x_dot goes where x goes, into the shadow; 0 for an inactive x."""
    target = op.stack if isinstance(op, tape.Push) else op.buffer
    forward.copy(op, emit)
    for dots in forward.lanes if target in forward.activity else ():
        dot = forward.dot(emit, dots, op.value)
        emit.add(forward.moved(op, {target: dots[target], op.value: dot}))


def _copy(forward: Forward, op: memref.Copy, emit: Emit) -> None:
    """Shadow to shadow; zeros where the source is not active."""
    forward.copy(op, emit)
    for dots in forward.lanes if op.target in forward.activity else ():
        if op.source in forward.activity:
            emit.add(memref.Copy(dots[op.source], dots[op.target]))
        else:
            emit.zero(dots[op.target])


def _row(forward: Forward, op: tape.Save | tape.Restore, emit: Emit) -> None:
    """Shadow to shadow; zeros where the source is not active."""
    forward.copy(op, emit)
    source, target = (op.buffer, op.slots) if isinstance(op, tape.Save) else (op.slots, op.buffer)
    for dots in forward.lanes if target in forward.activity else ():
        if source in forward.activity:
            emit.add(forward.moved(op, {v: dots[v] for v in (source, target)}))
        elif isinstance(op, tape.Restore):
            emit.zero(dots[target])
        else:
            _zero_row(forward, op, dots[target], emit)


def _zero_row(forward: Forward, op: tape.Save, slots: Value, emit: Emit) -> None:
    extents = extents_of(forward.function, op.buffer)
    moved = tuple(e if isinstance(e, int) else forward.env.get(e, e) for e in extents)
    (position,) = forward.values((op.position,))

    def clear(inner: Emit, indices: tuple[Value, ...]) -> None:
        zero = inner.constant(0.0, element_of(slots.type))
        inner.store(zero, slots, (position, *indices))

    emit.each(moved, clear)


def _choose(forward: Forward, op: tape.Choose, emit: Emit) -> None:
    """States and tapes take their tangents along."""
    steps, state, frame, budget = forward.values(op.operands)
    each = emit.index(1 + len(forward.lanes))
    state, frame = emit.muli(state, each), emit.muli(frame, each)
    results = emit.add(tape.Choose(steps, state, frame, budget))
    forward.env.update(zip(op.results, results, strict=True))


def _closed_form(forward: Forward, op: Op, emit: Emit) -> None:
    """The rule for whole buffers, after the operation."""
    forward.copy(op, emit)
    if not any(getattr(op, name) in forward.activity for name in WRITES[type(op)]):
        return

    def placed(buffer: Value, copy: Value) -> Matrix:
        extents = extents_of(forward.function, buffer)
        return Matrix(
            copy, tuple(forward.env.get(e, e) if not isinstance(e, int) else e for e in extents)
        )

    names = [n for n in op.kinds.operands if is_buffer(getattr(op, n))]
    buffers = {n: getattr(op, n) for n in names}
    primals = {n: placed(b, forward.env.get(b, b)) for n, b in buffers.items()}
    active = {n: b for n, b in buffers.items() if b in forward.activity}
    for dots in forward.lanes:
        tangents = {n: placed(b, dots[b]) for n, b in active.items()}
        FORMS[type(op)].forward(Matrices(emit), op, Operands(primals, tangents))


def _invoke(forward: Forward, op: func.Invoke, emit: Emit) -> None:
    """The callee's twin, on the arguments and their tangents."""
    results = ForwardCall(forward.calls, op, emit, forward.env, forward.lanes).run()
    if not results:
        return
    forward.env.update(zip(op.results, results, strict=False))
    floats = [r for r in op.results if is_float(r.type)]
    tangents = iter(results[len(op.results) :])
    for dots in forward.lanes:
        dots.update((r, t) for r, t in zip(floats, tangents, strict=False) if r in forward.activity)


def _custom(forward: Forward, op: ad.Custom, emit: Emit) -> None:
    """z, z_dot = rule(x, x_dot): the value is the one that the rule gives."""
    if not any(v in forward.activity for v in (*op.results, *op.outputs)):
        forward.copy(op, emit)
        return
    rule = forward.calls.callees.adopt(op.function.forward(forward.tapes))
    copy = ad.Custom(
        op.function, forward.values(op.inputs), forward.values(op.outputs), op.result_types
    )
    floats = [v for v in op.inputs if holds_float(v.type)]
    shadows = [b for b in op.outputs if holds_float(b.type)]
    moved = [r for r in op.results if is_float(r.type)]
    values: tuple[Value, ...] | None = None
    for dots in forward.lanes:
        given = [dots.get(v) for v in floats]
        rows = tangent(emit, copy, rule, given, [dots.get(b) for b in shadows], values)
        values = rows[: len(op.results)]
        pairs = zip(moved, rows[len(op.results) :], strict=True)
        dots.update((r, dot) for r, dot in pairs if r in forward.activity)
    forward.env.update(zip(op.results, values or (), strict=True))


_HANDLERS: dict[type[Op], Callable[..., None]] = {
    scf.For: _for,
    scf.If: _if,
    scf.While: _while,
    memref.Alloc: _made,
    tape.Stack: _made,
    memref.Constant: Forward.copy,
    memref.Load: _read,
    tape.Pop: _read,
    memref.Store: _write,
    tape.Push: _write,
    linalg.Fill: _write,
    memref.Copy: _copy,
    tape.Save: _row,
    tape.Restore: _row,
    tape.Choose: _choose,
    ad.Custom: _custom,
    func.Invoke: _invoke,
    **dict.fromkeys(FORMS, _closed_form),
}
