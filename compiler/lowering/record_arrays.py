"""Comprehensions of records: each field of each record goes to its place in the field's array."""

from collections.abc import Callable, Sequence

from dpc.compiler.dialects import array, memref
from dpc.compiler.ir.core import Value
from dpc.compiler.lowering.array_value import Array
from dpc.compiler.lowering.buffers import allocate, assign_part
from dpc.compiler.lowering.elementwise import broadcast
from dpc.compiler.lowering.nests import for_all
from dpc.compiler.lowering.scope import Leaf, Leaves, Scope
from dpc.dsl import typed
from dpc.dsl.types import ArrayType, RecordType, ScalarType, leaves


def lower_records(
    scope: Scope,
    node: typed.Comprehension,
    type_: RecordType,
    binds: Sequence[Callable[[Value], None]],
) -> Leaves:
    """A comprehension whose elements are records; `binds` give its variables their values."""
    arrays = [leaf.type for leaf in leaves(type_)]
    inner = [leaf.type for leaf in leaves(node.element.type)]
    buffers = [_buffer(scope, found) for found in arrays]

    def step(outer: tuple[Value, ...]) -> None:
        for bind, index in zip(binds, outer, strict=True):
            bind(index)
        values = scope.leaves(node.element)
        for value, found, buffer in zip(values, inner, buffers, strict=True):
            _store(scope, value, found, buffer, outer)

    for_all(scope, tuple(scope.extent(e) for e in type_.shape[: len(binds)]), step)
    return tuple(
        scope.of_tensor(found, scope.emit(array.Read(buffer)))
        for found, buffer in zip(arrays, buffers, strict=True)
        if isinstance(found, ArrayType)
    )


def _buffer(scope: Scope, type_: ScalarType | ArrayType) -> Value:
    assert isinstance(type_, ArrayType)
    return allocate(scope, type_)


def _store(
    scope: Scope,
    value: Leaf,
    type_: ScalarType | ArrayType,
    buffer: Value,
    outer: tuple[Value, ...],
) -> None:
    """One field of one record."""
    if isinstance(value, Array):
        assert isinstance(type_, ArrayType)
        row = broadcast(scope, value, type_)
        assign_part(scope, row, buffer, lambda indices: (*outer, *indices))
    else:
        scope.add(memref.Store(value, buffer, outer))
