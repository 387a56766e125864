"""Programs with loops, branches and early leaving."""

import numpy as np

from tests.lowering.programs import Program, case, matrix, vector

CONTROL: tuple[Program, ...] = (
    case(
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
    case(
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
    case(
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
    case(
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
    case(
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
    case(
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
    case(
        "never_reached_after_leaving",
        """
        def f(x: f64[n]) -> f64:
            y = 1.0
            for i in range(n):
                if x[i] > 1.0:
                    continue
                    return y
                y = y * x[i]
            return y
        """,
        x=vector(6),
    ),
    case(
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
    case(
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
    case(
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
    case(
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
    case(
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
    case(
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
    case(
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
    case(
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
    case(
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
    case(
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
