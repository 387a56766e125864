"""`func`: calls and returns."""

from typing import ClassVar

from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import Type


@operation("func.call")
class Call(Op):
    """Call a function of the module by name, with all its arguments (dimensions first)."""

    callee: str
    arguments: tuple[Value, ...]
    result_types: tuple[Type, ...]

    def infer(self) -> tuple[Type, ...]:
        return self.result_types


@operation("func.return")
class Return(Op):
    """Ends a function with its results."""

    terminator: ClassVar[bool] = True
    values: tuple[Value, ...] = ()


OPS: tuple[type[Op], ...] = (Call, Return)
