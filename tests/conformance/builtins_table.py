"""Section 6: built-ins. Elementwise functions are one list; the others have a row each."""

import math

import numpy as np
from scipy import special

from tests.conformance.claim import Row, Value

X = np.array([0.5, -1.25, 2.0, 0.75])
M = np.array([[1.5, -0.5, 2.0], [0.25, 1.0, -1.75]])
S = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.25], [0.5, -0.25, 2.0]])

# name -> the values of `name(x)` at points of its domain
UNARY = {
    **{
        name: getattr(np, name)
        for name in [
            "exp",
            "expm1",
            "exp2",
            "sin",
            "cos",
            "tan",
            "sinh",
            "cosh",
            "tanh",
            "cbrt",
            "abs",
            "sign",
            "floor",
            "ceil",
        ]
    },
    "round": np.round,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "sigmoid": special.expit,
    "softplus": lambda x: np.logaddexp(0.0, x),
    "relu": lambda x: np.maximum(x, 0.0),
    "erf": special.erf,
    "erfc": special.erfc,
}
POSITIVE = {
    **{name: getattr(np, name) for name in ["log", "log1p", "log2", "log10", "sqrt"]},
    "rsqrt": lambda x: 1.0 / np.sqrt(x),
    "lgamma": special.gammaln,
    "digamma": special.digamma,
}
WITHIN_ONE = {"asin": np.arcsin, "acos": np.arccos, "atanh": np.arctanh}
POINTS = np.array([0.3, -1.7, 2.25, 0.9, -0.4])


def _unary(name: str, oracle: object, points: np.ndarray) -> Row:
    source = f"def f(x: f64[n]) -> f64[n]:\n    return {name}(x)\n"
    assert callable(oracle)
    return Value(
        f"6.1 {name}", "elementwise", source, {"x": points}, expected=oracle(points), rtol=1e-12
    )


ELEMENTWISE: list[Row] = [
    *(_unary(name, oracle, POINTS) for name, oracle in UNARY.items()),
    *(_unary(name, oracle, abs(POINTS)) for name, oracle in POSITIVE.items()),
    *(_unary(name, oracle, POINTS / 4.0) for name, oracle in WITHIN_ONE.items()),
    _unary("acosh", np.arccosh, 1.0 + abs(POINTS)),
    Value("6.2", "constants", """
def f(x: f64) -> (f64, f64, f64):
    return x * pi, x * inf, x * nan
""", {"x": 1.0}, expected=(math.pi, math.inf, math.nan), smooth=False),
    Value("6.3", "functions of two", """
def f(x: f64[n], y: f64[n]) -> f64[n]:
    a = atan2(x, y) + hypot(x, y) + copysign(x, y) + logaddexp(x, y)
    return a + min(x, y) * max(x, y) + pow(y * y, x)
""", {"x": X, "y": np.array([0.3, 0.2, -1.0, 1.5])}),
    Value("6.4", "clip, where, polygamma", """
def f(x: f64[n]) -> f64[n]:
    return clip(x, -0.5, 1.0) + where(x > 0.6, x * x, -x) + polygamma(1, x * x)
""", {"x": X}, rtol=1e-12),
    Value("6.5", "classification", """
def f(x: f64[n]) -> (bool[n], bool[n], bool[n]):
    return isnan(x), isinf(x), isfinite(x)
""", {"x": np.array([1.0, np.nan, np.inf])}, smooth=False),
]  # fmt: skip

