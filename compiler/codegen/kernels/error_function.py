"""erf and erfc.

erf(x) = x + x p(x^2) up to 1. Beyond, erfc(x) = e^(-x^2) q(t) / (1 + 2x) with
t = (x - 4) / (x + 4); x^2 is a pair, so that large results keep their precision.
"""

from dpc.compiler.codegen.kernels.coefficients import ERF, ERFC
from dpc.compiler.codegen.kernels.exponential import exp_of_pair
from dpc.compiler.codegen.kernels.writer import KernelWriter

CENTRE = 4.0
LARGEST = 28.0  # erfc is 0 from here on


def _tail(k: KernelWriter, size: str) -> str:
    """erfc(size) for size >= 0.8."""
    size = k.least(LARGEST, size)
    high, low = k.two_product(size, size)
    decay = exp_of_pair(k, (k.neg(high), k.neg(low)))
    t = k.div(k.sub(size, CENTRE), k.add(size, CENTRE))
    return k.mul(decay, k.div(k.polynomial(t, ERFC), k.fma(size, 2.0, 1.0)))


def _centre(k: KernelWriter, x: str) -> str:
    """erf(x) - x for |x| <= 1."""
    return k.mul(x, k.polynomial(k.mul(x, x), ERF))


def erf(k: KernelWriter, x: str) -> str:
    """The error function."""
    size = k.abs(x)
    small = k.add(size, _centre(k, size))
    large = k.sub(1.0, _tail(k, size))
    return k.copysign(k.select(k.compare("olt", size, 1.0), small, large), x)


def erfc(k: KernelWriter, x: str) -> str:
    """1 - erf(x) without cancellation."""
    size = k.abs(x)
    near = k.sub(k.sub(1.0, x), _centre(k, x))
    tail = _tail(k, size)
    away = k.select(k.compare("olt", x, 0.0), k.sub(2.0, tail), tail)
    return k.select(k.compare("olt", size, 0.8), near, away)
