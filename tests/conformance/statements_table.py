"""Section 4: statements."""

import numpy as np

from tests.conformance.claim import Fails, Refused, Row, Value

X = np.array([0.5, -1.25, 2.0, 0.75])
M = np.array([[1.5, -0.5, 2.0], [0.25, 1.0, -1.75]])

ASSIGNMENTS: list[Row] = [
    Value("4.1", "plain and annotated assignment", """
def f(x: f64) -> f64:
    a = 2.0 * x
    b: f64 = a * a
    return a + b
""", {"x": 0.3}),
    Value("4.2", "destructuring", """
def f(x: f64) -> f64:
    a, b = sin(x), cos(x)
    a, b = b, a
    return a - 2.0 * b
""", {"x": 0.3}),
    Value("4.3", "every augmented operator", """
def f(x: f64, k: i64) -> f64:
    x += 1.5
    x -= 0.25
    x *= 3.0
    x /= 1.25
    x **= 2
    x %= 7.0
    k //= 2
    return x * k
""", {"x": 0.3, "k": 5}),
    Value("4.4", "elements, slices", """
def f(x: f64[n, m]) -> f64[n, m]:
    x[1, 2] = 5.0
    x[0, :] += x[1]
    x[:, 0] *= 2.0
    return x
""", {"x": M}),
    Value("4.5", "elements of a record's array", """
class Model:
    w: f64[d]
    b: f64
def f(m: Model, x: f64) -> f64:
    m.w[1] = x
    m.b += x * m.w[0]
    return sum(m.w * m.w) * m.b
""", {"m": {"w": X, "b": 0.5}, "x": 0.3}),
    Value("4.6", "assigning an array copies it", """
def f(x: f64[n]) -> f64[n]:
    a = x
    b = a
    a[0] = 9.0
    return b
""", {"x": X}, expected=X),
    Value("4.7", "the right side is complete before anything is stored", """
def f(a: f64[n]) -> f64[n]:
    a[1:] += a[:-1]
    return a
""", {"a": X}, expected=np.concatenate([X[:1], X[1:] + X[:-1]])),
    Value("4.8", "swapping rows", """
def f(a: f64[n, m], i: i64, j: i64) -> f64[n, m]:
    a[i], a[j] = a[j], a[i]
    return a
""", {"a": M, "i": 0, "j": 1}, expected=M[::-1]),
    Value("4.9", "nested targets", """
def f(x: f64) -> f64:
    (a, b), c = (x, 2.0 * x), 3.0
    return a + b * c
""", {"x": 0.5}, expected=3.5),
    Value("4.9b", "targets that are elements, slices, fields", """
class Pair:
    a: f64
    b: f64
def f(x: f64[n], p: Pair) -> f64:
    x[0], p.b, x[1:3] = p.a, x[0], x[2:4]
    return x[0] * p.b + x[1] * x[2]
""", {"x": X, "p": {"a": 0.3, "b": 0.9}}, expected=0.3 * 0.5 + 2.0 * 0.75),
    Value("4.10", "an assigned parameter is the function's own", """
def changed(x: f64[n]) -> f64:
    x[0] = 100.0
    return sum(x)
def f(x: f64[n]) -> f64:
    return changed(x) + 3.0 * x[0]
""", {"x": X}),
]  # fmt: skip

