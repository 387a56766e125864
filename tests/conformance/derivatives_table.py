"""Section 7: differentiation, and what derivatives are at points that are not smooth."""

import math

import numpy as np

from tests.conformance.claim import Refused, Row, Value

inf = math.inf
X = np.array([0.5, -1.25, 2.0, 0.75])

INSIDE: list[Row] = [
    Value("7.1", "grad inside the language", """
def g(x: f64[n], a: f64) -> f64:
    return a * sum(x ** 3)
def f(x: f64[n], a: f64) -> f64[n]:
    return grad(g)(x, a)
""", {"x": X, "a": 2.0}, expected=6.0 * X**2),
    Value("7.2", "wrt takes the function's own names", """
def g(x: f64, y: f64) -> f64:
    return x * y * y
def f(x: f64, y: f64) -> f64:
    a, b = grad(g, wrt=(x, y))(y, x)
    return a + 10.0 * b
""", {"x": 0.5, "y": 2.0}, expected=0.25 + 10.0 * 2.0 * 2.0 * 0.5),
    Value("7.3", "value_and_grad", """
def g(x: f64) -> f64:
    return x ** 3
def f(x: f64) -> f64:
    value, slope = value_and_grad(g)(x)
    return value + slope
""", {"x": 2.0}, expected=20.0),
    Value("7.4", "jvp", """
def g(x: f64, y: f64) -> f64:
    return x * x * y
def f(x: f64, y: f64) -> f64:
    value, tangent = jvp(g, (x, y), (1.0, 10.0))
    return value + tangent
""", {"x": 2.0, "y": 3.0}, expected=12.0 + 12.0 + 40.0),
    Value("7.5", "vjp", """
def g(x: f64, y: f64) -> f64:
    return x * x * y
def f(x: f64, y: f64) -> f64:
    value, back = vjp(g, (x, y), 2.0)
    a, b = back
    return value + a + b
""", {"x": 2.0, "y": 3.0}, expected=12.0 + 24.0 + 8.0),
    Value("7.6", "jacobian: the result's shape, then the parameter's", """
def g(x: f64[n], a: f64[m, n]) -> f64[m]:
    return a @ x
def f(x: f64[n], a: f64[m, n]) -> f64[m, n]:
    return jacobian(g)(x, a)
""", {"x": X[:2], "a": np.ones((3, 2))}, expected=np.ones((3, 2))),
    Value("7.6b", "jacobian by a tuple of names", """
def g(x: f64[n], a: f64) -> f64[n]:
    return a * x
def f(x: f64[n], a: f64) -> (f64[n, n], f64[n]):
    return jacobian(g, wrt=(x, a))(x, a)
""", {"x": X[:2], "a": 3.0}, expected=(3.0 * np.eye(2), X[:2])),
    Value("7.6c", "a function that takes functions is differentiated by its values", """
def integral(g: Callable[[f64], f64], a: f64, b: f64) -> f64:
    return (b - a) * g(0.5 * (a + b))
def f(c: f64) -> f64:
    return grad(integral, wrt=b)(lambda t: c * t, 0.0, 2.0)
""", {"c": 3.0}, expected=6.0, gradient=2.0),
    Value("7.7", "hessian", """
def g(x: f64[n]) -> f64:
    return x[0] * x[0] * x[1]
def f(x: f64[n]) -> f64[n, n]:
    return hessian(g)(x)
""", {"x": X[:2]}, expected=np.array([[-2.5, 1.0], [1.0, 0.0]])),
    Value("7.8", "hvp", """
def g(x: f64[n]) -> f64:
    return sum(x ** 3)
def f(x: f64[n], v: f64[n]) -> f64[n]:
    return hvp(g, wrt=x)(x, v)
""", {"x": X, "v": X}, expected=6.0 * X * X),
    Value("7.9", "nested without confusion", """
def inner(y: f64, x: f64) -> f64:
    return x * y
def outside(x: f64) -> f64:
    return x * grad(inner, wrt=y)(1.0, x)
def f(x: f64) -> f64:
    return grad(outside)(x)
""", {"x": 3.0}, expected=6.0),
    Value("7.10", "stop_gradient", """
def f(x: f64) -> f64:
    return x * stop_gradient(x)
""", {"x": 3.0}, gradient=3.0, expected=9.0, smooth=False),
    Value("7.11", "a custom rule replaces the derivative", """
def root(a: f64) -> f64:
    x = a
    for i in range(30):
        x = 0.5 * (x + a / x)
    return x
@custom_vjp(root)
def root_vjp(a: f64, out: f64, d_out: f64) -> f64:
    return d_out / (2.0 * out)
def f(a: f64) -> f64:
    return root(a)
""", {"a": 4.0}, expected=2.0, gradient=0.25),
    Refused("7.12", "a function does not differentiate itself", """
def f(x: f64) -> f64:
    return grad(f)(x)
""", "E0407", "grad(f)(x)"),
]  # fmt: skip


