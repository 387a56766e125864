"""The elementwise built-ins, where they are smooth; those with kinks; random numbers; sorting."""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer

# {0} and {1} lie in [-1, 1].
_SMOOTH = (
    "asin(0.9 * {0})", "acos(0.9 * {0})", "asinh({0})", "acosh(2.5 + {0})", "atanh(0.9 * {0})",
    "exp2({0})", "log1p(0.9 * {0})", "log2(1.5 + {0})", "log10(1.5 + {0})", "cbrt(1.5 + {0})",
    "rsqrt(1.5 + {0})", "tan({0})", "cosh({0})", "erfc({0})", "atan2({0}, 2.0 + {1})",
    "hypot({0}, 1.5 + {1})",
    "pow(1.5 + {0}, {1})", "(1.5 + {0}) ** {1}", "logaddexp({0}, {1})",
    "copysign(2.0 + {0}, 1.5 + {1})",
    "(4.25 + {0}) % 1.75", "{0} ** 5", "(1.5 + {0}) ** -2", "{0} ** 0", "clip({0}, -3.0, 3.0)",
    "abs(1.5 + {0})", "max({0}, 2.0 + {1})", "min({0}, -2.0 + {1})", "0.0 * {0}",
    "where({0} < {1}, {0}, {1} * {1})", "where(isnan({0}), 1.0, {0})", "f64(isfinite({0}))",
)  # fmt: skip
_KINKS = (
    "floor(3.0 * {0})", "ceil(3.0 * {0})", "round(3.0 * {0})", "sign({0})", "clip({0}, -0.5, {1})",
    "abs({0} - {1})", "relu({0} - {1})", "max({0}, {1}, 0.25)", "min({0}, {1})",
    "copysign({0}, {1})",
    "(4.0 * {0}) % (1.5 + {1})", "max({0}, {0})", "abs({0} - {0})", "hypot({0} - {0}, {1} - {1})",
    "sqrt(abs({0}))",
)  # fmt: skip


# Not those of the interpreter to the last bit: lgamma is the C library's.
_GAMMAS = (
    "lgamma(1.5 + {0})",
    "digamma(1.5 + {0})",
    "polygamma(1, 1.5 + {0})",
    "lgamma(2.5 + {0})",
)


def _form(w: Writer) -> str:
    return w.choose(_SMOOTH if w.smooth or w.coin() else _KINKS)


def _float(w: Writer, scope: Scope, depth: int) -> str:
    return _form(w).format(w.bounded(scope, depth), w.bounded(scope, 0))


def _array(w: Writer, scope: Scope, shape: Shape, depth: int) -> str:
    one = f"sin({w.array(scope, shape, depth)})"
    other = w.choose([f"cos({w.array(scope, shape, 0)})", w.bounded(scope, 0)])
    text = _form(w).format(one, other)
    return f"{text} + zeros_like({w.array(scope, shape, 0)})" if "{" in text else text


def _gamma(w: Writer, scope: Scope, depth: int) -> str:
    return w.choose(_GAMMAS).format(w.bounded(scope, depth))


def _gamma_array(w: Writer, scope: Scope, shape: Shape, depth: int) -> str:
    return w.choose(_GAMMAS).format(f"sin({w.array(scope, shape, depth)})")


def _random(w: Writer, scope: Scope, depth: int) -> str:
    counter = w.integer(scope)
    return w.choose([f"uniform(7, {counter})", f"sin(normal(3 + {counter}, {counter}))"])


def _random_array(w: Writer, scope: Scope, shape: Shape, depth: int) -> str | None:
    if len(shape) == 2:
        return None
    return f"{w.bounded(scope, 0)} * {w.choose(['uniform', 'normal'])}(5, arange({shape[0]}))"


def _sorted_array(w: Writer, scope: Scope, shape: Shape, depth: int) -> str:
    inner = w.array(scope, shape, depth)
    axis = w.choose(["", ", axis=0", ", axis=-1"])
    forms = [f"sort({inner}{axis})", f"sort(sin({inner}){axis})[::-1]"]
    if len(shape) == 1:
        forms += [f"{w.atom(inner)}[argsort({w.array(scope, shape, 0)})]"]
        forms += [f"sin(f64(searchsorted(sort({inner}), {w.array(scope, shape, 0)})))"]
    return w.choose(forms)


def _sorted_float(w: Writer, scope: Scope, depth: int) -> str | None:
    if not w.dimensions:
        return None
    shape: Shape = (w.choose(w.dimensions),)
    inner = w.array(scope, shape, depth)
    side = w.choose(["", ', side="right"'])
    forms = [f"f64(searchsorted(sort({inner}), {w.bounded(scope, 0)}{side}))"]
    return w.choose([*forms, f"dot(sort({inner}), sin(arange({shape[0]})))"])


ELEMENTWISE = Family("elementwise", floats=(_float, _float), arrays=(_array,))
GAMMAS = Family("gamma functions", floats=(_gamma,), arrays=(_gamma_array,), exact=False)
RANDOM = Family("random numbers", floats=(_random,), arrays=(_random_array,), python=False)
ORDER = Family("order", floats=(_sorted_float,), arrays=(_sorted_array,), kinks=True)
