"""pow(x, y) = sign e^(y log |x|), the logarithm and the product as pairs; C99's special values."""

from dpc.compiler.codegen.kernels.exponential import exp_of_pair
from dpc.compiler.codegen.kernels.logarithm import INFINITY, NAN, precise_log
from dpc.compiler.codegen.kernels.writer import KernelWriter, Pair

EVERY_EVEN = 9007199254740992.0  # from 2^53 on, every float is an even integer


def _exponent(k: KernelWriter, size: str, y: str) -> Pair:
    """y log(size), with the infinities of a base or an exponent that is 0 or infinite."""
    log = precise_log(k, size)
    at_zero = k.select(k.compare("oeq", size, 0.0), -INFINITY, INFINITY)
    ordinary = k.both(k.compare("ogt", size, 0.0), k.compare("olt", size, INFINITY))
    high = k.select(ordinary, log[0], at_zero)
    # Beyond 2^64 any power but that of 1 overflows or vanishes, and products stay exact below it.
    bounded = k.most(-(2.0**64), k.least(2.0**64, y))
    product, lost = k.two_product(bounded, high)
    low = k.fma(bounded, k.select(ordinary, log[1], 0.0), lost)
    finite = k.both(ordinary, k.compare("olt", k.abs(product), 2.0**20))
    return product, k.select(finite, low, 0.0)


def pow(k: KernelWriter, x: str, y: str) -> str:
    """The power as C99 defines it."""
    size = k.abs(x)
    result = exp_of_pair(k, _exponent(k, size, y))
    # An odd integer y: half of it is not whole, all of it is; large ones are even.
    whole = k.compare("oeq", k.trunc(y), y)
    half = k.mul(y, 0.5)
    odd = k.both(whole, k.compare("une", k.trunc(half), half))
    # -0 is negative here, and NaN's sign does not matter.
    negative = k.emit(f"icmp slt {k.int} {k.bits(x)}, {'0' if k.width == 1 else 'zeroinitializer'}")
    result = k.select(k.both(odd, negative), k.neg(result), result)
    below = k.both(k.compare("olt", x, 0.0), k.compare("ogt", x, -INFINITY))
    undefined = k.both(below, k.compare("une", k.trunc(y), y))
    result = k.select(undefined, NAN, result)
    unknown = k.compare("uno", x, y)
    result = k.select(unknown, NAN, result)
    # Neither NaN nor infinity matters for 1^y, x^0 and (-1)^inf.
    endless = k.both(k.compare("oeq", size, 1.0), k.compare("oeq", k.abs(y), INFINITY))
    one = k.either(k.compare("oeq", x, 1.0), k.compare("oeq", y, 0.0))
    return k.select(k.either(one, endless), 1.0, result)
