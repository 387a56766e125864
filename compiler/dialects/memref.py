"""`memref`: buffers, row-major and contiguous.

Every buffer is a distinct allocation; two accesses alias only if their base is the same Value.
"""

import struct
from collections.abc import Iterable
from math import prod
from typing import ClassVar

from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import (
    INDEX,
    FloatType,
    IntType,
    MemRefType,
    ScalarType,
    Type,
    element_of,
    shape_of,
)
from dpc.compiler.ir.verify_error import require


@operation("memref.alloc")
class Alloc(Op):
    """An uninitialised buffer of `type`; `extents` are the dynamic extents (index, >= 0), in order.

    It lives until the end of the block it stands in (iteration by iteration in loops). Fails with
    an out-of-memory error; removable when unused.
    """

    extents: tuple[Value, ...]
    type: MemRefType

    def infer(self) -> tuple[Type, ...]:
        return (self.type,)

    def verify(self) -> None:
        dynamic = sum(e is None for e in self.type.shape)
        require(self, dynamic == len(self.extents), "one extent for each dynamic axis")
        require(self, all(e.type == INDEX for e in self.extents), "extents are index")


@operation("memref.constant")
class Constant(Op):
    """A buffer of known elements that nobody writes.

    `data`: the elements in row-major order, each little-endian (i1: a byte), in hexadecimal.
    """

    pure: ClassVar[bool] = True
    data: str
    type: MemRefType

    def infer(self) -> tuple[Type, ...]:
        return (self.type,)

    def verify(self) -> None:
        require(self, None not in self.type.shape, "the extents are constant")
        size = prod(e or 0 for e in self.type.shape) * struct.calcsize(_code(self.type.element))
        require(self, len(self.data) == 2 * size, "the data fill the buffer")

    @property
    def elements(self) -> tuple[bool | int | float, ...]:
        """The elements in row-major order."""
        code = _code(self.type.element)
        data = bytes.fromhex(self.data)
        return tuple(value for (value,) in struct.iter_unpack(code, data))


_CODES = {1: "<?", 32: "<i", 64: "<q"}


def _code(element: ScalarType) -> str:
    """How `struct` packs an element."""
    if isinstance(element, FloatType):
        return "<f" if element.width == 32 else "<d"
    assert isinstance(element, IntType)
    return _CODES[element.width]


def constant_data(values: Iterable[bool | int | float], element: ScalarType) -> str:
    """The `data` of a `Constant`."""
    code = _code(element)
    return b"".join(struct.pack(code, value) for value in values).hex()


@operation("memref.load")
class Load(Op):
    """The element at the indices (index, in bounds: checked before where not provable)."""

    buffer: Value
    indices: tuple[Value, ...]

    def infer(self) -> tuple[Type, ...]:
        type_ = self.buffer.type
        assert isinstance(type_, MemRefType)
        return (type_.element,)

    def verify(self) -> None:
        type_ = self.buffer.type
        require(self, isinstance(type_, MemRefType), "the base is a memref")
        require(self, len(shape_of(type_)) == len(self.indices), "one index for each axis")
        require(self, all(i.type == INDEX for i in self.indices), "indices are index")


@operation("memref.store")
class Store(Op):
    """Write an element."""

    value: Value
    buffer: Value
    indices: tuple[Value, ...]

    def verify(self) -> None:
        type_ = self.buffer.type
        require(self, isinstance(type_, MemRefType), "the base is a memref")
        require(self, self.value.type == element_of(type_), "the value has the element type")
        require(self, len(shape_of(type_)) == len(self.indices), "one index for each axis")
        require(self, all(i.type == INDEX for i in self.indices), "indices are index")


@operation("memref.copy")
class Copy(Op):
    """Copy every element of `source` to `target`: two different buffers of equal extents."""

    source: Value
    target: Value

    def verify(self) -> None:
        require(self, self.source is not self.target, "source and target differ")
        left, right = self.source.type, self.target.type
        require(self, isinstance(left, MemRefType), "the source is a memref")
        require(self, isinstance(right, MemRefType), "the target is a memref")
        require(self, element_of(left) == element_of(right), "one element type")


OPS: tuple[type[Op], ...] = (Alloc, Constant, Load, Store, Copy)
