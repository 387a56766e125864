"""`check_grad` where a derivative is 0 but for rounding: of functions that do not change."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.compiler.ad.rules import table
from dpc.compiler.ad.rules.vocabulary import partials
from dpc.compiler.dialects import math as mathd

TEXT = """
def one(x: f64[n]) -> f64:
    return sum(sin(x) ** 2 + cos(x) ** 2)

def whole(x: f64[n]) -> f64:
    return sum(softmax(x))

def length(x: f64[n]) -> f64:
    return norm(x / norm(x))

def bent(x: f64[n]) -> f64:
    return one(x) * sin(x[0])
"""


@pytest.fixture(scope="module")
def m() -> Any:
    return dpc.compile(TEXT)


@pytest.mark.parametrize("name", ["one", "whole", "length"])
@pytest.mark.parametrize("order", [0, 1], ids=["function", "gradient"])
def test_rounding_is_no_wrong_derivative(m: Any, name: str, order: int) -> None:
    f = dpc.grad(m.functions[name]) if order else m.functions[name]
    for seed in range(5):
        x = np.random.default_rng(seed).normal(size=1 + seed % 3)
        report = dpc.check_grad(f, x, seed=seed)
        assert report.ok, f"{x}\n{report}"


@pytest.mark.parametrize("make", [lambda f: f, dpc.grad], ids=["function", "gradient"])
def test_what_is_not_zero_is_still_judged(
    make: Callable[[dpc.Function], dpc.Function], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cosine's rule that is off by one in a thousand."""
    wrong = partials(lambda e, op: e.scaled(-1.001, e.math("sin", op.operand)))
    monkeypatch.setitem(table.RULES, mathd.UNARY["cos"], wrong)
    f = make(dpc.compile(TEXT).bent)
    assert not dpc.check_grad(f, np.array([0.4, -0.9])).ok
