"""Which operands of which ops are memory that is read or written; all other ops touch none."""

from dpc.compiler.dialects import ad, array, lapack, linalg, memref, tape
from dpc.compiler.ir.core import Op

# Operand fields that are read from or written to, for each op class that touches memory.
READS: dict[type[Op], tuple[str, ...]] = {
    memref.Load: ("buffer",),
    memref.Copy: ("source",),
    linalg.Matmul: ("a", "b", "c"),
    lapack.Cholesky: ("a",),
    lapack.SolveTriangular: ("a", "b"),
    lapack.Lu: ("a",),
    lapack.LuSolve: ("a", "factors", "pivots", "b"),
    lapack.Det: ("a", "factors", "pivots"),
    lapack.Eigh: ("a",),
    lapack.Qr: ("a",),
    lapack.Svd: ("a",),
    array.Read: ("buffer",),
    tape.Push: ("stack",),
    tape.Pop: ("stack",),
}
WRITES: dict[type[Op], tuple[str, ...]] = {
    memref.Store: ("buffer",),
    memref.Copy: ("target",),
    linalg.Fill: ("buffer",),
    linalg.Matmul: ("c",),
    lapack.Cholesky: ("factor",),
    lapack.SolveTriangular: ("x",),
    lapack.Lu: ("factors", "pivots"),
    lapack.LuSolve: ("x",),
    lapack.Det: ("value",),
    lapack.Eigh: ("w", "v"),
    lapack.Qr: ("q", "r"),
    lapack.Svd: ("u", "s", "vt"),
    ad.Retain: ("buffer",),
    array.Assign: ("buffer",),
    tape.Push: ("stack",),
    tape.Pop: ("stack",),
}
