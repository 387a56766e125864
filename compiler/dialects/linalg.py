"""`linalg`: operations on whole buffers."""

from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import FloatType, MemRefType, element_of, shape_of
from dpc.compiler.ir.verify_error import require

MATMUL_KINDS = ("nn", "nt", "tn", "tt")


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


@operation("linalg.matmul")
class Matmul(Op):
    """c += a b on float matrices; `kind` has a letter for each factor: n as it is, t transposed.

    c is another buffer than a and b. `masked`: in the strong build of a derivative a product with
    a factor 0 is 0, whatever the other factor is.
    """

    a: Value
    b: Value
    c: Value
    kind: str
    masked: bool

    def verify(self) -> None:
        require_matrices(self, self.a, self.b, self.c)
        require(self, self.kind in MATMUL_KINDS, "a known kind")
        require(self, self.c is not self.a and self.c is not self.b, "the target is no factor")


def require_matrices(op: Op, *operands: Value) -> None:
    """The operands are buffers of two axes with one float element type."""
    for operand in operands:
        require(op, isinstance(operand.type, MemRefType), "operands are memrefs")
        require(op, len(shape_of(operand.type)) == 2, "operands have two axes")
        element = element_of(operand.type)
        require(op, isinstance(element, FloatType), "elements are floats")
        require(op, element == element_of(operands[0].type), "operands have one element type")


OPS: tuple[type[Op], ...] = (Fill, Matmul)
