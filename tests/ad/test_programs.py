"""What others get wrong, first and second order: see `harness.check` for what is compared."""

from typing import Any

import numpy as np
import pytest

from tests.ad.harness import check
from tests.ad.programs import loops_of

PROGRAMS: dict[str, str] = {
    "a loop": """
def f(x: f64[n], a: f64) -> f64:
    total = 0.0
    for i in range(n):
        total += sin(a * x[i]) * x[i]
    return total
""",
    "nested loops": """
def f(x: f64[n], a: f64) -> f64:
    total = 1.0
    for i in range(n):
        row = a
        for j in range(n):
            row = sin(row * x[j]) + x[i]
        total = total * cos(row)
    return total
""",
    "triangular loops": """
def f(x: f64[n], a: f64) -> f64:
    total = a
    for i in range(n):
        s = 0.0
        for j in range(i):
            s = exp(0.1 * s * x[j]) - x[i] * total
        total += s * s
    return total
""",
    "while": """
def f(x: f64[n], a: f64) -> f64:
    y = a * a + 20.0
    i = 0
    while y > 1.0 and i < n:
        y = y / (1.5 + x[i] * x[i]) + 0.1 * sin(y)
        i += 1
    return y
""",
    "while in for": """
def f(x: f64[n], a: f64) -> f64:
    total = a
    for i in range(n):
        y = 3.0 + x[i] * x[i]
        while y > 1.0:
            y = y / 1.7 - 0.01 * total * y
        total = total * y + sin(total)
    return total
""",
    "for in while": """
def f(x: f64[n], a: f64) -> f64:
    y = 4.0 + a
    while y > 1.0:
        s = 0.0
        for i in range(n):
            s += x[i] * sin(y * x[i])
        y = 0.5 * y + 0.01 * s
    return y
""",
    "continue": """
def f(x: f64[n], a: f64) -> f64:
    total = a
    for i in range(n):
        if x[i] < 0.0:
            continue
        total = total * x[i] + sin(total)
    return total
""",
    "break": """
def f(x: f64[n], a: f64) -> f64:
    total = a
    for i in range(n):
        total = total * x[i] + cos(total)
        if total > 2.0:
            break
        total += 0.3
    return total
""",
    "early return in a nested loop": """
def f(x: f64[n], a: f64) -> f64:
    total = a
    for i in range(n):
        for j in range(i):
            total = total + x[i] * x[j] * sin(total)
            if total > 1.5:
                return total * total
    return total
""",
    "branches in loops": """
def f(x: f64[n], a: f64) -> f64:
    total = 0.0
    y = a
    for i in range(n):
        if x[i] > 0.0:
            y = y * x[i] + exp(-y)
        elif x[i] < -1.0:
            total += y * y
        else:
            y = sin(y)
        total += y
    return total
""",
    "loops in branches": """
def f(x: f64[n], a: f64) -> f64:
    y = a
    if a > 0.1:
        for i in range(n):
            y = sin(y + x[i])
    else:
        y = y * y
    return y
""",
    "an array overwritten in between": """
def f(x: f64[n], a: f64) -> f64:
    v = sin(x)
    for t in range(3):
        for i in range(n):
            v[i] = v[i] * v[i] + a * x[i]
    total = 0.0
    for i in range(n):
        total += v[i] * v[i]
    return total
""",
    "times-equals": """
def f(x: f64[n], a: f64) -> f64:
    p = a
    v = x * 1.0
    for i in range(n):
        p *= x[i]
        p *= x[i]
        v[i] *= p
    return p + sum(v)
""",
    "made before a loop and used after": """
def f(x: f64[n], a: f64) -> f64:
    y = exp(a)
    z = y * a
    total = 0.0
    for i in range(n):
        total += x[i] * y
    return total * y * z
""",
    "add by assignment": """
def f(x: f64[n], a: f64) -> f64:
    v = zeros(n)
    for t in range(2):
        for i in range(n):
            v[i] = v[i] + sin(a * x[i])
            v[0] = v[0] + v[i] * x[i]
    return sum(v * v)
""",
    "add in place": """
def f(x: f64[n], a: f64) -> f64:
    v = zeros(n)
    for t in range(2):
        for i in range(n):
            v[i] += sin(a * x[i])
            v[0] += v[i] * x[i]
            v[i] -= a
    return sum(v * v)
""",
    "repeated scatter": """
def f(x: f64[n], a: f64) -> f64:
    v = zeros(2)
    for i in range(n):
        v[i % 2] += x[i] * a
    w = zeros(2)
    for i in range(n):
        w[i % 2] = x[i] * v[i % 2]
    return v[0] * v[1] + w[0] + sin(w[1])
""",
    "two arrays from one": """
def f(x: f64[n], a: f64) -> f64:
    start = sin(x)
    u = start
    v = start
    for i in range(n):
        u[i] = u[i] * a
        v[i] = v[i] + u[i] * start[i]
    return sum(u * v)
""",
    "recurrence through an array": """
def f(x: f64[n], a: f64) -> f64:
    v = x * a
    for i in range(1, n):
        v[i] = sin(v[i - 1] * x[i]) + v[i]
    for i in range(n - 1, 0, -1):
        v[i - 1] = v[i - 1] * v[i]
    return sum(v)
""",
    "recurrence inside a call": """
def g(v: f64[n], s: f64) -> f64[n]:
    w = v
    for i in range(1, n):
        w[i] = w[i] + s * w[i - 1] * w[i - 1]
    return w

def f(x: f64[n], a: f64) -> f64:
    v = x
    for t in range(3):
        v = g(v, a)
    return sum(v)
""",
    "one value passed twice": """
def g(u: f64[n], v: f64[n], s: f64) -> f64:
    return sum(u * v) * s + s * s

def f(x: f64[n], a: f64) -> f64:
    return g(x, x, a) * g(x, x, sin(a))
""",
    "an array made in the loop": """
def f(x: f64[n], a: f64) -> f64:
    total = a
    for t in range(3):
        v = x * total
        for i in range(1, n):
            v[i] += v[i - 1] * v[i - 1]
        total = sin(total) + 0.1 * sum(v)
    return total
""",
    "an output read back": """
def f(x: f64[n], a: f64) -> f64[n]:
    out = sin(x)
    for i in range(1, n):
        out[i] = out[i] * out[i - 1] + a
    return out
""",
    "several results": """
def f(x: f64[n], a: f64) -> (f64, f64[n], i64, f64):
    y = x * a
    k = 0
    for i in range(n):
        if y[i] > 0.0:
            k += 1
    return sum(y * y), sin(y), k, a * a
""",
    "steps": """
def f(x: f64[n], a: f64) -> f64:
    y = a
    for i in range(0, n, 2):
        y = sin(y) * x[i]
        for j in range(n - 1, 0, -3):
            y += cos(y * x[j])
    return y
""",
    "shifted bounds": """
def f(x: f64[n], a: f64) -> f64:
    y = a
    for i in range(1, n):
        for j in range(i, n):
            y = sin(y + x[j]) * x[i] + cos(y)
    return y
""",
    "untaken branches": """
def f(x: f64[n], a: f64) -> f64:
    total = a
    for i in range(n):
        total += where(x[i] > 0.0, sqrt(x[i]), 0.0) * total
        total += sqrt(x[i]) if x[i] > 0.0 else a
    return total
""",
    "selection": """
def f(x: f64[n], a: f64) -> f64:
    y = a
    for i in range(n):
        y = max(y * x[i], min(sin(y), x[i])) + clip(y, -1.0, 1.0) + abs(x[i])
    return y
""",
    "whole arrays": """
def f(x: f64[n], a: f64) -> f64:
    m = logsumexp(x * a)
    return m + mean(exp(x - m)) + prod(x + 3.0) * 0.01
""",
    "a swap": """
def f(x: f64[n], a: f64) -> f64:
    p = a
    q = 1.0
    for i in range(n):
        p, q = q * x[i], p + sin(q)
    return p * q
""",
}
SIZES = (0, 1, 2, 5)


def inputs(size: int) -> list[Any]:
    draw = np.random.default_rng(size)
    return [draw.normal(size=size), 0.37]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str, size: int) -> None:
    if size == 0 and name in {"add by assignment", "add in place", "steps", "whole arrays"}:
        size = 3
    check(loops_of(PROGRAMS[name]), {"n": size}, inputs(size), tolerance=1e-11)
