"""The derivatives of what a site stores, by the slots it depends on.

The operations of a site become a function of their own (`fragment`). All its derivatives are made
in one run of its values: in forward mode with a lane for each slot, or in reverse mode with a lane
for each stored value. Reverse code is linear in its cotangents: its lanes are tangents along them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from dpc.compiler.ad.calls import Calls
from dpc.compiler.ad.direct_sites import NotDirect, Site
from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.forward import Forward
from dpc.compiler.ad.fragment import Fragment, fragment
from dpc.compiler.ad.layout import arguments, extents_of
from dpc.compiler.ad.required import required_flow
from dpc.compiler.ad.reverse import vjp
from dpc.compiler.ad.terms import Simplify
from dpc.compiler.dialects import cf, io, tape
from dpc.compiler.ir.core import Block, Function, Module, Op, Value
from dpc.compiler.ir.rewrite import rebuild_block

Lanes = tuple[dict[Value, Value], ...]
MOST_OPS = 20_000  # of one site with its derivatives
SKIPPED = (cf.Assert, io.Print)  # the function itself still has them


@dataclass(slots=True)
class Local:
    """Writes the derivatives of one site; `outside`: the function that it is in."""

    outside: Function
    site: Site
    simplify: Simplify
    mode: str  # "auto", "forward", "reverse"

    def emit(self, emit: Emit, env: dict[Value, Value]) -> list[dict[Value, Value]]:
        """For each store, the derivatives of its value by the values of the slots."""
        stored = list(dict.fromkeys(s.value for s in self.site.stores))
        slots = [s.value for s in self.site.slots]
        found = {v: {v: emit.constant(1.0, v.type)} for v in stored if v in slots}
        computed = [v for v in stored if v not in found]
        if computed:
            ops, copies = _silent(self.site.ops)
            old = {copies.get(v, v): v for v in computed}
            part = fragment(ops, old.keys())
            made = self._forward if self._takes_forward(len(computed)) else self._reverse
            returned = [old[v] for op in ops for v in op.results if v in old]
            found.update(zip(returned, made(part, emit, env), strict=True))
        return [found[s.value] for s in self.site.stores]

    def _takes_forward(self, results: int) -> bool:
        """Reverse mode where there are less than half as many results as slots."""
        taped = any(
            isinstance(each, tape.Push | tape.Pop) for op in self.site.ops for each in _all(op)
        )
        if self.mode == "forward" or taped:
            return True
        return self.mode == "auto" and 2 * results > len(self.site.slots)

    def _forward(
        self, part: Fragment, emit: Emit, env: dict[Value, Value]
    ) -> list[dict[Value, Value]]:
        given = dict(zip(part.inputs, _inputs(part.function), strict=True))
        slots = [s.value for s in self.site.slots if s.value in given]
        start = self._arguments(part, emit, env)
        lanes = _lanes(part.function, [given[v] for v in slots], emit, start)
        returned = part.function.body.terminator.operands
        return [
            {slot: dots[value] for slot, dots in zip(slots, lanes, strict=True) if value in dots}
            for value in returned
        ]

    def _reverse(
        self, part: Fragment, emit: Emit, env: dict[Value, Value]
    ) -> list[dict[Value, Value]]:
        slots = [s.value for s in self.site.slots if s.value in part.inputs]
        active = tuple(v in slots for v in part.inputs)
        made = vjp(self._simple(part.function), active)
        (reverse,) = self.simplify(Module((made,))).functions
        _require_no_callees(reverse, reverse.callees)
        start = self._arguments(part, emit, env, reverse)
        cotangents = _inputs(reverse)[len(part.inputs) :]
        start.update((c, emit.constant(0.0, c.type)) for c in cotangents)
        lanes = _lanes(reverse, cotangents, emit, start)
        gradients = reverse.body.terminator.operands[len(cotangents) :]
        by_slot = dict(zip((v for v in part.inputs if v in slots), gradients, strict=True))
        return [{v: dots[g] for v, g in by_slot.items() if g in dots} for dots in lanes]

    def _simple(self, function: Function) -> Function:
        (simple,) = self.simplify(Module((function,))).functions
        return simple

    def _arguments(
        self,
        part: Fragment,
        emit: Emit,
        env: dict[Value, Value],
        function: Function | None = None,
    ) -> dict[Value, Value]:
        """What stands for the arguments of the fragment, or of what was made of it."""
        of = function or part.function
        sizes = [extents_of(self.outside, buffer)[axis] for buffer, axis in part.dimensions]
        values = [emit.index(e) if isinstance(e, int) else env.get(e, e) for e in sizes]
        start = dict(zip((v for _, v in arguments(of, "dimension")), values, strict=True))
        start.update(zip(_inputs(of), (env.get(v, v) for v in part.inputs), strict=False))
        return start


def _lanes(
    function: Function, active: Sequence[Value], emit: Emit, start: dict[Value, Value]
) -> Lanes:
    """The body of a function with a tangent along each of the active inputs alone."""
    pairs = [a for a in arguments(function, "input") if a[1] in active]
    found = required_flow(function, pairs)
    forward = Forward(function, found.activity, Calls(found, {}), len(active))
    forward.env.update(start)
    for value, dots in zip(active, forward.lanes, strict=True):
        dots[value] = emit.constant(1.0, value.type)
    forward.ops(function.body, emit)
    _require_no_callees(function, forward.calls.callees.found.values())
    if len(emit.ops) > MOST_OPS:
        raise NotDirect(function.span, "the derivative of one element is too long")
    return forward.lanes


def _require_no_callees(function: Function, callees: Collection[Function]) -> None:
    if callees:
        raise NotDirect(function.span, "a derivative rule calls functions that are not inlined")


def _inputs(function: Function) -> tuple[Value, ...]:
    return tuple(v for _, v in arguments(function, "input"))


def _all(op: Op) -> Iterable[Op]:
    yield op
    for block in op.blocks:
        yield from block.walk()


def _silent(ops: Sequence[Op]) -> tuple[tuple[Op, ...], dict[Value, Value]]:
    """The ops without checks and prints inside, and what has become of their values."""

    def drop(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        return ([], ()) if isinstance(op, SKIPPED) else None

    copies: dict[Value, Value] = {}
    return rebuild_block(Block((), tuple(ops)), copies, drop).ops, copies
