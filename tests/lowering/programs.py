"""Programs whose meaning is Python's own; each with arguments at which it runs."""

from dataclasses import dataclass
from textwrap import dedent
from typing import Any

import numpy as np

_random = np.random.default_rng(7)


def vector(n: int) -> Any:
    """n numbers of both signs."""
    return _random.normal(size=n)


def matrix(n: int, m: int) -> Any:
    """n rows of m numbers of both signs."""
    return _random.normal(size=(n, m))


@dataclass(frozen=True)
class Program:
    """A program with function `f` and its arguments."""

    name: str
    text: str
    arguments: dict[str, Any]


def _case(name: str, text: str, **arguments: Any) -> Program:
    return Program(name, dedent(text).lstrip(), arguments)


SCALARS = (
    _case(
        "arithmetic",
        """
        def f(x: f64, y: f64) -> f64:
            return (x + y) * (x - y) / (1.0 + x * x) - -y
        """,
        x=1.5,
        y=-0.7,
    ),
    _case(
        "powers",
        """
        def f(x: f64, y: f64, k: i64) -> (f64, f64, f64, f64, f64, i64, i64):
            return x ** 3, x ** -2, x ** 0, x ** k, x ** y, k ** 3, 2 ** k
        """,
        x=1.3,
        y=0.4,
        k=5,
    ),
    _case(
        "floor_division_and_remainder",
        """
        def f(i: i64, j: i64, x: f64, y: f64) -> (i64, i64, f64, f64, f64):
            return i // j, i % j, x // y, x % y, (x + 8.5) // (y - 1.9)
        """,
        i=-7,
        j=3,
        x=-7.5,
        y=2.0,
    ),
    _case(
        "built_ins",
        """
        def f(x: f64, y: f64) -> (f64, f64, f64, f64, f64, f64, f64, f64):
            return (exp(x) + log(y), sigmoid(x) * softplus(y), max(x, y), min(x, y),
                    clip(x, -0.5, 0.5), relu(x) + relu(y), atan2(x, y) + hypot(x, y),
                    abs(x) + sign(x) + floor(x) + ceil(x) + round(2.5 * y))
        """,
        x=-1.3,
        y=0.6,
    ),
    _case(
        "integers",
        """
        def f(i: i64, j: i64) -> (i64, i64, i64, i64, i64, bool):
            return (i & j) + (i | j), i ^ j, ~i, max(i, j) - min(i, j), abs(i) + sign(i), i < j
        """,
        i=-13,
        j=6,
    ),
    _case(
        "conversions",
        """
        def f(x: f64, i: i64, b: bool) -> (i64, f64, f64, i64):
            return i64(x), f64(i) / 2.0, f64(b) + x, i64(b) + i
        """,
        x=-2.7,
        i=5,
        b=True,
    ),
    _case(
        "single_precision",
        """
        def f(x: f32, k: i32) -> f32:
            y = x * x + 1.5
            return sqrt(y) + f32(k)
        """,
        x=np.float32(0.1),
        k=3,
    ),
    _case(
        "logic",
        """
        def f(x: f64, y: f64) -> (bool, bool, bool, bool):
            return (x < y and y < 3.0, x > y or y > 0.0, not x < y,
                    0.0 < x < y < exp(x) + 5.0)
        """,
        x=0.5,
        y=0.8,
    ),
    _case(
        "conditional_expressions",
        """
        def f(x: f64, n: i64) -> (f64, f64, i64):
            return (x if x > 0.0 else -x, log(x) if x > 0.0 else exp(x) * sin(x),
                    1 if n > 3 else n)
        """,
        x=-0.5,
        n=2,
    ),
    _case(
        "constants_and_defaults",
        """
        LAMBDA = 0.25

        def g(x: f64, scale: f64 = 2.0) -> f64:
            return x * scale + LAMBDA

        def f(x: f64) -> f64:
            return g(x) + g(x, 3.0) + g(x, scale=pi)
        """,
        x=0.5,
    ),
)

