"""Reverse of invocations, and what the two functions of a callee's reverse are called with.

    y = f(x):   forward sweep   y = taped_f(x, tape)       pushes what the reverse of f needs
                reverse sweep   x_bar += vjp_f(x, y_bar, tape)                 pops it again

The tapes (one stack for each type of element) belong to the outermost function, so they hold the
frames of all open invocations. A callee has one reverse for all places where it is invoked: with a
cotangent for each float result, a shadow for each float output, and gradients for the inputs that
are active anywhere (`analysis.flow`).
"""

from dataclasses import dataclass, field

from dpc.compiler.ad.calls import Passed, passed, room, sizes_of
from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.layout import is_buffer
from dpc.compiler.ad.sweep import Scope
from dpc.compiler.analysis.callees import Callees
from dpc.compiler.analysis.effects import EffectsOf
from dpc.compiler.analysis.flow import Flow
from dpc.compiler.analysis.repeatable import idle, repeatable
from dpc.compiler.dialects import func
from dpc.compiler.ir.core import Function, Op, Value
from dpc.compiler.ir.types import holds_float, is_float


@dataclass(slots=True)
class Taped:
    """The callees of a function that is reversed: the names of their forward and reverse halves,
    the callees that come with rules, and the invocations whose reverse has been drafted. again:
    those that have no forward half, since their reverse runs them once more.
    """

    flow: Flow
    forward: dict[str, str]
    reverse: dict[str, str]
    callees: Callees
    again: frozenset[str]
    reversed: set[Op] = field(default_factory=set)

    def half(
        self, op: func.Invoke, arguments: tuple[Value, ...], tapes: tuple[Value, ...]
    ) -> func.Invoke | None:
        """The invocation, on these arguments, of a half with its tapes: the forward half for a
        callee that is reversed, the reverse half for its draft. None where there are no tapes.
        """
        if op in self.reversed and op.callee in self.forward:
            name = self.forward[op.callee]
        elif self.pops(op):
            name = op.callee
        else:
            return None
        given, changed = (*arguments, *tapes), op.changed + len(tapes)
        return func.Invoke(name, given, changed, op.result_types, span=op.span)

    def pops(self, op: Op) -> bool:
        """True for drafts of reverse halves that take from the tapes."""
        return isinstance(op, func.Invoke) and any(
            self.reverse[name] == op.callee for name in self.forward
        )

    def effects(self) -> EffectsOf:
        """What ops of the function do, its callees known."""
        callees = self.flow.callees
        free = idle(callees.values())
        return EffectsOf({name: name not in free for name in repeatable(callees.values())})


def reverse(scope: Scope, op: Op) -> None:
    """Emit the invocation that reverses `op`, if anything flows through it."""
    assert isinstance(op, func.Invoke)
    taped = scope.sweep.taped
    assert taped is not None
    bars = [scope.take(r) for r in op.results if is_float(r.type)]
    touched = any(v in scope.sweep.activity for v in op.written)
    if taped.flow.active(op.callee) and (touched or any(bar is not None for bar in bars)):
        taped.reversed.add(op)
        _Reversed(scope, op, taped.flow.callees[op.callee], taped.flow.flags[op.callee]).run(
            taped.reverse[op.callee], bars
        )


@dataclass(slots=True)
class _Reversed:
    """One invocation under reversal. `added`: gradients in buffers of their own, and where to."""

    scope: Scope
    op: func.Invoke
    callee: Function
    flags: set[int]
    added: list[tuple[Value, Passed]] = field(default_factory=list)

    def run(self, name: str, bars: list[Value | None]) -> None:
        """Emit the invocation of the reverse half."""
        scope, op = self.scope, self.op
        inputs = passed(op, self.callee, "input")
        floats = [r for r in op.results if is_float(r.type)]
        given = [a.given for a in passed(op, self.callee, "dimension")]
        given += [self._content(a) for a in inputs]
        given += [b or scope.zero(r) for b, r in zip(bars, floats, strict=True)]
        outputs = [a for a in passed(op, self.callee, "output") if holds_float(a.formal.type)]
        changed = [self._shadow(a, ()) for a in outputs]
        active = [a for a in inputs if a.position in self.flags]
        for argument in active:
            if is_buffer(argument.formal):
                changed.append(self._shadow(argument, changed))
        scalars = [a for a in active if not is_buffer(a.formal)]
        types = tuple(a.formal.type for a in scalars)
        call = func.Invoke(name, (*given, *changed), len(changed), types)
        for argument, bar in zip(scalars, scope.emit.add(call), strict=True):
            scope.add(argument.given, bar)
        for gradient, argument in self.added:
            self._add(gradient, argument)
        for argument in outputs:
            if argument.given in scope.sweep.activity:
                scope.emit.zero(scope.sweep.shadows[argument.given])

    def _content(self, argument: Passed) -> Value:
        """An input as it was; arrays from where they are retained."""
        if not is_buffer(argument.formal):
            return argument.given
        sweep = self.scope.sweep
        buffer = sweep.retained.buffers[self.op, str(argument.position)]
        return sweep.contents.get(buffer, buffer)

    def _shadow(self, argument: Passed, taken: list[Value] | tuple[()]) -> Value:
        """The argument's shadow, or zeros where it has none or it is passed already."""
        sweep = self.scope.sweep
        shadow = sweep.shadows.get(argument.given) if argument.given in sweep.activity else None
        if shadow is not None and shadow not in taken:
            return shadow
        made = room(self.scope.emit, argument, sizes_of(self.op, self.callee, {}))
        self.scope.emit.zero(made)
        if shadow is not None:
            self.added.append((made, argument))
        return made

    def _add(self, gradient: Value, argument: Passed) -> None:
        """s[:] += gradient[:]."""
        shadow = self.scope.sweep.shadows[argument.given]

        def element(emit: Emit, indices: tuple[Value, ...]) -> None:
            total = emit.addf(emit.load(shadow, indices), emit.load(gradient, indices))
            emit.store(total, shadow, indices)

        self.scope.emit.each(self.scope.sweep.extents(argument.given), element)


__all__ = ["Taped", "reverse"]
