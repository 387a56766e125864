"""`Function.plan`: what the reverse pass of a function stores, computes again and does not need.

Bytes are formulas over extents and integer parameters, and numbers where these are given.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from dpc.compiler.ad.account import Account, Kept, LoopAccount, account
from dpc.compiler.ad.account_states import states_of
from dpc.compiler.ad.reverse import reverse_of
from dpc.compiler.ad.selection import select
from dpc.compiler.driver import Options
from dpc.compiler.signature import Entry
from dpc.dsl.diagnostics import Error
from dpc.dsl.shapes import Poly
from dpc.dsl.sizes import readable
from dpc.dsl.types import I32, I64
from dpc.runtime.extents import label
from dpc.runtime.origin import Batched, Derivative, Origin, Primal, Transformed
from dpc.runtime.places import HEADS, place, place_data, shown
from dpc.runtime.plan_states import StatesPlan, picture

_REVERSE = {
    "fused": "one pass: each iteration is reversed as soon as it ran, since {reason}",
    "replayed": "its iterations run again, each reversed at once; not in the first pass: {reason}",
    "stored": "its values go on the tape: {reason}",
    "plain": "nothing of it goes on the tape",
}


@dataclass(frozen=True)
class Plan:
    """What a reverse pass stores, computes again and does not need; prints as a table.

    sizes: the extents and integer parameters that are known, by name. states: of the loops that may
    be reversed from stored states, where a memory is given or the source asks for it.
    """

    title: str
    account: Account
    sizes: Mapping[str, int]
    states: tuple[StatesPlan, ...] = ()

    @cached_property
    def tape(self) -> Poly:
        """The bytes of the tape as a polynomial, without what only the run tells."""
        sized = (k.count * Poly.constant(k.size) for k in self._stored() if k.count is not None)
        return sum(sized, Poly.constant(0))

    @property
    def tape_bytes(self) -> int | None:
        """The bytes of the tape at the given sizes; None where sizes are missing, or only the run
        tells.
        """
        return None if self._unbounded else _number(self.tape, self.sizes)

    def as_data(self) -> dict[str, Any]:
        """The plan as plain data, as `dpc plan --format=json` shows it."""
        return {
            "function": self.title,
            "sizes": dict(self.sizes),
            "tape": {
                "formula": str(self.tape),
                "bytes": self.tape_bytes,
                "unbounded": self._unbounded,
            },
            "values": [self._value_data(v) for v in self.account.values],
            "loops": [self._loop_data(loop) for loop in self.account.loops],
            "states": [s.as_data(place_data(s.loop.span)) for s in self.states],
            "recursive": list(self.account.recursive),
            "again": list(self.account.again),
            "unneeded": list(self.account.unneeded),
        }

    def __str__(self) -> str:
        parts = (self._lines(), self._states(), self._again(), self._unneeded())
        return "\n".join([self.title, f"tape: {self._total()}", *(t for p in parts for t in p)])

    def picture(self, path: str | Path) -> None:
        """Draw how memory trades against work in the loops reversed from stored states (a `.png`
        or what else matplotlib writes); `dpc.Error` without matplotlib, or without such loops.
        """
        picture({place(s.loop.span): s for s in self.states}, path)

    # --- text --------------------------------------------------------------------------------

    def _stored(self) -> list[Kept]:
        return [k for k in self.account.kept() if k.stored]

    @property
    def _unbounded(self) -> bool:
        """True if only the run tells how much is kept."""
        return bool(self.account.recursive) or any(k.count is None for k in self._stored())

    def _total(self) -> str:
        text = self._bytes(self.tape)
        if any(k.count is None for k in self._stored()):
            text += ", and as many steps as loops of unknown length take"
        if self.account.recursive:
            text += f", and what each call of {', '.join(self.account.recursive)} keeps"
        return text

    def _bytes(self, formula: Poly) -> str:
        number = _number(formula, self.sizes)
        if formula.value is not None:
            return readable(formula.value)
        return f"{formula} bytes" + ("" if number is None else f" = {readable(number)}")

    def _lines(self) -> Iterator[str]:
        for value in self.account.values:
            yield from self._value(value, "")
        for loop in self.account.loops:
            yield from self._loop(loop, "")

    def _states(self) -> Iterator[str]:
        for plan in self.states:
            yield from plan.lines(place(plan.loop.span), shown(plan.loop.span))

    def _again(self) -> Iterator[str]:
        if self.account.again:
            yield f"run again where they are reversed: the calls of {', '.join(self.account.again)}"

    def _loop(self, loop: LoopAccount, pad: str) -> Iterator[str]:
        yield f"{pad}{place(loop.span)}: {shown(loop.span)}"
        yield f"{pad}    {_REVERSE[loop.kind].format(reason=loop.reason)}"
        yield from self._inside(loop, pad + "  ")

    def _inside(self, loop: LoopAccount, pad: str) -> Iterator[str]:
        """What a loop holds; loops of one expression over the axes of an array show as one."""
        for value in loop.values:
            yield from self._value(value, pad)
        for inner in loop.inner:
            same = (inner.span, inner.kind, inner.reason) == (loop.span, loop.kind, loop.reason)
            yield from self._inside(inner, pad) if same else self._loop(inner, pad)

    def _value(self, value: Kept, pad: str) -> Iterator[str]:
        text = named = shown(value.span)
        if value.name and value.name != text:
            named = value.name if text.startswith(HEADS) else f"{value.name} = {text}"
        by = "" if value.needed_by is None else f"for `{shown(value.needed_by)}`"
        by += "" if value.needed_by is None else f" at line {value.needed_by.line}; "
        over = "" if value.overwritten is None else f" at line {value.overwritten.line}"
        action = "store" if value.stored else "recompute"
        size = f", {self._size(value)}" if value.stored else ""
        yield f"{pad}  {action} {named}{size}"
        yield f"{pad}    {by}{value.reason}{over}"

    def _size(self, value: Kept) -> str:
        if value.count is None:
            return f"{value.size} bytes a step of the loop"
        return self._bytes(value.count * Poly.constant(value.size))

    def _unneeded(self) -> Iterator[str]:
        if self.account.unneeded:
            yield f"not needed: {', '.join(self.account.unneeded)}"

    # --- data --------------------------------------------------------------------------------

    def _value_data(self, value: Kept) -> dict[str, Any]:
        formula = None if value.count is None else value.count * Poly.constant(value.size)
        stored = value.stored and formula is not None
        return {
            "name": value.name,
            "source": shown(value.span),
            "place": place_data(value.span),
            "action": "store" if value.stored else "recompute",
            "reason": value.reason,
            "needed_by": place_data(value.needed_by),
            "overwritten": place_data(value.overwritten),
            "formula": str(formula) if stored else None,
            "bytes": _number(formula, self.sizes) if stored and formula is not None else None,
        }

    def _loop_data(self, loop: LoopAccount) -> dict[str, Any]:
        trips = None if loop.trips is None else _number(loop.trips, self.sizes)
        runs = 2 if loop.kind == "replayed" else 1
        return {
            "place": place_data(loop.span),
            "source": shown(loop.span),
            "kind": loop.kind,
            "reason": loop.reason,
            "iterations": {"formula": None if loop.trips is None else str(loop.trips),
                           "number": trips},
            "runs_of_the_body": runs,
            "values": [self._value_data(v) for v in loop.values],
            "loops": [self._loop_data(inner) for inner in loop.inner],
        }  # fmt: skip


def plan_of(origin: Origin, options: Options, sizes: Mapping[str, int]) -> Plan:
    """The plan of the reverse pass nearest to the module's function: that of a derivative, or for
    a function itself that of its `vjp` by all float parameters.
    """
    last: Origin = origin
    while isinstance(last, Transformed) and not isinstance(last.of, Primal):
        last = last.of
    if isinstance(last, Batched):
        last = last.of
    wrt, first, title = None, False, last.name
    if isinstance(last, Derivative):
        if last.transform == "jvp":
            raise Error(f"`{origin.name}` takes forward mode, which stores nothing")
        wrt, first = last.wrt, last.transform not in ("vjp", "jacobian")
    primal = last.primal
    options = replace(options, checkpoint=options.checkpoint or options.memory is not None)
    entry = primal.entry(options, reverse=True)
    selected, _ = select(entry, wrt, first=first)
    positions = {p for s in selected for p in s.positions}
    inputs = [p for p in entry.function.parameters if p.role == "input"]
    known = _known(entry)
    for name in sizes:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known)}"
            raise Error(f"`{title}` has no extent or integer parameter `{name}`; {hint}")
    made = reverse_of(entry.function, tuple(i in positions for i in range(len(inputs))))
    names = ", ".join(s.name for s in selected)
    unchecked = "" if options.checks else ", without bounds checks and asserts"
    return Plan(
        f"{title}: the reverse pass with respect to {names}{unchecked}",
        account(made, entry.signature.extents),
        sizes,
        tuple(
            StatesPlan(loop, sizes, options.memory)
            for loop in states_of(made, entry.signature.extents)
        ),
    )


def _known(entry: Entry) -> tuple[str, ...]:
    """Dimension variables and integer parameters."""
    signature = entry.signature
    whole = (
        label(slot, leaf.path)
        for slot in signature.inputs
        for leaf in slot.leaves
        if leaf.type in (I64, I32)
    )
    return (*dict.fromkeys(b.name for b in signature.bindings), *whole)


def _number(formula: Poly, sizes: Mapping[str, int]) -> int | None:
    try:
        return max(0, formula.evaluate(dict(sizes)))
    except KeyError:
        return None
