"""`ad`: what differentiation is told."""

from dpc.compiler.dialects.numbers import Number, Numbers
from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import MemRefType, Type, element_of
from dpc.compiler.ir.verify_error import require


@operation("ad.stop_gradient")
class StopGradient(Scalar):
    """The operand, with derivative zero."""

    operand: Value

    def infer(self) -> tuple[Type, ...]:
        return (self.operand.type,)

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.stop_gradient(operands[0])


@operation("ad.retain")
class Retain(Op):
    """The reverse sweep has this value at this element of a buffer of its own.

    `buffer` stands for that buffer: nothing else uses it. Only inside a reverse transformation.
    """

    value: Value
    buffer: Value
    indices: tuple[Value, ...]

    def verify(self) -> None:
        require(self, isinstance(self.buffer.type, MemRefType), "the base is a memref")
        require(
            self, self.value.type == element_of(self.buffer.type), "the value has the element type"
        )


OPS: tuple[type[Op], ...] = (StopGradient,)
INTERNAL: tuple[type[Op], ...] = (Retain,)
