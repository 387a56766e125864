"""jvp, vjp, grad and value_and_grad of an `Entry`: signatures around the algebra of `terms`.

    jvp:   inputs, a tangent for each selected parameter  -> (value, tangent)
    vjp:   inputs, the cotangent of the value             -> (value, cotangents)
    grad:  inputs                                         -> gradient of a scalar function
    value_and_grad: inputs                                -> (value, gradient)

Tangents, cotangents and gradients have the type of what they belong to; only float leaves cross.
Gradients by several names come back as a named tuple, cotangents by several as a tuple; by one name
given alone, as they are. The results are entries again: transforms nest to any depth.
`simplify` is run on every function made (the passes; this layer does not know them).
"""

from collections.abc import Iterable
from itertools import islice

from dpc.compiler.ad.selection import Selected, Wrt, fail, is_float_leaf, select, unique
from dpc.compiler.ad.terms import (
    Arrangement,
    Label,
    Simplify,
    Term,
    arrange,
    bar,
    dot,
    forward,
    reverse,
    term_of,
    unchanged,
)
from dpc.compiler.signature import Entry, Group, ResultTree, Signature, Slot
from dpc.dsl.errors.differentiability import NothingToDifferentiate, NotScalar, place
from dpc.dsl.shapes import linear
from dpc.dsl.typed import Binding
from dpc.dsl.types import ArrayType, Leaf, ScalarType, TupleType, Type, shape_of


def jvp(entry: Entry, wrt: Wrt = None, simplify: Simplify = unchanged) -> Entry:
    """The value and its tangent along tangents of the selected parameters."""
    signature, term = entry.signature, term_from(entry)
    selected, _ = select(entry, wrt)
    tree = differentiable(entry)
    level = term.level + 1
    made = forward(term, labels_of(term, selected), simplify)
    taken = {s.name for s in signature.inputs}
    inputs = (*signature.inputs, *(s.slot("d", taken) for s in selected))
    labels = {
        **{n: n for n in term.inputs},
        **{dot(level, n): dot(level, n) for n in labels_of(term, selected)},
    }
    names = {s.name for s in signature.results}
    tangents = tuple(_tangent(s, names) for s in signature.results)
    results = leaf_labels(term, signature.results)
    moved = [dot(level, n) for n, leaf in results if is_float_leaf(leaf)]
    together = Group((tree, _shifted(tree, len(tangents))))
    return entry_of(
        entry, "jvp", made, simplify, labels, {}, [n for n, _ in results] + moved,
        inputs, (*signature.results, *tangents), together,
    )  # fmt: skip


def vjp(entry: Entry, wrt: Wrt = None, simplify: Simplify = unchanged) -> Entry:
    """The value and the cotangents of the selected parameters for a cotangent of the value."""
    signature, term = entry.signature, term_from(entry)
    selected, several = select(entry, wrt)
    tree = differentiable(entry)
    own = bar_level(term)
    made = reverse(term, labels_of(term, selected), simplify)
    results = leaf_labels(term, signature.results)
    cotangent = Slot(
        unique("ct", {s.name for s in signature.inputs}),
        type_of(tree, signature.results),
        tuple(_cotangent_leaves(tree, signature.results, ())),
    )
    given = {bar(own, n): bar(own, n) for n, leaf in results if is_float_leaf(leaf)}
    labels = {**{n: n for n in term.inputs}, **given}
    gradients = _gradients(signature, selected)
    wanted = [n for n, _ in results] + [bar(own, n) for n in labels_of(term, selected)]
    slots = (*signature.results, *gradients)
    together = Group((tree, _gradient_tree(len(signature.results), selected, several, False)))
    return entry_of(
        entry, "vjp", made, simplify, labels, {}, wanted,
        (*signature.inputs, cotangent), slots, together,
    )  # fmt: skip


def grad(entry: Entry, wrt: Wrt = None, simplify: Simplify = unchanged) -> Entry:
    """The gradient of a function with a float scalar as its result."""
    return _gradient(entry, wrt, simplify, with_value=False)


def value_and_grad(entry: Entry, wrt: Wrt = None, simplify: Simplify = unchanged) -> Entry:
    """The value and the gradient of a function with a float scalar as its result."""
    return _gradient(entry, wrt, simplify, with_value=True)


def _gradient(entry: Entry, wrt: Wrt, simplify: Simplify, *, with_value: bool) -> Entry:
    """The cotangent is the constant 1; without the value only the gradient's own work is left."""
    signature, term = entry.signature, term_from(entry)
    _require_scalar(entry)
    selected, several = select(entry, wrt, first=True)
    own = bar_level(term)
    made = reverse(term, labels_of(term, selected), simplify)
    ((value, _),) = leaf_labels(term, signature.results)
    kept = signature.results if with_value else ()
    wanted = [value] if with_value else []
    wanted.extend(bar(own, n) for n in labels_of(term, selected))
    gradient_tree = _gradient_tree(len(kept), selected, several, True)
    return entry_of(
        entry, "value_and_grad" if with_value else "grad", made, simplify,
        {n: n for n in term.inputs}, {bar(own, value): 1.0}, wanted, signature.inputs,
        (*kept, *_gradients(signature, selected)),
        Group((0, gradient_tree)) if with_value else gradient_tree,
    )  # fmt: skip


