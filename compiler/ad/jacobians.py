"""jacobian, hessian and hvp of an `Entry`.

    jacobian: inputs               -> for each result the derivatives by each selected parameter,
                                      of the shape of the result followed by that of the parameter
    hessian:  inputs               -> jacobian(grad(f)): forward over reverse
    hvp:      inputs, one direction for each selected parameter -> the Hessian times it

Forward mode takes a direction for each element of the parameters, several in one run; reverse mode
a cotangent for each element of the results, one in a run. "auto" takes reverse mode where, with 100
for every dimension, the parameters have more than twice as many elements as the results.

In mixed precision the derivatives have the type of the result in forward mode, of the parameter in
reverse. The tree of results is that of the function, each leaf a tuple of what was asked for where
several were. A record by a record is a record of records, and so on for tuples.
"""

from collections.abc import Callable
from dataclasses import replace
from math import prod

from dpc.compiler.ad.batched_terms import MAX_LANES, batched
from dpc.compiler.ad.layout import arguments
from dpc.compiler.ad.members import Members, member
from dpc.compiler.ad.selection import Selected, Wrt, is_float_leaf, select, unique
from dpc.compiler.ad.terms import Label, Simplify, Term, bar, dot, forward, reverse, unchanged
from dpc.compiler.ad.transforms import (
    bar_level,
    differentiable,
    entry_of,
    grad,
    jvp,
    labels_of,
    leaf_labels,
    term_from,
)
from dpc.compiler.signature import Entry, Group, ResultTree, Slot
from dpc.dsl.shapes import Dimension, Poly
from dpc.dsl.types import (
    ArrayType,
    Leaf,
    RecordType,
    ScalarType,
    TupleType,
    Type,
    element_of,
    shape_of,
    with_shape,
)

TYPICAL = 100
Number = ScalarType | ArrayType


def jacobian(
    entry: Entry, wrt: Wrt = None, simplify: Simplify = unchanged, mode: str = "auto"
) -> Entry:
    """The derivatives of all float results; `mode` is "forward", "reverse" or "auto"."""
    signature, term = entry.signature, term_from(entry)
    selected, several = select(entry, wrt, first=True)
    tree = differentiable(entry)
    forward_mode = mode_of(entry, wrt, mode) == "forward"
    make = _forward if forward_mode else _reverse
    made, found = make(term, labels_of(term, selected), simplify)
    results = [(n, leaf) for n, leaf in leaf_labels(term, signature.results)]
    by_leaf = iter(results)
    slots: list[Slot] = []
    wanted: list[Label] = []
    for slot in signature.results:
        own = [next(by_leaf) for _ in slot.leaves]
        for part in selected:
            slots.append(derivative_slot(slot, part, forward_mode))
            wanted += [
                found[n, term.inputs[p]]
                for n, leaf in own
                if is_float_leaf(leaf)
                for p in part.positions
            ]
    names = tuple(s.name.replace(".", "_") for s in selected) if several else None
    together = by_parts(tree, len(selected), names)
    inputs = {n: n for n in term.inputs}
    return entry_of(
        entry, "jacobian", made, simplify, inputs, {}, wanted, signature.inputs, tuple(slots),
        together,
    )  # fmt: skip


Derivatives = dict[tuple[Label, Label], Label]


def _forward(term: Term, by: list[Label], simplify: Simplify) -> tuple[Term, Derivatives]:
    """Columns: the tangents along the unit vectors of the parameters."""
    base, level = forward(term, by, simplify), term.level + 1
    ranks = _ranks(base)
    results = (*term.float_scalars(), *term.float_outputs())
    members = Members(
        segments=_extents(term, by),
        seeds={dot(level, n): s for s, n in enumerate(by)},
        stacked={dot(level, r): ranks[dot(level, r)] for r in results},
        shows_once=True,
    )
    known = [prod(e for e in s if isinstance(e, int)) for s in members.segments]
    symbolic = any(isinstance(e, str) for s in members.segments for e in s)
    lanes = MAX_LANES if symbolic else min(MAX_LANES, max(sum(known), 1))
    made = batched(base, members, simplify, lanes)
    return made, {(r, n): member(s, dot(level, r)) for s, n in enumerate(by) for r in results}


def _reverse(term: Term, by: list[Label], simplify: Simplify) -> tuple[Term, Derivatives]:
    """Rows: the cotangents for the unit vectors of the results."""
    base, own = reverse(term, by, simplify), bar_level(term)
    results = (*term.float_scalars(), *term.float_outputs())
    members = Members(
        segments=_extents(term, results),
        seeds={bar(own, r): s for s, r in enumerate(results)},
        stacked={bar(own, n): 0 for n in by},
        shows_once=True,
    )
    made = batched(base, members, simplify)
    return made, {(r, n): member(s, bar(own, n)) for s, r in enumerate(results) for n in by}


def _ranks(term: Term) -> dict[Label, int]:
    outputs = zip(term.outputs, arguments(term.function, "output"), strict=True)
    ranks = {n: len(p.extents) for n, (p, _) in outputs}
    return {**dict.fromkeys(term.scalars, 0), **ranks}


def _extents(
    term: Term, labels: tuple[Label, ...] | list[Label]
) -> tuple[tuple[int | str, ...], ...]:
    """The extents of inputs or results."""
    known: dict[Label, tuple[int | str, ...]] = dict.fromkeys(term.scalars, ())
    for role, names in (("input", term.inputs), ("output", term.outputs)):
        pairs = zip(names, arguments(term.function, role), strict=True)
        known.update((n, p.extents) for n, (p, _) in pairs)
    return tuple(known[n] for n in labels)


