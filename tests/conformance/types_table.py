"""Sections 2 and 3: modules, types, shapes, conversions."""

import numpy as np

from tests.conformance.claim import EntryError, Fails, Refused, Row, Value

X = np.array([0.5, -1.25, 2.0, 0.75])
M = np.array([[1.5, -0.5, 2.0], [0.25, 1.0, -1.75]])
F32 = np.array([0.5, 1.5, -2.25], np.float32)

MODULES: list[Row] = [
    Value("2.1", "imports reach the standard library", """
from stats import normal_lpdf
def f(x: f64) -> f64:
    return normal_lpdf(x, 0.0, 1.0)
""", {"x": 0.5}, expected=-0.5 * 0.25 - 0.5 * np.log(2 * np.pi)),
    Value("2.2", "module constants", """
LAMBDA = 0.1
def f(x: f64) -> f64:
    return 0.5 * LAMBDA * x
""", {"x": 3.0}),
    Value("2.3", "records as parameters", """
class Model:
    w: f64[d]
    b: f64
def f(m: Model, x: f64[n, d], y: f64[n]) -> f64:
    total = 0.0
    for i in range(n):
        total += softplus(-y[i] * (dot(x[i], m.w) + m.b))
    return total / n
""", {"m": {"w": np.array([0.3, -0.2, 0.5]), "b": 0.1}, "x": M, "y": np.array([1.0, -1.0])}),
    Value("2.4", "derivatives inside the language solve a Newton step", """
def loss(w: f64[d], a: f64[d, d]) -> f64:
    return 0.5 * dot(w, a @ w) - sum(w)
def f(w: f64[d], a: f64[d, d]) -> f64[d]:
    return solve(hessian(loss, wrt=w)(w, a), grad(loss, wrt=w)(w, a))
""", {"w": np.ones(2), "a": np.diag([2.0, 4.0])}, expected=np.array([0.5, 0.75]), rtol=1e-10),
]  # fmt: skip

SCALARS: list[Row] = [
    Value("3.1", "f64 is double precision", """
def f(x: f64) -> f64:
    return x / 3.0
""", {"x": 1.0}),
    Value("3.1b", "f32 is single precision", """
def f(x: f32) -> f32:
    return x / 3
""", {"x": np.float32(1.0)}, expected=np.float32(1) / np.float32(3)),
    Value("3.2", "real is the working precision", """
def f(x: real) -> real:
    return x / 3
""", {"x": 1.0}, expected=1.0 / 3.0),
    Value("3.3", "bool counts as an integer in arithmetic, sum and mean", """
def f(x: f64[n]) -> (i64, f64, i64):
    positive = x > 0.0
    return sum(positive), mean(positive), 2 * (x[0] > 0.0)
""", {"x": X}, expected=(3, 0.75, 2)),
    Value("3.4", "arrays have a rank and an extent in each axis", """
def f(x: f64[n, 3]) -> f64[3, n]:
    return x.T
""", {"x": M}),
    EntryError("3.4b", "a constant extent is required of the argument", """
def f(x: f64[n, 2]) -> f64:
    return sum(x)
""", {"x": M}, "expected 2"),
    Value("3.5", "a record is a value built by its name with fields", """
class Pair:
    a: f64
    b: f64[n]
def f(x: f64[n]) -> Pair(n):
    p = Pair(b=2.0 * x, a=x[0])
    q = p
    q.a = 7.0
    return p
""", {"x": X}, expected={"a": 0.5, "b": 2 * X}),
    Value("3.5a", "a bare record as the result", """
class Pair:
    a: f64
    b: f64[n]
def f(x: f64[n]) -> Pair:
    return Pair(b=2.0 * x, a=x[0])
""", {"x": X}, expected={"a": 0.5, "b": 2 * X}),
    Value("3.5b", "records hold records", """
class Inner:
    u: f64[n]
class Outer:
    inner: Inner
    s: f64
def f(o: Outer) -> f64:
    return o.s * sum(o.inner.u)
""", {"o": {"inner": {"u": X}, "s": 2.0}}, expected=2.0 * X.sum()),
    Value("3.6", "arrays of records", """
class Body:
    x: f64[2]
    m: f64
def f(b: Body[n]) -> f64:
    total = 0.0
    for i in range(n):
        total += b[i].m * b[i].x[0]
    return total
""", {"b": {"x": M.T.copy()[:, :2], "m": np.ones(3)}}, expected=float(M[0].sum())),
    Value("3.7", "tuples are results and are taken apart", """
def both(x: f64) -> (f64, f64):
    return sin(x), cos(x)
def f(x: f64) -> f64:
    s, c = both(x)
    return s * c
""", {"x": 0.4}),
    Value("3.8", "Callable parameters are specialised", """
def twice(g: Callable[[f64], f64], x: f64) -> f64:
    return g(g(x))
def f(x: f64) -> f64:
    return twice(lambda t: t * t + 1.0, x)
""", {"x": 0.5}, expected=1.25**2 + 1.0),
]  # fmt: skip