def term_from(entry: Entry) -> Term:
    """The term that an entry is, or begins."""
    return entry.origin if isinstance(entry.origin, Term) else term_of(entry.function)


def bar_level(term: Term) -> int:
    """The level of the labels that `reverse` adds."""
    return term.level + 1


def labels_of(term: Term, selected: Iterable[Selected]) -> list[Label]:
    """The labels of the selected leaves; each once, in the order asked for."""
    return list(dict.fromkeys(term.inputs[p] for s in selected for p in s.positions))


def leaf_labels(term: Term, results: tuple[Slot, ...]) -> list[tuple[Label, Leaf]]:
    """The leaves of the results in order with their labels."""
    scalars, outputs = iter(term.scalars), iter(term.outputs)
    return [
        (next(outputs if isinstance(leaf.type, ArrayType) else scalars), leaf)
        for slot in results
        for leaf in slot.leaves
    ]


def entry_of(
    entry: Entry,
    transform: str,
    made: Term,
    simplify: Simplify,
    inputs: dict[Label, Label],
    fixed: dict[Label, float],
    wanted: list[Label],
    slots: tuple[Slot, ...],
    results: tuple[Slot, ...],
    tree: ResultTree,
) -> Entry:
    """The entry of a made term with inputs and results in the order of its signature."""
    scalars = {n: n for n in wanted if n in made.scalars}
    outputs = {n: n for n in wanted if n not in scalars}
    term = arrange(made, Arrangement(inputs, scalars, outputs, fixed))
    term.rename(f"{transform}_{entry.function.name}")
    old = entry.signature
    name = f"{transform}({old.name})"
    bindings = (*old.bindings, *_bound_by_cotangents(old, slots))
    signature = Signature(name, old.doc, bindings, old.extents, slots, results, tree)
    return Entry(signature, term.simplified(simplify), term)


def _bound_by_cotangents(old: Signature, slots: tuple[Slot, ...]) -> Iterable[Binding]:
    """Extents that the value returned determines are those of its cotangent too."""
    for name in old.result_dimensions:
        places = (
            Binding(name, slot.name, leaf.path, axis, solved[1], solved[2])
            for slot in slots
            for leaf in slot.leaves
            for axis, extent in enumerate(shape_of(leaf.type))
            if (solved := linear(extent, {name})) is not None
        )
        yield from islice(places, 1)


def _tangent(slot: Slot, taken: set[str]) -> Slot:
    kept = tuple(leaf for leaf in slot.leaves if is_float_leaf(leaf))
    return Slot(unique(f"d_{slot.name}", taken), slot.type, kept)


def _gradients(signature: Signature, selected: tuple[Selected, ...]) -> tuple[Slot, ...]:
    taken = {s.name for s in signature.results}
    return tuple(s.slot("d", taken) for s in selected)


def _gradient_tree(
    start: int, selected: tuple[Selected, ...], several: bool, named: bool
) -> ResultTree:
    """The gradients as one value, or as a tuple (with the names asked for)."""
    if not several:
        return start
    names = tuple(s.name.replace(".", "_") for s in selected) if named else None
    return Group(tuple(range(start, start + len(selected))), names)


def _shifted(tree: ResultTree, offset: int) -> ResultTree:
    if isinstance(tree, int):
        return tree + offset
    return Group(tuple(_shifted(t, offset) for t in tree.items), tree.names)


def type_of(tree: ResultTree, results: tuple[Slot, ...]) -> Type:
    """The type of results put together."""
    if isinstance(tree, int):
        return results[tree].type
    return TupleType(tuple(type_of(t, results) for t in tree.items))


def _cotangent_leaves(
    tree: ResultTree, results: tuple[Slot, ...], path: tuple[str | int, ...]
) -> Iterable[Leaf]:
    if isinstance(tree, int):
        for leaf in results[tree].leaves:
            if is_float_leaf(leaf):
                yield Leaf((*path, *leaf.path), leaf.type)
        return
    for position, item in enumerate(tree.items):
        yield from _cotangent_leaves(item, results, (*path, position))


def differentiable(entry: Entry) -> ResultTree:
    """How the results are put together; an error when no float is among them."""
    signature = entry.signature
    floats = any(is_float_leaf(leaf) for slot in signature.results for leaf in slot.leaves)
    if signature.tree is None or not floats:
        fail(
            NothingToDifferentiate(
                span=place(entry.function.span), function=signature.name, what="result"
            )
        )
    assert signature.tree is not None
    return signature.tree


def _require_scalar(entry: Entry) -> None:
    signature = entry.signature
    if signature.tree is None:
        found = "nothing"
    else:
        type_ = type_of(signature.tree, signature.results)
        if isinstance(type_, ScalarType) and type_.is_float:
            return
        found = f"of type {type_}"
    fail(NotScalar(span=place(entry.function.span), function=signature.name, found=found))
