"""Models whose functions call themselves; valid Python, as those of `models`."""

import numpy as np

from tests.end_to_end.models import Model, vector

RECURSIVE_MODELS: tuple[Model, ...] = (
    Model(
        "power",
        """
def power(x: f64, k: i64) -> f64:
    if k == 0:
        return 1.0
    half = power(x, k // 2)
    return half * half * x if k % 2 == 1 else half * half

def f(x: f64, k: i64) -> f64:
    return power(x, k) + power(sin(x), 3)
""",
        {"x": 1.3, "k": 11},
    ),
    Model(
        "mutual",
        """
def even(x: f64, k: i64) -> f64:
    if k == 0:
        return x
    return sin(odd(x, k - 1)) * x

def odd(x: f64, k: i64) -> f64:
    if k == 0:
        return 2.0 * x
    return cos(even(x, k - 1)) + third(x * x, k - 1)

def third(x: f64, k: i64) -> f64:
    return exp(-x) if k == 0 else even(0.5 * x, k - 1)

def f(x: f64) -> f64:
    return even(x, 6) + odd(x, 3)
""",
        {"x": 0.7},
    ),
    Model(
        "ackermann_like",
        """
def nested(x: f64, m: i64, k: i64) -> f64:
    if m == 0:
        return x * (k + 1)
    if k == 0:
        return sin(nested(x, m - 1, 1))
    return nested(nested(x, m, k - 1) * 0.5, m - 1, k)

def f(x: f64) -> f64:
    return nested(x, 2, 3)
""",
        {"x": 0.6},
    ),
    Model(
        "tree_sum_of_halves",
        """
def total(x: f64[n]) -> f64:
    if n == 1:
        return sin(x[0]) * x[0]
    left = total(x[: n // 2])
    return left * 1.5 + total(x[n // 2 :]) / (1.0 + left * left)

def f(x: f64[n]) -> f64:
    return total(x * x)
""",
        {"x": vector(7)},
    ),
    Model(
        "tree_sum_of_ranges",
        """
def total(x: f64[n], start: i64, stop: i64) -> f64:
    if stop - start == 1:
        return exp(x[start])
    middle = (start + stop) // 2
    return sqrt(total(x, start, middle) * total(x, middle, stop) + x[start])

def f(x: f64[n]) -> f64:
    return total(x, 0, len(x))
""",
        {"x": vector(6)},
    ),
    Model(
        "adaptive_simpson",
        """
def simpson(g: Callable[[f64], f64], a: f64, b: f64, eps: f64, depth: i64) -> f64:
    m = 0.5 * (a + b)
    whole = (b - a) / 6.0 * (g(a) + 4.0 * g(m) + g(b))
    left = (m - a) / 6.0 * (g(a) + 4.0 * g(0.5 * (a + m)) + g(m))
    right = (b - m) / 6.0 * (g(m) + 4.0 * g(0.5 * (m + b)) + g(b))
    delta = left + right - whole
    if depth == 0 or abs(delta) <= 15.0 * eps:
        return left + right + delta / 15.0
    eps = 0.5 * eps
    return simpson(g, a, m, eps, depth - 1) + simpson(g, m, b, eps, depth - 1)

def f(c: f64, b: f64) -> f64:
    return simpson(lambda t: exp(-c * t * t) * sin(3.0 * t), 0.0, b, 1e-8, 30)
""",
        {"c": 0.7, "b": 2.0},
    ),
    Model(
        "merge_sort",
        """
def merged(x: f64[n]) -> f64[n]:
    if n <= 1:
        return x
    left = merged(x[: n // 2])
    right = merged(x[n // 2 :])
    out = zeros(n)
    i = 0
    j = 0
    for k in range(n):
        if j >= n - n // 2 or (i < n // 2 and left[i] <= right[j]):
            out[k] = left[i]
            i += 1
        else:
            out[k] = right[j]
            j += 1
    return out

def f(x: f64[n]) -> f64:
    y = merged(x)
    total = 0.0
    for i in range(n):
        total += (i + 1) * y[i] * y[i]
    return total
""",
        {"x": vector(9)},
    ),
    Model(
        "fast_fourier",
        """
def fft(re: f64[n], im: f64[n]) -> (f64[n], f64[n]):
    a = zeros(n)
    b = zeros(n)
    if n == 1:
        a[0] = re[0]
        b[0] = im[0]
        return a, b
    m = n // 2
    p, q = fft(re[0 : 2 * m : 2], im[0 : 2 * m : 2])
    r, s = fft(re[1 : 2 * m : 2], im[1 : 2 * m : 2])
    for k in range(m):
        w = -2.0 * 3.141592653589793 * k / n
        u = cos(w) * r[k] - sin(w) * s[k]
        v = cos(w) * s[k] + sin(w) * r[k]
        a[k] = p[k] + u
        b[k] = q[k] + v
        a[k + m] = p[k] - u
        b[k + m] = q[k] - v
    return a, b

def f(x: f64[n], w: f64[n]) -> f64:
    a, b = fft(x, zeros(n))
    return sum(w * (a * a + b * b))
""",
        {"x": vector(8), "w": vector(8)},
    ),
    Model(
        "calls_in_loops",
        """
def walk(x: f64[n], k: i64) -> f64:
    total = 0.0
    i = 0
    while i < len(x) and total < 10.0:
        total += x[i] * x[i]
        if k > 0:
            for j in range(2):
                total += walk(x * 0.5, k - 1) * x[j]
        i += 1
    return total

def f(x: f64[n]) -> f64:
    return walk(x, 2)
""",
        {"x": vector(3)},
    ),
    Model(
        "one_array_twice",
        """
def product(a: f64[n], b: f64[n], k: i64) -> f64:
    if k == 0:
        return dot(a, b)
    return product(a, a, k - 1) * 0.1 + product(b, a * 2.0, k - 1)

def f(x: f64[n]) -> f64:
    return product(x, x, 3)
""",
        {"x": vector(3)},
    ),
    Model(
        "arrays_overwritten_after_the_call",
        """
def step(x: f64[n], k: i64) -> f64[n]:
    if k == 0:
        return x
    y = x * x
    z = step(y, k - 1)
    y[0] = z[1] * y[1]
    z = z + y
    return step(z * 0.25, k - 1) * y

def f(x: f64[n]) -> f64:
    return sum(step(x, 3))
""",
        {"x": vector(4)},
    ),
    Model(
        "records_of_trees",
        """
def depth_first(value: f64[n], left: i64[n], right: i64[n], at: i64) -> f64:
    if at < 0:
        return 1.0
    below = depth_first(value, left, right, left[at]) * depth_first(value, left, right, right[at])
    return value[at] + below * value[at] * value[at]

def f(value: f64[n], left: i64[n], right: i64[n]) -> f64:
    return depth_first(value, left, right, 0)
""",
        {
            "value": vector(5),
            "left": np.array([1, 3, -1, -1, -1]),
            "right": np.array([2, 4, -1, -1, -1]),
        },
    ),
)
