"""`func`: calls and returns.

At the array level functions call each other by value. What is left of these calls at the loops
level are invocations of a function's callees, once or for all numbers of a range: arrays and tapes
are passed as memory.
"""

from typing import ClassVar

from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import INDEX, MemRefType, StackType, Type
from dpc.compiler.ir.verify_error import require


@operation("func.call")
class Call(Op):
    """Call a function of the module by name, with all its arguments (dimensions first)."""

    callee: str
    arguments: tuple[Value, ...]
    result_types: tuple[Type, ...]

    def infer(self) -> tuple[Type, ...]:
        return self.result_types


@operation("func.invoke")
class Invoke(Op):
    """Run a callee on all its arguments: of the buffers and stacks, the callee reads those before
    the last `changed` arguments, and reads and writes these. No buffer is changed and passed twice.
    """

    callee: str
    arguments: tuple[Value, ...]
    changed: int
    result_types: tuple[Type, ...]

    def infer(self) -> tuple[Type, ...]:
        return self.result_types

    def verify(self) -> None:
        changed = self.written
        memory = all(isinstance(v.type, MemRefType | StackType) for v in changed)
        require(self, memory, "what is changed is memory")
        counts = [sum(v is a for a in self.arguments) for v in changed]
        require(self, all(c == 1 for c in counts), "what is changed is passed once")

    @property
    def read(self) -> tuple[Value, ...]:
        """The buffers and stacks that the callee reads."""
        return tuple(v for v in self.arguments if isinstance(v.type, MemRefType | StackType))

    @property
    def written(self) -> tuple[Value, ...]:
        """The buffers and stacks that the callee changes."""
        return self.arguments[len(self.arguments) - self.changed :]


@operation("func.forall")
class Forall(Op):
    """Run a callee for each number from 0 to count - 1, in any order, on as many threads as the
    call has. The number is the callee's argument at `position`, `arguments` are all others; of the
    buffers, the callee reads those before the last `changed` arguments, and reads and writes these,
    each element from one number only. It has no results.

    `work`: about how many operations all runs take together; little is not worth a second thread.
    """

    callee: str
    count: Value
    work: Value
    arguments: tuple[Value, ...]
    position: int
    changed: int

    def verify(self) -> None:
        require(self, self.count.type == INDEX and self.work.type == INDEX, "counts are index")
        memory = all(isinstance(v.type, MemRefType) for v in self.written)
        require(self, memory, "what is changed is memory")
        counts = [sum(v is a for a in self.arguments) for v in self.written]
        require(self, all(c == 1 for c in counts), "what is changed is passed once")

    @property
    def read(self) -> tuple[Value, ...]:
        """The buffers that the callee reads."""
        return tuple(v for v in self.arguments if isinstance(v.type, MemRefType))

    @property
    def written(self) -> tuple[Value, ...]:
        """The buffers that the callee changes."""
        return self.arguments[len(self.arguments) - self.changed :]


@operation("func.return")
class Return(Op):
    """Ends a function with its results."""

    terminator: ClassVar[bool] = True
    values: tuple[Value, ...] = ()


OPS: tuple[type[Op], ...] = (Call, Invoke, Forall, Return)
