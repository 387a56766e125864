"""More programs whose meaning is Python's own: extents known at run time, and combinations."""

import numpy as np

from tests.lowering.programs import Program, case, matrix, vector

X = vector(6)
A = matrix(4, 3)

WIDE: tuple[Program, ...] = (
    case(
        "integer_parameter_as_extent",
        """
        def f(n: i64) -> f64[n]:
            y = zeros(n)
            for i in range(n):
                y[i] = i * 0.5
            return y
        """,
        n=4,
    ),
    case(
        "run_time_extents",
        """
        def f(x: f64[n], k: i64) -> f64:
            y = zeros(k)
            for i in range(k):
                y[i] = x[i] * 2.0
            z = y[1:k] + x[0:k-1]
            return sum(y) + sum(z)
        """,
        x=X,
        k=4,
    ),
    case(
        "run_time_slices",
        """
        def f(x: f64[n], i: i64, j: i64) -> f64:
            s = 0.0
            for k in range(i, j):
                s += sum(x[i:k] * x[0:k - i])
            return s
        """,
        x=X,
        i=1,
        j=5,
    ),
    case(
        "slices_assigned",
        """
        def f(x: f64[n], i: i64, j: i64) -> f64[n]:
            a = x
            a[i:j] = a[i:j] * 2.0
            a[i:j] += 1.0
            a[::2] *= 3.0
            a[::-1] -= x
            a[j:] = 0.0
            return a
        """,
        x=X,
        i=1,
        j=5,
    ),
    case(
        "run_time_comprehensions",
        """
        def f(x: f64[n], k: i64) -> f64:
            s = 0.0
            for m in range(1, k):
                y = [x[i] * m for i in range(m)]
                s += sum(y) * y[m - 1]
            return s
        """,
        x=X,
        k=5,
    ),
    case(
        "slices_in_conditions",
        """
        def f(x: f64[n]) -> f64:
            i = 0
            s = 0.0
            while i < len(x) and sum(x[0:i]) < 100.0:
                s += x[i]
                i += 1
            return s
        """,
        x=X,
    ),
    case(
        "slices_in_conditions_of_left_loops",
        """
        def f(x: f64[n]) -> f64:
            i = 0
            s = 0.0
            while sum(x[0:i]) < 100.0:
                if i == n:
                    break
                s += x[i]
                i += 1
            return s
        """,
        x=X,
    ),
    case(
        "nested_records",
        """
        class Inner:
            a: f64[d]
            k: i64

        class Outer:
            i: Inner(d)
            s: f64

        def g(o: Outer(d)) -> Outer(d):
            o.i.a[0] += o.s
            o.s *= 2.0
            o.i.k += 1
            return o

        def f(x: f64[d]) -> (f64[d], f64, i64):
            o = Outer(i=Inner(a=x, k=2), s=3.0)
            for t in range(3):
                o = g(o)
                p = o
                p.i.a[1] = 100.0
            return o.i.a, o.s, o.i.k
        """,
        x=X,
    ),
    case(
        "conditional_records",
        """
        class M:
            a: f64[d]
            k: f64

        def f(x: f64[d], c: bool) -> f64[d]:
            m = M(a=x, k=1.0)
            q = M(a=2.0 * x, k=3.0)
            r = m if c else q
            return r.a * r.k
        """,
        x=X,
        c=False,
    ),
    case(
        "nested_destructuring",
        """
        def f(x: f64[n]) -> (f64[n], f64, i64):
            a = x
            k = 0
            a[0], (k, a[1:3]) = 5.0, (2, a[0:2])
            a[k], s = a[k] + 1.0, sum(a)
            return a, s, k
        """,
        x=X,
    ),
    case(
        "cholesky",
        """
        def f(b: f64[n, n]) -> (f64[n, n], f64):
            a = b @ b.T
            l = zeros((n, n))
            for j in range(n):
                s = a[j, j] + 3.0 - dot(l[j, :j], l[j, :j])
                l[j, j] = sqrt(s)
                for i in range(j + 1, n):
                    l[i, j] = (a[i, j] - dot(l[i, :j], l[j, :j])) / l[j, j]
            return l, sum(l @ l.T)
        """,
        b=matrix(3, 3),
    ),
    case(
        "standardised_columns",
        """
        def f(a: f64[n, m]) -> (f64[m], f64[n, m], f64):
            mu = mean(a, axis=0)
            c = a - mu
            sd = sqrt(mean(c * c, axis=0))
            z = c / sd
            return mu, z, max(abs(z.T @ z - 1.0))
        """,
        a=A,
    ),
    case(
        "rows_of_softmax",
        """
        def f(a: f64[n, m]) -> f64[n, m]:
            out = zeros((n, m))
            for i in range(n):
                r = a[i] - logsumexp(a[i])
                out[i] = exp(r)
            return out
        """,
        a=A,
    ),
    case(
        "special_functions",
        """
        def f(x: f64[n]) -> (f64[n], f64[n], f64[n]):
            y = abs(x) + 0.1
            return (expm1(x) + exp2(x) + log1p(y) + log2(y) + log10(y) + cbrt(x) + rsqrt(y),
                    sinh(x) + cosh(x) + tanh(x) + erf(x) + erfc(x) + lgamma(y) + digamma(y)
                    + polygamma(1, y),
                    copysign(y, x) + logaddexp(x, y) + pow(y, x) + x % 2.0
                    + where(isnan(x) | isinf(x), 0.0, 1.0))
        """,
        x=X,
    ),
    case(
        "bools_counted",
        """
        def f(x: f64[n]) -> (i64, bool, i64, f64):
            b = (x > 0.0) & ~(x > 1.0)
            return sum(b), any(b), sum(i64(x > 0.0) * 2), mean(b)
        """,
        x=X,
    ),
    case(
        "narrow_integers",
        """
        def f(x: i32[n], k: i32) -> (i32[n], i32, f64):
            return x * k // 3, max(x), f64(k) * x[k]
        """,
        x=np.array([1, -2, 5], dtype=np.int32),
        k=np.int32(2),
    ),
    case(
        "return_from_while",
        """
        def f(x: f64) -> f64:
            while x > 0.0:
                x -= 0.3
                if x < 0.1 and x > 0.0:
                    return 100.0 + x
                if x > 50.0:
                    continue
                x *= 0.9
            return x
        """,
        x=5.0,
    ),
    case(
        "array_first_assigned_in_branches",
        """
        def f(x: f64[n], c: f64) -> f64:
            if c > 0.0:
                y = x * 2.0
            else:
                y = x + 1.0
                y[0] = 3.0
            return sum(y)
        """,
        x=X,
        c=-1.0,
    ),
    case(
        "arrays_of_loops",
        """
        def f(x: f64[n], k: i64) -> f64:
            s = 0.0
            y = zeros(n)
            for i in range(k):
                z = x * i
                y = z + y
                for j in range(n):
                    z[j] += y[j]
                s += sum(z)
            return s + sum(y)
        """,
        x=X,
        k=3,
    ),
    case(
        "rank_three",
        """
        def f(a: f64[n, m]) -> f64:
            t = zeros((n, m, 2))
            t[:, :, 0] = a
            t[0] = 1.0
            t[1:, 1, :] = 2.0
            u = a[:, None, :] - a[None, :, :]
            return sum(t) + sum(u * u) + sum(sum(t, axis=2)[0]) + sum(max(t, axis=1))
        """,
        a=A,
    ),
    case(
        "several_axes",
        """
        def f(a: f64[n, m]) -> (f64, f64[m]):
            t = a[:, None, :] * a[None, :, :]
            return sum(sum(t, axis=0)[1]), sum(t, axis=(0, 1))
        """,
        a=A,
    ),
    case(
        "guarded_index",
        """
        def f(x: f64[n], i: i64) -> f64:
            return x[i] if 0 <= i < n else 0.0
        """,
        x=X,
        i=17,
    ),
    case(
        "guarded_condition",
        """
        def f(x: f64[n]) -> i64:
            i = 0
            while i < n and x[i] < 0.9:
                i += 1
            return i
        """,
        x=X,
    ),
    case(
        "extents_of_constants",
        """
        W = 3
        def f(x: f64[W, 2]) -> f64[2]:
            s = zeros(2)
            for i in range(W):
                s += x[i]
            return s / W
        """,
        x=matrix(3, 2),
    ),
)
