"""Terms over many members, and their cotangents.

Labels: `member s n` for the array that stacks the members of segment s in the place of n. Forward
mode takes such a term as it is. Reverse mode does too, unless reverse code is inside: then, for
members k with results y_k = f(x_k, z),

    x_k_bar = the cotangent of f's x for y_k_bar,   z_bar = the sum of these over k,

which is again a term over the same members.

Lanes: a run of forward mode takes along as many tangents as there are lanes. Where members differ
in tangents alone, all lanes share one computation of the values.
"""

from dataclasses import dataclass, replace
from functools import partial

from dpc.compiler.ad.batch import batch
from dpc.compiler.ad.forward import jvp
from dpc.compiler.ad.members import Label, Labelled, Members, lane, lane_of, member
from dpc.compiler.ad.required import require_once
from dpc.compiler.ad.terms import (
    Arrangement,
    Made,
    Simplify,
    Term,
    arrange,
    bar,
    reverse,
    unchanged,
)
from dpc.compiler.ir.core import Module

MAX_LANES = 4
MAX_OPS = 4000  # of a function with lanes: code for more would take too long to compile


def batched(term: Term, members: Members, simplify: Simplify = unchanged, lanes: int = 1) -> Term:
    """The term over all members; up to `lanes` of them in one run where they can share it."""
    if members.shows_once:
        require_once(term.simplified(simplify))
    differing = frozenset((*members.seeds, *members.mapped))
    count = min(lanes, _affordable(term, simplify)) if lanes > 1 else 1
    if members.exact:
        count = next(k for k in range(count, 0, -1) if lanes % k == 0)
    wide = _widened(term, differing, count, simplify) if count > 1 else None
    of, count = (term, 1) if wide is None else (wide, count)
    (simple,) = simplify(Module((of.function,))).functions
    made = batch(Labelled(simple, of.inputs, of.scalars, of.outputs), members, count)
    return Term(
        made.function,
        made.inputs,
        made.scalars,
        made.outputs,
        term.level,
        Made("batched", term, reversed_=partial(_of_batched, members)),
    )


def _affordable(term: Term, simplify: Simplify) -> int:
    """How many lanes the size of the code allows."""
    size = sum(1 for _ in term.simplified(simplify).body.walk())
    return max(1, MAX_OPS // max(size, 1))


def _widened(
    term: Term, differing: frozenset[Label], count: int, simplify: Simplify
) -> Term | None:
    """The term with lanes, if what differs between them is the tangents of one forward mode."""
    base, spec = term.made.base, term.made.arrangement
    if term.made.mode == "forward":
        assert base is not None
        if not differing <= frozenset(term.inputs) - frozenset(base.inputs):
            return None
        active = tuple(n in term.made.active for n in base.inputs)
        function = jvp(base.simplified(simplify), active, count)
        return Term(
            function,
            _in_lanes(term.inputs, base.inputs, count),
            _in_lanes(term.scalars, base.scalars, count),
            _in_lanes(term.outputs, base.outputs, count),
            term.level,
            Made("lanes"),
        )
    if spec is None or base is None:
        return None
    wide = _widened(base, frozenset(spec.inputs[n] for n in differing), count, simplify)
    return None if wide is None else _arranged_lanes(wide, spec)


def _in_lanes(
    labels: tuple[Label, ...], shared: tuple[Label, ...], count: int
) -> tuple[Label, ...]:
    """The labels, all but the shared ones once for each lane."""
    own = labels[len(shared) :]
    return (*shared, *(lane(k, n) for k in range(count) for n in own))


def _arranged_lanes(wide: Term, spec: Arrangement) -> Term:
    """An arrangement of a term, of its lanes."""
    renamed = _Lanes(wide)
    return arrange(
        wide,
        Arrangement(
            renamed.among(spec.inputs, wide.inputs),
            renamed.among(spec.scalars, wide.scalars),
            renamed.among(spec.outputs, wide.outputs),
            {n: x for old, x in spec.fixed.items() for n in renamed.all_of(old, wide.inputs)},
        ),
    )


@dataclass(frozen=True, slots=True)
class _Lanes:
    wide: Term

    def all_of(self, name: Label, labels: tuple[Label, ...]) -> list[Label]:
        """The labels that stand for a name."""
        return [n for n in labels if lane_of(n)[1] == name]

    def among(self, names: dict[Label, Label], labels: tuple[Label, ...]) -> dict[Label, Label]:
        """New labels for old ones, lane by lane."""
        found: dict[Label, Label] = {}
        for new, old in names.items():
            for label in self.all_of(old, labels):
                number, _ = lane_of(label)
                found[new if number is None else lane(number, new)] = label
        return found


def _of_batched(members: Members, term: Term, wanted: frozenset[Label], simplify: Simplify) -> Term:
    """See the module's equation; dropped results have cotangent 0."""
    base, own = term.made.base, term.level + 1
    assert base is not None
    inside = frozenset(_inside(n) for n in wanted)
    results = (*base.float_scalars(), *base.float_outputs())
    gradients = {bar(own, n) for n in inside}
    kept = {*members.stacked, *members.summed, *gradients}
    dropped = {bar(own, n): 0.0 for n in results if n not in kept}
    whole = _trimmed(reverse(base, inside, simplify), kept, dropped)
    cotangents = {bar(own, n): axis for n, axis in members.stacked.items() if n in results}
    mapped = {bar(own, n): axis for n, axis in members.mapped.items() if n in inside}
    made = batched(
        whole,
        replace(
            members,
            mapped={**members.mapped, **cotangents},
            stacked={**members.stacked, **mapped},
            summed=members.summed | (gradients - frozenset(mapped)),
        ),
        simplify,
    )
    return arrange(
        made,
        Arrangement(
            {_outside(own, n): n for n in made.inputs},
            {_outside(own, n): n for n in made.scalars},
            {_outside(own, n): n for n in made.outputs},
            {},
        ),
    )


def _trimmed(whole: Term, kept: set[Label], fixed: dict[Label, float]) -> Term:
    """The term with fixed inputs and the results that are kept."""
    return arrange(
        whole,
        Arrangement(
            {n: n for n in whole.inputs if n not in fixed},
            {n: n for n in whole.scalars if n in kept},
            {n: n for n in whole.outputs if n in kept},
            fixed,
        ),
    )


def _inside(label: Label) -> Label:
    """What a label stands for in the function of one member."""
    if label[0] == "member":
        assert isinstance(label[2], tuple)
        return label[2]
    return label


def _outside(level: int, label: Label) -> Label:
    """The cotangent of the stacked array for the stacked array of cotangents."""
    if label[0] == "member":
        _, segment, inner = label
        assert isinstance(segment, int)
        assert isinstance(inner, tuple)
        if inner[:2] == ("bar", level):
            return bar(level, member(segment, inner[2]))
    return label
