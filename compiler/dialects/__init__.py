"""The dialects: what each operation is. `ALL_OPS` lists every op class, dialect by dialect."""

from dpc.compiler.dialects import (
    ad,
    arith,
    array,
    cf,
    extern,
    func,
    io,
    lapack,
    linalg,
    math,
    memref,
    scf,
    tape,
    vector,
)
from dpc.compiler.ir.core import Op

ALL_OPS: tuple[type[Op], ...] = (
    *arith.OPS,
    *math.OPS,
    *scf.OPS,
    *memref.OPS,
    *linalg.OPS,
    *lapack.OPS,
    *cf.OPS,
    *io.OPS,
    *extern.OPS,
    *func.OPS,
    *array.OPS,
    *tape.OPS,
    *ad.OPS,
    *vector.OPS,
)
OP_BY_NAME: dict[str, type[Op]] = {op.name: op for op in (*ALL_OPS, *ad.EXPANDED)}

__all__ = ["ALL_OPS", "OP_BY_NAME"]