CONTROL = (
    _case(
        "for_sum",
        """
        def f(x: f64[n]) -> f64:
            total = 0.0
            for i in range(n):
                total += x[i] * x[i]
            return total / n
        """,
        x=vector(5),
    ),
    _case(
        "ranges",
        """
        def f(n: i64, s: i64) -> (i64, i64, i64, i64):
            a = 0
            b = 0
            c = 0
            d = 0
            for i in range(1, n, 3):
                a = 10 * a + i
            for i in range(n, 0, -1):
                b = 10 * b + i
            for i in range(n, -5, -4):
                c = 7 * c + i
            for i in range(0, n, s):
                d = 10 * d + i
            for i in range(n, 0, s):
                d = 3 * d + i
            return a, b, c, d
        """,
        n=8,
        s=3,
    ),
    _case(
        "negative_step_variable",
        """
        def f(n: i64, s: i64) -> i64:
            d = 0
            for i in range(n, -3, s):
                d = 10 * d + i
            return d
        """,
        n=8,
        s=-3,
    ),
    _case(
        "branches",
        """
        def f(x: f64) -> f64:
            y = 1.0
            if x > 2.0:
                y = x
            elif x > 0.0:
                z = 2.0 * x
                y = z * z
            else:
                y = -x
            return y + 1.0
        """,
        x=0.7,
    ),
    _case(
        "assigned_in_both_branches",
        """
        def f(x: f64) -> f64:
            if x > 0.0:
                y = x
                k = 1
            else:
                y = x * x
                k = 2
            return y * k
        """,
        x=-0.7,
    ),
    _case(
        "while",
        """
        def f(x: f64) -> (f64, i64):
            steps = 0
            while x < 100.0 and steps < 50:
                x = x * 1.5 + 1.0
                steps += 1
            return x, steps
        """,
        x=0.5,
    ),
    _case(
        "break_and_continue",
        """
        def f(x: f64[n]) -> (f64, i64):
            total = 0.0
            last = 0
            for i in range(n):
                if x[i] < 0.0:
                    continue
                if x[i] > 3.0:
                    break
                total += x[i]
                last = i
            return total, last
        """,
        x=np.array([1.0, -2.0, 2.0, 0.5, 4.0, 1.0]),
    ),
    _case(
        "nested_leaving",
        """
        def f(n: i64, m: i64) -> i64:
            count = 0
            for i in range(n):
                for j in range(m):
                    if (i + j) % 3 == 0:
                        if i % 2 == 0:
                            continue
                        count += 10
                    if j > 4:
                        break
                    count += 1
                if count > 70:
                    break
                count += 100 if i == 2 else 0
            return count
        """,
        n=9,
        m=8,
    ),
    _case(
        "early_return",
        """
        def f(x: f64[n], limit: f64) -> (f64, i64):
            if limit < 0.0:
                return limit, -1
            total = 0.0
            for i in range(n):
                total += x[i]
                if total > limit:
                    return total, i
            return -total, n
        """,
        x=np.array([1.0, 2.0, 3.0, 4.0]),
        limit=5.0,
    ),
    _case(
        "return_from_nested_loops",
        """
        def f(n: i64, target: i64) -> (i64, i64):
            for i in range(n):
                j = 0
                while j < n:
                    if i * j == target:
                        return i, j
                    j += 1
                if i > 10:
                    return -2, i
            return -1, -1
        """,
        n=7,
        target=20,
    ),
    _case(
        "maybe_leaving_if",
        """
        def f(n: i64) -> i64:
            s = 0
            for i in range(n):
                if i % 2 == 0:
                    if i % 3 == 0:
                        continue
                    s += 1
                else:
                    s += 2
                    if s > 12:
                        break
                s += 5
            return s
        """,
        n=12,
    ),
    _case(
        "while_true",
        """
        def f(x: f64) -> f64:
            k = 0
            while True:
                x = 0.5 * (x + 2.0 / x)
                k += 1
                if abs(x * x - 2.0) < 1e-12:
                    break
            return x
        """,
        x=3.0,
    ),
    _case(
        "parameter_assigned",
        """
        def f(x: f64, n: i64) -> f64:
            for i in range(n):
                x = x * 2.0
            n = n + 1
            return x + n
        """,
        x=1.5,
        n=3,
    ),
    _case(
        "temporaries_of_loops",
        """
        def f(x: f64[n]) -> f64:
            t = 0.0
            s = 0.0
            for i in range(n):
                t = x[i] * 2.0
                s += t * t
            for i in range(n):
                t = x[i] + 1.0
                s += t
            return s
        """,
        x=vector(4),
    ),
    _case(
        "asserts_hold",
        """
        def f(x: f64, n: i64) -> f64:
            assert n > 0, "n is positive"
            assert x > 0.0, f"x is {x}, n squared is {n * n}"
            if n > 3:
                return x
            elif n > 0:
                return -x
            assert False, "not reached"
        """,
        x=1.0,
        n=2,
    ),
    _case(
        "for_elements",
        """
        def f(x: f64[n], a: f64[n, m]) -> f64:
            s = 0.0
            for v in x:
                s = 2.0 * s + v
            for row in a:
                s += row[0] * sum(row)
            return s
        """,
        x=vector(3),
        a=matrix(3, 4),
    ),
)

