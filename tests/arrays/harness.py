"""Rows of built-ins on arrays, and how each is compared with NumPy and differentiated.

A row is an expression of the language over the parameters below and what it means in NumPy.
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

import dpc

PARAMETERS = (
    "x: f64[n], y: f64[n], a: f64[n, m], b: f64[n, m], t: f64[n, m, 2], v: f64[n, 3], "
    "s: f32[n], q: i64[n], p: bool[n], k: i64"
)
FLOATS = ("x", "y", "a", "b", "t", "v")
EXTENTS = ((3, 4), (1, 1), (0, 2), (2, 0))


@dataclass(frozen=True)
class Row:
    """An expression, the type of its value, and the same in NumPy (None: the same text).

    `empty`: it has a value where an extent is 0. `smooth`: it is differentiable at the point.
    """

    text: str
    type: str
    numpy: str | None = None
    empty: bool = True
    smooth: bool = True

    @property
    def source(self) -> str:
        """A function whose value is the expression."""
        return f"def f({PARAMETERS}) -> {self.type}:\n    return {self.text}\n"

    @property
    def scalar_source(self) -> str:
        """A smooth function of the expression's elements."""
        value = "value" if "[" not in self.type else "sum(sin(value))"
        return f"def f({PARAMETERS}) -> f64:\n    value = {self.text}\n    return {value}\n"


def arguments(n: int, m: int) -> dict[str, Any]:
    """Values without ties."""
    random = np.random.default_rng(7)
    shapes = {"x": (n,), "y": (n,), "a": (n, m), "b": (n, m), "t": (n, m, 2), "v": (n, 3)}
    found: dict[str, Any] = {name: random.normal(size=shape) for name, shape in shapes.items()}
    found["s"] = random.normal(size=n).astype(np.float32)
    found["q"] = random.integers(-5, 6, n)
    found["p"] = random.integers(0, 2, n) > 0
    found["k"] = 2
    return found


def by_numpy(row: Row, given: dict[str, Any]) -> Any:
    """What NumPy makes of the expression."""
    n, m = given["a"].shape
    with np.errstate(all="ignore"):
        return eval(row.numpy or row.text, {"np": np, "n": n, "m": m, **given})


def assert_value(row: Row, extents: tuple[int, int], rtol: float = 1e-13) -> None:
    """The value is NumPy's: numbers, shape and kind of element."""
    given = arguments(*extents)
    found = dpc.compile(row.source).f(**given)
    expected = np.asarray(by_numpy(row, given))
    assert np.asarray(found).dtype.kind == expected.dtype.kind
    assert np.shape(found) == expected.shape
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-15)


def assert_derivatives(row: Row, extents: tuple[int, int] = (2, 3)) -> None:
    """Both modes are right, of the expression and of its gradient."""
    given = arguments(*extents)
    report = dpc.check_grad(dpc.compile(row.source).f, **given)
    assert report.ok, str(report)
    scalar = dpc.compile(row.scalar_source).f
    active = tuple(name for name in FLOATS if re.search(rf"\b{name}\b", row.text))
    first = dpc.grad(scalar, wrt=active[:1])
    report = dpc.check_grad(first, **given)
    assert report.ok, str(report)
