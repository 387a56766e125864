"""Sequential loops in many shapes, each with its sizes and inputs; `T` is the number of steps."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Program:
    """A function `f` whose inputs end with the number of steps, and what its states hold."""

    text: str
    inputs: tuple[Any, ...]
    carried: int = 0
    arrays: tuple[str, ...] = ()
    sizes: dict[str, int] = field(default_factory=dict)
    loops: int = 1


_VECTOR = np.linspace(0.3, 1.1, 5)

PROGRAMS: dict[str, Program] = {
    "scalars": Program(
        """
def f(x0: f64, y0: f64, T: i64) -> f64:
    x, y = x0, y0
    for t in range(T):
        x, y = x + 0.1 * sin(y), y * cos(x)
    return x * y
""",
        (0.3, 0.7),
        carried=2,
    ),
    "array": Program(
        """
def f(u0: f64[n], a: f64, T: i64) -> f64:
    u = u0
    for t in range(T):
        v = u
        for i in range(1, n - 1):
            v[i] = u[i] - a * u[i] * (u[i + 1] - u[i - 1])
        u = v
    return sum(u * u)
""",
        (_VECTOR, 0.2),
        arrays=("u",),
        sizes={"n": 5},
    ),
    "result": Program(
        """
def f(u0: f64[n], T: i64) -> f64[n]:
    u = u0
    for t in range(T):
        for i in range(n):
            u[i] = sin(u[i]) + 0.1 * u[(i + 1) % n] * u[i]
    return u
""",
        (_VECTOR,),
        arrays=("u",),
        sizes={"n": 5},
    ),
    "history": Program(
        """
def f(u0: f64[n], k: f64[n], T: i64) -> f64:
    u = zeros(T + 1, n)
    u[0, :] = u0
    total = 0.0
    for t in range(T):
        w = 0.0
        for i in range(n):
            u[t + 1, i] = sin(u[t, i]) * k[i]
            w += u[t + 1, i] * u[t, i]
        total += sin(w) * w
    return total + u[T, 0]
""",
        (_VECTOR, _VECTOR + 0.2),
        sizes={"n": 5},
    ),
    "temporary": Program(
        """
def f(u0: f64[n], T: i64) -> f64:
    w = zeros(n)
    x = 0.4
    for t in range(T):
        for i in range(n):
            w[i] = u0[i] * x
        s = 0.0
        for i in range(n):
            s += sin(w[i]) * w[i]
        x = cos(s * x)
    return x + w[0]
""",
        (_VECTOR,),
        carried=1,
        sizes={"n": 5},
    ),
    "overwritten later": Program(
        """
def f(u0: f64[n], T: i64) -> f64:
    k = u0 * 2.0
    x = 0.4
    for t in range(T):
        x = sin(x * k[t % n]) + k[0]
    for i in range(n):
        k[i] = k[i] * k[i] * x
    return sum(k)
""",
        (_VECTOR,),
        carried=1,
        sizes={"n": 5},
    ),
    "integers": Program(
        """
def f(x0: f64, w: f64[n], T: i64) -> f64:
    x = x0
    seed: i64 = 12345
    for t in range(T):
        seed = (seed * 1103515245 + 12345) % 2147483648
        x = sin(x * w[seed % n]) + x * x * 0.1
    return x
""",
        (0.6, _VECTOR),
        carried=2,
        sizes={"n": 5},
    ),
    "branches": Program(
        """
def f(x0: f64, w: f64[n], T: i64) -> f64:
    x = x0
    up = True
    for t in range(T):
        if up:
            x = x * x + w[t % n]
        else:
            x = sin(x)
        up = x < 0.9
    return x
""",
        (0.6, _VECTOR),
        carried=2,
        sizes={"n": 5},
    ),
    "inner while": Program(
        """
def f(x0: f64, T: i64) -> f64:
    x = x0
    for t in range(T):
        y = x
        while y < 4.0:
            y = y * y + 1.0 + 0.1 * x
        x = cos(y) + 0.1 * t
    return x
""",
        (0.6,),
        carried=1,
    ),
    "step and start": Program(
        """
def f(x0: f64, w: f64[n], T: i64) -> f64:
    x = x0
    for t in range(3, 3 + 2 * T, 2):
        x = sin(x * w[t % n]) * t
    return x
""",
        (0.6, _VECTOR),
        carried=1,
        sizes={"n": 5},
    ),
    "downwards": Program(
        """
def f(x0: f64, w: f64[n], T: i64) -> f64:
    x = x0
    for t in range(T, 0, -1):
        x = sin(x * w[t % n]) * t
    return x
""",
        (0.6, _VECTOR),
        carried=1,
        sizes={"n": 5},
    ),
    "two loops": Program(
        """
def f(x0: f64, T: i64) -> f64:
    x = x0
    for t in range(T):
        x = sin(x) * x + 0.3
    y = x
    for t in range(2 * T):
        y = y * cos(y) + x
    return x * y
""",
        (0.6,),
        carried=1,
        loops=2,
    ),
    "in a branch": Program(
        """
def f(x0: f64, T: i64) -> f64:
    x = x0
    if T > 2:
        for t in range(T):
            x = sin(x) * x + 0.3
    else:
        x = x * x
    return x
""",
        (0.6,),
        carried=1,
    ),
    "sums inside": Program(
        """
def f(u0: f64[n], T: i64) -> f64:
    u = u0
    for t in range(T):
        s = 0.0
        for i in range(n):
            s += u[i] * u[i] * sin(u[i])
        for i in range(n):
            u[i] = u[i] * s + 0.1
        for i in range(n):
            u[i] = u[i] / (1.0 + u[i] * u[i])
    return sum(u)
""",
        (np.linspace(0.3, 1.1, 21),),
        arrays=("u",),
        sizes={"n": 21},
    ),
    "what is seen once": Program(
        """
def f(x0: f64, T: i64) -> (f64, f64[3]):
    x = x0
    trace = [0.0, 0.0, 0.0]
    total = 0.0
    for t in range(T):
        assert x < 100.0
        x = sin(x) * x + 0.3
        trace[t % 3] = x * x
        total += x
    return x + total, trace
""",
        (0.6,),
        carried=1,
    ),
}
