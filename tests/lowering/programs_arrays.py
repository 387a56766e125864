"""Programs with whole arrays and records."""

import numpy as np

from tests.lowering.programs import Program, case, matrix, vector

ARRAYS: tuple[Program, ...] = (
    case(
        "elementwise",
        """
        def f(x: f64[n], y: f64[n]) -> f64[n]:
            return exp(x) * y + where(x > 0.0, x, 2.0) - 1.0 / (1.0 + y * y)
        """,
        x=vector(4),
        y=vector(4),
    ),
    case(
        "broadcasting",
        """
        def f(a: f64[n, m], r: f64[m], c: f64[n]) -> f64[n, m]:
            return a * r + c[:, None] - sum(a, axis=1)[:, None] / (r * r + 1.0)
        """,
        a=matrix(3, 4),
        r=vector(4),
        c=vector(3),
    ),
    case(
        "unit_extents",
        """
        def f(a: f64[n, 1], b: f64[1, m]) -> f64[n, m]:
            return exp(a) + b * 2.0
        """,
        a=matrix(3, 1),
        b=matrix(1, 2),
    ),
    case(
        "indexing",
        """
        def f(a: f64[n, m], i: i64) -> (f64, f64[m], f64[n], f64[m], f64):
            return a[i, 1], a[i], a[:, i], a[-1, :], a[-1, -2]
        """,
        a=matrix(4, 3),
        i=2,
    ),
    case(
        "slices",
        """
        def f(x: f64[n], a: f64[n, m]) -> (f64, f64, f64, f64, f64[n], f64[m, n]):
            return sum(x[1:]), sum(x[:-1]), sum(x[::2]), sum(x[1:3] * x[2:4]), x[::-1], a.T
        """,
        x=vector(6),
        a=matrix(6, 2),
    ),
    case(
        "reductions",
        """
        def f(x: f64[n]) -> (f64, f64, f64, f64, f64, f64, bool, bool):
            return (sum(x), prod(x), mean(x), min(x), max(x), logsumexp(x), any(x > 1.0),
                    all(x < 10.0))
        """,
        x=vector(5),
    ),
    case(
        "axis_reductions",
        """
        def f(a: f64[n, m]) -> (f64[m], f64[n], f64[m], f64[n], f64[n, 1], f64[n]):
            return (sum(a, axis=0), sum(a, axis=1), max(a, axis=0), mean(a, axis=1),
                    sum(a, axis=1, keepdims=True), logsumexp(a, axis=1))
        """,
        a=matrix(3, 4),
    ),
    case(
        "count",
        """
        def f(x: f64[n]) -> i64:
            return sum(x > 0.0)
        """,
        x=vector(7),
    ),
    case(
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
    case(
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
    case(
        "comprehensions",
        """
        def f(x: f64[n], y: f64[m]) -> (f64[n], f64[n, m], f64[m, n]):
            return ([v * 2.0 for v in x], [x[i] * y[j] for i in range(n) for j in range(m)],
                    [x * y[j] for j in range(m)])
        """,
        x=vector(3),
        y=vector(2),
    ),
    case(
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
    case(
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
    case(
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
    case(
        "literals",
        """
        def f(x: f64) -> (f64[3], f64[2, 2], f64):
            a = [x, 2.0 * x, 3.0]
            b = [[1.0, x], [x, 4.0]]
            return a, b, dot(a, [1.0, 2.0, 3.0])
        """,
        x=0.5,
    ),
    case(
        "conditional_array",
        """
        def f(x: f64[n], c: bool) -> f64[n]:
            return (x * 2.0 if c else x[::-1]) + 1.0
        """,
        x=vector(3),
        c=False,
    ),
    case(
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
    case(
        "single_precision_arrays",
        """
        def f(x: f32[n]) -> (f32[n], f32):
            y = x * 2.0
            return y + x, sum(y)
        """,
        x=np.array([0.1, 0.2, 0.3], dtype=np.float32),
    ),
    case(
        "integer_arrays",
        """
        def f(x: i64[n], k: i64) -> (i64[n], i64, i64):
            return x // k + x % k, max(x), sum(x * x)
        """,
        x=np.array([5, -3, 8]),
        k=3,
    ),
    case(
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
    case(
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
    case(
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
    case(
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
