"""Models that other tools have got wrong, or that stress one construct each.

Each is valid Python as well; `arguments` are chosen where the function is smooth.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

random = np.random.default_rng(20)


@dataclass(frozen=True)
class Model:
    """One model: its source, the function to differentiate and a point."""

    name: str
    source: str
    arguments: dict[str, Any]
    function: str = "f"


def vector(n: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """n values away from zero."""
    return random.uniform(0.3, 1.7, n)


def matrix(n: int, m: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """n rows of m values away from zero."""
    return random.uniform(0.3, 1.7, (n, m))


MODELS: tuple[Model, ...] = (
    Model(
        "product_accumulator",
        """
def f(x: f64[n]) -> f64:
    p = 1.0
    for i in range(n):
        p *= x[i]
    return p
""",
        {"x": vector(5)},
    ),
    Model(
        "made_before_used_after_a_loop",
        """
def f(x: f64[n], steps: i64) -> f64:
    a = sin(x[0]) * x[1]
    y = x[2]
    for t in range(steps):
        y = y * y * 0.5 + a
    return y * a
""",
        {"x": vector(3), "steps": 4},
    ),
    Model(
        "overwritten_between_sweeps",
        """
def f(x: f64[n]) -> f64:
    a = zeros(n)
    for i in range(n):
        a[i] = x[i] * x[i]
    s = 0.0
    for i in range(n):
        s += a[i] * sin(a[i])
        a[i] = exp(-a[i])
    for i in range(n):
        s *= 1.0 + a[i] * x[i]
    return s
""",
        {"x": vector(6)},
    ),
    Model(
        "add_to_itself_two_ways",
        """
def f(x: f64[n]) -> f64:
    v = zeros(n)
    w = zeros(n)
    for t in range(3):
        for i in range(n):
            v[i] = v[i] + x[i] * (1.0 + v[i])
            w[i] += x[i] * (1.0 + w[i])
    return sum(v) * sum(w * w)
""",
        {"x": vector(4)},
    ),
    Model(
        "recurrence_through_an_array",
        """
def f(x: f64[n]) -> f64:
    a = zeros(n)
    a[0] = x[0]
    for i in range(1, n):
        a[i] = sin(a[i - 1]) * x[i] + a[i - 1] * a[i - 1]
    return a[n - 1]
""",
        {"x": vector(7)},
    ),
    Model(
        "two_arrays_from_one",
        """
def f(x: f64[n]) -> f64:
    a = x * x
    b = a
    for i in range(n):
        a[i] = a[i] * x[0]
    for i in range(n):
        b[i] = b[i] + a[i]
    return dot(a, b)
""",
        {"x": vector(4)},
    ),
    Model(
        "continue_and_break",
        """
def f(x: f64[n]) -> f64:
    s = 1.0
    for i in range(n):
        if x[i] < 0.6:
            continue
        if s > 6.0:
            break
        s += x[i] * s
    return s * s
""",
        {"x": np.array([0.5, 0.9, 1.1, 0.4, 1.5, 1.2, 1.3, 0.9])},
    ),
    Model(
        "early_return_in_nested_loops",
        """
def f(x: f64[n, m]) -> f64:
    s = 0.0
    for i in range(n):
        for j in range(m):
            s += x[i, j] * x[i, j]
            if s > 5.0:
                return s * x[i, j]
    return s
""",
        {"x": matrix(4, 3)},
    ),
    Model(
        "while_newton",
        """
def f(a: f64) -> f64:
    x = a
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x * a
""",
        {"a": 7.3},
    ),
    Model(
        "while_inside_for_with_array",
        """
def f(x: f64[n]) -> f64:
    s = 0.0
    work = zeros(3)
    for i in range(n):
        k = 0
        work[:] = x[i]
        while work[0] < 3.0:
            work[0] = work[0] * (1.0 + x[i])
            work[1] += work[0] * work[2]
            work[2] = sin(work[1])
            k += 1
        s += work[1] * work[2] + k
    return s
""",
        {"x": vector(5)},
    ),
    Model(
        "triangular_loops",
        """
def f(x: f64[n]) -> f64:
    s = 0.0
    for i in range(n):
        p = 1.0
        for j in range(i):
            p = p * x[j] + sin(p)
        s += p * x[i]
    return s
""",
        {"x": vector(6)},
    ),
    Model(
        "branches_that_overwrite",
        """
def f(x: f64[n]) -> f64:
    y = 0.0
    z = 1.0
    for i in range(n):
        if x[i] > 1.0:
            y = y * x[i] + z
            z = sin(y)
        elif x[i] > 0.7:
            z = z * x[i]
        else:
            y += x[i]
    return y * z
""",
        {"x": np.array([1.2, 0.8, 0.5, 1.4, 0.75, 1.1])},
    ),
    Model(
        "descending_and_strided",
        """
