"""Values and control flow in recordings: see `recording`."""

from collections.abc import Callable

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.record_log import NotRecorded, recorded_type
from dpc.compiler.ad.recording import Recording
from dpc.compiler.analysis.constants import literal
from dpc.compiler.analysis.float_decided import uncertain
from dpc.compiler.analysis.reduced import Join, Undecided
from dpc.compiler.dialects import ad, cf, func, scf
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.types import I64, INDEX, is_float


def _join(self: Recording, op: Join, emit: Emit, unsure: bool) -> None:
    numbers = dict.fromkeys(self.number(emit, v) for v in op.parts)
    self.env[op.result] = self.log.joined(emit, tuple(numbers))


def _undecided(self: Recording, op: Undecided, emit: Emit, unsure: bool) -> None:
    self.env[op.result] = emit.emit(literal(0, op.type))


def _assert(self: Recording, op: cf.Assert, emit: Emit, unsure: bool) -> None:
    """A check of integers that is sure to be made."""
    if not unsure and self.decided.isdisjoint(op.operands):
        emit.add(op.rebuild({v: self.value(v) for v in op.operands}))


# --- control ---------------------------------------------------------------------------------


def _for(self: Recording, op: scf.For, emit: Emit, unsure: bool) -> None:
    self.require(op, (op.lower, op.upper, op.step), "floats decide how long a loop is")
    body = _block(self, op.body, unsure)
    inits = tuple(self.carried(emit, v) for v in op.inits)
    lower, upper, step = map(self.value, (op.lower, op.upper, op.step))
    self.env.update(
        zip(op.results, emit.add(scf.For(lower, upper, step, inits, body)), strict=True)
    )


def _block(self: Recording, block: Block, unsure: bool) -> Block:
    """What stands for a block, its terminator too."""
    inner = Emit()
    arguments = tuple(_fresh(self, v) for v in block.arguments)
    self.ops(block, inner, unsure)
    end = block.terminator
    yielded = {v: self.carried(inner, v) for v in end.operands}
    inner.add(end.rebuild(yielded))
    return inner.block(arguments)


def _fresh(self: Recording, value: Value) -> Value:
    made = self.env[value] = Value(recorded_type(value.type), None, value.name)
    return made


def _if(self: Recording, op: scf.If, emit: Emit, unsure: bool) -> None:
    if not uncertain(op, self.decided):
        then, otherwise = (_block(self, b, unsure) for b in (op.then, op.otherwise))
        new = scf.If(self.value(op.condition), then, otherwise)
        self.env.update(zip(op.results, emit.add(new), strict=True))
        return
    rows = []
    for block in (op.then, op.otherwise):
        self.ops(block, emit, unsure=True)
        rows.append([self.carried(emit, v) for v in block.terminator.operands])
    for result, yes, no in zip(op.results, *rows, strict=True):
        both = self.log.joined(emit, (yes, no)) if is_float(result.type) else yes
        self.env[result] = both


def _while(self: Recording, op: scf.While, emit: Emit, unsure: bool) -> None:
    if uncertain(op, self.decided):
        _possible(self, op, emit)
        return
    before, body = _block(self, op.before, unsure), _block(self, op.body, unsure)
    inits = tuple(self.carried(emit, v) for v in op.inits)
    bound = None if op.bound is None else self.value(op.bound)
    new = scf.While(inits, bound, before, body)
    self.env.update(zip(op.results, emit.add(new), strict=True))


def _possible(self: Recording, op: scf.While, emit: Emit) -> None:
    """Floats decide when it ends: as often as it may, and it may have ended at each state."""
    if op.bound is None or op.bound in self.decided:
        raise NotRecorded(op.span, "floats decide how long a loop is")
    inits = [self.carried(emit, v) for v in op.inits]
    floats = [i for i, v in enumerate(op.inits) if is_float(v.type)]
    inner = Emit(op.span)
    arguments = [_fresh(self, v) for v in op.body.arguments]
    unions = [Value(I64) for _ in floats]
    self.ops(op.body, inner, unsure=True)
    state = [self.carried(inner, v) for v in op.body.terminator.operands]
    ends = [self.log.joined(inner, (u, state[i])) for u, i in zip(unions, floats, strict=True)]
    inner.add(scf.Yield((*state, *ends)))
    body = inner.block((Value(INDEX), *arguments, *unions))
    start = (*inits, *(inits[i] for i in floats))
    upper = self.value(op.bound)
    made = emit.add(scf.For(emit.index(0), upper, emit.index(1), start, body))
    self.env.update(zip(op.results, made, strict=False))
    found = zip(floats, made[len(inits) :], strict=True)
    self.env.update((op.results[i], union) for i, union in found)


def _invoke(self: Recording, op: func.Invoke, emit: Emit, unsure: bool) -> None:
    raise NotRecorded(op.span, "it calls a function that is not inlined")


CONTROL: dict[type[Op], Callable[..., None]] = {
    Join: _join,
    Undecided: _undecided,
    cf.Assert: _assert,
    scf.For: _for,
    scf.If: _if,
    scf.While: _while,
    func.Invoke: _invoke,
    ad.Custom: Recording.everything,
}
