"""Matrices in derivative rules: short verbs, each of which fills a new buffer."""

from collections.abc import Callable
from dataclasses import dataclass

from dpc.compiler.ad.emit import Emit, Extent
from dpc.compiler.dialects import arith, lapack, linalg
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import INDEX, MemRefType, element_of

Extents = tuple[Extent, ...]
# The element at (i, ...), emitted inside loops over all indices.
ElementOf = Callable[[Emit, tuple[Value, ...]], Value]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A buffer and its extents."""

    value: Value
    extents: Extents

    def at(self, emit: Emit, *indices: Value) -> Value:
        """An element."""
        return emit.load(self.value, indices)


class Matrices:
    """Builds with `emit`."""

    def __init__(self, emit: Emit) -> None:
        self.emit = emit

    def new(self, like: Matrix, extents: Extents) -> Matrix:
        """An uninitialised buffer with the element type of `like`."""
        shape = tuple(_known(e) for e in extents)
        type_ = MemRefType(shape, element_of(like.value.type))
        return Matrix(self.emit.alloc(type_, extents), extents)

    def filled(self, like: Matrix, extents: Extents, element: ElementOf) -> Matrix:
        """The matrix of these elements."""
        made = self.new(like, extents)
        self.fill(made, element)
        return made

    def fill(self, target: Matrix, element: ElementOf) -> None:
        """Set every element."""

        def body(emit: Emit, indices: tuple[Value, ...]) -> None:
            emit.store(element(emit, indices), target.value, indices)

        self.emit.each(target.extents, body)

    def add(self, target: Matrix, element: ElementOf) -> None:
        """Add to every element."""

        def body(emit: Emit, indices: tuple[Value, ...]) -> None:
            total = emit.addf(emit.load(target.value, indices), element(emit, indices))
            emit.store(total, target.value, indices)

        self.emit.each(target.extents, body)

    def product(self, a: Matrix, b: Matrix, kind: str = "nn") -> Matrix:
        """a b, factors transposed as `kind` says."""
        rows = a.extents[0 if kind[0] == "n" else 1]
        columns = b.extents[1 if kind[1] == "n" else 0]
        made = self.new(a, (rows, columns))
        self.emit.zero(made.value)
        self.add_product(made, a, b, kind)
        return made

    def add_product(self, c: Matrix, a: Matrix, b: Matrix, kind: str = "nn") -> None:
        """c += a b."""
        self.emit.add(linalg.Matmul(a.value, b.value, c.value, kind, True))

    def transposed(self, a: Matrix) -> Matrix:
        """a^T."""
        return self.filled(a, a.extents[::-1], lambda e, ij: a.at(e, ij[1], ij[0]))

    def negated(self, a: Matrix) -> Matrix:
        """-a."""
        return self.filled(a, a.extents, lambda e, ij: e.negf(a.at(e, *ij)))

    def solve_triangular(self, a: Matrix, b: Matrix, kind: str) -> Matrix:
        """The x with a x = b, a triangular: see `lapack.solve_triangular`."""
        made = self.new(b, b.extents)
        self.emit.add(lapack.SolveTriangular(a.value, b.value, made.value, kind))
        return made

    def lu_solve(self, a: Matrix, lu: tuple[Matrix, Matrix], b: Matrix, kind: str) -> Matrix:
        """The x with a x = b, or a^T x = b: see `lapack.lu_solve`."""
        made = self.new(b, b.extents)
        factors, pivots = (m.value for m in lu)
        self.emit.add(lapack.LuSolve(a.value, factors, pivots, b.value, made.value, kind))
        return made


def where(
    emit: Emit, predicate: str, left: Value, right: Value, yes: Value, no: float = 0.0
) -> Value:
    """`yes` where the comparison of two indices holds, else the number `no`."""
    test = emit.emit(arith.CmpI(predicate, left, right))
    return emit.select(test, yes, emit.constant(no, yes.type))


def swapped(emit: Emit, predicate: str, i: Value, j: Value) -> tuple[Value, Value]:
    """(i, j) where the comparison holds, else (j, i)."""
    test = emit.emit(arith.CmpI(predicate, i, j))
    return emit.select(test, i, j), emit.select(test, j, i)


def _known(extent: Extent) -> int | None:
    if isinstance(extent, int):
        return extent
    op = extent.op
    return int(op.value) if isinstance(op, arith.Constant) and extent.type == INDEX else None


__all__ = ["ElementOf", "Extents", "Matrices", "Matrix", "swapped", "where"]
