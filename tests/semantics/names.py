"""The built-ins of the language under their names, as Python over NumPy computes them."""

import builtins
import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

Array = np.ndarray[Any, Any]


class ScalarName:
    """`f64` and its kin: conversions, and subscripts of annotations."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype

    def __call__(self, value: Any) -> Any:
        integral = self.dtype in (np.int64, np.int32) and np.asarray(value).dtype.kind == "f"
        found = np.asarray(np.trunc(value) if integral else value).astype(self.dtype)
        return found if found.ndim else found[()]


def _values(x: Any) -> Any:
    """An array, or the values of a generator; of none of them the type is unknown: integers."""
    return np.array(list(x) or np.zeros(0, int)) if isinstance(x, types.GeneratorType) else x


def _along(function: Callable[..., Any], default: int | None = None) -> Callable[..., Any]:
    """A reduction of an array, or of a generator's values."""

    def call(x: Any, **keywords: Any) -> Any:
        if default is not None:
            keywords.setdefault("axis", default)
        return function(_values(x), **keywords)

    return call


def _selection(pair: Any, whole: Callable[..., Any]) -> Callable[..., Any]:
    """`min` and `max`: of one array or generator, or of several values, elementwise."""

    def call(x: Any, *rest: Any, **keywords: Any) -> Any:
        for other in rest:
            x = pair(x, other)
        return x if rest else whole(_values(x), **keywords)

    return call


def _filled(make: Callable[..., Any]) -> Callable[..., Any]:
    def call(*extents: Any, dtype: Any = None) -> Array:
        shape = extents[0] if len(extents) == 1 else extents
        filled: Array = make(shape, getattr(dtype, "dtype", float))
        return filled

    return call


def _norm(x: Any, **keywords: Any) -> Any:
    return np.sqrt(np.sum(np.square(_values(x)), **keywords))


def _clip(x: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(x, low), high)


def _logsumexp(x: Any, **keywords: Any) -> Any:
    """SciPy's, of nothing too."""
    values = _values(x)
    return (
        special.logsumexp(values, **keywords)
        if np.size(values)
        else np.log(np.sum(np.zeros(np.shape(values)), **keywords))
    )


def _softmax(x: Any, axis: int = -1) -> Any:
    return special.softmax(x, axis=axis) if np.size(x) else np.zeros(np.shape(x))


def _eigh(a: Any) -> tuple[Array, Array]:
    """Eigenvectors with their entry of largest magnitude positive."""
    if not len(a):
        return np.zeros(0), np.zeros((0, 0))
    values, vectors = np.linalg.eigh(a)
    largest = np.argmax(np.abs(vectors), axis=0)
    signs = np.sign(np.take_along_axis(vectors, largest[None], axis=0))
    return values, vectors * signs


def _qr(a: Any) -> tuple[Array, Array]:
    """The diagonal of R not negative."""
    q, r = np.linalg.qr(a)
    signs = np.where(np.diag(r) < 0.0, -1.0, 1.0)
    return q * signs, signs[:, None] * r


def _svd(a: Any) -> tuple[Array, Array, Array]:
    """Columns of U with their entry of largest magnitude positive."""
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    if not u.size:
        return u, s, vt
    largest = np.argmax(np.abs(u), axis=0)
    signs = np.sign(np.take_along_axis(u, largest[None], axis=0))[0]
    return u * signs, s, signs[:, None] * vt


def _solve_triangular(a: Any, b: Any, lower: bool = True, trans: bool = False) -> Array:
    triangle = np.tril(a) if lower else np.triu(a)
    solution: Array = np.linalg.solve(triangle.T if trans else triangle, b)
    return solution


def _logdet(a: Any) -> Any:
    sign, value = np.linalg.slogdet(a)
    return value if sign >= 0 else math.nan


def _range(*bounds: Any) -> list[Any]:
    """Integers of 64 bits, which wrap."""
    return [np.int64(i) for i in builtins.range(*bounds)]


def _annotated(iterable: Any, **bounds: Any) -> Any:
    """`parallel(...)` and `checkpoint(...)` say how to run, not what is computed."""
    return iterable


def _ignored(function: Any) -> Any:
    """A derivative rule of the function, which is no function of the program's."""
    return lambda rule: rule


_SAME_IN_NUMPY = (
    "exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan",
    "sinh", "cosh", "tanh", "hypot", "copysign", "where", "isnan", "isinf", "isfinite",
    "logaddexp", "floor", "ceil", "round", "abs", "sign", "full", "zeros_like", "ones_like",
    "eye", "arange", "linspace", "outer", "diag", "trace", "tril", "triu", "transpose", "reshape",
    "flip", "roll", "repeat", "tile", "searchsorted", "einsum", "kron", "cross",
)  # fmt: skip
_ELEMENTWISE: dict[str, Any] = {
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "atan2": np.arctan2,
    "pow": np.power,
    "clip": _clip,
    "softplus": lambda x: np.logaddexp(0.0, x),
    "sigmoid": special.expit,
    "erf": special.erf,
    "erfc": special.erfc,
    "lgamma": special.gammaln,
    "digamma": special.digamma,
    "polygamma": special.polygamma,
    "rsqrt": lambda x: 1.0 / np.sqrt(x),
    "relu": lambda x: np.where(x <= 0.0, 0.0, x),
    "stop_gradient": lambda x: x,
}
_REDUCTIONS: dict[str, Any] = {
    **{
        name: _along(getattr(np, name))
        for name in ("sum", "prod", "mean", "var", "std", "any", "all", "argmin", "argmax")
    },
    "logsumexp": _logsumexp,
    "norm": _norm,
    "min": _selection(np.minimum, np.min),
    "max": _selection(np.maximum, np.max),
    "cumsum": _along(np.cumsum, -1),
    "cumprod": _along(np.cumprod, -1),
    "softmax": _softmax,
    "sort": _along(np.sort, -1),
    "argsort": lambda x, axis=-1: np.argsort(x, axis=axis, kind="stable"),
    "dot": np.dot,
}
_LINEAR_ALGEBRA: dict[str, Any] = {
    **{name: getattr(np.linalg, name) for name in ("cholesky", "solve", "inv", "det")},
    "eigh": _eigh,
    "qr": _qr,
    "svd": _svd,
    "solve_triangular": _solve_triangular,
    "logdet": _logdet,
}

NAMES: dict[str, Any] = {
    **{name: getattr(np, name) for name in _SAME_IN_NUMPY},
    **_ELEMENTWISE,
    **_REDUCTIONS,
    **_LINEAR_ALGEBRA,
    "zeros": _filled(np.zeros),
    "ones": _filled(np.ones),
    "pad": lambda x, width, value=0.0: np.pad(x, width, constant_values=value),
    "concat": lambda *parts, axis=0: np.concatenate(parts, axis=axis),
    "stack": lambda *parts, axis=0: np.stack(parts, axis=axis),
    "f64": ScalarName(np.float64),
    "f32": ScalarName(np.float32),
    "real": ScalarName(np.float64),
    "i64": ScalarName(np.int64),
    "i32": ScalarName(np.int32),
    "float": ScalarName(np.float64),
    "int": ScalarName(np.int64),
    "range": _range,
    "custom_vjp": _ignored,
    "custom_jvp": _ignored,
    "parallel": _annotated,
    "checkpoint": _annotated,
    "pi": math.pi,
    "inf": math.inf,
    "nan": math.nan,
}
