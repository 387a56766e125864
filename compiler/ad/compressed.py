"""Products of a Jacobian with many vectors at once: what a sparse Jacobian is put together from.

    forward:  inputs, c directions for each float leaf of the parameters -> c tangents of each
              float leaf of the results
    reverse:  inputs, c cotangents for each float leaf of the results -> c cotangents of each
              float leaf of the parameters

The leaves are inputs and results of their own, their first axis counting the vectors.
"""

from dataclasses import dataclass

from dpc.compiler.ad.batched_terms import batched
from dpc.compiler.ad.members import Label, Members, member
from dpc.compiler.ad.selection import Wrt, is_float_leaf, select, unique
from dpc.compiler.ad.terms import Arrangement, Simplify, arrange, bar, dot, forward, reverse
from dpc.compiler.ad.transforms import differentiable, labels_of, leaf_labels, term_from
from dpc.compiler.signature import Entry, Group, Signature, Slot
from dpc.dsl.shapes import Dimension, Poly
from dpc.dsl.typed import Binding
from dpc.dsl.types import ArrayType, Leaf, element_of, shape_of


@dataclass(frozen=True, slots=True)
class Parts:
    """Float leaves of the results and of the parameters, and the positions of the latter among the
    leaves of all inputs.
    """

    results: tuple[Leaf, ...]
    parameters: tuple[Leaf, ...]
    positions: tuple[int, ...]


def parts_of(entry: Entry, wrt: Wrt) -> Parts:
    """What the rows and columns of a Jacobian are."""
    selected, _ = select(entry, wrt, first=True)
    differentiable(entry)
    return Parts(
        tuple(e for s in entry.signature.results for e in s.leaves if is_float_leaf(e)),
        tuple(leaf for s in selected for leaf in s.leaves),
        tuple(p for s in selected for p in s.positions),
    )


def compressed(entry: Entry, wrt: Wrt, simplify: Simplify, mode: str, lanes: int) -> Entry:
    """Products with as many vectors as are given, a multiple of `lanes`; `mode` is "forward" or
    "reverse".
    """
    signature, term, parts = entry.signature, term_from(entry), parts_of(entry, wrt)
    selected, _ = select(entry, wrt, first=True)
    by = labels_of(term, selected)
    results = [n for n, e in leaf_labels(term, signature.results) if is_float_leaf(e)]
    level = term.level + 1
    if mode == "forward":
        base, given, made = forward(term, by, simplify), by, results
        vector, types, found = dot, parts.parameters, parts.results
    else:
        base, given, made = reverse(term, by, simplify), results, by
        vector, types, found = bar, parts.results, parts.parameters
    count = _count_name(signature)
    members = Members(
        ((count,),),
        mapped={vector(level, n): 0 for n in given},
        stacked={vector(level, n): 0 for n in made},
        exact=True,
    )
    whole = batched(base, members, simplify, lanes)
    wanted = {n: n for n in (member(0, vector(level, r)) for r in made)}
    inputs: dict[Label, Label] = {n: n for n in term.inputs}
    inputs.update((n, n) for n in (member(0, vector(level, g)) for g in given))
    arranged = arrange(whole, Arrangement(inputs, {}, wanted, {}))
    arranged.rename(f"compressed_{entry.function.name}")
    new = _signature(signature, count, types, found)
    return Entry(new, arranged.simplified(simplify), arranged)


def _signature(
    old: Signature, count: str, vectors: tuple[Leaf, ...], products: tuple[Leaf, ...]
) -> Signature:
    taken = {s.name for s in old.inputs}
    seeds = tuple(_slot(f"seed{i}", e, count, taken) for i, e in enumerate(vectors))
    results = tuple(_slot(f"product{i}", e, count, taken) for i, e in enumerate(products))
    return Signature(
        old.name,
        old.doc,
        (*old.bindings, Binding(count, seeds[0].name, (), 0)),
        (*old.extents, Poly.dimension(count)),
        (*old.inputs, *seeds),
        results,
        Group(tuple(range(len(results)))),
    )


def _count_name(signature: Signature) -> str:
    names = {a.name for e in signature.extents for a in e.atoms() if isinstance(a, Dimension)}
    return unique("count", names | {s.name for s in signature.inputs})


def _slot(name: str, leaf: Leaf, count: str, taken: set[str]) -> Slot:
    """A slot for as many of a leaf as there are vectors."""
    type_ = ArrayType(element_of(leaf.type), (Poly.dimension(count), *shape_of(leaf.type)))
    return Slot(unique(name, taken), type_, (Leaf((), type_),))
