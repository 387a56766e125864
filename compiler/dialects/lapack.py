"""`lapack`: factorisations and solutions of linear systems, on row-major buffers.

Results are written to buffers that are no operands otherwise. They do not depend on how they are
computed but for rounding: signs are fixed. What can fail yields an i64, 0 for success; the check
that leaves the function is an operation of its own.
"""

from dpc.compiler.dialects.linalg import require_matrices
from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import I64, MemRefType, Type
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


@operation("lapack.lu")
class Lu(Op):
    """factors = L U with row exchanges, of the square matrix a; L has a diagonal of ones.

    Row k was exchanged with row pivots[k] >= k. The result is k > 0 where the pivot of column
    k - 1 is 0. Carries no derivative: what uses the factors takes a as well, and accounts for it.
    """

    a: Value
    factors: Value
    pivots: Value

    def infer(self) -> tuple[Type, ...]:
        return (I64,)

    def verify(self) -> None:
        require_matrices(self, self.a, self.factors)
        require_pivots(self, self.pivots)
        require(self, self.a is not self.factors, "the factors are another buffer")


@operation("lapack.lu_solve")
class LuSolve(Op):
    """x solves a x = b, or a^T x = b with kind t, given what `lapack.lu` made of a."""

    a: Value
    factors: Value
    pivots: Value
    b: Value
    x: Value
    kind: str

    def verify(self) -> None:
        require_matrices(self, self.a, self.factors, self.b, self.x)
        require_pivots(self, self.pivots)
        require(self, self.kind in ("n", "t"), "a known kind")
        others = (self.a, self.factors, self.b)
        require(self, all(self.x is not v for v in others), "x is another buffer")


@operation("lapack.det")
class Det(Op):
    """value[0, 0] = det a given what `lapack.lu` made of a; its logarithm with kind log.

    The logarithm of a negative determinant is NaN, of 0 minus infinity.
    """

    a: Value
    factors: Value
    pivots: Value
    value: Value
    kind: str

    def verify(self) -> None:
        require_matrices(self, self.a, self.factors, self.value)
        require_pivots(self, self.pivots)
        require(self, self.kind in ("det", "log"), "a known kind")


@operation("lapack.eigh")
class Eigh(Op):
    """a v[:, k] = w[k, 0] v[:, k] for the symmetric a, of which the lower triangle is read.

    Eigenvalues ascend; eigenvectors have length 1 and their entry of largest magnitude, the first
    of equal ones, positive. The result is not 0 where the iteration did not converge (NaN in a).
    """

    a: Value
    w: Value
    v: Value

    def infer(self) -> tuple[Type, ...]:
        return (I64,)

    def verify(self) -> None:
        require_matrices(self, self.a, self.w, self.v)
        require(self, self.a is not self.v, "the vectors are another buffer")


@operation("lapack.qr")
class Qr(Op):
    """a = q r: orthonormal columns, upper triangular rows with a diagonal that is not negative.

    As many columns of q, and rows of r, as the shorter side of a has elements. Zeros below r's
    diagonal. Contents are NaN where a holds NaN or an infinity.
    """

    a: Value
    q: Value
    r: Value

    def verify(self) -> None:
        require_matrices(self, self.a, self.q, self.r)
        require(self, len({self.a, self.q, self.r}) == 3, "three buffers")


@operation("lapack.svd")
class Svd(Op):
    """a = u diag(s[:, 0]) vt: orthonormal columns of u and rows of vt, s descending.

    As many singular values as the shorter side of a has elements. Columns of u have their entry of
    largest magnitude, the first of equal ones, positive. The result is not 0 where the iteration
    did not converge (NaN in a).
    """

    a: Value
    u: Value
    s: Value
    vt: Value

    def infer(self) -> tuple[Type, ...]:
        return (I64,)

    def verify(self) -> None:
        require_matrices(self, self.a, self.u, self.s, self.vt)
        require(self, len({self.a, self.u, self.s, self.vt}) == 4, "four buffers")


@operation("lapack.routine")
class Routine(Op):
    """Calls a routine of BLAS or LAPACK; `kind`: its name without the letter of the precision.

    `inputs`, `outputs` (read and written), `numbers` (index values) and `flags` (one character
    each) go to the routine's arguments in order: see `ROUTINES`. Buffers are taken as they lie in
    memory, so a row-major matrix is its transpose to the routine. The result is its `info`, 0 where
    it has none. Not to be differentiated.
    """

    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    numbers: tuple[Value, ...]
    kind: str
    flags: str

    def infer(self) -> tuple[Type, ...]:
        return (I64,)

    def verify(self) -> None:
        require(self, self.kind in ROUTINES, "a known routine")
        counts = {kind: ROUTINES[self.kind].count(kind) for kind in "rwnc"}
        require(self, len(self.inputs) == counts["r"], "as many inputs as the routine takes")
        require(self, len(self.outputs) == counts["w"], "as many outputs as the routine takes")
        require(self, len(self.numbers) == counts["n"], "as many numbers as the routine takes")
        require(self, len(self.flags) == counts["c"], "as many flags as the routine takes")
        require(self, not set(self.inputs) & set(self.outputs), "outputs are no inputs")


# The arguments of each routine: c a flag, n a number, 1 the constant one, r a buffer that is read,
# w one that is read and written, ! the info.
ROUTINES = {
    "gemm": "ccnnn1rnrn1wn",
    "trsm": "ccccnn1rnwn",
    "trsv": "cccnrnwn",
    "potrf": "cnwn!",
    "getrf": "nnwnw!",
    "syevd": "ccnwnwwnwn!",
    "gelqf": "nnwnwwn!",
    "orglq": "nnnwnwwn!",
    "gesdd": "cnnwnwwnwnwnw!",
}


def require_pivots(op: Op, pivots: Value) -> None:
    """Pivots are a buffer of one axis of i64."""
    type_ = pivots.type
    vector = isinstance(type_, MemRefType) and len(type_.shape) == 1 and type_.element == I64
    require(op, vector, "pivots are a vector of i64")


OPS: tuple[type[Op], ...] = (Cholesky, SolveTriangular, Lu, LuSolve, Det, Eigh, Qr, Svd, Routine)
