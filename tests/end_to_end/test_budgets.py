"""Reverse passes in the memory they are given: the same bits, never more bytes."""

from typing import Any

import numpy as np
import pytest

import dpc
from dpc.runtime import budget, native_function
from tests.ad.checkpoint_programs import PROGRAMS

MARCH = """
def f(u0: f64[n], a: f64, T: i64) -> f64:
    u = u0
    for t in range(T):
        v = u
        for i in range(1, n - 1):
            v[i] = u[i] - a * u[i] * (u[i + 1] - u[i - 1])
        u = v
    return sum(u * u)
"""
TWO = """
def f(u0: f64[n], T: i64) -> f64:
    u = u0
    for t in range(T):
        for i in range(n):
            u[i] = sin(u[i]) + 0.1 * u[(i + 1) % n] * u[i]
    x = u[0]
    for t in range(3 * T):
        x = x * cos(x) + 0.2
    w = u * x
    for t in range(T):
        for i in range(n):
            w[i] = cos(w[i]) * w[i]
    return sum(w) + x
"""
_U = np.linspace(0.2, 0.9, 50)
CASES = {"one loop": (MARCH, (_U, 0.1, 400)), "three loops": (TWO, (_U, 300))}


def peak() -> int:
    """The most bytes that the last native call had at once."""
    pools = (native_function._INTERRUPTIBLE, native_function._QUIET)
    contexts = [c for pool in pools for c in pool.free]
    assert all(c.held == 0 for c in contexts)
    found = max(int(c.peak) for c in contexts)
    for context in contexts:
        context.peak = 0
    return found


def least(gradient: dpc.Function, inputs: tuple[Any, ...]) -> int:
    with pytest.raises(dpc.MemoryBudgetError) as caught:
        gradient.options(memory=1)(*inputs)
    return int(caught.value.needed)


@pytest.mark.parametrize("math", ["fast", "strict"])
@pytest.mark.parametrize("name", CASES)
def test_a_sweep_of_budgets(name: str, math: str) -> None:
    text, inputs = CASES[name]
    function = dpc.compile(text, math=math).f
    gradient = dpc.grad(function, memory="1 GiB")
    want = gradient(*inputs)
    everything = peak()
    np.testing.assert_array_equal(want, dpc.grad(function)(*inputs))
    smallest = least(gradient, inputs)
    assert smallest < everything / 20
    for bytes_ in np.geomspace(1.1 * smallest, 1.2 * everything, 12).astype(int):
        peak()
        found = gradient.options(memory=int(bytes_))(*inputs)
        assert peak() <= bytes_
        np.testing.assert_array_equal(found, want)


def test_the_least_budget_will_do_and_a_byte_less_is_refused() -> None:
    for text, (u, *rest) in CASES.values():
        inputs = (u, *rest[:-1], 30)
        function = dpc.compile(text).f
        gradient = dpc.grad(function, memory="1 GiB")
        smallest = least(gradient, inputs)
        found = gradient.options(memory=smallest)(*inputs)
        np.testing.assert_array_equal(found, gradient(*inputs))
        with pytest.raises(dpc.MemoryBudgetError, match=f"needs at least {smallest} bytes"):
            gradient.options(memory=smallest - 1)(*inputs)


def test_every_step_is_taped_once() -> None:
    text, inputs = CASES["one loop"]
    function = dpc.compile(text).f
    gradient = dpc.grad(function, memory="1 GiB")
    gradient = gradient.options(memory=4 * least(gradient, inputs))
    gradient(*inputs)
    assert gradient._native is not None
    counted = gradient._native.executions
    assert counted.taped == inputs[-1]
    assert 0 < counted.plain < 3 * inputs[-1]


def test_the_default_budget_is_kept_by_a_second_build(monkeypatch: pytest.MonkeyPatch) -> None:
    text, inputs = CASES["one loop"]
    function = dpc.compile(text).f
    want = dpc.grad(function)(*inputs)
    monkeypatch.setattr(budget, "default", lambda: 60_000)
    gradient = dpc.value_and_grad(function)
    peak()
    for _ in range(3):
        np.testing.assert_array_equal(gradient(*inputs)[1], want)
    assert peak() <= 60_000
    assert gradient._native is not None
    assert gradient._native.executions.plain > 0


def test_lines_are_printed_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(budget, "default", lambda: 1000)
    text = PROGRAMS["scalars"].text.replace("        x, y =", "        print(t)\n        x, y =")
    dpc.grad(dpc.compile(text).f)(*PROGRAMS["scalars"].inputs, 40)
    assert capsys.readouterr().out.split() == [str(t) for t in range(40)]


def test_vectors_of_gradients_keep_to_the_budget() -> None:
    text, inputs = CASES["one loop"]
    function = dpc.compile(text).f
    many = np.stack([inputs[0], inputs[0] * 0.9])
    over = dpc.vmap(dpc.grad(function, memory=400_000), in_axes=(0, None, None))
    want = dpc.vmap(dpc.grad(function), in_axes=(0, None, None))
    np.testing.assert_array_equal(over(many, *inputs[1:]), want(many, *inputs[1:]))


def test_hessian_products_keep_to_the_budget() -> None:
    text, inputs = CASES["one loop"]
    function = dpc.compile(text).f
    direction = np.cos(np.arange(50.0))
    want = dpc.hvp(function)(*inputs, direction)
    product = dpc.hvp(function, memory="1 GiB")
    for bytes_ in (60_000, 200_000):
        peak()
        found = product.options(memory=bytes_)(*inputs, direction)
        assert peak() <= bytes_
        np.testing.assert_array_equal(found, want)
