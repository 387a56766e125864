"""dpc: a differentiable-programming compiler. Models in `.dp` files become native functions.

m = dpc.load("model.dp")
m.loss(w, x, y)                     # native code, NumPy arrays in and out
dpc.grad(m.loss)(w, x, y)           # its gradient, native code too
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dpc.runtime.check_gradient import check_grad
    from dpc.runtime.errors import (
        CompileError,
        CompileWarning,
        Error,
        MemoryBudgetError,
        OutOfMemoryError,
        RuntimeError,
        ShapeError,
        TypeError,
    )
    from dpc.runtime.function import Function
    from dpc.runtime.module import Module, compile, load
    from dpc.runtime.sparse import SparseDerivative
    from dpc.runtime.transforms import (
        grad,
        hessian,
        hvp,
        jacobian,
        jvp,
        value_and_grad,
        vjp,
        vmap,
    )

    __version__: str

# Where each public name lives. Imported on first use: `import dpc` and `dpc --help` stay fast.
_HOMES = {
    "dpc.runtime.check_gradient": ("check_grad",),
    "dpc.runtime.errors": (
        "CompileError",
        "CompileWarning",
        "Error",
        "MemoryBudgetError",
        "OutOfMemoryError",
        "RuntimeError",
        "ShapeError",
        "TypeError",
    ),
    "dpc.runtime.function": ("Function",),
    "dpc.runtime.module": ("Module", "compile", "load"),
    "dpc.runtime.sparse": ("SparseDerivative",),
    "dpc.runtime.transforms": (
        "grad",
        "hessian",
        "hvp",
        "jacobian",
        "jvp",
        "value_and_grad",
        "vjp",
        "vmap",
    ),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "CompileError",
    "CompileWarning",
    "Error",
    "Function",
    "MemoryBudgetError",
    "Module",
    "OutOfMemoryError",
    "RuntimeError",
    "ShapeError",
    "SparseDerivative",
    "TypeError",
    "__version__",
    "check_grad",
    "compile",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "load",
    "value_and_grad",
    "vjp",
    "vmap",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        # Reads the installed package's metadata; only when asked for.
        value: Any = import_module("importlib.metadata").version("dp-compiler")
    elif name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    else:
        raise AttributeError(f"module 'dpc' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
