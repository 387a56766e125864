"""Section 5: expressions."""

import numpy as np

from tests.conformance.claim import Fails, Refused, Row, Value

X = np.array([0.5, -1.25, 2.0, 0.75])
M = np.array([[1.5, -0.5, 2.0], [0.25, 1.0, -1.75]])
K = np.array([6, 3, -5, 12])
CUBE = np.arange(24.0).reshape(3, 4, 2) ** 0.5

OPERATORS: list[Row] = [
    Value("5.1", "arithmetic", """
def f(x: f64, y: f64) -> f64:
    return (x + y) * (x - y) / (1.0 + x * x) - -x + y ** 1.5
""", {"x": 0.4, "y": 1.7}),
    Value("5.2", "comparison, chained too", """
def f(x: f64[n]) -> i64:
    count = 0
    for i in range(n):
        if -1.0 < x[i] <= 0.75:
            count += 1
        if x[i] != 0.5 and x[i] >= -1.25:
            count += 10
    return count
""", {"x": X}),
    Value("5.3", "and, or evaluate only what is needed", """
def f(x: f64[n], i: i64) -> bool:
    return i < n and x[i] > 0.0 or i == 7
""", {"x": X, "i": 9}, expected=False),
    Value("5.3b", "so does a conditional expression", """
def f(x: f64[n], i: i64) -> f64:
    return x[i] if i < n else -1.0
""", {"x": X, "i": 9}, expected=-1.0),
    Fails("5.3c", "where evaluates all its arguments", """
def f(x: f64[n], i: i64) -> f64:
    return where(i < n, x[i], -1.0)
""", {"x": X, "i": 9}, "x[i]", "bounds", "9"),
    Value("5.4", "bit operators on integers and truth values", """
def f(k: i64[n], a: bool, b: bool) -> (i64[n], i64[n], i64[n], i64[n], bool):
    return k & 6, k | 9, k ^ 5, ~k, (a & ~b) | (a ^ b)
""", {"k": K, "a": True, "b": False}, expected=(K & 6, K | 9, K ^ 5, ~K, True)),
    Value("5.5", "// and % floor", """
def f(k: i64, x: f64) -> (i64, i64, f64, f64):
    return k // 3, k % 3, x // 0.75, x % 0.75
""", {"k": -7, "x": -2.0}, smooth=False),
    Value("5.6", "matrix product", """
def f(a: f64[n, m], x: f64[m]) -> f64:
    return sum((a @ x) ** 2) + sum(a.T @ a) + x @ x
""", {"a": M, "x": X[:3]}),
    Value("5.7", "records add field by field", """
class Pair:
    a: f64
    b: f64[n]
    k: i64
def f(p: Pair, q: Pair(n)) -> f64:
    r = p + 2.0 * q
    return r.a * sum(r.b) + r.k
""", {"p": {"a": 0.5, "b": X, "k": 3}, "q": {"a": 0.1, "b": X, "k": 8}},
          expected=0.7 * 3.0 * X.sum() + 3, smooth=False),
]  # fmt: skip

