"""Every built-in function of floats as an expression in `x: f64[n]`, with points of its domain.

A row's key is the built-in that it tests. Points are where derivatives exist; conventions at the
others are the table of tests/end_to_end/test_nonsmooth.py.
"""

from dataclasses import dataclass

Point = tuple[float, ...]


@dataclass(frozen=True)
class Row:
    """An expression, the type of its value, points. `first` and `second`: relative tolerances of
    derivatives; of each element by itself, or else of the largest.
    """

    name: str
    expression: str
    points: tuple[Point, ...]
    result: str = "f64"
    first: float = 1e-13
    second: float = 1e-12
    each: bool = False


def _each(name: str, *points: float, second: float = 1e-12) -> Row:
    return Row(name, f"{name}(x)", (points,), "f64[n]", second=second, each=True)


_ELEMENTWISE = (
    _each("exp", -700.0, -1.0, 0.0, 2.5, 300.0),
    _each("expm1", -40.0, -1e-9, 0.0, 1.5, 300.0),
    _each("exp2", -300.0, -3.0, 0.0, 2.5),
    _each("log", 1e-150, 1e-8, 0.5, 1.0, 3.0, 1e150),
    _each("log1p", -0.999, -1e-12, 0.0, 5.0, 1e100),
    _each("log2", 0.1, 1.0, 9.0),
    _each("log10", 0.1, 1.0, 9.0),
    _each("sqrt", 1e-100, 1e-12, 0.25, 2.0, 1e40),
    _each("cbrt", -8.0, -0.1, 0.3, 27.0),
    _each("rsqrt", 1e-8, 0.5, 4.0),
    _each("sin", -1.0, 0.0, 2.0, 10.0, 1e5),
    _each("cos", -1.0, 0.5, 2.0, 10.0, 1e5),
    _each("tan", -1.2, 0.0, 1.4),
    _each("asin", -0.9999, -0.5, 0.0, 0.7),
    _each("acos", -0.9999, -0.5, 0.0, 0.7),
    _each("atan", -1e200, -50.0, 0.0, 0.7, 1e6),
    _each("sinh", -3.0, 0.0, 2.0, 600.0),
    _each("cosh", -3.0, 0.5, 2.0, 600.0),
    _each("tanh", -15.0, -0.5, 0.0, 2.0, 18.0),
    _each("asinh", -4.0, 0.0, 1e-3, 1e8, 1e150),
    _each("acosh", 1.001, 2.0, 1e8, 1e150),
    _each("atanh", -0.999, 0.0, 0.5),
    _each("sigmoid", -700.0, -40.0, -1.0, 0.0, 2.0, 30.0),
    _each("softplus", -700.0, -40.0, -1.0, 0.0, 2.0, 30.0),
    _each("relu", -3.0, -1e-300, 1e-300, 2.0),
    _each("erf", -3.0, 0.0, 0.5, 5.0),
    _each("erfc", -3.0, 0.0, 0.5, 5.0, 20.0),
    _each("lgamma", -2.3, 0.1, 1.0, 3.7, 50.0),
    _each("digamma", 0.1, 1.0, 3.7, 50.0),
    _each("floor", -2.5, 3.5),
    _each("ceil", -2.5, 3.5),
    _each("round", -2.3, 3.7),
    _each("abs", -2.0, -1e-300, 3.0),
    _each("sign", -2.0, 3.0),
    Row("polygamma", "polygamma(2, x)", ((0.7, 3.5, 20.0),), "f64[n]", each=True),
    Row("polygamma", "polygamma(0, x)", ((0.7, 3.5, 20.0),), "f64[n]", each=True),
)
_PLANE = ((1.5, 0.7), (-2.0, 3.25), (0.3, -4.0), (-1e3, -1e-3))
_BINARY = (
    Row("atan2", "atan2(x[0], x[1])", (*_PLANE, (0.0, 1.0), (1.0, 0.0), (1e100, 1e99))),
    Row("hypot", "hypot(x[0], x[1])", (*_PLANE[:3], (0.0, -1.0), (1e100, 1e99)), second=1e-11),
    Row("copysign", "copysign(x[0], x[1])", _PLANE),
    Row("logaddexp", "logaddexp(x[0], x[1])", (*_PLANE, (-1e5, -1e5 + 1.0), (700.0, 690.0))),
    Row("pow", "pow(x[0], x[1])", ((1.5, 0.7), (0.2, 3.0), (3.0, -2.5), (2.0, 0.0), (5.0, 1.0))),
    Row("pow", "pow(x[0], 3)", ((1.5,), (-2.0,), (0.0,))),
    Row("pow", "x[0] ** -2", ((1.5,), (-2.0,))),
    Row("clip", "clip(x[0], x[1], x[2])", ((0.5, 0.0, 1.0), (-1.0, 0.0, 1.0), (2.0, 0.0, 1.0))),
    Row("where", "where(x[0] > 1.0, x[0] * x[1], sin(x[1]))", ((2.0, 0.5), (0.5, 0.5))),
    Row("min", "min(x[0] * x[1], x[1], x[2] ** 2)", ((2.0, 3.0, 4.0), (2.0, 3.0, 0.5))),
    Row("max", "max(x[0] * x[1], x[1], x[2] ** 2)", ((2.0, 3.0, 1.0), (0.5, 3.0, 0.5))),
    Row("/", "x[0] / x[1]", _PLANE),
    Row("%", "(x[0] % x[1]) * x[0]", ((7.3, 2.0), (-7.3, 2.0), (7.3, -2.0))),
    Row("//", "(x[0] // x[1]) * x[0]", ((7.3, 2.0), (-7.3, 2.0))),
    Row("*", "x[0] * x[1] - x[1] + (-x[0])", (*_PLANE, (0.0, 2.0))),
)
_X = (0.7, -1.3, 2.1, 0.4, -0.9, 1.6)
_VECTORS = (_X, (1.5,), (1e-2, 1e1, -1.0))
_REDUCTIONS = (
    Row("sum", "sum(sin(x))", (*_VECTORS, ())),
    Row("prod", "prod(x)", (*_VECTORS, (), (0.0, 2.0, 3.0), (0.0, 0.0, 3.0))),
    Row("mean", "mean(x * x)", _VECTORS),
    Row("logsumexp", "logsumexp(x)", _VECTORS[:2]),
    Row("logsumexp", "logsumexp(x)", ((-800.0, -801.0), (700.0, 710.0)), second=1e-9),
    Row("min", "min(x * x)", (_X,)),
    Row("max", "max(sin(x))", (_X,)),
    Row("var", "var(x)", _VECTORS, second=1e-11),
    Row("std", "std(x)", (_X, (1.0, 2.0)), second=1e-11),
    Row("norm", "norm(x)", (*_VECTORS, (1e100, 2e100), (1e-100, 3e-100)), second=1e-11),
    Row("norm", "norm(reshape(x, (2, 3)), axis=1)", (_X,), "f64[2]", second=1e-11),
    Row("softmax", "softmax(x)", (*_VECTORS[:2], (-800.0, -801.0)), "f64[n]"),
    Row("dot", "dot(x, sin(x))", (*_VECTORS, ())),
    Row("cumsum", "cumsum(x * x)", (*_VECTORS, ()), "f64[n]"),
    Row("cumprod", "cumprod(x)", (*_VECTORS, (), (2.0, 0.0, 3.0, 0.0)), "f64[n]"),
    Row("cumsum", "cumsum(reshape(sin(x), (2, 3)), axis=0)", (_X,), "f64[2, 3]"),
)
_ARRAYS = (
    Row("full", "full((2, 2), x[0] * x[0])", (_X,), "f64[2, 2]"),
    Row("linspace", "linspace(x[0] * x[1], sin(x[2]), 4)", (_X,), "f64[4]"),
    Row("arange", "arange(3) * sin(x[0])", (_X,), "f64[3]"),
    Row("outer", "outer(x, sin(x))", (_X, (2.0,)), "f64[n, n]"),
    Row("diag", "diag(x * x)", (_X,), "f64[n, n]"),
    Row("diag", "diag(reshape(sin(x), (2, 3)))", (_X,), "f64[2]"),
    Row("trace", "trace(outer(x, sin(x)))", (_X,)),
    Row("transpose", "transpose(reshape(sin(x), (2, 3)))", (_X,), "f64[3, 2]"),
    Row("tril", "tril(outer(x, x), 1)", (_X,), "f64[n, n]"),
    Row("triu", "triu(outer(x, x))", (_X,), "f64[n, n]"),
    Row("concat", "concat(x, sin(x))", (_X,), "f64[2 * n]"),
    Row("stack", "stack(x, sin(x), axis=1)", (_X,), "f64[n, 2]"),
    Row("reshape", "reshape(x * x, (3, 2))", (_X,), "f64[3, 2]"),
    Row("flip", "flip(x * x)", (_X,), "f64[n]"),
    Row("roll", "roll(x * x, 2)", (_X,), "f64[n]"),
    Row("repeat", "repeat(x * x, 2)", (_X,), "f64[2 * n]"),
    Row("tile", "tile(x * x, 2)", (_X,), "f64[2 * n]"),
    Row("pad", "pad(x * x, 1, x[0])", (_X,), "f64[n + 2]"),
    Row("sort", "sort(x * x)", (_X,), "f64[n]"),
    Row("zeros_like", "zeros_like(x) + x * x", (_X,), "f64[n]"),
    Row("ones_like", "ones_like(x) * x * x", (_X,), "f64[n]"),
    Row("f64", "f64(x) * x", (_X,), "f64[n]"),
    Row("real", "real(x) * x", (_X,), "f64[n]"),
    Row("float", "float(x) * x", (_X,), "f64[n]"),
)
_M = (2.0, 0.3, -0.4, 0.5, 3.0, 0.2, 0.1, -0.6, 1.5)
_S = (1.0, 2.0, 4.0, 5.0, 3.0, -1.0, 0.5, 2.5, 7.0)
_A = "reshape(x, (3, 3))"
_SPD = f"({_A} @ {_A}.T + eye(3))"
_SYMMETRIC = f"({_A} + {_A}.T)"
_LINEAR_ALGEBRA = (
    Row("cholesky", f"cholesky({_SPD})", (_M, _S), "f64[3, 3]", second=1e-11),
    Row("solve", f"solve({_A}, sin(x[:3]))", (_M, _S), "f64[3]", second=1e-11),
    Row("solve", f"solve({_A}, sin({_A}))", (_M, _S), "f64[3, 3]", second=1e-11),
    Row("inv", f"inv({_A})", (_M, _S), "f64[3, 3]", second=1e-11),
    Row("det", f"det({_A})", (_M, _S)),
    Row("det", "det(reshape(x, (1, 1)))", ((2.0,),)),
    Row("logdet", f"logdet({_A})", (_M,), second=1e-11),
    Row("eigh", f"eigh({_SYMMETRIC})[0]", (_M, _S), "f64[3]", 1e-12, 1e-10),
    Row("eigh", f"eigh({_SYMMETRIC})[1]", (_M, _S), "f64[3, 3]", 1e-12, 1e-10),
    Row("qr", f"qr({_A})[0]", (_M, _S), "f64[3, 3]", 1e-12, 1e-10),
    Row("qr", f"qr({_A})[1]", (_M, _S), "f64[3, 3]", 1e-12, 1e-10),
    Row("qr", "qr(reshape(x, (3, 2)))[0]", (_X,), "f64[3, 2]", 1e-12, 1e-10),
    Row("qr", "qr(reshape(x, (2, 3)))[1]", (_X,), "f64[2, 3]", 1e-12, 1e-10),
    Row("svd", f"svd({_A})[0]", (_M, _S), "f64[3, 3]", 1e-12, 1e-10),
    Row("svd", f"svd({_A})[1]", (_M, _S), "f64[3]", 1e-12, 1e-10),
    Row("svd", f"svd({_A})[2]", (_M, _S), "f64[3, 3]", 1e-12, 1e-10),
    Row("svd", "svd(reshape(x, (3, 2)))[0]", (_X,), "f64[3, 2]", 1e-12, 1e-10),
    Row("svd", "svd(reshape(x, (2, 3)))[2]", (_X,), "f64[2, 3]", 1e-12, 1e-10),
    Row("solve_triangular", f"solve_triangular({_A}, sin(x[:3]))", (_M, _S), "f64[3]"),
    Row(
        "solve_triangular",
        f"solve_triangular({_A}, sin({_A}), lower=False, trans=True)",
        (_M,),
        "f64[3, 3]",
    ),
    Row("kron", "kron(x[:2], sin(x))", (_X,), "f64[2 * n]"),
    Row("cross", "cross(x[:3], sin(x[3:6]))", (_X,), "f64[3]"),
    Row("einsum", f'einsum("ij,jk,k->i", {_A}, sin({_A}), x[:3])', (_M,), "f64[3]"),
    Row("@", f"{_A} @ sin({_A}) @ x[:3]", (_M,), "f64[3]"),
)
_OPERATORS = (
    Row("grad", "grad(lambda v: sum(sin(v) * v))(x)", (_X,), "f64[n]"),
    Row("value_and_grad", "value_and_grad(lambda v: sum(sin(v) * v))(x)[1]", (_X,), "f64[n]"),
    Row("jacobian", "jacobian(lambda v: sin(v) * v[0])(x)", (_X,), "f64[n, n]"),
    Row("hessian", "hessian(lambda v: prod(sin(v)))(x)", (_X[:3],), "f64[n, n]"),
    Row("hvp", "hvp(lambda v: prod(sin(v)), wrt=v)(x, cos(x))", (_X[:3],), "f64[n]"),
    Row("jvp", "jvp(lambda v: sin(v) * v[0], (x,), (cos(x),))[1]", (_X,), "f64[n]"),
    Row("vjp", "vjp(lambda v: sin(v) * v[0], (x,), cos(x))[1][0]", (_X,), "f64[n]"),
)
ROWS: tuple[Row, ...] = (
    *_ELEMENTWISE,
    *_BINARY,
    *_REDUCTIONS,
    *_ARRAYS,
    *_LINEAR_ALGEBRA,
    *_OPERATORS,
)

# Built-ins that no derivative goes through, with the reason.
WITHOUT: dict[str, tuple[str, ...]] = {
    "integers, truth values, positions": (
        *("i64", "i32", "bool", "int", "len", "range", "isnan", "isinf", "isfinite", "any", "all"),
        *("argmin", "argmax", "argsort", "searchsorted"),
    ),
    "no float argument": ("pi", "inf", "nan", "zeros", "ones", "eye", "uniform", "normal"),
    "how to run": ("print", "parallel", "checkpoint"),
    "the derivative is cut or given": ("stop_gradient", "extern", "custom_vjp", "custom_jvp"),
    "single precision, whose tolerances are others": ("f32",),
}