ARRAYS = (
    _case(
        "elementwise",
        """
        def f(x: f64[n], y: f64[n]) -> f64[n]:
            return exp(x) * y + where(x > 0.0, x, 2.0) - 1.0 / (1.0 + y * y)
        """,
        x=vector(4),
        y=vector(4),
    ),
    _case(
        "broadcasting",
        """
        def f(a: f64[n, m], r: f64[m], c: f64[n]) -> f64[n, m]:
            return a * r + c[:, None] - sum(a, axis=1)[:, None] / (r * r + 1.0)
        """,
        a=matrix(3, 4),
        r=vector(4),
        c=vector(3),
    ),
    _case(
        "unit_extents",
        """
        def f(a: f64[n, 1], b: f64[1, m]) -> f64[n, m]:
            return exp(a) + b * 2.0
        """,
        a=matrix(3, 1),
        b=matrix(1, 2),
    ),
    _case(
        "indexing",
        """
        def f(a: f64[n, m], i: i64) -> (f64, f64[m], f64[n], f64[m], f64):
            return a[i, 1], a[i], a[:, i], a[-1, :], a[-1, -2]
        """,
        a=matrix(4, 3),
        i=2,
    ),
    _case(
        "slices",
        """
        def f(x: f64[n], a: f64[n, m]) -> (f64, f64, f64, f64, f64[n], f64[m, n]):
            return sum(x[1:]), sum(x[:-1]), sum(x[::2]), sum(x[1:3] * x[2:4]), x[::-1], a.T
        """,
        x=vector(6),
        a=matrix(6, 2),
    ),
    _case(
        "reductions",
        """
        def f(x: f64[n]) -> (f64, f64, f64, f64, f64, f64, bool, bool):
            return (sum(x), prod(x), mean(x), min(x), max(x), logsumexp(x), any(x > 1.0),
                    all(x < 10.0))
        """,
        x=vector(5),
    ),
    _case(
        "axis_reductions",
        """
        def f(a: f64[n, m]) -> (f64[m], f64[n], f64[m], f64[n], f64[n, 1], f64[n]):
            return (sum(a, axis=0), sum(a, axis=1), max(a, axis=0), mean(a, axis=1),
                    sum(a, axis=1, keepdims=True), logsumexp(a, axis=1))
        """,
        a=matrix(3, 4),
    ),
    _case(
        "count",
        """
        def f(x: f64[n]) -> i64:
            return sum(x > 0.0)
        """,
        x=vector(7),
    ),
    _case(
        "products",
        """
        def f(a: f64[n, m], b: f64[m, k], x: f64[m], y: f64[n]) -> (f64[n, k], f64[n], f64[m], f64):
            return a @ b, a @ x, y @ a, dot(a @ x, y)
        """,
        a=matrix(3, 4),
        b=matrix(4, 2),
        x=vector(4),
        y=vector(3),
    ),
    _case(
        "generators",
        """
        def f(x: f64[n]) -> (f64, f64, f64, f64, f64, bool, f64, f64):
            return (sum(x[i] * i for i in range(n)),
                    sum(x[i] * x[j] for i in range(n) for j in range(i) if x[i] > x[j]),
                    max(v * v for v in x),
                    min(x[i] for i in range(n) if i % 2 == 0),
                    logsumexp(x[i] - x[0] for i in range(n)),
                    any(v > 100.0 for v in x),
                    mean(v for v in x if v > 0.0),
                    prod(1.0 + v for v in x))
        """,
        x=vector(6),
    ),
    _case(
        "comprehensions",
        """
        def f(x: f64[n], y: f64[m]) -> (f64[n], f64[n, m], f64[m, n]):
            return ([v * 2.0 for v in x], [x[i] * y[j] for i in range(n) for j in range(m)],
                    [x * y[j] for j in range(m)])
        """,
        x=vector(3),
        y=vector(2),
    ),
    _case(
        "calls_in_comprehensions",
        """
        def g(x: f64[n], k: i64) -> f64:
            s = 0.0
            for i in range(n):
                if i == k:
                    continue
                s += x[i]
            return s

        def f(x: f64[n]) -> f64[n]:
            return [g(x, i) for i in range(n)]
        """,
        x=vector(4),
    ),
    _case(
        "local_arrays",
        """
        def f(x: f64[n]) -> f64[n]:
            y = zeros(n)
            y[0] = x[0]
            for i in range(1, n):
                y[i] = y[i - 1] * 0.5 + x[i]
            y[1:] += 1.0
            y *= 2.0
            return y
        """,
        x=vector(5),
    ),
    _case(
        "rows_assigned",
        """
        def f(x: f64[n]) -> f64[3, n]:
            a = zeros((3, len(x)))
            a[0] = x
            a[1, :] = 2.0
            a[2, 1:] = x[1:] * x[:-1]
            a[:, 0] += 5.0
            for i in range(2):
                a[i + 1, :] += a[i, :] * a[i]
            return a
        """,
        x=vector(4),
    ),
    _case(
        "literals",
        """
        def f(x: f64) -> (f64[3], f64[2, 2], f64):
            a = [x, 2.0 * x, 3.0]
            b = [[1.0, x], [x, 4.0]]
            return a, b, dot(a, [1.0, 2.0, 3.0])
        """,
        x=0.5,
    ),
    _case(
        "conditional_array",
        """
        def f(x: f64[n], c: bool) -> f64[n]:
            return (x * 2.0 if c else x[::-1]) + 1.0
        """,
        x=vector(3),
        c=False,
    ),
    _case(
        "arrays_returned_early",
        """
        def f(x: f64[n], c: f64) -> f64[n]:
            if c < 0.0:
                return x
            y = x * c
            for i in range(n):
                if y[i] > 10.0:
                    return y
                y[i] = y[i] + i
            return -y
        """,
        x=vector(4),
        c=2.0,
    ),
    _case(
        "single_precision_arrays",
        """
        def f(x: f32[n]) -> (f32[n], f32):
            y = x * 2.0
            return y + x, sum(y)
        """,
        x=np.array([0.1, 0.2, 0.3], dtype=np.float32),
    ),
    _case(
        "integer_arrays",
        """
        def f(x: i64[n], k: i64) -> (i64[n], i64, i64):
            return x // k + x % k, max(x), sum(x * x)
        """,
        x=np.array([5, -3, 8]),
        k=3,
    ),
    _case(
        "records",
        """
        class Model:
            w: f64[d]
            b: f64

        def predict(m: Model, x: f64[d]) -> f64:
            return dot(m.w, x) + m.b

        def f(m: Model, x: f64[n, d]) -> (f64, f64):
            step = Model(w=m.w * 2.0, b=1.0)
            step.b += 0.5
            step.w[0] = 7.0
            total = 0.0
            for i in range(n):
                total += predict(step, x[i]) * predict(m, x[i])
            return total, step.b
        """,
        m={"w": vector(3), "b": 0.5},
        x=matrix(4, 3),
    ),
    _case(
        "records_in_loops",
        """
        class State:
            x: f64[d]
            t: f64

        def advance(s: State(d)) -> State(d):
            return State(x=s.x + 0.1 * sin(s.x), t=s.t + 0.1)

        def f(x: f64[d], n: i64) -> (f64[d], f64):
            s = State(x=x, t=0.0)
            for i in range(n):
                s = advance(s)
            return s.x, s.t
        """,
        x=vector(3),
        n=3,
    ),
    _case(
        "tuples",
        """
        def g(x: f64[n]) -> (f64, f64[n]):
            return sum(x), x * 2.0

        def f(x: f64[n]) -> f64[n]:
            s, y = g(x)
            a, b = s, s * 2.0
            a, b = b, a
            return y * a - b
        """,
        x=vector(3),
    ),
    _case(
        "constant_extents",
        """
        def unit(x: f64[n]) -> f64[n]:
            return x / sqrt(sum(x * x))

        def f(x: f64[3]) -> f64[3]:
            y = unit(x)
            y[0] = 1.0
            return unit(y)
        """,
        x=vector(3),
    ),
)

ALL = (*SCALARS, *CONTROL, *ARRAYS)
