"""`_` among several targets takes values that are not used, of any type."""

import numpy as np
import pytest

import dpc

SOURCE = """
def iterated(a: f64[n, n], steps: i64) -> f64[n]:
    for _ in range(steps):
        q, _ = qr(a)
        a = q.T @ a @ q
    return diag(a)

def first(a: f64[m, n]) -> f64:
    u, _, _ = svd(a)
    return sum(u ** 2)

def nested(x: f64) -> f64:
    _, (_, y) = 1, (2.0, x)
    (_, z), _ = (y, 2 * y), [1, 2]
    return z

def variable(x: f64) -> f64:
    _ = x
    y, _ = 1.0, 2.0 * x
    return y + _
"""


def test_values_of_several_types_are_let_go() -> None:
    module = dpc.compile(SOURCE)
    symmetric = np.array([[2.0, 1.0], [1.0, 3.0]])
    found = np.sort(module.iterated(symmetric, 40))
    np.testing.assert_allclose(found, np.linalg.eigvalsh(symmetric), rtol=1e-12)
    assert module.first(np.ones((3, 2))) == pytest.approx(2.0)
    assert module.nested(3.0) == 6.0
    assert module.variable(3.0) == 7.0
    assert dpc.check_grad(module.nested, 3.0).ok


@pytest.mark.parametrize(
    "body",
    [
        "    a, _ = 1.0, 2.0\n    return a + _\n",
        "    a = 0.0\n    for _ in range(3):\n        a, _ = a, 2.0\n        a += _\n    return a",
    ],
)
def test_what_was_let_go_can_not_be_read(body: str) -> None:
    with pytest.raises(dpc.CompileError, match="`_` may be used before it is assigned"):
        dpc.compile(f"def f() -> f64:\n{body}")
