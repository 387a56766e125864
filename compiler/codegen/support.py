"""Native support routines, as LLVM text, each with what it needs; a module carries those it uses.

Scalar functions come in f64 only (f32 is computed in f64 and rounded). They assume nothing and
have no effects. The memory routines work on the context of `abi`.
"""

from dataclasses import dataclass, field

from dpc.compiler.codegen.support_library import LIBRARY_TEXT
from dpc.compiler.codegen.support_memory import MEMORY_TEXT
from dpc.compiler.codegen.support_special import SPECIAL_TEXT
from dpc.compiler.codegen.support_threads import FORALL

PURE = "nounwind willreturn memory(none)"
LIBM_BINARY = frozenset({"pow", "atan2", "hypot"})


@dataclass(frozen=True, slots=True)
class Routine:
    """The text of one support routine, other routines it calls, externals it declares; `kept`: LLVM
    takes it for called from elsewhere.
    """

    text: str
    needs: tuple[str, ...] = ()
    declarations: dict[str, str] = field(default_factory=dict)
    kept: bool = False


def libm_declaration(name: str) -> str:
    """The declaration of a function of the C mathematical library."""
    operands = "double, double" if name in LIBM_BINARY else "double"
    return f"declare double @{name}({operands}) {PURE}"


def _declarations(*names: str) -> dict[str, str]:
    """Declarations of the externals a routine names."""
    return {name: EXTERNALS.get(name) or libm_declaration(name) for name in names}


_F64 = ("fabs", "maximum", "copysign", "roundeven", "floor", "ceil")
EXTERNALS = {
    **{
        f"llvm.{name}.f64": f"declare double @llvm.{name}.f64("
        + ("double, double)" if name in ("maximum", "copysign") else "double)")
        for name in _F64
    },
    "aligned_alloc": "declare noalias ptr @aligned_alloc(i64, i64) nounwind",
    "free": "declare void @free(ptr) nounwind",
    "dp.blas.get_threads": "declare i32 @dp.blas.get_threads() nounwind",
    "dp.blas.set_threads": "declare void @dp.blas.set_threads(i32) nounwind",
    "llvm.memcpy.p0.p0.i64": "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
}

SUPPORT: dict[str, Routine] = {
    "dp.sigmoid": Routine(SPECIAL_TEXT["dp.sigmoid"], (), _declarations("exp", "llvm.fabs.f64")),
    "dp.softplus": Routine(
        SPECIAL_TEXT["dp.softplus"],
        (),
        _declarations("exp", "log1p", "llvm.fabs.f64", "llvm.maximum.f64"),
    ),
    "dp.logaddexp": Routine(
        SPECIAL_TEXT["dp.logaddexp"],
        (),
        _declarations("exp", "log1p", "llvm.fabs.f64", "llvm.maximum.f64"),
    ),
    "dp.floormod": Routine(SPECIAL_TEXT["dp.floormod"], (), _declarations("llvm.copysign.f64")),
    "dp.sign": Routine(SPECIAL_TEXT["dp.sign"]),
    "dp.digamma": Routine(
        SPECIAL_TEXT["dp.digamma"],
        (),
        _declarations("tan", "log", "llvm.copysign.f64", "llvm.roundeven.f64"),
    ),
    "dp.zeta": Routine(SPECIAL_TEXT["dp.zeta"], (), _declarations("pow")),
    "dp.polygamma": Routine(
        SPECIAL_TEXT["dp.polygamma"],
        ("dp.zeta", "dp.digamma"),
        _declarations("tgamma", "llvm.floor.f64", "llvm.ceil.f64"),
    ),
    "dp.fpowi": Routine(SPECIAL_TEXT["dp.fpowi"]),
    "dp.ipowi.i64": Routine(SPECIAL_TEXT["dp.ipowi.i64"]),
    "dp.ipowi.i32": Routine(SPECIAL_TEXT["dp.ipowi.i32"]),
    "dp.grow": Routine(MEMORY_TEXT["dp.grow"], ("dp.admit",), _declarations("aligned_alloc")),
    "dp.set_aside": Routine(MEMORY_TEXT["dp.set_aside"], ("dp.admit", "dp.grow", "dp.finish")),
    "dp.reserve": Routine(MEMORY_TEXT["dp.reserve"], ("dp.grow", "dp.finish")),
    "dp.admit": Routine(MEMORY_TEXT["dp.admit"], (), _declarations("free")),
    "dp.alloc": Routine(MEMORY_TEXT["dp.alloc"], ("dp.grow", "dp.finish")),
    "dp.release": Routine(MEMORY_TEXT["dp.release"], (), _declarations("free"), kept=True),
    "dp.stack_grow": Routine(
        MEMORY_TEXT["dp.stack_grow"],
        ("dp.admit", "dp.finish"),
        _declarations("aligned_alloc", "free", "llvm.memcpy.p0.p0.i64"),
    ),
    "dp.finish": Routine(MEMORY_TEXT["dp.finish"], ("dp.release",), _declarations("free")),
    "dp.forall": Routine(FORALL, ("dp.finish",)),
    "dp.widen": Routine(LIBRARY_TEXT["dp.widen"]),
    "dp.library.enter": Routine(
        LIBRARY_TEXT["dp.library.enter"],
        ("dp.library.lock",),
        _declarations("dp.blas.get_threads", "dp.blas.set_threads"),
    ),
    "dp.library.leave": Routine(
        LIBRARY_TEXT["dp.library.leave"],
        ("dp.library.lock",),
        _declarations("dp.blas.set_threads"),
    ),
    "dp.library.lock": Routine(LIBRARY_TEXT["dp.library.lock"]),
    "dp.attend": Routine(MEMORY_TEXT["dp.attend"]),
}