LOOPS: list[Row] = [
    Value("4.11", "ranges with start, stop, step", """
def f(x: f64[n]) -> f64:
    s = 0.0
    for i in range(n):
        s = 0.5 * s + x[i]
    for i in range(1, n):
        s = 0.5 * s + x[i]
    for i in range(0, n, 2):
        s = 0.5 * s + x[i]
    return s
""", {"x": X}),
    Value("4.11b", "a negative step", """
def f(x: f64[n]) -> f64:
    s = 0.0
    for i in range(n - 1, -1, -1):
        s = 0.5 * s + x[i]
    for i in range(n - 1, 0, -2):
        s = s * x[i]
    return s
""", {"x": X}),
    Fails("4.11c", "a step of zero", """
def f(k: i64) -> i64:
    s = 0
    for i in range(0, 10, k):
        s += i
    return s
""", {"k": 0}, "range(0", "divide", "zero"),
    Value("4.12", "over the value of an array at entry", """
def f(x: f64[n]) -> f64:
    s = 0.0
    for v in x:
        x[3] = 100.0
        s = 0.5 * s + v
    return s
""", {"x": X}),
    Value("4.12b", "over rows", """
def f(x: f64[n, m]) -> f64:
    s = 0.0
    for row in x:
        s = 0.5 * s + dot(row, row)
    return s
""", {"x": M}),
    Value("4.13", "while", """
def f(x: f64) -> f64:
    k = 0
    while x < 10.0:
        x = x * x + 1.0
        k += 1
    return x * k
""", {"x": 0.5}),
    Value("4.14", "if, elif, else", """
def f(x: f64[n]) -> f64:
    s = 0.0
    for i in range(n):
        if x[i] < 0.0:
            s -= x[i]
        elif x[i] < 1.0:
            s += x[i] * x[i]
        else:
            s *= x[i]
    return s
""", {"x": X}),
    Value("4.15", "break and continue", """
def f(x: f64[n]) -> f64:
    s = 0.0
    for i in range(n):
        if x[i] < 0.0:
            continue
        s += x[i]
        if s > 2.0:
            break
    return s
""", {"x": X}),
    Value("4.16", "early return", """
def f(x: f64[n]) -> f64:
    for i in range(n):
        if x[i] > 1.0:
            return x[i] * i
    return 0.0
""", {"x": X}),
    Fails("4.17", "assert with a message", """
def f(x: f64) -> f64:
    assert x > 0.0, "only above zero"
    return sqrt(x)
""", {"x": -1.0}, "assert x", "assert", "only above zero"),
    Fails("4.18", "messages may be f-strings of scalars", """
def f(x: f64, k: i64) -> f64:
    assert x > 0.0, f"x is {x} at {k}"
    return sqrt(x)
""", {"x": -1.5, "k": 3}, "assert x", "assert", "x is -1.5 at 3"),
    Value("4.19", "pass", """
def f(x: f64) -> f64:
    if x > 0.0:
        pass
    else:
        x = -x
    return x
""", {"x": -0.5}),
    Value("4.20", "a path that ends in a false assertion needs no return", """
def f(x: f64) -> f64:
    if x > 0.0:
        return x
    assert False, "never"
""", {"x": 0.5}, expected=0.5),
    Value("4.21", "print", """
def f(x: f64) -> f64:
    print("x is", x)
    return x * x
""", {"x": 0.5}, expected=0.25),
    Value("4.22", "loops stated to be parallel", """
def f(x: f64[n]) -> f64:
    total = 0.0
    y = zeros(n)
    for i in parallel(range(n)):
        y[i] = x[i] * x[i]
        total += y[i]
    return total * y[0]
""", {"x": X}, expected=float(np.sum(X * X) * 0.25)),
    Refused("4.22b", "provably conflicting writes of a parallel loop", """
def f(x: f64[n]) -> f64:
    for i in parallel(range(n)):
        x[0] = x[i]
    return x[0]
""", "E0601", "x[0]"),
    Value("4.23", "loops with checkpoints", """
def f(x: f64, steps: i64) -> f64:
    for t in checkpoint(range(steps), memory="64MiB"):
        x = sin(x) + 0.1
    for t in checkpoint(range(steps), slots=12):
        x = sin(x) + 0.1
    return x
""", {"x": 0.5, "steps": 3}, expected=0.8027166262137293),
    Value("4.23b", "while with checkpoints", """
def f(x: f64) -> f64:
    while checkpoint(x < 10.0, slots=16):
        x = x * x + 1.0
    return x
""", {"x": 0.5}, expected=58.25050354003906),
]  # fmt: skip

