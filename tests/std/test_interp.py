"""Interpolation against NumPy and SciPy."""

from typing import Any

import numpy as np
import pytest
from scipy.interpolate import CubicHermiteSpline, CubicSpline

import dpc
from tests.std.library import check_derivatives, check_value, library

X = np.array([-1.0, 0.0, 0.5, 2.0, 2.5])
Y = np.array([0.3, -1.0, 2.0, 0.7, 0.1])
SLOPES = np.array([1.0, 0.0, -0.5, 2.0, 0.3])
PLACES = (-2.0, -0.3, 0.5, 1.9, 2.7)


def spline(t: float, x: Any, y: Any) -> Any:
    return CubicSpline(x, y, bc_type="natural")(t)


def pieces(t: float, x: Any, y: Any, slopes: Any) -> Any:
    return CubicHermiteSpline(x, y, slopes)(t)


def slopes_of(x: Any, y: Any) -> Any:
    return CubicSpline(x, y, bc_type="natural")(x, 1)


@pytest.mark.parametrize("t", PLACES)
@pytest.mark.parametrize("n", [2, 3, 5])
def test_values(t: float, n: int) -> None:
    m = library("interp")
    check_value(m.linear, np.interp, (t, X[:n], Y[:n]))
    check_value(m.natural, spline, (t, X[:n], Y[:n]))
    check_value(m.hermite, pieces, (t, X[:n], Y[:n], SLOPES[:n]))
    check_value(m.natural_slopes, slopes_of, (X[:n], Y[:n]))


@pytest.mark.parametrize("t", [-2.0, -0.3, 1.9, 2.7])
def test_derivatives(t: float) -> None:
    m = library("interp")
    check_derivatives(m.linear, (t, X, Y))
    check_derivatives(m.natural, (t, X, Y))
    check_derivatives(m.hermite, (t, X, Y, SLOPES))
    check_derivatives(m.natural_slopes, (X, Y))


def test_few_knots() -> None:
    m = library("interp")
    assert m.linear(3.0, X[:1], Y[:1]) == Y[0]
    with pytest.raises(dpc.RuntimeError, match="linear needs a knot"):
        m.linear(3.0, X[:0], Y[:0])
    with pytest.raises(dpc.RuntimeError, match="a spline needs two knots, there is 1"):
        m.natural(3.0, X[:1], Y[:1])


def test_interval() -> None:
    m = library("interp")
    assert [m.interval(t, X) for t in (-9.0, -1.0, 0.0, 1.0, 2.5, 9.0)] == [0, 0, 1, 2, 3, 3]
