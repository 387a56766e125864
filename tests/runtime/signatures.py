"""Signatures made by hand, as the compiler would make them."""

from dpc.compiler.signature import Group, ResultTree, Signature, Slot
from dpc.dsl.shapes import Poly
from dpc.dsl.typed import Binding
from dpc.dsl.types import (
    BOOL,
    F32,
    F64,
    I32,
    I64,
    ArrayType,
    RecordType,
    ScalarType,
    TupleType,
    Type,
    leaves,
)

N, D = Poly.dimension("n"), Poly.dimension("d")
VECTOR = ArrayType(F64, (N,))
MATRIX = ArrayType(F64, (N, D))
MODEL = RecordType("Model", (D,), (("w", ArrayType(F64, (D,))), ("b", F64), ("k", I64)))

__all__ = [
    "BOOL",
    "F32",
    "F64",
    "I32",
    "I64",
    "MATRIX",
    "MODEL",
    "VECTOR",
    "ArrayType",
    "Binding",
    "D",
    "Group",
    "N",
    "Poly",
    "ScalarType",
    "TupleType",
    "signature",
]


def signature(
    inputs: dict[str, Type],
    results: dict[str, Type],
    bindings: tuple[Binding, ...] = (),
    tree: ResultTree | None = 0,
    defaults: dict[str, float] | None = None,
) -> Signature:
    """A signature whose dimension arguments are exactly its dimension variables."""
    return Signature(
        "f",
        None,
        bindings,
        tuple(Poly.dimension(b.name) for b in bindings),
        tuple(Slot(n, t, leaves(t), (defaults or {}).get(n)) for n, t in inputs.items()),
        tuple(Slot(n, t, leaves(t)) for n, t in results.items()),
        tree,
    )
