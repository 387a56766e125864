"""The comparison of a directional derivative with differences, on functions written in NumPy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dpc.runtime.differences import DOUBLE, SINGLE, Outcome, compare
from dpc.runtime.values import Vector

Curve = Callable[[float], float]


def judge(curve: Curve, derivative: float, precision: Any = DOUBLE) -> Outcome:
    """The verdict on a derivative of a curve at 0; NaN stands for outside of the domain."""

    def shifted(h: float) -> Vector | None:
        value = np.array([curve(h)])
        return value if np.isfinite(value).all() else None

    return compare(np.array([curve(0.0)]), np.array([derivative]), shifted, precision)


SMOOTH: list[tuple[str, Curve, float]] = [
    ("exp", lambda h: np.exp(1 + h), np.e),
    ("sin", lambda h: np.sin(2 + h), np.cos(2.0)),
    ("linear", lambda h: 3 * h + 7, 3.0),
    ("constant", lambda h: 7.0, 0.0),
    ("square", lambda h: h * h, 0.0),
    ("large", lambda h: 1e12 * (1 + h) ** 3, 3e12),
    ("small", lambda h: 1e-12 * np.exp(h), 1e-12),
    ("offset", lambda h: 1e6 + np.sin(h), 1.0),
    ("steep", lambda h: np.exp(20 * h), 20.0),
    ("wavy", lambda h: np.sin(300 * h + 1), 300 * np.cos(1.0)),
    ("saturated", lambda h: 1 / (1 + np.exp(-20 * (1 + h))) - 1, 20 * np.exp(-20.0)),
    ("underflown", lambda h: 1 - 1 / (1 + np.exp(-110 * (1 + h))), -110 * np.exp(-110.0)),
    ("cancelling", lambda h: ((1e8 + h) ** 2 - 1e16) / 1e8, 2.0),
]


@pytest.mark.parametrize(("name", "curve", "slope"), SMOOTH, ids=[s[0] for s in SMOOTH])
def test_right_derivative(name: str, curve: Curve, slope: float) -> None:
    outcome = judge(curve, slope)
    assert outcome.ok
    assert not outcome.kink


CLEAR = [s for s in SMOOTH if s[0] not in ("constant", "square", "underflown", "cancelling")]


@pytest.mark.parametrize("wrong_by", [1e-3, -0.5, 2.0])
@pytest.mark.parametrize(("name", "curve", "slope"), CLEAR, ids=[s[0] for s in CLEAR])
def test_wrong_derivative(name: str, curve: Curve, slope: float, wrong_by: float) -> None:
    # Where a function is nearly flat, rounding inside of it hides small errors.
    hidden = name in ("small", "saturated") and abs(wrong_by) < 0.1
    assert judge(curve, slope * (1 + wrong_by)).ok == hidden


def test_order_of_a_right_derivative_is_two() -> None:
    orders = [o for o in judge(lambda h: np.exp(1 + h), np.e).orders if not np.isnan(o)]
    assert len(orders) >= 5
    assert orders[2:5] == pytest.approx([2, 2, 2], abs=0.05)


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
def test_kink(slope: float) -> None:
    outcome = judge(lambda h: max(h, 0.0) + 2, slope)
    assert outcome.ok
    # Half of both slopes is what central differences see as well.
    assert outcome.kink == (slope != 0.5)


@pytest.mark.parametrize("slope", [-0.1, 1.1])
def test_derivative_beside_a_kink(slope: float) -> None:
    assert not judge(lambda h: max(h, 0.0) + 2, slope).ok


def test_jump() -> None:
    assert judge(np.sign, 0.0).ok
    assert judge(lambda h: np.floor(1 + h), 0.0).ok


def test_edge_of_the_domain() -> None:
    with np.errstate(invalid="ignore"):
        assert judge(lambda h: np.sqrt(h) * h + h, 1.0).ok
        assert not judge(lambda h: np.sqrt(h) * h + h, 1.5).ok
        assert judge(lambda h: np.sqrt(-h) * h + h, 1.0).ok


def test_infinite_slope_is_not_compared() -> None:
    assert judge(lambda h: np.cbrt(h), np.inf).ok


def test_single_precision() -> None:
    def curve(h: float) -> float:
        return float(np.sin(np.float32(1 + h)))

    assert judge(curve, np.cos(1.0), SINGLE).ok
    assert not judge(curve, 1.2 * np.cos(1.0), SINGLE).ok


def test_one_wrong_element_among_right_ones() -> None:
    def shifted(h: float) -> Vector:
        return np.array([np.exp(h), np.sin(h), h])

    right = compare(shifted(0.0), np.array([1.0, 1.0, 1.0]), shifted, DOUBLE)
    wrong = compare(shifted(0.0), np.array([1.0, 1.01, 1.0]), shifted, DOUBLE)
    assert (right.ok, wrong.ok) == (True, False)