REDUCTIONS: list[Row] = [
    Value("6.6", "of the whole array", """
def f(x: f64[n, m]) -> (f64, f64, f64, f64, f64, f64):
    return sum(x), prod(x), mean(x), min(x), max(x), logsumexp(x)
""", {"x": M}),
    Value("6.7", "along an axis", """
def f(x: f64[n, m]) -> (f64[m], f64[n], f64[m], f64[n]):
    return sum(x, axis=0), mean(x, axis=1), max(x, axis=0), logsumexp(x, axis=-1)
""", {"x": M}),
    Value("6.8", "keeping the axis", """
def f(x: f64[n, m]) -> f64[n, m]:
    return x - logsumexp(x, axis=1, keepdims=True)
""", {"x": M}),
    Value("6.9", "any and all", """
def f(x: f64[n, m]) -> (bool, bool, bool[m]):
    return any(x > 1.0), all(x > -2.0), all(x > 0.0, axis=0)
""", {"x": M}),
    Value("6.10", "var and std divide by n", """
def f(x: f64[n]) -> f64:
    return var(x) + std(x)
""", {"x": X}),
    Value("6.11", "argmin and argmax", """
def f(x: f64[n]) -> (i64, i64):
    return argmin(x), argmax(x)
""", {"x": X}, expected=(1, 2)),
    Value("6.12", "dot", """
def f(x: f64[n], y: f64[n]) -> f64:
    return dot(x, y)
""", {"x": X, "y": X[::-1].copy()}),
    Value("6.13", "the norm of a matrix is Frobenius'", """
def f(x: f64[n, m]) -> f64:
    return norm(x)
""", {"x": M}),
    Value("6.14", "softmax takes the last axis", """
def f(x: f64[n, m]) -> f64[n, m]:
    return softmax(x)
""", {"x": M}),
    Value("6.15", "cumsum and cumprod take the last axis", """
def f(x: f64[n, m]) -> f64[n, m]:
    return cumsum(x) * cumprod(x)
""", {"x": M}),
    Value("6.16", "min, max, clip propagate NaN", """
def f(x: f64[n], y: f64) -> (f64, f64, f64):
    return min(x), max(y, x[0]), clip(y, 0.0, 1.0)
""", {"x": np.array([1.0, np.nan]), "y": np.nan}, expected=(np.nan, np.nan, np.nan),
          smooth=False),
    Value("6.17", "round is half to even", """
def f(x: f64[n]) -> f64[n]:
    return round(x)
""", {"x": np.array([0.5, 1.5, 2.5, -0.5])}, expected=np.array([0.0, 2.0, 2.0, -0.0]),
          smooth=False),
]  # fmt: skip


def _array(number: str, expression: str, result: str, parameters: str = "x: f64[n, m]") -> Row:
    arguments = {"x": M} if parameters == "x: f64[n, m]" else {"x": X}
    source = f"def f({parameters}) -> {result}:\n    return {expression}\n"
    return Value(number, expression.split("(")[0], source, arguments)


VECTOR = "x: f64[n]"

ARRAYS: list[Row] = [
    _array("6.18", "x * ones(n, m) + full((n, m), 2.5)", "f64[n, m]"),
    _array("6.19", "zeros_like(x) + ones_like(x) * x", "f64[n, m]"),
    _array("6.20", "eye(n, m) * x", "f64[n, m]"),
    _array("6.21", "x * arange(n)", "f64[n]", VECTOR),
    _array("6.21b", "x * linspace(0.0, 1.0, n)", "f64[n]", VECTOR),
    _array("6.22", "concat(x, 2.0 * x)", "f64[2 * n, m]"),
    _array("6.22b", "concat(x, 2.0 * x, axis=1)", "f64[n, 2 * m]"),
    _array("6.23", "stack(x, 2.0 * x)", "f64[2, n]", VECTOR),
    _array("6.24", "outer(x, x * x)", "f64[n, n]", VECTOR),
    _array("6.25", "diag(x)", "f64[n, n]", VECTOR),
    _array("6.26", "trace(x.T @ x)", "f64"),
    _array("6.27", "tril(x) * triu(x)", "f64[n, m]"),
    _array("6.28", "transpose(x)", "f64[m, n]"),
    _array("6.29", "reshape(x, (m, n))", "f64[m, n]"),
    _array("6.30", "flip(x)", "f64[n]", VECTOR),
    _array("6.31", "roll(x, 1)", "f64[n]", VECTOR),
    _array("6.32", "repeat(x, 2)", "f64[2 * n]", VECTOR),
    _array("6.33", "tile(x, 2)", "f64[2 * n]", VECTOR),
    _array("6.34", "pad(x, 1)", "f64[n + 2]", VECTOR),
    _array("6.35", "sort(x)", "f64[n, m]"),
    _array("6.36", "argsort(x)", "i64[n]", VECTOR),
    _array("6.37", "searchsorted(sort(x), 0.6)", "i64", VECTOR),
]  # fmt: skip


