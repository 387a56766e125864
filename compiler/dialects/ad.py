"""`ad`: what differentiation is told."""

from collections.abc import Callable
from dataclasses import dataclass

from dpc.compiler.dialects.numbers import Number, Numbers
from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.ir.core import Function, Op, Value, operation
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


@operation("ad.trap")
class Trap(Scalar):
    """The operand, whose derivatives must be finite: both modes check what they compute for it.

    `message` is that of the check, with places for the derivative and then for `values` (indices
    of the iteration, operands as f64).
    """

    operand: Value
    values: tuple[Value, ...]
    message: str

    def infer(self) -> tuple[Type, ...]:
        return (self.operand.type,)

    def evaluate(self, numbers: Numbers, *operands: Number) -> Number:
        return operands[0]


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


@operation("ad.call")
class Call(Op):
    """A call that is not inlined, for the derivative of the callee is not that of its body.

    Arguments and results as in `func.call`. The function that is called stands in the module under
    the name `implementation(callee)`; its own name is that of a function which holds this op.
    """

    callee: str
    arguments: tuple[Value, ...]
    result_types: tuple[Type, ...]

    def infer(self) -> tuple[Type, ...]:
        return self.result_types


def implementation(symbol: str) -> str:
    """The name of the body of a function with a derivative rule of its own."""
    return f"{symbol}.primal"


@dataclass(frozen=True, slots=True)
class RuleLayout:
    """How the arguments of a rule as it is written relate to those of its function.

    carried: the inputs that a tangent stands for in a jvp rule, and a cotangent in a vjp rule, in
    order. results, seeded: the leaves of the result that a vjp rule takes, and those it takes the
    cotangents of, in order; each is numbered among scalars, then arrays.
    """

    carried: tuple[int, ...]
    results: tuple[int, ...]
    seeded: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CustomFunction:
    """A function with a derivative rule of its own, or a C function.

    What is known of it are functions of the loops level, made when they are asked for.

    primal:  dimensions, inputs, outputs -> scalar results
    forward: dimensions, inputs, tangents of float inputs, outputs, tangents of float outputs
             -> scalar results, tangents of float scalar results.
             Asked without tapes, it can be differentiated in reverse.
    reverse: dimensions, inputs, scalar results, arrays of outputs, cotangents of float scalar
             results, cotangents of float outputs, gradients of float array inputs (outputs)
             -> gradients of float scalar inputs
    `has_rule`: False for a C function that forward and reverse are not known of.
    """

    name: str
    primal: Callable[[], Function]
    forward: Callable[[bool], Function]
    reverse: Callable[[], Function]
    has_rule: bool = True


@operation("ad.custom")
class Custom(Op):
    """Calls a function with a derivative rule of its own, at the loops level.

    `inputs` are its dimensions and inputs, in order. It stays until nothing differentiates it any
    more; then its body takes its place.
    """

    function: CustomFunction
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    result_types: tuple[Type, ...]

    def infer(self) -> tuple[Type, ...]:
        return self.result_types

    @property
    def read(self) -> tuple[Value, ...]:
        """The buffers that the function reads."""
        return tuple(v for v in self.inputs if isinstance(v.type, MemRefType))


OPS: tuple[type[Op], ...] = (StopGradient,)
# At the array level only: bufferize puts loops, or an `ad.custom`, in their place.
EXPANDED: tuple[type[Op], ...] = (Derivative, Call)
# At the loops level, between bufferize and the last derivative.
KEPT: tuple[type[Op], ...] = (Custom, Trap)
INTERNAL: tuple[type[Op], ...] = (Retain,)
