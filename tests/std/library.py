"""Loading the standard library's modules, and what the tests say about a function of them."""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

import dpc
from dpc.dsl.program import standard_library, standard_source
from dpc.runtime.function import Function
from dpc.runtime.module import Module

Oracle = Callable[..., Any]
NAMES = sorted(
    f.name.removesuffix(".dp")
    for f in standard_library().iterdir()
    if f.name.endswith(".dp") and not f.name.startswith("_")
)


@cache
def library(name: str) -> Module:
    """A module of the standard library."""
    return Module(standard_source(name), {"math": "strict"})


def check_value(function: Function, oracle: Oracle, arguments: tuple[Any, ...]) -> None:
    """The value is the oracle's."""
    expected = np.asarray(oracle(*arguments))
    found = np.asarray(function(*arguments))
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12)


def check_derivatives(function: Function, arguments: tuple[Any, ...]) -> None:
    """First derivatives against differences, second ones both ways."""
    report = dpc.check_grad(function, *arguments)
    assert report.ok, str(report)
    if function.result_text == "f64":
        report = dpc.check_grad(dpc.grad(function), *arguments)
        assert report.ok, str(report)


def close(left: float, right: float) -> bool:
    """Equal but for rounding."""
    return math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-13)
