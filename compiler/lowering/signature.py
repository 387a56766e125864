"""What a checked function looks like to its callers: dimensions, inputs, results."""

from dpc.compiler.signature import Group, ResultTree, Signature, Slot
from dpc.dsl import typed
from dpc.dsl.shapes import Poly
from dpc.dsl.types import ArrayType, Leaf, TupleType, Type, leaves


def signature_of(function: typed.Function) -> Signature:
    """The signature of a function's primal version."""
    inputs = tuple(
        Slot(p.name, p.type, leaves(p.type), p.default.value if p.default else None)
        for p in function.parameters
    )
    results: list[Slot] = []
    tree = None if function.result is None else _tree(function.result, "out", results)
    return Signature(
        function.name,
        function.doc,
        function.bindings,
        extents_of(function),
        inputs,
        tuple(results),
        tree,
    )


def _tree(type_: Type, name: str, results: list[Slot]) -> ResultTree:
    """Add the slots of a result; how they are put together."""
    if isinstance(type_, TupleType):
        return Group(tuple(_tree(t, f"{name}.{i}", results) for i, t in enumerate(type_.items)))
    results.append(Slot(name, type_, leaves(type_)))
    return len(results) - 1


def extents_of(function: typed.Function) -> tuple[Poly, ...]:
    """The polynomials that are dimension arguments: the dimension variables in binding order,
    then every other non-constant extent of parameters and results by first appearance.
    """
    found = {Poly.dimension(b.name): None for b in function.bindings}
    types = [p.type for p in function.parameters]
    if function.result is not None:
        types.append(function.result)
    for type_ in types:
        for leaf in leaves(type_):
            if isinstance(leaf.type, ArrayType):
                found.update((e, None) for e in leaf.type.shape if e.value is None)
    found.update((Poly.dimension(name), None) for name in function.result_dimensions)
    return tuple(found)


def leaf_name(name: str, leaf: Leaf) -> str:
    """`m.w`: a leaf of the value `name`."""
    return ".".join((name, *(str(step) for step in leaf.path)))


def sized_symbol(function: typed.Function) -> str:
    """The name of the version that also returns the extents which its value determines."""
    return f"{function.symbol}.sized"
