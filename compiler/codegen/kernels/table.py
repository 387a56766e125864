"""Which functions have a kernel, and the text of each for an element type and a width.

A kernel computes in f64; f32 is widened and rounded once, lane by lane.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dpc.compiler.codegen.kernels import (
    error_function,
    exponential,
    hyperbolic,
    inverse,
    logarithm,
    power,
    trigonometric,
)
from dpc.compiler.codegen.kernels.writer import KernelWriter

PURE = "nounwind willreturn memory(none)"


@dataclass(frozen=True, slots=True)
class Kernel:
    """A function's body. `far`: where it does not hold, and C's function of the name does."""

    body: Callable[..., str]
    operands: int = 1
    far: Callable[[KernelWriter, str], str] | None = None


KERNELS: Mapping[str, Kernel] = {
    "exp": Kernel(exponential.exp),
    "exp2": Kernel(exponential.exp2),
    "expm1": Kernel(exponential.expm1),
    "sinh": Kernel(exponential.sinh),
    "cosh": Kernel(exponential.cosh),
    "tanh": Kernel(exponential.tanh),
    "sigmoid": Kernel(exponential.sigmoid),
    "log": Kernel(logarithm.log),
    "log1p": Kernel(logarithm.log1p),
    "log2": Kernel(logarithm.log2),
    "log10": Kernel(logarithm.log10),
    "asinh": Kernel(hyperbolic.asinh),
    "acosh": Kernel(hyperbolic.acosh),
    "atanh": Kernel(hyperbolic.atanh),
    "softplus": Kernel(logarithm.softplus),
    "logaddexp": Kernel(logarithm.logaddexp, 2),
    "sin": Kernel(trigonometric.sin, far=trigonometric.far),
    "cos": Kernel(trigonometric.cos, far=trigonometric.far),
    "tan": Kernel(trigonometric.tan, far=trigonometric.far),
    "powf": Kernel(power.pow, 2),
    "atan": Kernel(inverse.atan),
    "atan2": Kernel(inverse.atan2, 2),
    "asin": Kernel(inverse.asin),
    "acos": Kernel(inverse.acos),
    "erf": Kernel(error_function.erf),
    "erfc": Kernel(error_function.erfc),
}
