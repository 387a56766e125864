"""`array`: array values (tensors) as functions of their indices; the array level only.

Rows, slices, transposes, broadcasting and comprehensions are all `generate` with an `extract`
inside, so producer-consumer fusion is inlining. Variables that are assigned in parts or more than
once live in buffers already here: `read` takes a buffer's value at that moment, `assign` writes a
tensor into (part of) a buffer.
"""

from typing import ClassVar

from dpc.compiler.ir.core import Block, Op, Value, operation
from dpc.compiler.ir.types import INDEX, MemRefType, TensorType, Type, element_of, shape_of
from dpc.compiler.ir.verify_error import require

REDUCTIONS = ("add", "mul", "min", "max", "and", "or")


@operation("array.generate")
class Generate(Op):
    """The tensor of `extents` (index, one an axis) whose element at (i, ...) the body yields.

    body arguments: one index an axis; it ends in `scf.yield element`. The body reads only (loads,
    extracts, checks): elements are independent, evaluated in row-major order. `static`: for each
    axis the constant extent or None, for the type.
    """

    extents: tuple[Value, ...]
    static: tuple[int | None, ...]
    body: Block

    def infer(self) -> tuple[Type, ...]:
        return (TensorType(self.static, self.body.terminator.operands[0].type),)  # type: ignore[arg-type]

    def verify(self) -> None:
        require(self, len(self.extents) == len(self.static), "one extent for each axis")
        require(self, all(e.type == INDEX for e in self.extents), "extents are index")
        arguments = tuple(a.type for a in self.body.arguments)
        require(self, arguments == (INDEX,) * len(self.extents), "one index for each axis")
        require(self, len(self.body.terminator.operands) == 1, "the body yields one scalar")


@operation("array.reduce")
class Reduce(Op):
    """Combine what the body yields over all indices, in row-major order, starting from `init`.

    kind: add mul min max (NaN propagates) and or. body as in `generate`.
    """

    kind: str
    extents: tuple[Value, ...]
    init: Value
    body: Block

    def infer(self) -> tuple[Type, ...]:
        return (self.init.type,)

    def verify(self) -> None:
        require(self, self.kind in REDUCTIONS, "a known kind")
        arguments = tuple(a.type for a in self.body.arguments)
        require(self, arguments == (INDEX,) * len(self.extents), "one index for each axis")
        yielded = tuple(v.type for v in self.body.terminator.operands)
        require(self, yielded == (self.init.type,), "the body yields one value of init's type")


@operation("array.extract")
class Extract(Op):
    """The element of a tensor at indices that are in bounds."""

    pure: ClassVar[bool] = True
    tensor: Value
    indices: tuple[Value, ...]

    def infer(self) -> tuple[Type, ...]:
        assert isinstance(self.tensor.type, TensorType)
        return (self.tensor.type.element,)

    def verify(self) -> None:
        type_ = self.tensor.type
        require(self, isinstance(type_, TensorType), "the base is a tensor")
        require(self, len(shape_of(type_)) == len(self.indices), "one index for each axis")


@operation("array.read")
class Read(Op):
    """The value of a buffer at this moment, as a tensor; later stores do not change it."""

    buffer: Value

    def infer(self) -> tuple[Type, ...]:
        assert isinstance(self.buffer.type, MemRefType)
        return (TensorType(self.buffer.type.shape, self.buffer.type.element),)


@operation("array.assign")
class Assign(Op):
    """buffer[map(i, ...)] = tensor[i, ...] for all indices of the tensor, whole value first.

    `extents` are the tensor's. body arguments: one index an axis of the tensor; it yields one index
    an axis of the buffer, in bounds (checked before), different for different (i, ...).
    """

    tensor: Value
    buffer: Value
    extents: tuple[Value, ...]
    body: Block

    def verify(self) -> None:
        require(self, isinstance(self.tensor.type, TensorType), "the source is a tensor")
        require(self, isinstance(self.buffer.type, MemRefType), "the target is a memref")
        require(
            self, element_of(self.tensor.type) == element_of(self.buffer.type), "one element type"
        )
        rank = len(shape_of(self.buffer.type))
        require(self, len(self.body.terminator.operands) == rank, "an index for each buffer axis")


OPS: tuple[type[Op], ...] = (Generate, Reduce, Extract, Read, Assign)
