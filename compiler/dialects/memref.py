"""`memref`: buffers, row-major and contiguous.

Every buffer is a distinct allocation; two accesses alias only if their base is the same Value.
"""

from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import INDEX, MemRefType, Type, element_of, shape_of
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


OPS: tuple[type[Op], ...] = (Alloc, Load, Store, Copy)
