"""`tape`: growable stores for what a reverse pass needs of loops of unknown length.

Loops whose trip counts are known where they start keep their tape in ordinary buffers.
"""

from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import StackType, Type, element_of
from dpc.compiler.ir.verify_error import require


@operation("tape.stack")
class Stack(Op):
    """An empty stack of `type`; lives until the function returns."""

    type: StackType

    def infer(self) -> tuple[Type, ...]:
        return (self.type,)


@operation("tape.push")
class Push(Op):
    """Put a value on top; fails with an out-of-memory error."""

    stack: Value
    value: Value

    def verify(self) -> None:
        require(self, isinstance(self.stack.type, StackType), "the first operand is a stack")
        require(
            self, element_of(self.stack.type) == self.value.type, "the value has the element type"
        )


@operation("tape.pop")
class Pop(Op):
    """Take the value on top (there is one, by construction)."""

    stack: Value

    def infer(self) -> tuple[Type, ...]:
        assert isinstance(self.stack.type, StackType)
        return (self.stack.type.element,)


OPS: tuple[type[Op], ...] = (Stack, Push, Pop)
