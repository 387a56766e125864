"""Log-densities against SciPy, their derivatives against differences in high precision."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

import dpc
from dpc.dsl.program import standard_source
from dpc.runtime.module import Module

Oracle = Callable[..., Any]


@pytest.fixture(scope="module")
def library() -> Module:
    return Module(standard_source("stats"), {"math": "strict"})


# function, SciPy's, arguments
SCALARS: list[tuple[str, Oracle, list[tuple[Any, ...]]]] = [
    ("normal_lpdf", stats.norm.logpdf, [(0.3, -1.0, 2.0), (-4.0, 0.5, 0.1)]),
]
CASES = [(name, oracle, a) for name, oracle, listed in SCALARS for a in listed]


@pytest.mark.parametrize(("name", "oracle", "arguments"), CASES)
def test_values(library: Module, name: str, oracle: Oracle, arguments: tuple[Any, ...]) -> None:
    expected = float(oracle(*arguments))
    assert math.isclose(getattr(library, name)(*arguments), expected, rel_tol=1e-12, abs_tol=1e-13)


@pytest.mark.parametrize(("name", "oracle", "arguments"), CASES)
def test_derivatives(
    library: Module, name: str, oracle: Oracle, arguments: tuple[Any, ...]
) -> None:
    report = dpc.check_grad(getattr(library, name), *arguments)
    assert report.ok, str(report)


def test_wrong_parameters_are_named(library: Module) -> None:
    with pytest.raises(dpc.RuntimeError, match=r"sigma is -1\.0, not positive") as caught:
        library.normal_lpdf(0.0, 0.0, -1.0)
    assert caught.value.file == "std/stats.dp"


def test_elementwise() -> None:
    m = dpc.compile(
        "from stats import normal_lpdf\n"
        "def f(y: f64[n], mu: f64) -> f64:\n    return sum(normal_lpdf(y, mu, 2.0))\n"
    )
    y = np.array([0.5, -1.0, 3.0])
    np.testing.assert_allclose(m.f(y, 0.3), stats.norm.logpdf(y, 0.3, 2.0).sum(), rtol=1e-14)
    assert dpc.check_grad(m.f, y, 0.3).ok