SHAPES: list[Row] = [
    Value("3.9", "a dimension variable is an i64 in the body", """
def f(x: f64[n]) -> i64:
    return 2 * n
""", {"x": X}, expected=8),
    Value("3.10", "the unknown of a linear extent is solved for", """
def f(x: f64[2 * l, b]) -> i64:
    return 10 * l + b
""", {"x": M}, expected=13),
    EntryError("3.10b", "a remainder is an error at entry", """
def f(x: f64[2 * l]) -> i64:
    return l
""", {"x": np.zeros(3)}, "x"),
    Value("3.11", "a parameter as a dimension", """
def f(k: i64, x: f64[k]) -> f64:
    return sum(x) * k
""", {"k": 4, "x": X}),
    EntryError("3.11b", "the argument must fit that parameter", """
def f(k: i64, x: f64[k]) -> f64:
    return sum(x)
""", {"k": 3, "x": X}, "3"),
    Value("3.11c", "a constant as a dimension", """
WIDTH = 3
def f(x: f64[n, WIDTH]) -> f64:
    return sum(x) * WIDTH
""", {"x": M}),
    Value("3.12", "named record dimensions tie records together", """
class Layer:
    w: f64[o, i]
    b: f64[o]
def f(first: Layer(h, i), second: Layer(o, h), x: f64[i]) -> f64[o]:
    hidden = tanh(first.w @ x + first.b)
    return second.w @ hidden + second.b
""", {"first": {"w": M, "b": np.ones(2)}, "second": {"w": M.T.copy(), "b": np.zeros(3)},
      "x": X[:3]}, expected=M.T @ np.tanh(M @ X[:3] + 1.0)),
    EntryError("3.12b", "records that must fit and do not", """
class Vector:
    u: f64[d]
def f(a: Vector(k), b: Vector(k)) -> f64:
    return dot(a.u, b.u)
""", {"a": {"u": X}, "b": {"u": X[:3]}}, "expected k = 4"),
    Value("3.13", "type aliases", """
Matrix = f64[2, 3]
def f(x: Matrix) -> f64:
    return sum(x)
""", {"x": M}, expected=2.5),
    Value("3.14", "type variables", """
def larger(a: T, b: T) -> T:
    return a if a > b else b
def f(x: f64) -> f64:
    return larger(x, 1.0)
""", {"x": 2.0}, expected=2.0),
    Value("3.15", "constants of any expression; unpacking a range", """
import_like = exp(1.0) ** 2
STAR, PLANET = range(2)
def f(x: f64[n]) -> f64:
    return import_like * x[STAR] + x[PLANET]
""", {"x": X}, expected=np.exp(1.0) ** 2 * 0.5 - 1.25),
    Value("3.15b", "constants call functions, and may be arrays and records", """
class Body:
    mass: f64
    pos: f64[d]
SUN = Body(mass=2.0, pos=[1.0, 2.0])
NODES, VECTORS = eigh(jacobi(2))
def jacobi(n: i64) -> f64[n, n]:
    a = zeros(n, n)
    for i in range(1, n):
        a[i, i - 1] = i / sqrt(4.0 * i * i - 1.0)
        a[i - 1, i] = a[i, i - 1]
    return a
def f(x: f64) -> f64:
    return x * sum(NODES ** 2) + SUN.mass * SUN.pos[1]
""", {"x": 3.0}, expected=3.0 * 2.0 / 3.0 + 4.0),
    Fails("3.15c", "a constant is in bounds like any array", """
TABLE = [1.0, 2.0]
def f(k: i64) -> f64:
    return TABLE[k]
""", {"k": 2}, "TABLE[k", "bounds", "extent 2"),
    Refused("3.15d", "a constant that fails", """
A = root(-1.0)
def root(x: f64) -> f64:
    assert x >= 0.0, "negative"
    return sqrt(x)
def f(x: f64) -> f64:
    return x * A
""", "E0227", "root(-1.0)"),
    Refused("3.16", "another shape can not be assigned", """
def f(x: f64[n]) -> f64:
    a = zeros(3)
    a = zeros(4)
    return sum(a) + x[0]
""", "E0301", "zeros(4)"),
    Value("3.17", "equal polynomials are equal extents", """
def f(x: f64[2 * (n + 1)], y: f64[n + 1]) -> f64:
    return dot(x[: n + 1] + x[n + 1 :], y)
""", {"x": X, "y": X[:2]}, expected=float(np.dot(X[:2] + X[2:], X[:2]))),
    Refused("3.17b", "extents that differ in any case", """
def f(x: f64[n]) -> f64:
    return dot(x, x[1:])
""", "E0301", "dot(x, x[1:])"),
    Fails("3.18", "what can not be proved is checked where it stands", """
def f(x: f64[n], k: i64) -> f64:
    if k > 0:
        return dot(x, x[:k])
    return 0.0
""", {"x": X, "k": 2}, "dot(x", "shape", "4"),
    Value("3.19", "the constant extent 1 broadcasts", """
def f(x: f64[n, 1], y: f64[m]) -> f64[n, m]:
    return x * y
""", {"x": M[:, :1].copy(), "y": X}),
    Fails("3.19b", "an extent that happens to be 1 does not", """
def f(x: f64[n], k: i64) -> f64[n]:
    y = zeros(k)
    return x + y
""", {"x": X, "k": 1}, "x + y", "shape", "1"),
    Value("3.20", "a local array has any run-time extent", """
def f(k: i64) -> f64:
    a = zeros(k * k + 1)
    a[:] = 2.0
    return sum(a)
""", {"k": 3}, expected=20.0),
    Value("3.21", "a result's extents follow from dimensions and integer parameters", """
def f(x: f64[n], k: i64) -> f64[n + k]:
    out = zeros(n + k)
    out[:n] = x
    return out
""", {"x": X, "k": 2}, expected=np.concatenate([X, np.zeros(2)])),
    Value("3.22", "a dimension of the result alone is what is returned", """
def f(x: f64[n]) -> f64[kept]:
    count = 0
    for i in range(n):
        if x[i] > 0.0:
            count += 1
    return zeros(count)
""", {"x": X}, expected=np.zeros(3)),
    Value("3.23", "reductions of nothing", """
def f(x: f64[n]) -> (f64, f64, bool, bool, f64, f64):
    return sum(x), prod(x), any(x > 0.0), all(x > 0.0), logsumexp(x), mean(x)
""", {"x": np.zeros(0)}, expected=(0.0, 1.0, False, True, -np.inf, np.nan), smooth=False),
    Value("3.23b", "the determinant of nothing", """
def f(x: f64[n, n]) -> f64:
    return det(x)
""", {"x": np.zeros((0, 0))}, expected=1.0, smooth=False),
    Fails("3.24", "the least of nothing", """
def f(x: f64[n]) -> f64:
    return min(x)
""", {"x": np.zeros(0)}, "min(x)", "empty", "min"),
    Fails("3.24b", "the largest of nothing", """
def f(x: f64[n]) -> f64:
    return max(x)
""", {"x": np.zeros(0)}, "max(x)", "empty", "max"),
    Fails("3.24c", "the place of the largest of nothing", """
def f(x: f64[n]) -> i64:
    return argmax(x)
""", {"x": np.zeros(0)}, "argmax(x)", "empty", "argmax"),
]  # fmt: skip