COMPREHENSIONS: list[Row] = [
    Value("4.24", "an array comprehension", """
def f(x: f64[n], y: f64[m]) -> f64[n, m]:
    return [x[i] * y[j] + i for i in range(n) for j in range(m)]
""", {"x": X, "y": X[:3]}),
    Refused("4.24b", "no condition in an array comprehension", """
def f(x: f64[n]) -> f64[n]:
    return [x[i] for i in range(n) if x[i] > 0.0]
""", "E0100", "if x[i] > 0.0"),
    Value("4.25", "a reduction of a generator, dependent ranges, condition", """
def f(x: f64[n]) -> f64:
    return sum(x[i] * x[j] for i in range(n) for j in range(i) if x[j] > 0.0)
""", {"x": X}),
    Value("4.25b", "over an array", """
def f(x: f64[n]) -> f64:
    return sum(v * v for v in x if v > 0.0)
""", {"x": X}),
    Value("4.25c", "prod, min, max, any, all, logsumexp", """
def f(x: f64[n]) -> (f64, f64, f64, bool, bool, f64):
    a = prod(1.0 + x[i] ** 2 for i in range(n))
    b = min(x[i] for i in range(1, n))
    c = max(x[i] * i for i in range(n))
    d = any(x[i] < 0.0 for i in range(n))
    e = all(x[i] < 0.0 for i in range(n))
    return a, b, c, d, e, logsumexp(2.0 * v for v in x)
""", {"x": X}),
]  # fmt: skip

FUNCTIONS: list[Row] = [
    Refused("4.26", "a loop variable is local to its loop", """
def f(x: f64[n]) -> i64:
    for i in range(n):
        x[i] = 0.0
    return i
""", "E0201", "i"),
    Refused("4.27", "no chained assignment", """
def f(x: f64) -> f64:
    a = b = x
    return a + b
""", "E0114", "="),
    Refused("4.28", "every path returns", """
def f(x: f64) -> f64:
    if x > 0.0:
        return x
""", "E0210", "f"),
    Refused("4.29", "use before assignment on some path", """
def f(x: f64) -> f64:
    if x > 0.0:
        y = x
    return y
""", "E0204", "y"),
    Value("4.30", "constant defaults; keyword arguments", """
def penalised(x: f64[n], lam: f64 = 0.1, power: i64 = 2) -> f64:
    return sum(x ** power) * lam
def f(x: f64[n]) -> f64:
    return penalised(x) + penalised(x, 0.5) + penalised(power=3, x=x)
""", {"x": X}, expected=float(0.6 * np.sum(X**2) + 0.1 * np.sum(X**3))),
    Value("4.30b", "the caller from Python may leave defaults out", """
def f(x: f64, lam: f64 = 0.1) -> f64:
    return x * lam
""", {"x": 2.0}),
    Value("4.31", "recursion", """
def power(x: f64, k: i64) -> f64:
    if k == 0:
        return 1.0
    return x * power(x, k - 1)
def f(x: f64) -> f64:
    return power(x, 5)
""", {"x": 1.1}, expected=1.1**5),
    Value("4.31b", "recursion on arrays", """
def total(x: f64[n]) -> f64:
    if n == 1:
        return x[0]
    return total(x[: n // 2]) + total(x[n // 2 :])
def f(x: f64[n]) -> f64:
    return total(x * x)
""", {"x": X}, expected=float(np.sum(X * X))),
    Fails("4.31c", "the depth of recursion is checked", """
def down(k: i64) -> i64:
    return down(k - 1)
def f(k: i64) -> i64:
    return down(k)
""", {"k": 1}, "down(k - 1)", "depth", "too deep"),
    Value("4.32", "a function of scalars applies to arrays", """
def bump(x: f64, k: i64) -> f64:
    total = 0.0
    for i in range(k):
        total += x ** i
    return total if x > 0.0 else -x
def f(x: f64[n]) -> f64:
    return sum(bump(x, 3) * x)
""", {"x": X}, expected=float(np.sum(np.where(X > 0, 1 + X + X * X, -X) * X))),
    Value("4.33", "a function inside a function captures", """
def f(x: f64) -> f64:
    def scaled(t: f64) -> f64:
        u = t * x
        return u + 1.0
    return scaled(2.0) * scaled(x)
""", {"x": 0.5}, expected=2.0 * 1.25),
    Refused("4.33b", "a function does not return a Callable", """
def f(x: f64) -> Callable[[f64], f64]:
    return lambda t: t * x
""", "E0240", "Callable[[f64], f64]"),
    Refused("4.34", "a definition that shadows a built-in", """
def exp(x: f64) -> f64:
    return x
def f(x: f64) -> f64:
    return exp(x)
""", "E0203", "exp"),
    Value("4.34b", "a local name may", """
def f(x: f64) -> f64:
    exp = 2.0 * x
    return exp * exp
""", {"x": 0.5}),
]  # fmt: skip

ROWS = [*ASSIGNMENTS, *LOOPS, *COMPREHENSIONS, *FUNCTIONS]
