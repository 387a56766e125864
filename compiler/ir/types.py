"""Types of the IR, a subset of MLIR's with its spelling. Equal types are equal values."""

from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True, slots=True)
class FloatType:
    """`f64`, `f32`."""

    width: int

    def __str__(self) -> str:
        return f"f{self.width}"


@dataclass(frozen=True, slots=True)
class IntType:
    """Signless integers `i1` (bool), `i32`, `i64`; arithmetic wraps."""

    width: int

    def __str__(self) -> str:
        return f"i{self.width}"


@dataclass(frozen=True, slots=True)
class IndexType:
    """`index`: sizes, indices, trip counts; 64 bits wide."""

    def __str__(self) -> str:
        return "index"


@dataclass(frozen=True, slots=True)
class TensorType:
    """`tensor<?x3xf64>`: an array value (array level only); None is a dynamic extent."""

    shape: tuple[int | None, ...]
    element: "ScalarType"

    def __str__(self) -> str:
        return f"tensor<{_dims(self.shape)}{self.element}>"


@dataclass(frozen=True, slots=True)
class MemRefType:
    """`memref<?x3xf64>`: a row-major contiguous buffer; two buffers never overlap."""

    shape: tuple[int | None, ...]
    element: "ScalarType"

    def __str__(self) -> str:
        return f"memref<{_dims(self.shape)}{self.element}>"


@dataclass(frozen=True, slots=True)
class StackType:
    """`!tape.stack<f64>`: a growable last-in-first-out store of scalars."""

    element: "ScalarType"

    def __str__(self) -> str:
        return f"!tape.stack<{self.element}>"


@dataclass(frozen=True, slots=True)
class VectorType:
    """`vector<8xf64>`: one scalar for each lane, in a register; `lanes` > 1."""

    lanes: int
    element: "ScalarType"

    def __str__(self) -> str:
        return f"vector<{self.lanes}x{self.element}>"


def _dims(shape: tuple[int | None, ...]) -> str:
    return "".join(f"{'?' if e is None else e}x" for e in shape)


ScalarType = Union[FloatType, IntType, IndexType]
Type = Union[ScalarType, TensorType, MemRefType, StackType, VectorType]

F64 = FloatType(64)
F32 = FloatType(32)
I64 = IntType(64)
I32 = IntType(32)
I1 = IntType(1)
INDEX = IndexType()


def element_of(type_: Type) -> ScalarType:
    """The element type of an array, buffer or stack."""
    assert isinstance(type_, TensorType | MemRefType | StackType), type_
    return type_.element


def shape_of(type_: Type) -> tuple[int | None, ...]:
    """The extents of an array or buffer; None for a dynamic one."""
    assert isinstance(type_, TensorType | MemRefType), type_
    return type_.shape


def lane_type(type_: Type) -> Type:
    """The type of one lane of a vector; any other type itself."""
    return type_.element if isinstance(type_, VectorType) else type_


def with_lanes(element: Type, like: Type) -> Type:
    """The scalar type, or the vector of it that has as many lanes as `like`, if that is one."""
    assert isinstance(element, FloatType | IntType | IndexType), element
    return VectorType(like.lanes, element) if isinstance(like, VectorType) else element


def is_float(type_: Type) -> bool:
    """True for scalar floats."""
    return isinstance(type_, FloatType)


def holds_float(type_: Type) -> bool:
    """True for scalar floats and arrays, buffers and stacks of floats: what can be active."""
    element = type_.element if isinstance(type_, TensorType | MemRefType | StackType) else type_
    return isinstance(element, FloatType)
