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


@operation("ad.derivative")
class Derivative(Op):
    """The derivative of a function of the module with respect to some inputs, called.

    mode "jvp": `arguments` are those of the callee, dimensions first, then a tangent for each input
    that `active` marks ("1", "0" one character an input); the results are the callee's scalars,
    their tangents, the callee's tensors, their tangents. mode "vjp": after the callee's arguments a
    cotangent for each float scalar of the result, then for each float tensor; the results are the
    callee's scalars, gradients of active scalars, the callee's tensors, gradients of active ones.
    """

    mode: str
    callee: str
    active: str
    arguments: tuple[Value, ...]
    result_types: tuple[Type, ...]

    def infer(self) -> tuple[Type, ...]:
        return self.result_types


OPS: tuple[type[Op], ...] = (StopGradient,)
# At the array level only: bufferize puts the loops of the derivative in its place.
EXPANDED: tuple[type[Op], ...] = (Derivative,)
INTERNAL: tuple[type[Op], ...] = (Retain,)
