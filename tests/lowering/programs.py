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


def case(name: str, text: str, **arguments: Any) -> Program:
    """A program from indented text."""
    return Program(name, dedent(text).lstrip(), arguments)


SCALARS: tuple[Program, ...] = (
    case(
        "arithmetic",
        """
        def f(x: f64, y: f64) -> f64:
            return (x + y) * (x - y) / (1.0 + x * x) - -y
        """,
        x=1.5,
        y=-0.7,
    ),
    case(
        "powers",
        """
        def f(x: f64, y: f64, k: i64) -> (f64, f64, f64, f64, f64, i64, i64):
            return x ** 3, x ** -2, x ** 0, x ** k, x ** y, k ** 3, 2 ** k
        """,
        x=1.3,
        y=0.4,
        k=5,
    ),
    case(
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
    case(
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
    case(
        "integers",
        """
        def f(i: i64, j: i64) -> (i64, i64, i64, i64, i64, bool):
            return (i & j) + (i | j), i ^ j, ~i, max(i, j) - min(i, j), abs(i) + sign(i), i < j
        """,
        i=-13,
        j=6,
    ),
    case(
        "conversions",
        """
        def f(x: f64, i: i64, b: bool) -> (i64, f64, f64, i64):
            return i64(x), f64(i) / 2.0, f64(b) + x, i64(b) + i
        """,
        x=-2.7,
        i=5,
        b=True,
    ),
    case(
        "single_precision",
        """
        def f(x: f32, k: i32) -> f32:
            y = x * x + 1.5
            return sqrt(y) + f32(k)
        """,
        x=np.float32(0.1),
        k=3,
    ),
    case(
        "logic",
        """
        def f(x: f64, y: f64) -> (bool, bool, bool, bool):
            return (x < y and y < 3.0, x > y or y > 0.0, not x < y,
                    0.0 < x < y < exp(x) + 5.0)
        """,
        x=0.5,
        y=0.8,
    ),
    case(
        "conditional_expressions",
        """
        def f(x: f64, n: i64) -> (f64, f64, i64):
            return (x if x > 0.0 else -x, log(x) if x > 0.0 else exp(x) * sin(x),
                    1 if n > 3 else n)
        """,
        x=-0.5,
        n=2,
    ),
    case(
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
