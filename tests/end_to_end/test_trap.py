"""`trap="nonfinite"`: the first derivative that is not finite, with line, operands and indices."""

from typing import Any

import numpy as np
import pytest

import dpc
from dpc.cli import main

SOURCE = """
def roots(x: f64[n], m: i64) -> f64:
    total = 0.0
    for i in range(n):
        for j in range(m):
            total += sqrt(x[i]) * (j + 1.0)
    return log(total)

def chosen(x: f64) -> f64:
    return where(x > 0.0, sqrt(x), 0.0) + x

def single(x: f32) -> f32:
    return cbrt(x)

def whole(x: f64[n]) -> f64:
    return sum(log(x))

def inner(x: f64[n], m: i64) -> f64[n]:
    return grad(roots)(x, m)
"""

AT = np.array([1.0, 2.0, 0.0, 3.0])


@pytest.fixture(scope="module")
def m() -> Any:
    return dpc.compile(SOURCE, name="model.dp")


@pytest.mark.parametrize(
    "make",
    [
        lambda m: dpc.grad(m.roots, trap="nonfinite"),
        lambda m: dpc.value_and_grad(m.roots.options(trap="nonfinite", math="strict")),
        lambda m: dpc.hessian(m.roots, trap="nonfinite"),
        lambda m: m.inner.options(trap="nonfinite"),
    ],
)
def test_the_place_is_named(m: Any, make: Any) -> None:
    with pytest.raises(dpc.RuntimeError) as caught:
        make(m)(AT, 2)
    assert caught.value.kind == "nonfinite"
    assert caught.value.line == 6
    text = str(caught.value)
    assert "model.dp:6: a derivative of `sqrt(x[i])` is inf, operands 0.0 at i = 2" in text


def test_finite_derivatives_are_unchanged(m: Any) -> None:
    trapped, plain = dpc.grad(m.roots, trap="nonfinite"), dpc.grad(m.roots)
    np.testing.assert_allclose(trapped(AT + 1.0, 3), plain(AT + 1.0, 3), rtol=1e-14)
    assert m.roots.options(trap="nonfinite")(AT, 2) == m.roots(AT, 2)
    assert np.isinf(m.roots.options(trap="nonfinite")(0.0 * AT, 2))  # values are not looked at


def test_honest_zeros_do_not_spring_it(m: Any) -> None:
    assert dpc.grad(m.chosen, trap="nonfinite")(0.0) == 1.0


def test_single_precision_and_whole_arrays(m: Any) -> None:
    with pytest.raises(dpc.RuntimeError, match=r"a derivative of `cbrt\(x\)` is inf, operands 0.0"):
        dpc.grad(m.single, trap="nonfinite")(np.float32(0.0))
    with pytest.raises(dpc.RuntimeError, match=r"a derivative of `.*log\(x\).*` is inf, operands"):
        dpc.grad(m.whole, trap="nonfinite")(AT)


def test_a_nan_is_caught(m: Any) -> None:
    with pytest.raises(dpc.RuntimeError, match=r"`log\(total\)` is nan, operands nan"):
        dpc.grad(m.roots, trap="nonfinite")(np.array([1.0, np.nan]), 1)


def test_the_option_is_checked(m: Any) -> None:
    with pytest.raises(dpc.Error, match="option trap is \"nonfinite\" or None, not 'inf'"):
        m.roots.options(trap="inf")


def test_command_line(
    tmp_path: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.dp").write_text(SOURCE)
    call = ["run", "model.dp", "roots", "x=[1.0, 0.0]", "m=1", "--grad", "x", "--trap", "nonfinite"]
    assert main(call) == 1
    assert "model.dp:6: a derivative of `sqrt(x[i])` is inf" in capsys.readouterr().err