def f(x: f64[n]) -> f64:
    s = 0.0
    for i in range(n - 1, -1, -1):
        s = s * 0.5 + x[i] * x[i]
    for i in range(0, n, 3):
        s = s * x[i]
    return s
""",
        {"x": vector(8)},
    ),
    Model(
        "shifted_update",
        """
def f(x: f64[n]) -> f64:
    a = x * 1.0
    for t in range(3):
        a[1:] += a[:-1] * x[1:]
    return sum(a * a)
""",
        {"x": vector(5)},
    ),
    Model(
        "row_swap_and_transpose",
        """
def f(x: f64[n, n]) -> f64:
    a = x * x
    a[0], a[1] = a[1], a[0]
    a = a.T
    s = 0.0
    for i in range(n):
        s += a[i, 0] * x[0, i] + dot(a[i], x[i])
    return s
""",
        {"x": matrix(3, 3)},
    ),
    Model(
        "burgers_step",
        """
def f(u0: f64[n], steps: i64) -> f64:
    u = u0
    for t in range(steps):
        new = u
        for i in range(1, n - 1):
            second = u[i + 1] - 2.0 * u[i] + u[i - 1]
            new[i] = u[i] - 0.1 * u[i] * (u[i] - u[i - 1]) + 0.05 * second
        u = new
    return sum(u * u)
""",
        {"u0": vector(9), "steps": 5},
    ),
    Model(
        "calls_and_arrays",
        """
def scale(x: f64[n], a: f64) -> f64[n]:
    y = x
    for i in range(n):
        y[i] *= a
    return y

def energy(x: f64[n], w: f64[n]) -> f64:
    return dot(x, w) + sum(tanh(x))

def f(x: f64[n], a: f64) -> f64:
    return energy(scale(x, a), x) * energy(x, x)
""",
        {"x": vector(4), "a": 0.7},
    ),
    Model(
        "one_value_twice",
        """
def g(x: f64[n], y: f64[n]) -> f64:
    s = 0.0
    for i in range(n):
        s += x[i] * x[i] * y[n - 1 - i]
    return s

def f(x: f64[n]) -> f64:
    return g(x, x)
""",
        {"x": vector(5)},
    ),
    Model(
        "records",
        """
class Layer:
    w: f64[o, i]
    b: f64[o]
    gain: f64

def f(layer: Layer, x: f64[n]) -> f64:
    h = zeros(len(layer.b))
    for k in range(len(layer.b)):
        h[k] = tanh(dot(layer.w[k], x) + layer.b[k])
    out = layer
    out.b += h
    out.gain = layer.gain * 2.0
    return out.gain * sum(out.b * h)
""",
        {"layer": {"w": matrix(3, 4), "b": vector(3), "gain": 1.3}, "x": vector(4)},
    ),
    Model(
        "whole_arrays",
        """
def f(x: f64[n, m], w: f64[m]) -> f64:
    centred = x - mean(x, axis=0)
    scores = centred @ w
    return logsumexp(scores) + sum(where(scores > 0.0, sqrt(abs(scores) + 1.0), exp(scores)))
""",
        {"x": matrix(5, 3), "w": vector(3)},
    ),
    Model(
        "comprehensions",
        """
def f(x: f64[n], y: f64[m]) -> f64:
    table = [x[i] * sin(y[j]) for i in range(n) for j in range(m)]
    lower = sum(table[i, j] * table[j, i] for i in range(min(n, m)) for j in range(i) if i > 0)
    return lower + prod(table[0]) + max(table[:, 1])
""",
        {"x": vector(4), "y": vector(3)},
    ),
    Model(
        "softmax_cross_entropy",
        """
def f(w: f64[k, d], x: f64[n, d], label: i64[n]) -> f64:
    loss = 0.0
    for i in range(n):
        logits = w @ x[i]
        loss += logsumexp(logits) - logits[label[i]]
    return loss / n
""",
        {"w": matrix(3, 2), "x": matrix(5, 2), "label": np.array([0, 2, 1, 1, 0])},
    ),
    Model(
        "tuple_results",
        """
def polar(x: f64, y: f64) -> (f64, f64):
    return hypot(x, y), atan2(y, x)

def f(x: f64, y: f64) -> f64:
    r, angle = polar(x, y)
    r, angle = r * angle, r + angle
    return r ** 3 + cos(angle)
""",
        {"x": 0.8, "y": 1.3},
    ),
    Model(
        "powers",
        """
def f(x: f64[n], k: i64) -> f64:
    return sum(x ** 3) + sum(x ** k) + sum(2.0 ** x) + sum(x ** 0.5) + sum(x ** -2) + x[0] ** x[1]
""",
        {"x": vector(3), "k": 5},
    ),
    Model(
        "parameter_assigned",
        """
def f(x: f64[n], a: f64) -> f64:
    a = a * 2.0
    x[0] = a
    x *= 3.0
    return sum(x * x) * a
""",
        {"x": vector(3), "a": 0.4},
    ),
)
