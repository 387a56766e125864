"""Linear algebra by routines of BLAS and LAPACK, from the size on where a call pays.

A row-major matrix is its transpose to a routine, so the calls solve the transposed problem: no
matrix is turned but the eigenvectors. Results keep the conventions of `dialects/lapack.py`; what
comes before and after a call is written in the language (`dsl/std/_linear_algebra.dp`). Workspaces
are buffers like all others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dpc.compiler.ad.emit import Emit, Extent
from dpc.compiler.ad.layout import extents_of
from dpc.compiler.dialects import arith, lapack, linalg, scf
from dpc.compiler.ir.core import Block, Function, Op, Value
from dpc.compiler.ir.types import I64, MemRefType, ScalarType, element_of

# From which size on a library is called, measured with OpenBLAS against the loops: the product of
# the three extents of a matrix product, the extent of a triangular or square matrix, the shorter
# side of others.
SMALLEST = {
    linalg.Matmul: 12**3,
    lapack.Cholesky: 128,
    lapack.SolveTriangular: 32,
    lapack.Lu: 24,
    lapack.Eigh: 8,
    lapack.Qr: 48,
    lapack.Svd: 16,
}
LARGEST = 2**31 - 1  # an extent that fits any library's integers
LARGEST_FACTORED = 20_000  # and so that its workspace, which grows with the square, does
BLOCK = 64  # columns that LAPACK handles at once, at most


class Library:
    """Emits calls; `run` inlines a function of the language on buffers and numbers."""

    def __init__(
        self,
        function: Function,
        emit: Emit,
        inlined: Callable[[Emit, str, Sequence[Value]], tuple[Value, ...]],
    ) -> None:
        self._function = function
        self.emit = emit
        self._inlined = inlined

    def within(self, emit: Emit) -> "Library":
        """The same in an inner block."""
        return Library(self._function, emit, self._inlined)

    def extents(self, buffer: Value) -> tuple[Value, ...]:
        """The extents of a buffer as values."""
        return tuple(self.emit.extent(e) for e in extents_of(self._function, buffer))

    def run(self, name: str, *operands: Value) -> tuple[Value, ...]:
        """A function of the language: inputs, then outputs; its scalar results."""
        return self._inlined(self.emit, name, operands)

    def new(self, like: Value, *extents: Extent) -> Value:
        """A buffer with the element type of another."""
        return self._buffer(element_of(like.type), extents)

    def integers(self, extent: Extent) -> Value:
        """A buffer of i64."""
        return self._buffer(I64, (extent,))

    def _buffer(self, element: ScalarType, extents: tuple[Extent, ...]) -> Value:
        type_ = MemRefType(tuple(e if isinstance(e, int) else None for e in extents), element)
        return self.emit.alloc(type_, extents)

    def call(
        self,
        routine: str,
        flags: str,
        numbers: tuple[Value, ...],
        outputs: tuple[Value, ...],
        inputs: tuple[Value, ...] = (),
    ) -> Value:
        """A routine; its info."""
        return self.emit.emit(lapack.Routine(inputs, outputs, numbers, routine, flags))

    def sum(self, *terms: tuple[int, tuple[Value, ...]]) -> Value:
        """The sum of multiples of products of extents."""
        total = self.emit.index(0)
        for factor, values in terms:
            term = self.emit.index(factor)
            for value in values:
                term = self.emit.muli(term, value)
            total = self.emit.addi(total, term)
        return total

    def least(self, size: Value, smallest: int, extents: tuple[Value, ...], largest: int) -> Value:
        """True if the size is at least `smallest` and no extent is beyond `largest`."""
        emit = self.emit
        fits = emit.emit(arith.CmpI("sge", size, emit.index(smallest)))
        for extent in dict.fromkeys(extents):
            small = emit.emit(arith.CmpI("sle", extent, emit.index(largest)))
            fits = emit.emit(arith.AndI(fits, small))
        return fits


@dataclass(frozen=True, slots=True)
class Call:
    """When an operation is a call, and the call; its results are those of the operation."""

    condition: Callable[[Library, Op], Value]
    emit: Callable[[Library, Op], tuple[Value, ...]]


# --- products ------------------------------------------------------------------------------------


def _product_extents(lib: Library, op: linalg.Matmul) -> tuple[Value, Value, Value]:
    """Rows and columns of the product, and the extent that is summed over."""
    a, (rows, columns) = lib.extents(op.a), lib.extents(op.c)
    return rows, columns, a[1 if op.kind[0] == "n" else 0]


def _product_pays(lib: Library, op: Op) -> Value:
    assert isinstance(op, linalg.Matmul)
    extents = _product_extents(lib, op)
    return lib.least(lib.sum((1, extents)), SMALLEST[linalg.Matmul], extents, LARGEST)


def _product(lib: Library, op: Op) -> tuple[Value, ...]:
    """c^T += b^T a^T."""
    assert isinstance(op, linalg.Matmul)
    rows, columns, inner = _product_extents(lib, op)
    widths = lib.extents(op.b)[1], lib.extents(op.a)[1], columns
    lib.call(
        "gemm",
        op.kind[::-1].upper(),
        (columns, rows, inner, *widths),
        (op.c,),
        (op.b, op.a),
    )
    return ()


# --- triangles -----------------------------------------------------------------------------------


def _square_pays(name: str, of: type[Op], largest: int = LARGEST) -> Callable[[Library, Op], Value]:
    """The square matrix in that field is large enough for `of`."""

    def condition(lib: Library, op: Op) -> Value:
        n = lib.extents(getattr(op, name))[0]
        return lib.least(n, SMALLEST[of], (n,), largest)

    return condition


def _cholesky(lib: Library, op: Op) -> tuple[Value, ...]:
    assert isinstance(op, lapack.Cholesky)
    n = lib.extents(op.a)[0]
    lib.run("lower_part", op.a, op.factor)
    info = lib.call("potrf", "U", (n, n), (op.factor,))
    return lib.run("first_not_positive", op.factor, info)


_TURNED = {"N": "T", "T": "N"}


def _triangular(lib: Library, a: Value, x: Value, flags: str) -> None:
    """Solve x^T op(t) = x^T in place, t the triangle of a^T that the flags name; a single column
    by the routine for vectors, with the transpose of op.
    """
    n, columns = lib.extents(x)
    one = lib.emit.index(1)

    def vector(inner: Library) -> None:
        inner.call("trsv", flags[0] + _TURNED[flags[1]] + flags[2], (n, n, one), (x,), (a,))

    def matrix(inner: Library) -> None:
        inner.call("trsm", "R" + flags, (columns, n, n, columns), (x,), (a,))

    single = lib.emit.emit(arith.CmpI("eq", columns, one))
    blocks: list[Block] = []
    for emit_call in (vector, matrix):
        inner = Emit(lib.emit.span)
        emit_call(lib.within(inner))
        inner.add(scf.Yield())
        blocks.append(inner.block())
    lib.emit.add(scf.If(single, *blocks))


def _solve_triangular(lib: Library, op: Op) -> tuple[Value, ...]:
    """x^T a^T = b^T."""
    assert isinstance(op, lapack.SolveTriangular)
    lib.run("copied", op.b, op.x)
    triangle, transposed = ("U" if op.kind[0] == "l" else "L"), op.kind[1].upper()
    _triangular(lib, op.a, op.x, f"{triangle}{transposed}N")
    return ()


# --- factors of the transpose: a^T = P L U -------------------------------------------------------


def _lu(lib: Library, op: Op) -> tuple[Value, ...]:
    assert isinstance(op, lapack.Lu)
    n = lib.extents(op.a)[0]
    lib.run("copied", op.a, op.factors)
    pivots = lib.integers(n)
    info = lib.call("getrf", "", (n, n, n), (op.factors, pivots))
    lib.run("from_zero", op.factors, pivots, op.pivots)
    return (info,)


def _lu_solve(lib: Library, op: Op) -> tuple[Value, ...]:
    """x^T P L U = b^T; with kind t, x^T (P L U)^T = b^T."""
    assert isinstance(op, lapack.LuSolve)
    if op.kind == "t":
        lib.run("exchanged_t", op.pivots, op.b, op.x)
        _triangular(lib, op.factors, op.x, "LTU")
        _triangular(lib, op.factors, op.x, "UTN")
        return ()
    x = lib.new(op.b, *lib.extents(op.b))
    lib.run("copied", op.b, x)
    _triangular(lib, op.factors, x, "UNN")
    _triangular(lib, op.factors, x, "LNU")
    lib.run("exchanged_n", op.pivots, x, op.x)
    return ()


# --- orthogonal factors --------------------------------------------------------------------------


def _finite(lib: Library, a: Value, found: Callable[[Library], Value]) -> Value:
    """The info of what is called where all elements of a are finite, else 1."""
    emit = lib.emit
    (bad,) = lib.run("not_finite", a)
    inside, outside = Emit(emit.span), Emit(emit.span)
    inside.add(scf.Yield((found(lib.within(inside)),)))
    outside.add(scf.Yield((bad,)))
    zero = emit.emit(arith.Constant(0, I64))
    finite = emit.emit(arith.CmpI("eq", bad, zero))
    (info,) = emit.add(scf.If(finite, inside.block(), outside.block()))
    return info


def _eigh(lib: Library, op: Op) -> tuple[Value, ...]:
    assert isinstance(op, lapack.Eigh)
    a, w, v = op.a, op.w, op.v
    n = lib.extents(a)[0]
    rows = lib.new(a, n, n)
    lib.run("lower_part", a, rows)

    def call(inner: Library) -> Value:
        size, integers = inner.sum((1, ()), (6, (n,)), (2, (n, n))), inner.sum((3, ()), (5, (n,)))
        buffers = (rows, w, inner.new(a, size), inner.integers(integers))
        info = inner.call("syevd", "VU", (n, n, size, integers), buffers)
        inner.run("eigenvectors", rows, v)
        return info

    return (_finite(lib, rows, call),)


def _shorter_side_pays(of: type[Op], name: str) -> Callable[[Library, Op], Value]:
    """The buffer in that field has the shorter side of the matrix as its extent 0."""

    def condition(lib: Library, op: Op) -> Value:
        a = lib.extents(op.operands[0])
        k = lib.extents(getattr(op, name))[0]
        return lib.least(k, SMALLEST[of], a, LARGEST_FACTORED)

    return condition


def _qr(lib: Library, op: Op) -> tuple[Value, ...]:
    """a^T = r^T q^T, a lower triangular matrix times orthonormal rows."""
    assert isinstance(op, lapack.Qr)
    (m, n), k = lib.extents(op.a), lib.extents(op.r)[0]
    made, tau, signs = lib.new(op.a, m, n), lib.new(op.a, k), lib.new(op.a, k, 1)
    size = lib.sum((BLOCK, (n,)))
    work = lib.new(op.a, size)
    lib.run("copied", op.a, made)
    lib.call("gelqf", "", (n, m, n, size), (made, tau, work))
    lib.run("triangle_of", made, op.q, op.r)
    lib.run("signs_of", made, op.q, signs)
    lib.call("orglq", "", (k, m, k, n, size), (made, tau, work))
    lib.run("columns_of", made, signs, op.q)
    return ()


def _svd(lib: Library, op: Op) -> tuple[Value, ...]:
    """a^T = vt^T s u^T."""
    assert isinstance(op, lapack.Svd)
    (m, n), k = lib.extents(op.a), lib.extents(op.s)[0]
    made = lib.new(op.a, m, n)
    lib.run("copied", op.a, made)

    def call(inner: Library) -> Value:
        u, vt, signs = (inner.new(op.a, *e) for e in ((m, k), (k, n), (k, 1)))
        size = inner.sum((4, (k, k)), (7 + BLOCK, (k,)), (BLOCK, (m,)), (BLOCK, (n,)))
        buffers = (made, op.s, vt, u, inner.new(op.a, size), inner.integers(inner.sum((8, (k,)))))
        info = inner.call("gesdd", "S", (n, m, n, n, k, size), buffers)
        inner.run("left_signs", u, signs)
        inner.run("columns_of", u, signs, op.u)
        inner.run("rows_of", vt, signs, op.vt)
        return info

    return (_finite(lib, made, call),)


CALLS: dict[type[Op], Call] = {
    linalg.Matmul: Call(_product_pays, _product),
    lapack.Cholesky: Call(_square_pays("a", lapack.Cholesky), _cholesky),
    lapack.SolveTriangular: Call(_square_pays("a", lapack.SolveTriangular), _solve_triangular),
    lapack.Lu: Call(_square_pays("a", lapack.Lu), _lu),
    lapack.LuSolve: Call(_square_pays("a", lapack.Lu), _lu_solve),
    lapack.Eigh: Call(_square_pays("a", lapack.Eigh, LARGEST_FACTORED), _eigh),
    lapack.Qr: Call(_shorter_side_pays(lapack.Qr, "r"), _qr),
    lapack.Svd: Call(_shorter_side_pays(lapack.Svd, "s"), _svd),
}
