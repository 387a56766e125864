"""NaN where the derivative is known: from branches not taken, 0 times infinity, singular points."""

import math

import numpy as np
import pytest

import dpc
from tests.generator.trial import flat

# text of f(x: f64[n], a: f64), x, a, derivative by x, derivative by a
CASES: dict[str, tuple[str, list[float], float, list[float], float]] = {
    "a branch not taken": (
        "return sum(where(x > 0.0, sqrt(x), a * x))", [-1.0, 0.0, 4.0], 2.0, [2.0, 2.0, 0.25], -1.0,
    ),
    "a conditional expression not taken": (
        "return sum(log(v) if v > 0.0 else a * v for v in x)", [-1.0, 2.0], 2.0, [2.0, 0.5], -1.0,
    ),
    "an if that guards": (
        "total = 0.0\n    for v in x:\n        if v > 0.0:\n            total += a / v\n"
        "    return total", [0.0, 2.0], 3.0, [0.0, -0.75], 0.5,
    ),
    "zero times infinity": (
        "return sum(0.0 * sqrt(x)) + a", [0.0, 1.0], 1.0, [0.0, 0.0], 1.0,
    ),
    "a zero adjoint into a singular point": (
        "y = sqrt(x)\n    y *= 0.0\n    return sum(y) + a", [0.0], 1.0, [0.0], 1.0,
    ),
    "an infinite variable that is not used": (
        "y = log(x)\n    z = y * a\n    z[0] = a\n    return sum(z)", [0.0, 1.0], 3.0, [0.0, 3.0],
        1.0,
    ),
    "an element not used": (
        "y = sqrt(x)\n    return y[1] * a", [0.0, 4.0], 3.0, [0.0, 0.75], 2.0,
    ),
    "pow of base 0 with exponent 2": ("return sum(pow(x, a))", [0.0, 3.0], 2.0, [0.0, 6.0],
                                      9.0 * math.log(3.0)),
    "pow of base 0 with exponent 1": ("return sum(pow(x, a))", [0.0], 1.0, [1.0], 0.0),
    "pow of base 0 with exponent 0": ("return sum(pow(x, a))", [0.0], 0.0, [0.0], 0.0),
    "pow of base 0 with a fraction": ("return sum(pow(x, a))", [0.0], 0.5, [math.inf], 0.0),
    "pow of a negative base": ("return sum(pow(x, a))", [-2.0], 3.0, [12.0], 0.0),
    "an underflowed square": (
        "y = x * x\n    return sum(where(y > 0.0, a / y, 0.0))", [1e-200, 2.0], 1.0,
        [0.0, -0.25], 0.25,
    ),
    "a Hessian-like residual of zero": ("return sum((x - a) ** 2)", [1.5, 1.5], 1.5, [0.0, 0.0],
                                        0.0),
    "the norm of nothing but zeros": ("return norm(x) * a", [0.0, 0.0], 2.0, [0.0, 0.0], 0.0),
    "logsumexp with minus infinity": (
        "return logsumexp(x) * a", [-math.inf, 0.0], 1.0, [0.0, 1.0], 0.0,
    ),
    "logsumexp of minus infinities": (
        "return where(a > 0.0, a, logsumexp(x))", [-math.inf, -math.inf], 1.0, [0.0, 0.0], 1.0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_derivative(name: str) -> None:
    body, x, a, by_x, by_a = CASES[name]
    module = dpc.compile(f"def f(x: f64[n], a: f64) -> f64:\n    {body}\n")
    expected = [*by_x, by_a]
    for math_ in ("fast", "strict"):
        f = module.f.options(math=math_)
        found = flat(dpc.grad(f, wrt=("x", "a"))(np.array(x), a))
        np.testing.assert_allclose(found, expected, rtol=1e-13)
        columns = [
            dpc.jvp(f)(np.array(x), a, row[:-1], float(row[-1]))[1] for row in np.eye(len(expected))
        ]
        np.testing.assert_allclose(columns, expected, rtol=1e-13)


# text of f(x: f64[2]), x, Hessian
HESSIANS: dict[str, tuple[str, list[float], list[list[float]]]] = {
    "a residual of zero": (
        "r = x - [1.0, 2.0]\n    return dot(r, r)", [1.0, 2.0], [[2.0, 0.0], [0.0, 2.0]],
    ),
    "sine squared at 0": ("return sum(sin(x) ** 2)", [0.0, 0.0], [[2.0, 0.0], [0.0, 2.0]]),
    "a product of zeros": ("return x[0] * x[1]", [0.0, 0.0], [[0.0, 1.0], [1.0, 0.0]]),
    "prod with a zero": ("return prod(x) + prod(x[:1])", [0.0, 3.0], [[0.0, 1.0], [1.0, 0.0]]),
    "a branch not taken": (
        "return sum(where(x > 0.0, sqrt(x) ** 4, x ** 2))", [0.0, -1.0], [[2.0, 0.0], [0.0, 2.0]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HESSIANS)
def test_hessian(name: str) -> None:
    body, x, expected = HESSIANS[name]
    f = dpc.compile(f"def f(x: f64[2]) -> f64:\n    {body}\n").f
    found = [dpc.jvp(dpc.grad(f))(np.array(x), row)[1] for row in np.eye(2)]
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15)
    reverse = [dpc.vjp(dpc.grad(f))(np.array(x), row)[1] for row in np.eye(2)]
    np.testing.assert_allclose(reverse, expected, rtol=1e-13, atol=1e-15)


CONFUSION: dict[str, tuple[str, float]] = {
    "x times the derivative of x + y": ("grad(lambda x: x * grad(lambda y: x + y)(1.0))(a)", 1.0),
    "the same name inside": ("grad(lambda x: x * grad(lambda x: x * x)(x))(a)", 8.0),
    "a capture of both": (
        "grad(lambda x: grad(lambda y: x * x * y * y)(x))(a)", 24.0,
    ),
    "forward in reverse": (
        "grad(lambda x: jvp(lambda y: x * y * y, x, 1.0)[1])(a)", 8.0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFUSION)
def test_perturbations_are_not_confused(name: str) -> None:
    text, expected = CONFUSION[name]
    f = dpc.compile(f"def f(a: f64) -> f64:\n    return {text}\n").f
    assert f(2.0) == pytest.approx(expected, rel=1e-14)


def _length(text: str) -> int:
    return len(dpc.grad(dpc.compile(text).f).ir("grad").splitlines())


def test_code_grows_linearly_with_branches() -> None:
    def text(count: int) -> str:
        branch = "    if x > {0}.0:\n        x = sin(x)\n    else:\n        x = x * {0}.5\n"
        body = "".join(branch.format(i) for i in range(count))
        return f"def f(x: f64) -> f64:\n{body}    return x\n"

    assert _length(text(16)) < 2.3 * _length(text(8))


def test_code_grows_linearly_with_calls() -> None:
    def text(count: int) -> str:
        calls = "".join(f"    x = g(x, {i}.5)\n" for i in range(count))
        head = "def g(x: f64, y: f64) -> f64:\n    return sin(x) * y + exp(-x)\n\n"
        return f"{head}def f(x: f64) -> f64:\n{calls}    return x\n"

    assert _length(text(16)) < 2.3 * _length(text(8))
