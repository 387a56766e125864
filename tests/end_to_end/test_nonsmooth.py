"""Derivatives of first and second order where a function has none: by convention, in every mode,
of a scalar and of an array's elements.
"""

from math import inf
from typing import Any, NamedTuple

import numpy as np
import pytest

import dpc


class Case(NamedTuple):
    """An expression in x, a point, both derivatives there; None where nothing is promised."""

    expression: str
    x: float
    first: float | None
    second: float | None


CASES = (
    Case("where(x > 0.0, sqrt(x), 0.0)", 0.0, 0.0, 0.0),
    Case("sqrt(x) if x > 0.0 else 0.0", 0.0, 0.0, 0.0),
    Case("where(x > 0.0, log(x), -1.0)", -1.0, 0.0, 0.0),
    Case("where(x > 0.0, x * log(x), 0.0)", 0.0, 0.0, 0.0),
    Case("where(x == 0.0, 1.0, sin(x) / x)", 0.0, 0.0, 0.0),
    Case("exp(-x * x) * where(x > 30.0, 0.0, 1.0 / exp(-x * x))", 40.0, 0.0, 0.0),
    Case("x * where(x > 0.0, 1.0, 1.0 / x)", 2.0, 1.0, 0.0),
    Case("max(x, 0.0)", 0.0, 1.0, 0.0),
    Case("max(0.0, x)", 0.0, 0.0, 0.0),
    Case("min(x, 0.0)", 0.0, 1.0, 0.0),
    Case("min(0.0, x)", 0.0, 0.0, 0.0),
    Case("max([x, 0.0, x])", 0.0, 1.0, 0.0),
    Case("sort([x, 0.0])[0]", 0.0, 1.0, 0.0),
    Case("relu(x)", 0.0, 0.0, 0.0),
    Case("abs(x)", 0.0, 0.0, 0.0),
    Case("sign(x) * x", 0.0, 0.0, 0.0),
    Case("floor(x) * x", 1.0, 1.0, 0.0),
    Case("ceil(x) * x", 2.0, 2.0, 0.0),
    Case("round(x) * x", 2.5, 2.0, 0.0),
    Case("clip(x, 0.0, 1.0)", 0.0, 1.0, 0.0),
    Case("clip(x, 0.0, 1.0)", 1.0, 1.0, 0.0),
    Case("sqrt(x)", 0.0, inf, -inf),
    Case("cbrt(x)", 0.0, inf, None),
    Case("log(x)", 0.0, inf, -inf),
    Case("log1p(x)", -1.0, inf, None),
    Case("asin(x)", 1.0, inf, None),
    Case("acosh(x)", 1.0, inf, None),
    Case("x ** 0.0", 0.0, 0.0, 0.0),
    Case("x ** 1.0", 0.0, 1.0, 0.0),
    Case("x ** 2.0", 0.0, 0.0, 2.0),
    Case("x ** 0.5", 0.0, inf, None),
    Case("x ** 1.5", 0.0, 0.0, inf),
    Case("x ** 2.5", 0.0, 0.0, 0.0),
    Case("x ** -1.0", 0.0, -inf, None),
    Case("x ** 3.0", -2.0, 12.0, -12.0),
    Case("x ** 0", 0.0, 0.0, 0.0),
    Case("x ** 1", 0.0, 1.0, 0.0),
    Case("x ** 2", 0.0, 0.0, 2.0),
    Case("x ** 3", 0.0, 0.0, 0.0),
    Case("0.0 ** x", 2.0, 0.0, 0.0),
    Case("(-2.0) ** x", 2.0, 0.0, 0.0),
    Case("sin(x) ** 2", 0.0, 0.0, 2.0),
    Case("sin(x) * sin(x)", 0.0, 0.0, 2.0),
    Case("atan2(x, 0.0 * x)", 0.0, 0.0, 0.0),
    Case("hypot(x, x)", 0.0, 0.0, 0.0),
    Case("norm([x, 2.0 * x])", 0.0, 0.0, 0.0),
    Case("std([x, x])", 1.0, 0.0, 0.0),
    Case("var([x, x])", 1.0, 0.0, 0.0),
    Case("logsumexp([x - inf, -inf])", 0.0, 0.0, 0.0),
    Case("logsumexp([x, -inf])", 0.5, 1.0, 0.0),
    Case("logsumexp([x, x])", 0.5, 1.0, 0.0),
    Case("logaddexp(x, -inf)", 0.0, 1.0, 0.0),
    Case("logaddexp(x - inf, -inf)", 0.0, 0.0, 0.0),
    Case("softmax([x, 0.0])[0]", 0.0, 0.25, 0.0),
    Case("sigmoid(x)", 800.0, 0.0, 0.0),
    Case("softplus(x)", -800.0, 0.0, 0.0),
    Case("tanh(x)", 400.0, 0.0, 0.0),
    Case("prod([x, 0.0, 3.0])", 0.0, 0.0, 0.0),
    Case("prod([x, 2.0])", 0.0, 2.0, 0.0),
    Case("prod([x, x])", 0.0, 0.0, 2.0),
    Case("cumprod([x, x, 2.0])[2]", 0.0, 0.0, 4.0),
    Case("x % 2.0", 4.0, 1.0, 0.0),
    Case("copysign(x, -1.0)", 2.0, -1.0, 0.0),
)


@pytest.fixture(scope="module")
def m() -> Any:
    parts = [
        f"def f_{i}(x: f64) -> f64:\n    return {case.expression}\n"
        f"def g_{i}(x: f64) -> f64:\n    return grad(f_{i})(x)\n"
        f"def s_{i}(v: f64[n]) -> f64:\n    return sum(f_{i}(x) for x in v)\n"
        for i, case in enumerate(CASES)
    ]
    return dpc.compile("\n".join(parts))


def _expect(found: float, promised: float | None) -> None:
    if promised is not None:
        assert found == pytest.approx(promised, rel=1e-12, abs=1e-12)


@pytest.mark.filterwarnings("ignore::dpc.CompileWarning")
@pytest.mark.parametrize("number", range(len(CASES)), ids=[c.expression for c in CASES])
def test_derivatives_by_convention(m: Any, number: int) -> None:
    case = CASES[number]
    f, g, total = (m.functions[f"{name}_{number}"] for name in "fgs")
    firsts = [dpc.grad(f)(case.x), dpc.jvp(f)(case.x, 1.0)[1]]
    seconds = [dpc.grad(g)(case.x), dpc.jvp(g)(case.x, 1.0)[1]]
    twice, along = np.array([case.x, case.x]), np.array([1.0, 0.0])
    gradient, curvature = dpc.jvp(dpc.grad(total))(twice, along)
    firsts += [gradient[0], gradient[1], dpc.jvp(total)(twice, along)[1]]
    seconds.append(curvature[0])
    assert curvature[1] == 0.0
    for found in firsts:
        assert found == found, "a finite value has a NaN derivative"
        _expect(found, case.first)
    for found in seconds:
        _expect(found, case.second)
