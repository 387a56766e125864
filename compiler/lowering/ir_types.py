"""The IR types of the language's types."""

from dpc.compiler.ir.types import (
    F32,
    F64,
    I1,
    I32,
    I64,
    FloatType,
    IntType,
    MemRefType,
    TensorType,
)
from dpc.dsl import types as source

_ELEMENTS: dict[source.ScalarType, FloatType | IntType] = {
    source.F64: F64,
    source.F32: F32,
    source.I64: I64,
    source.I32: I32,
    source.BOOL: I1,
}


def element_type(type_: source.ScalarType | source.ArrayType) -> FloatType | IntType:
    """The scalar type of a scalar or of an array's elements."""
    return _ELEMENTS[source.element_of(type_)]


def static_shape(type_: source.ArrayType) -> tuple[int | None, ...]:
    """Constant extents; None where the extent is known at run time only."""
    return tuple(extent.value for extent in type_.shape)


def value_type(type_: source.ScalarType | source.ArrayType) -> FloatType | IntType | TensorType:
    """The type of a leaf as an SSA value: scalar or tensor."""
    if isinstance(type_, source.ArrayType):
        return TensorType(static_shape(type_), element_type(type_))
    return element_type(type_)


def buffer_type(type_: source.ArrayType) -> MemRefType:
    """The type of a buffer that holds an array."""
    return MemRefType(static_shape(type_), element_type(type_))
