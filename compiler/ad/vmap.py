"""vmap of an `Entry`: one loop over examples, each a row of the arguments that are mapped.

    inputs, mapped ones with one more axis -> results with one more axis, their first

The extent of that axis is a dimension of its own, the same in all mapped inputs.
"""

from dataclasses import replace

from dpc.compiler.ad.batched_terms import MAX_LANES, batched
from dpc.compiler.ad.members import Label, Members, member
from dpc.compiler.ad.selection import unique
from dpc.compiler.ad.terms import Arrangement, Simplify, arrange, unchanged
from dpc.compiler.ad.transforms import leaf_labels, term_from
from dpc.compiler.signature import Entry, Signature, Slot
from dpc.dsl.shapes import Dimension, Poly
from dpc.dsl.typed import Binding
from dpc.dsl.types import (
    ArrayType,
    Leaf,
    RecordType,
    ScalarType,
    TupleType,
    Type,
    element_of,
    restacked,
    shape_of,
    with_shape,
)

Axes = tuple[int | None, ...]


def vmap(entry: Entry, axes: Axes, simplify: Simplify = unchanged) -> Entry:
    """The function of many examples; `axes` has one entry for each leaf of the inputs: where the
    examples' axis stands (0 or more), None for what they share. At least one is mapped.
    """
    signature, term = entry.signature, term_from(entry)
    extent = Poly.dimension(_batch_name(signature))
    mapped = {n: a for n, a in zip(term.inputs, axes, strict=True) if a is not None}
    results = [n for n, _ in leaf_labels(term, signature.results)]
    members = Members(((str(extent),),), mapped, stacked=dict.fromkeys(results, 0))
    made = batched(term, members, simplify, MAX_LANES)
    inputs: dict[Label, Label] = {}
    for name in term.inputs:
        label = member(0, name) if name in mapped else name
        inputs[label] = label
    wanted = {n: n for n in (member(0, r) for r in results)}
    scalars = {n: n for n in wanted if n in made.scalars}
    outputs = {n: n for n in wanted if n not in scalars}
    arranged = arrange(made, Arrangement(inputs, scalars, outputs, {}))
    arranged.rename(f"vmap_{entry.function.name}")
    return Entry(_signature(signature, axes, extent), arranged.simplified(simplify), arranged)


def _batch_name(signature: Signature) -> str:
    taken = {a.name for e in signature.extents for a in e.atoms() if isinstance(a, Dimension)}
    return unique("batch", taken | {s.name for s in signature.inputs})


def _signature(old: Signature, axes: Axes, extent: Poly) -> Signature:
    given = iter(axes)
    slots = [(slot, tuple(next(given) for _ in slot.leaves)) for slot in old.inputs]
    at = {
        (slot.name, leaf.path): axis
        for slot, own in slots
        for leaf, axis in zip(slot.leaves, own, strict=True)
        if axis is not None
    }
    (name, path), axis = next(iter(at.items()))
    batch = Binding(str(extent), name, path, axis)
    return Signature(
        f"vmap({old.name})",
        old.doc,
        (*(_moved(b, at) for b in old.bindings), batch),
        (*old.extents, extent),
        tuple(_mapped(slot, own, extent) for slot, own in slots),
        tuple(_mapped(slot, (0,) * len(slot.leaves), extent) for slot in old.results),
        old.tree,
    )


def _moved(binding: Binding, at: dict[tuple[str, tuple[str | int, ...]], int]) -> Binding:
    """A binding to an axis that stands behind that of the examples."""
    axis = at.get((binding.parameter, binding.leaf))
    if axis is None or binding.axis < axis:
        return binding
    return replace(binding, axis=binding.axis + 1)


def _mapped(slot: Slot, axes: Axes, extent: Poly) -> Slot:
    """The slot of all examples; what does not cross the border is stacked with the rest."""
    if all(axis is None for axis in axes):
        return slot
    type_ = slot.type
    if isinstance(type_, RecordType) and set(axes) == {0}:
        whole: Type = restacked(type_, (extent, *type_.shape))
    else:
        by_path = dict(zip((leaf.path for leaf in slot.leaves), axes, strict=True))
        whole = _with_axis(type_, (), by_path, extent)
    leaves = tuple(
        Leaf(leaf.path, _inserted(leaf.type, axis, extent))
        for leaf, axis in zip(slot.leaves, axes, strict=True)
    )
    return Slot(slot.name, whole, leaves)


def _with_axis(
    type_: Type,
    path: tuple[str | int, ...],
    axes: dict[tuple[str | int, ...], int | None],
    extent: Poly,
) -> Type:
    if isinstance(type_, RecordType):
        fields = tuple((n, _with_axis(t, (*path, n), axes, extent)) for n, t in type_.fields)
        return RecordType(type_.name, type_.arguments, fields)
    if isinstance(type_, TupleType):
        items = enumerate(type_.items)
        return TupleType(tuple(_with_axis(t, (*path, i), axes, extent) for i, t in items))
    return _inserted(type_, axes.get(path, 0), extent)


def _inserted(
    type_: ScalarType | ArrayType, axis: int | None, extent: Poly
) -> ScalarType | ArrayType:
    """A number or array with the examples' axis."""
    if axis is None:
        return type_
    shape = shape_of(type_)
    return with_shape(element_of(type_), (*shape[:axis], extent, *shape[axis:]))
