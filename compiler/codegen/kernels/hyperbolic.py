"""asinh, acosh and atanh, by log1p of what lies beyond 0 or 1.

asinh(x) = log1p(x + x^2 / (1 + sqrt(1 + x^2))), acosh(x) = log1p(t + sqrt(t (t + 2))) with
t = x - 1, both log(x) + log(2) for large x; atanh(x) = log1p(2x / (1 - x)) / 2.
"""

from dpc.compiler.codegen.kernels.logarithm import INFINITY, log1p
from dpc.compiler.codegen.kernels.writer import KernelWriter

LARGE = 2.0**28  # from here on 1 + x^2 is x^2
LOG_2 = 0.6931471805599453


def _log1p_or_more(k: KernelWriter, x: str, inside: str) -> str:
    """log1p(inside), or log(x) + log(2) where x is large."""
    large = k.compare("ogt", x, LARGE)
    result = log1p(k, k.select(large, k.sub(x, 1.0), inside))
    return k.select(large, k.add(result, LOG_2), result)


def asinh(k: KernelWriter, x: str) -> str:
    """The inverse of sinh."""
    size = k.abs(x)
    square = k.mul(size, size)
    root = k.sqrt(k.add(square, 1.0))
    inside = k.add(size, k.div(square, k.add(root, 1.0)))
    return k.copysign(_log1p_or_more(k, size, inside), x)


def acosh(k: KernelWriter, x: str) -> str:
    """The inverse of cosh for x >= 1; NaN below."""
    t = k.sub(x, 1.0)
    return _log1p_or_more(k, x, k.add(t, k.sqrt(k.mul(t, k.add(t, 2.0)))))


def atanh(k: KernelWriter, x: str) -> str:
    """The inverse of tanh."""
    size = k.abs(x)
    inside = k.div(k.add(size, size), k.sub(1.0, size))
    beyond = k.compare("ogt", size, 1.0)
    result = k.mul(log1p(k, k.select(beyond, -INFINITY, inside)), 0.5)
    return k.copysign(result, x)
