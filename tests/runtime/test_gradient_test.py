"""Gradient tests of whole functions: wrong derivatives are found, domains are respected."""

from typing import Any

import numpy as np
import pytest

import dpc
from dpc.runtime import gradient_test
from dpc.runtime.check_gradient import Checker
from dpc.runtime.function import Function
from dpc.runtime.gradient_test import check_gradients, is_testable

SOURCE = """
def square(x: f64[n]) -> f64:
    return sum(x * x)

def nearly(x: f64[n]) -> f64:
    return sum(x * x) + 0.0001 * sum(x * sin(x))

def positive(x: f64) -> f64:
    assert x > 0.0, "x is positive"
    return log(x)

def never(x: f64) -> f64:
    assert x > 1000.0, "x is large"
    return x

def rectified(x: f64[n]) -> f64:
    return sum(abs(x)) + sum(relu(x)) + sum(max(x, 0.0))

def fits(x: f64[n], y: f64[m]) -> f64:
    assert n == 2 * m, "n is 2 m"
    return sum(x) * sum(y)

def count(k: i64) -> i64:
    return k

def compare(x: f64) -> bool:
    return x > 0.0
"""


@pytest.fixture(scope="module")
def m() -> Any:
    return dpc.compile(SOURCE)


@pytest.mark.parametrize("modes", [("_jvp",), ("_vjp",), ("_jvp", "_vjp")])
def test_wrong_derivatives_are_found(
    m: Any, modes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wrong(Checker):
        """Takes derivatives of `nearly` for those of `square`."""

        def __init__(self, f: Function) -> None:
            super().__init__(f)
            other = Checker(m.nearly)
            for name in modes:
                setattr(self, name, getattr(other, name))

    assert check_gradients(m.square).ok
    monkeypatch.setattr(gradient_test, "Checker", Wrong)
    verdict = check_gradients(m.square)
    assert not verdict.ok
    assert "square: FAILED at normal values with n = " in str(verdict)
    assert "argument array(" in str(verdict)


def test_kinks_are_no_failures(m: Any) -> None:
    verdict = check_gradients(m.rectified)
    assert verdict.ok
    assert verdict.special_points == 24


def test_points_outside_of_the_domain(m: Any) -> None:
    verdict = check_gradients(m.positive)
    assert verdict.ok
    assert verdict.random_points == 4
    assert "points lay outside of its domain" in str(verdict)
    assert check_gradients(m.fits).random_points == 4


def test_a_domain_that_is_never_met(m: Any) -> None:
    verdict = check_gradients(m.never)
    assert verdict.ok
    assert verdict.random_points == 0
    assert "no random point lies in its domain (inline:" in str(verdict)
    assert "x is large" in str(verdict)


def test_what_is_testable(m: Any) -> None:
    testable = {n: is_testable(f.signature) for n, f in m.functions.items()}
    assert [n for n, yes in testable.items() if not yes] == ["count", "compare"]


def test_nan_derivative_of_a_finite_value_fails(m: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    checker = Checker(m.square)
    monkeypatch.setattr(checker, "_jvp", lambda x, v: (0.0, np.nan))
    report = checker.check([np.ones(2)], {}, None, np.random.default_rng(0), differences=False)
    assert not report.ok


STEEP = """
def swing(x: f64[n], steps: i64) -> f64:
    a = x[0]
    v = x[1]
    for t in range(steps):
        v += 40.0 * sin(a)
        a += 30.0 * v
    return a
"""


def test_chaos_is_judged_in_high_precision() -> None:
    function = dpc.compile(STEEP).swing
    report = dpc.check_grad(function, np.array([0.1, 0.5]), 5)
    assert max(report.parameters[0].orders) < 1.5  # no step of f64 is small enough
    assert report.ok, str(report)
    assert report.appealed
    assert "decided in high precision" in str(report)


def test_wrong_derivatives_do_not_pass_as_chaos(monkeypatch: pytest.MonkeyPatch) -> None:
    checker = Checker(dpc.compile(STEEP).swing)
    right = checker._jvp

    class Planted:
        """Native code that is wrong by one per cent, and the right IR."""

        entry, origin = right.entry, right.origin

        def __call__(self, *arguments: Any) -> Any:
            value, tangent = right(*arguments)
            return value, 1.01 * tangent

    monkeypatch.setattr(checker, "_jvp", Planted())
    point = [np.array([0.1, 0.5]), 5]
    assert not checker.check(point, {}, None, np.random.default_rng(0)).ok