def _matrix(number: str, expression: str, result: str, expected: object) -> Row:
    source = f"def f(a: f64[n, n], b: f64[n]) -> {result}:\n    return {expression}\n"
    arguments = {"a": S, "b": X[:3]}
    title = expression.split("(")[0]
    return Value(number, title, source, arguments, expected=expected, rtol=1e-12)


LINEAR_ALGEBRA: list[Row] = [
    Value("6.38", "@ is batched", """
def f(a: f64[k, n, m], b: f64[k, m, n]) -> f64[k, n, n]:
    return a @ b
""", {"a": np.stack([M, 2.0 * M]), "b": np.stack([M.T, M.T])}),
    _matrix("6.39", 'einsum("ij,j->i", a, b)', "f64[n]", S @ X[:3]),
    _matrix("6.40", "kron(a, a)", "f64[n * n, n * n]", np.kron(S, S)),
    _matrix("6.41", "cross(b, a[0])", "f64[n]", np.cross(X[:3], S[0])),
    _matrix("6.42", "cholesky(a)", "f64[n, n]", np.linalg.cholesky(S)),
    _matrix("6.43", "solve(a, b)", "f64[n]", np.linalg.solve(S, X[:3])),
    _matrix("6.44", "solve_triangular(a, b, lower=True)", "f64[n]",
            np.linalg.solve(np.tril(S), X[:3])),
    _matrix("6.45", "inv(a)", "f64[n, n]", np.linalg.inv(S)),
    _matrix("6.46", "det(a)", "f64", float(np.linalg.det(S))),
    _matrix("6.47", "logdet(a)", "f64", float(np.linalg.slogdet(S)[1])),
    Value("6.48", "eigenvalues of a symmetric matrix", """
def f(a: f64[n, n]) -> f64[n]:
    values, vectors = eigh(a)
    return values
""", {"a": S}, expected=np.linalg.eigh(S)[0], rtol=1e-12, smooth=False),
    _matrix("6.49", "svd(a)[1]", "f64[n]", np.linalg.svd(S)[1]),
    _matrix("6.50", "qr(a)[1]", "f64[n, n]",
            np.linalg.qr(S)[1] * np.sign(np.diag(np.linalg.qr(S)[1]))[:, None]),
]  # fmt: skip


def philox(key: tuple[int, int], counter: tuple[int, int, int, int]) -> tuple[int, ...]:
    """Philox4x32-10 (Salmon et al. 2011, `Parallel random numbers: as easy as 1, 2, 3`)."""
    words, (k0, k1), mask = counter, key, 2**32 - 1
    for _ in range(10):
        p0, p1 = 0xD2511F53 * words[0], 0xCD9E8D57 * words[2]
        words = (
            (p1 >> 32) ^ words[1] ^ k0,
            p1 & mask,
            (p0 >> 32) ^ words[3] ^ k1,
            p0 & mask,
        )
        k0, k1 = (k0 + 0x9E3779B9) & mask, (k1 + 0xBB67AE85) & mask
    return words


def uniforms(seed: int, i: int) -> tuple[float, float]:
    """What words 0 and 1, and words 2 and 3, are as numbers in [0, 1)."""
    mask = 2**32 - 1
    words = philox((seed & mask, seed >> 32), (i & mask, i >> 32, 0, 0))
    pairs = (words[0] << 32 | words[1], words[2] << 32 | words[3])
    return (pairs[0] >> 11) * 2.0**-53, (pairs[1] >> 11) * 2.0**-53


RANDOM: list[Row] = [
    Value("6.51", "uniform numbers are Philox's", """
def f(seed: i64, i: i64) -> f64:
    return uniform(seed, i)
""", {"seed": 42, "i": 7}, expected=uniforms(42, 7)[0]),
]  # fmt: skip

ROWS = [*ELEMENTWISE, *REDUCTIONS, *ARRAYS, *LINEAR_ALGEBRA, *RANDOM]