CONVERSIONS: list[Row] = [
    Value("3.25", "a literal takes the type around it", """
def f(x: f32) -> f32:
    return 2 * x + 0.1
""", {"x": np.float32(1.5)}, expected=np.float32(2) * np.float32(1.5) + np.float32(0.1)),
    Value("3.25b", "so does a module constant", """
SCALE = 0.1
def f(x: f32) -> f32:
    return SCALE * x
""", {"x": np.float32(1.5)}, expected=np.float32(0.1) * np.float32(1.5)),
    Value("3.25c", "a local that starts as a literal becomes what is added to it", """
def f(x: f64[n]) -> f64:
    total = 0
    for i in range(n):
        total += x[i]
    return total
""", {"x": X}),
    Value("3.26", "integers widen to floats", """
def f(x: f64, k: i64, j: i32) -> f64:
    return x * k + j
""", {"x": 0.5, "k": 3, "j": 2}, expected=3.5),
    Refused("3.27", "nothing narrows by itself", """
def f(x: f64) -> i64:
    return x
""", "E0220", "x"),
    Refused("3.27b", "both float widths together", """
def f(x: f64, y: f32) -> f64:
    return x + y
""", "E0221", "x + y"),
    Value("3.28", "conversions by name", """
def f(x: f64, k: i64) -> (f64, i64, f32, i32):
    return f64(k) / 2.0, i64(x), f32(x), i32(k)
""", {"x": -2.75, "k": 3}, expected=(1.5, -2, np.float32(-2.75), 3)),
    Value("3.28b", "float and int are names of conversions", """
def f(x: f64, k: i64) -> (f64, i64):
    return float(k), int(x)
""", {"x": -2.75, "k": 3}, expected=(3.0, -2)),
    Fails("3.29", "NaN is no integer", """
def f(x: f64) -> i64:
    return i64(x)
""", {"x": float("nan")}, "i64(x)", "convert", "nan"),
    Fails("3.29b", "nor is what does not fit", """
def f(x: f64) -> i32:
    return i32(x)
""", {"x": 3e9}, "i32(x)", "convert", "3"),
    Value("3.30", "integers divide to a float", """
def f(k: i64, j: i64) -> f64:
    return k / j
""", {"k": 7, "j": 2}, expected=3.5),
    Value("3.30b", "of the type around", """
def f(k: i64, x: f32) -> f32:
    return x * (k / 4)
""", {"k": 3, "x": np.float32(0.5)}, expected=np.float32(0.375)),
    Value("3.30c", "integer arguments of float built-ins widen", """
def f(k: i64) -> f64:
    return sqrt(k) + exp(0)
""", {"k": 4}, expected=3.0),
    Value("3.30d", "arrays convert as a whole", """
def f(k: i64[n]) -> f64[n]:
    return f64(k) / 2.0
""", {"k": np.array([1, 2, 3])}, expected=np.array([0.5, 1.0, 1.5])),
    Refused("3.31", "parameters are annotated", """
def f(x) -> f64:
    return 1.0
""", "E0223", "x"),
    Refused("3.31b", "a local never changes its type", """
def f(k: i64) -> i64:
    t = k
    t = 0.5
    return t
""", "E0220", "0.5"),
    Value("3.32", "integers wrap", """
def f(k: i64) -> i64:
    return k + 1
""", {"k": 2**63 - 1}, expected=-(2**63)),
    Fails("3.33", "floor division by an integer zero", """
def f(k: i64, j: i64) -> i64:
    return k // j
""", {"k": 1, "j": 0}, "k // j", "divide", "zero"),
    Fails("3.33b", "remainder by an integer zero", """
def f(k: i64, j: i64) -> i64:
    return k % j
""", {"k": 1, "j": 0}, "k % j", "divide", "zero"),
    Fails("3.33c", "a negative integer power of an integer", """
def f(k: i64, j: i64) -> i64:
    return k ** j
""", {"k": 2, "j": -1}, "k ** j", "power", "negative"),
    Value("3.34", "an integer power multiplies in a fixed order", """
def f(x: f64, k: i64) -> (f64, f64):
    return x ** 5, x ** k
""", {"x": 1.1, "k": 5}, expected=(1.1 * ((1.1 * 1.1) * (1.1 * 1.1)), 1.1**5)),
    Value("3.34b", "the power 0 is 1", """
def f(x: f64, k: i64) -> (f64, f64):
    return x ** 0, x ** k
""", {"x": 0.0, "k": 0}, expected=(1.0, 1.0)),
    Value("3.35", "a float divided by zero follows IEEE", """
def f(x: f64, y: f64) -> (f64, f64):
    return x / y, y / y
""", {"x": -1.0, "y": 0.0}, expected=(-np.inf, np.nan), smooth=False),
]  # fmt: skip

ROWS = [*MODULES, *SCALARS, *SHAPES, *CONVERSIONS]
