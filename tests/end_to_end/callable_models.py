"""Models that pass functions to functions; valid Python, as those of `models`."""

from tests.end_to_end.models import Model, matrix, vector

CALLABLE_MODELS: tuple[Model, ...] = (
    Model(
        "function_by_name",
        """
def square(x: f64) -> f64:
    return x * x

def twice(g: Callable[[f64], f64], x: f64) -> f64:
    return g(g(x))

def f(x: f64) -> f64:
    return twice(square, x) + twice(sin, x)
""",
        {"x": 0.7},
    ),
    Model(
        "captured_array",
        """
def total(g: Callable[[f64[n]], f64[m]], x: f64[n]) -> f64:
    y = g(x)
    s = 0.0
    for i in range(len(y)):
        s += y[i] * y[i]
    return s

def f(w: f64[p, q], b: f64[p], x: f64[q]) -> f64:
    return total(lambda v: w @ v + b, x)
""",
        {"w": matrix(3, 2), "b": vector(3), "x": vector(2)},
    ),
    Model(
        "nested_integrals",
        """
def integral(g: Callable[[f64], f64], a: f64, b: f64, n: i64 = 8) -> f64:
    h = (b - a) / n
    total = 0.0
    for i in range(n):
        total += g(a + (i + 0.5) * h)
    return total * h

def f(k: f64, top: f64) -> f64:
    return integral(lambda y: integral(lambda x: exp(k * x) * y, 0.0, y), 0.0, top)
""",
        {"k": 0.8, "top": 1.3},
    ),
    Model(
        "local_def",
        """
def fold(step: Callable[[f64, f64], f64], x: f64[n]) -> f64:
    state = 1.0
    for i in range(n):
        state = step(state, x[i])
    return state

def f(x: f64[n], rate: f64) -> f64:
    def step(state: f64, value: f64) -> f64:
        new = state
        for i in range(2):
            if value > 0.5:
                new = new * rate + value
            else:
                new = new - value
        return new
    return fold(step, x)
""",
        {"x": vector(5), "rate": 0.6},
    ),
    Model(
        "passed_on",
        """
def inner(g: Callable[[f64[n]], f64], x: f64[n]) -> f64:
    return g(x) + g(2.0 * x)

def both(g: Callable[[f64[n]], f64], h: Callable[[f64], f64], x: f64[n]) -> f64:
    return inner(lambda v: h(g(v)), x) * inner(g, x)

def f(x: f64[n], c: f64) -> f64:
    size = lambda v: dot(v, v) * c
    return both(size, sin, x)
""",
        {"x": vector(3), "c": 0.2},
    ),
    Model(
        "in_loops_and_comprehensions",
        """
def apply(g: Callable[[f64], f64], x: f64) -> f64:
    return g(x)

def f(x: f64[n]) -> f64:
    total = 0.0
    for i in range(n):
        a = x[i]
        total += apply(lambda t: t * a + i, x[0])
    rows = [apply(lambda t: t * x[i], total) for i in range(n)]
    return sum(rows) + sum(apply(lambda t: t * v, total) for v in x if v > 0.5)
""",
        {"x": vector(4)},
    ),
)
