"""Which operands of which ops are memory that is read or written; all other ops touch none."""

from dpc.compiler.dialects import ad, array, extern, func, lapack, linalg, memref, tape, vector
from dpc.compiler.ir.core import Op, Value

# Fields that are read from or written to, each an operand or a tuple of operands, for each op class
# that touches memory.
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
    ad.Custom: ("read",),
    lapack.Routine: ("inputs", "outputs"),
    extern.Call: ("read",),
    array.Read: ("buffer",),
    tape.Push: ("stack",),
    tape.Pop: ("stack",),
    tape.Save: ("buffer",),
    tape.Restore: ("slots",),
    func.Invoke: ("read",),
    **dict.fromkeys(vector.LOADING, ("buffer",)),
    func.Forall: ("read",),
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
    ad.Custom: ("outputs",),
    lapack.Routine: ("outputs",),
    extern.Call: ("outputs",),
    ad.Retain: ("buffer",),
    array.Assign: ("buffer",),
    tape.Push: ("stack",),
    tape.Pop: ("stack",),
    tape.Save: ("slots",),
    tape.Restore: ("buffer",),
    func.Invoke: ("written",),
    **dict.fromkeys(vector.STORING, ("buffer",)),
    func.Forall: ("written",),
}


def reads(op: Op) -> tuple[Value, ...]:
    """The memory that an op itself reads."""
    return _named(op, READS.get(type(op), ()))


def writes(op: Op) -> tuple[Value, ...]:
    """The memory that an op itself writes."""
    return _named(op, WRITES.get(type(op), ()))


def _named(op: Op, names: tuple[str, ...]) -> tuple[Value, ...]:
    found: list[Value] = []
    for name in names:
        value = getattr(op, name)
        if isinstance(value, tuple):
            found.extend(value)
        else:
            found.append(value)
    return tuple(found)
