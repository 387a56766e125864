"""Buffers of the array level: allocation and whole or partial assignment."""

from collections.abc import Callable

from dpc.compiler.dialects import array, memref, scf
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import INDEX
from dpc.compiler.lowering.array_value import Array
from dpc.compiler.lowering.ir_types import buffer_type
from dpc.compiler.lowering.scope import Scope
from dpc.dsl.types import ArrayType

Mapping = Callable[[tuple[Value, ...]], tuple[Value, ...]]


def allocate(scope: Scope, type_: ArrayType, name: str = "") -> Value:
    """A buffer for an array of that type; its contents are undefined."""
    dynamic = tuple(scope.extent(e) for e in type_.shape if e.value is None)
    buffer = scope.emit(memref.Alloc(dynamic, buffer_type(type_)))
    buffer.name = name
    return buffer


def assign_part(scope: Scope, value: Array, buffer: Value, mapping: Mapping) -> None:
    """Store an array at the places that `mapping` gives for its indices."""
    tensor = scope.tensor(value)
    extents = scope.shape(value.type)
    with scope.block() as inner:
        indices = tuple(Value(INDEX) for _ in extents)
        inner.add(scf.Yield(mapping(indices)))
        body = inner.block(indices)
    scope.add(array.Assign(tensor, buffer, extents, body))


def assign_whole(scope: Scope, value: Array, buffer: Value) -> None:
    """Store an array in a buffer of its shape."""
    assign_part(scope, value, buffer, lambda indices: indices)
