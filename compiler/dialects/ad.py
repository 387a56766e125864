"""`ad`: what differentiation is told."""

from dpc.compiler.dialects.numbers import Number, Numbers
from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import Type


@operation("ad.stop_gradient")
class StopGradient(Scalar):
    """The operand, with derivative zero."""

    operand: Value

    def infer(self) -> tuple[Type, ...]:
        return (self.operand.type,)

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return numbers.stop_gradient(operands[0])


OPS: tuple[type[Op], ...] = (StopGradient,)