def _kink(number: str, expression: str, at: float, value: float, gradient: float) -> Row:
    source = f"def f(x: f64) -> f64:\n    return {expression}\n"
    return Value(number, f"{expression} at {at}", source, {"x": at}, value, gradient, smooth=False)


# (expression, point, value, derivative)
_POINTS: list[tuple[str, float, float, float]] = [
    ("abs(x)", 0.0, 0.0, 0.0),
    ("relu(x)", 0.0, 0.0, 0.0),
    ("sign(x)", 0.0, 0.0, 0.0),
    ("floor(x)", 2.0, 2.0, 0.0),
    ("ceil(x)", 2.0, 2.0, 0.0),
    ("round(x)", 2.5, 2.0, 0.0),
    ("clip(x, 0.0, 1.0)", 0.0, 0.0, 1.0),
    ("clip(x, 0.0, 1.0)", 1.0, 1.0, 1.0),
    ("clip(x, 0.0, 1.0)", 1.5, 1.0, 0.0),
    ("max(x, 0.0)", 0.0, 0.0, 1.0),
    ("max(0.0, x)", 0.0, 0.0, 0.0),
    ("min(x, 0.0)", 0.0, 0.0, 1.0),
    ("max([x, 0.0, x])", 0.0, 0.0, 1.0),
    ("min([0.0, x])", 0.0, 0.0, 0.0),
    ("where(x > 0.0, sqrt(x), 0.0)", 0.0, 0.0, 0.0),
    ("where(x > 0.0, sqrt(x), 0.0)", -1.0, 0.0, 0.0),
    ("log(x) if x > 0.0 else 3.0 * x", 0.0, 0.0, 3.0),
    ("hypot(x, 2.0 * x)", 0.0, 0.0, 0.0),
    ("atan2(x, x)", 0.0, 0.0, 0.0),
    ("sqrt(x)", 0.0, 0.0, inf),
    ("cbrt(x)", 0.0, 0.0, inf),
    ("log(x)", 0.0, -inf, inf),
    ("asin(x)", 1.0, math.pi / 2, inf),
    ("asin(x)", -1.0, -math.pi / 2, inf),
    ("pow(x, 0.0)", 0.0, 1.0, 0.0),
    ("pow(x, 1.0)", 0.0, 0.0, 1.0),
    ("pow(0.0, x)", 2.0, 0.0, 0.0),
    ("pow(-2.0, x)", 3.0, -8.0, 0.0),
    ("x ** 2", 0.0, 0.0, 0.0),
    ("x ** 0", 0.0, 1.0, 0.0),
    ("x % 3.0", 7.5, 1.5, 1.0),
    ("7.5 % x", 3.0, 1.5, -2.0),
    ("logsumexp([-inf, -inf + x])", 1.0, -inf, 0.0),
    ("0.0 * log(x)", 0.0, math.nan, 0.0),
    ("sqrt(x * x)", 0.0, 0.0, 0.0),
    ("f64(i64(x)) * x", 2.5, 5.0, 2.0),
]

KINKS: list[Row] = [
    _kink(f"7.20 {i}", *point) for i, point in enumerate(_POINTS)
] + [
    Value("7.21", "the element selected", """
def f(x: f64[n]) -> f64:
    return max(x)
""", {"x": np.array([1.0, 3.0, 3.0])}, gradient=np.array([0.0, 1.0, 0.0]), smooth=False),
    Value("7.21b", "the first on a tie, min too", """
def f(x: f64[n]) -> f64:
    return min(x)
""", {"x": np.array([3.0, 1.0, 1.0])}, gradient=np.array([0.0, 1.0, 0.0]), smooth=False),
    Value("7.22", "only the branch taken contributes", """
def f(x: f64) -> f64:
    if x > 0.0:
        return sqrt(x)
    return 2.0 * x
""", {"x": 0.0}, expected=0.0, gradient=2.0, smooth=False),
    Value("7.23", "integers carry no derivative", """
def f(x: f64, k: i64) -> f64:
    j = i64(x) + k
    return x * j
""", {"x": 1.5, "k": 2}, expected=4.5, gradient=3.0, smooth=False),
    Value("7.24", "the norm at the origin", """
def f(x: f64[n]) -> f64:
    return norm(x)
""", {"x": np.zeros(3)}, expected=0.0, gradient=np.zeros(3), smooth=False),
]  # fmt: skip

ROWS = [*INSIDE, *KINKS]