def mode_of(entry: Entry, wrt: Wrt, mode: str) -> str:
    """The mode itself; "forward" or "reverse" by the rule above for "auto"."""
    if mode != "auto":
        return mode
    selected, _ = select(entry, wrt, first=True)
    results = entry.signature.results
    rows = sum(_typical_size(leaf) for s in results for leaf in s.leaves if is_float_leaf(leaf))
    columns = sum(_typical_size(leaf) for s in selected for leaf in s.leaves)
    return "reverse" if columns > 2 * rows else "forward"


def _typical_size(leaf: Leaf) -> int:
    return prod(_typical(extent) for extent in shape_of(leaf.type))


def _typical(extent: Poly) -> int:
    names = {a.name for a in _dimensions(extent)}
    return extent.evaluate(dict.fromkeys(names, TYPICAL))


def _dimensions(extent: Poly) -> set[Dimension]:
    found: set[Dimension] = set()
    for atom in extent.atoms():
        if isinstance(atom, Dimension):
            found.add(atom)
        else:
            inner = getattr(atom, "poly", None)
            found |= _dimensions(inner) if isinstance(inner, Poly) else set()
    return found


def derivative_slot(result: Slot, part: Selected, forward_mode: bool) -> Slot:
    """The slot for the derivatives of a result by a part of a parameter."""

    def derivative(of: Number, by: Number) -> Number:
        element = element_of(of if forward_mode or not element_of(of).is_float else by)
        return with_shape(element, shape_of(of) + shape_of(by))

    crossing = tuple(
        Leaf((*leaf.path, *by.path), derivative(leaf.type, by.type))
        for leaf in result.leaves
        if is_float_leaf(leaf)
        for by in part.leaves
    )
    name = f"d_{result.name}_d_{part.name.replace('.', '_')}"
    return Slot(name, _nested(result.type, part.type, derivative), crossing)


def _nested(result: Type, by: Type, derivative: Callable[[Number, Number], Number]) -> Type:
    """The structure of the result, with that of the parameter in the place of each leaf."""
    if isinstance(result, RecordType | TupleType):
        return _parts(result, lambda part: _nested(part, by, derivative))
    if isinstance(by, RecordType | TupleType):
        return _parts(by, lambda part: _nested(result, part, derivative))
    return derivative(result, by)


def _parts(type_: RecordType | TupleType, change: Callable[[Type], Type]) -> Type:
    """The type with its parts changed."""
    if isinstance(type_, TupleType):
        return TupleType(tuple(change(t) for t in type_.items))
    fields = tuple((n, change(t)) for n, t in type_.fields)
    return RecordType(type_.name, type_.arguments, fields)


def by_parts(tree: ResultTree, count: int, names: tuple[str, ...] | None) -> ResultTree:
    """The tree of the results with the tuple of parts in the place of each."""
    if isinstance(tree, Group):
        return Group(tuple(by_parts(t, count, names) for t in tree.items), tree.names)
    if names is None:
        return tree * count
    return Group(tuple(range(tree * count, (tree + 1) * count)), names)


def hessian(entry: Entry, wrt: Wrt = None, simplify: Simplify = unchanged) -> Entry:
    """The second derivatives of a function with a float scalar as its result."""
    made = jacobian(grad(entry, wrt, simplify), _same(entry, wrt), simplify, "forward")
    return _named(made, f"hessian({entry.signature.name})")


def hvp(entry: Entry, wrt: Wrt = None, simplify: Simplify = unchanged) -> Entry:
    """The Hessian of a function with a float scalar as its result, times a direction."""
    along = jvp(grad(entry, wrt, simplify), _same(entry, wrt), simplify)
    signature, term = along.signature, term_from(along)
    inputs = _directions(signature.inputs, len(entry.signature.inputs))
    results = leaf_labels(term, signature.results)
    half = len(signature.results) // 2
    kept = signature.results[half:]
    wanted = [n for n, _ in results[-sum(len(s.leaves) for s in kept) :]]
    assert isinstance(signature.tree, Group)
    tree = _lowered(signature.tree.items[1], half)
    made = entry_of(
        along, "hvp", term, simplify, {n: n for n in term.inputs}, {}, wanted, inputs, kept, tree
    )
    return _named(made, f"hvp({entry.signature.name})")


def _same(entry: Entry, wrt: Wrt) -> Wrt:
    """The parameters that a gradient is by, by name."""
    selected, several = select(entry, wrt, first=True)
    return tuple(s.name for s in selected) if several else selected[0].name


def _directions(inputs: tuple[Slot, ...], count: int) -> tuple[Slot, ...]:
    """The tangents are called `v`, or `v_w` and so on where there are several."""
    taken = {slot.name for slot in inputs[:count]}
    given = inputs[count:]
    names = [s.name.removeprefix("d_") for s in given]
    called = ["v"] if len(given) == 1 else [f"v_{name}" for name in names]
    new = tuple(replace(s, name=unique(n, taken)) for s, n in zip(given, called, strict=True))
    return (*inputs[:count], *new)


def _lowered(tree: ResultTree, offset: int) -> ResultTree:
    if isinstance(tree, int):
        return tree - offset
    return Group(tuple(_lowered(t, offset) for t in tree.items), tree.names)


def _named(entry: Entry, name: str) -> Entry:
    return replace(entry, signature=replace(entry.signature, name=name))
