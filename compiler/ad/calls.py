"""Forward mode of invocations: the callee's twin is invoked, tangents behind what they belong to.

    y, y_dot = twin(x, x_dot)

Each callee that a derivative flows through has one twin for all invocations (`analysis.flow`), with
tangents for the arguments that carry one anywhere; where one of them has none it is zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dpc.compiler.ad.emit import Emit
from dpc.compiler.analysis.callees import Callees
from dpc.compiler.analysis.flow import Flow
from dpc.compiler.dialects.func import Invoke
from dpc.compiler.ir.core import Function, Parameter, Value
from dpc.compiler.ir.types import MemRefType, holds_float, is_float


@dataclass(frozen=True, slots=True)
class Calls:
    """The callees, what is active in them, the names of their twins with tangents, and the callees
    that come with rules.
    """

    flow: Flow
    twins: dict[str, str]
    callees: Callees = field(default_factory=Callees)


@dataclass(frozen=True, slots=True)
class Passed:
    """One argument of an invocation: where, for which parameter, what it is."""

    position: int
    parameter: Parameter
    formal: Value
    given: Value


def passed(op: Invoke, callee: Function, *roles: str) -> tuple[Passed, ...]:
    """The arguments for the callee's parameters of these roles, in order."""
    rows = zip(callee.parameters, callee.arguments, op.arguments, strict=True)
    return tuple(
        Passed(position, parameter, formal, given)
        for position, (parameter, formal, given) in enumerate(rows)
        if parameter.role in roles
    )


def room(emit: Emit, argument: Passed, sizes: Mapping[str, Value]) -> Value:
    """A new buffer of an argument's type; `sizes` are the callee's dimensions."""
    type_ = argument.formal.type
    assert isinstance(type_, MemRefType)
    extents = argument.parameter.extents
    return emit.alloc(type_, tuple(e if isinstance(e, int) else sizes[e] for e in extents))


def sizes_of(op: Invoke, callee: Function, env: Mapping[Value, Value]) -> dict[str, Value]:
    """The callee's dimensions where it is invoked."""
    found = passed(op, callee, "dimension")
    return {a.parameter.name: env.get(a.given, a.given) for a in found}


@dataclass(slots=True)
class ForwardCall:
    """One invocation in forward mode: `env` maps values to copies, `lanes` to their tangents."""

    calls: Calls
    op: Invoke
    emit: Emit
    env: dict[Value, Value]
    lanes: tuple[dict[Value, Value], ...]

    def run(self) -> tuple[Value, ...]:
        """Emit the twin's invocation; its results are those of the callee, then the tangents of all
        float ones, lane by lane. None at all where nothing carries a derivative in.
        """
        op, flags = self.op, self.calls.flow.flags[self.op.callee]
        tangents = [a for a in self._passed("input") if a.position in flags]
        outputs, shared = self._passed("output"), self._passed("shared")
        moving = [a for a in shared if a.position in flags]
        if not any(a.given in self.lanes[0] for a in (*tangents, *moving)):
            self._still()
            return ()
        given = [self._copy(v) for v in op.arguments[: len(op.arguments) - op.changed]]
        given += self._dots(tangents)
        changed = [self._copy(a.given) for a in outputs]
        changed += self._dots([a for a in outputs if holds_float(a.formal.type)])
        changed += [self._copy(a.given) for a in shared]
        changed += self._dots(moving)
        floats = [t for t in op.result_types if is_float(t)]
        types = (*op.result_types, *floats * len(self.lanes))
        twin = self.calls.twins[op.callee]
        return self.emit.add(Invoke(twin, (*given, *changed), len(changed), types))

    def _copy(self, value: Value) -> Value:
        return self.env.get(value, value)

    def _passed(self, role: str) -> tuple[Passed, ...]:
        return passed(self.op, self.calls.flow.callees[self.op.callee], role)

    def _still(self) -> None:
        """The callee itself: what it fills has no tangent."""
        op = self.op
        given = tuple(map(self._copy, op.arguments))
        results = self.emit.add(Invoke(op.callee, given, op.changed, op.result_types))
        self.env.update(zip(op.results, results, strict=True))
        for argument in self._passed("output"):
            for dots in self.lanes:
                if argument.given in dots:
                    self.emit.zero(dots[argument.given])

    def _dots(self, arguments: list[Passed]) -> list[Value]:
        """The tangents of arguments, lane by lane."""
        return [self._dot(dots, a) for dots in self.lanes for a in arguments]

    def _dot(self, dots: Mapping[Value, Value], argument: Passed) -> Value:
        """The tangent of an argument: 0, or room for one, where it has none."""
        if argument.given in dots:
            return dots[argument.given]
        if not isinstance(argument.formal.type, MemRefType):
            return self.emit.constant(0.0, argument.formal.type)
        callee = self.calls.flow.callees[self.op.callee]
        made = room(self.emit, argument, sizes_of(self.op, callee, self.env))
        self.emit.zero(made)
        return made


def named_apart(names: Iterable[str], prefix: str, taken: set[str]) -> dict[str, str]:
    """For each name another with the prefix that nothing has."""
    found: dict[str, str] = {}
    for name in names:
        made, count = f"{prefix}_{name}", 2
        while made in taken:
            made, count = f"{prefix}_{name}.{count}", count + 1
        taken.add(made)
        found[name] = made
    return found


__all__ = ["Calls", "ForwardCall", "Passed", "named_apart", "passed", "room", "sizes_of"]
