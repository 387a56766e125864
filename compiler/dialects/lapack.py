"""`lapack`: factorisations and solutions of linear systems, on row-major buffers.

Results are written to buffers that are no operands otherwise. They do not depend on how they are
computed but for rounding: signs are fixed. What can fail yields an i64, 0 for success; the check
that leaves the function is an operation of its own.
"""

from dpc.compiler.dialects.linalg import require_matrices
from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import I64, Type
from dpc.compiler.ir.verify_error import require


@operation("lapack.cholesky")
class Cholesky(Op):
    """factor = L with L L^T = a, lower triangular, zeros above; reads the lower triangle of a.

    The result is k > 0 where the leading minor of order k is not positive (or NaN): then the
    factor's contents are undefined.
    """

    a: Value
    factor: Value

    def infer(self) -> tuple[Type, ...]:
        return (I64,)

    def verify(self) -> None:
        require_matrices(self, self.a, self.factor)
        require(self, self.a is not self.factor, "the factor is another buffer")


@operation("lapack.solve_triangular")
class SolveTriangular(Op):
    """x solves a x = b, a^T x = b with "t" in `kind`; reads the "l"ower or "u"pper triangle of a.

    `kind`: ln, lt, un or ut. No check: a zero on the diagonal divides by zero.
    """

    a: Value
    b: Value
    x: Value
    kind: str

    def verify(self) -> None:
        require_matrices(self, self.a, self.b, self.x)
        require(self, self.kind in ("ln", "lt", "un", "ut"), "a known kind")
        require(self, self.x is not self.a and self.x is not self.b, "x is another buffer")


OPS: tuple[type[Op], ...] = (Cholesky, SolveTriangular)
