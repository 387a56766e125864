"""`linalg`: operations on whole buffers. (Products through BLAS find their place here.)"""

from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import MemRefType, element_of
from dpc.compiler.ir.verify_error import require


@operation("linalg.fill")
class Fill(Op):
    """Set every element of `buffer` to `value`."""

    value: Value
    buffer: Value

    def verify(self) -> None:
        require(self, isinstance(self.buffer.type, MemRefType), "the target is a memref")
        require(
            self, self.value.type == element_of(self.buffer.type), "the value has the element type"
        )


OPS: tuple[type[Op], ...] = (Fill,)