ARRAYS: list[Row] = [
    Value("5.8", "NumPy's broadcasting", """
def f(x: f64[n, m], y: f64[m], s: f64) -> f64[n, m]:
    return x * y + s - sin(y)
""", {"x": M, "y": X[:3], "s": 0.3}),
    Value("5.9", "None adds an axis", """
def f(x: f64[n], y: f64[m]) -> f64[n, m]:
    return x[:, None] * y[None, :]
""", {"x": X, "y": X[:3]}),
    Value("5.10", "a whole expression", """
def f(x: f64[n], m: f64) -> f64:
    return sum(exp(x - m) * tanh(x)) / mean(x * x)
""", {"x": X, "m": 0.3}),
    Value("5.11", "elements and rows", """
def f(x: f64[n, m], i: i64) -> f64:
    return x[i, 2] * sum(x[i]) + x[0][1]
""", {"x": M, "i": 1}),
    Value("5.12", "slices", """
def f(x: f64[n], a: i64, b: i64) -> (f64, f64, f64, f64):
    return sum(x[a:b]), sum(x[a:]), sum(x[:b]), sum(x[:])
""", {"x": X, "a": 1, "b": 3}),
    Value("5.12b", "columns and strides", """
def f(x: f64[n, m]) -> f64:
    return dot(x[:, 1], x[:, 2]) + sum(x[:, ::2]) + x[0, ::-1][0]
""", {"x": M}),
    Value("5.12c", "reversed", """
def f(x: f64[n]) -> f64[n]:
    return x[::-1] * x
""", {"x": X}),
    Value("5.13", "negative constants count from the end", """
def f(x: f64[n]) -> f64:
    return x[-1] * x[-2] + sum(x[:-1]) * sum(x[-2:])
""", {"x": X}),
    Fails("5.13b", "a negative variable does not", """
def f(x: f64[n], i: i64) -> f64:
    return x[i]
""", {"x": X, "i": -1}, "x[i]", "bounds", "index -1 is out of bounds for axis 0 of `x`"),
    Fails("5.14", "the bounds of a slice do not clip", """
def f(x: f64[n], b: i64) -> f64:
    return sum(x[1:b])
""", {"x": X, "b": 5}, "x[1:b]", "bounds", "5"),
    Value("5.15e", "several integer arrays broadcast together", """
def f(a: f64[n, m], i: i64[k, 1], j: i64[l]) -> f64[k, l]:
    return a[i, j] ** 2
""", {"a": M, "i": np.array([[1], [0], [1]]), "j": np.array([2, 0])},
      expected=M[np.array([[1], [0], [1]]), np.array([2, 0])] ** 2),
    Value("5.15f", "where a slice parts them the gathered axes come first", """
def f(a: f64[n, m, p], i: i64[k], j: i64[k]) -> f64[k, m]:
    return a[i, :, j]
""", {"a": CUBE, "i": np.array([1, 0, 2]), "j": np.array([0, 1, 1])},
      expected=CUBE[np.array([1, 0, 2]), :, np.array([0, 1, 1])]),
    Value("5.15", "gather", """
def f(x: f64[n], index: i64[m]) -> f64[m]:
    return x[index] * x[index]
""", {"x": X, "index": np.array([2, 0, 2])}),
    Value("5.16", "repeated indices are applied one after another", """
def f(x: f64[n], index: i64[m], v: f64[m]) -> f64[n]:
    x[index] += v
    return x
""", {"x": X, "index": np.array([2, 0, 2]), "v": X[:3]},
          expected=X + np.array([-1.25, 0.0, 2.5, 0.0])),
    Value("5.16b", "plain assignment keeps the last", """
def f(x: f64[n], index: i64[m], v: f64[m]) -> f64[n]:
    x[index] = v
    return x
""", {"x": X, "index": np.array([2, 0, 2]), "v": X[:3]},
          expected=np.array([-1.25, -1.25, 2.0, 0.75])),
    Refused("5.17", "boolean masks", """
def f(x: f64[n]) -> f64:
    return sum(x[x > 0.0])
""", "E0100", "x > 0.0"),
    Fails("5.18", "an index out of bounds names all there is to know", """
def f(table: f64[n, m], i: i64) -> f64:
    return table[0, i]
""", {"table": M, "i": 3}, "table[0, i]", "bounds",
          "index 3 is out of bounds for axis 1 of `table` with extent 3"),
    Value("5.19", "shape, len, transpose", """
def f(x: f64[n, m]) -> (i64, i64, f64):
    return x.shape[1], len(x), x.T[2, 0]
""", {"x": M}, expected=(3, 2, 2.0)),
    Value("5.20", "array literals", """
def f(x: f64) -> (f64[3], i64[2, 2]):
    return [1.0, x, x * x], [[1, 2], [3, 4]]
""", {"x": 0.5}),
    Value("5.21", "zeros two ways, and of integers", """
def f(n: i64, m: i64) -> (f64[n, m], f64[n, m], i64[n]):
    return zeros(n, m), zeros((n, m)), zeros(n, dtype=i64)
""", {"n": 2, "m": 3}, expected=(np.zeros((2, 3)), np.zeros((2, 3)), np.zeros(2, np.int64))),
    Value("5.22", "lambdas and names of functions are values at compile time", """
def square(t: f64) -> f64:
    return t * t
def apply(g: Callable[[f64], f64], x: f64) -> f64:
    return g(x)
def f(x: f64) -> f64:
    h = lambda t: t * x
    k = square
    return apply(h, 2.0) + apply(k, x) + h(x)
""", {"x": 0.5}, expected=1.5),
    Value("5.23", "captures are by value", """
def f(x: f64) -> f64:
    h = lambda t: t * x
    x = 100.0
    return h(2.0)
""", {"x": 0.5}, expected=1.0),
]  # fmt: skip

ROWS = [*OPERATORS, *ARRAYS]
