"""Gradients of gradients, in all ways to make them, against second differences in 60 digits."""

from typing import Any

import numpy as np
import pytest

import dpc
from dpc.compiler.interpret import run
from dpc.compiler.ir.core import Module
from tests.conformance.reference import interpreted
from tests.generator.program import Program
from tests.generator.trial import Trial
from tests.regressions.harness import NUMBERS

STEP = NUMBERS.lift(10) ** -20

PROGRAMS: dict[str, str] = {
    "a loop with checkpoints": """
def f(x: f64[n]) -> f64:
    y = x[0]
    for t in checkpoint(range(7), slots=2):
        y = sin(y * x[t % n]) + x[(t + 1) % n]
        x[t % n] *= cos(y)
    return y * sum(x * x)
""",
    "a loop with checkpoints, of arrays": """
def f(x: f64[n]) -> f64:
    q = x
    p = 0.5 * x
    for t in checkpoint(range(5), memory="1KiB"):
        p -= 0.1 * q * q * q
        q += 0.1 * p
    return sum(q * q) + dot(p, x)
""",
    "a while loop with checkpoints": """
def f(x: f64[n]) -> f64:
    y = 1.0
    t = 0
    while checkpoint(t < 6 and y < 40.0, slots=2):
        y = y + sin(y * x[t % n])
        t += 1
    return y * y
""",
    "checkpoints in checkpoints": """
def f(x: f64[n]) -> f64:
    y = x[0]
    for t in checkpoint(range(3), slots=2):
        for i in checkpoint(range(n), slots=2):
            y = sin(y + x[i] * x[i]) * (1.0 + y)
    return y
""",
    "a gradient in a loop with checkpoints": """
def potential(q: f64[n]) -> f64:
    return 0.25 * sum(q ** 4) - sum(q[1:] * q[:-1])

def f(x: f64[n]) -> f64:
    p = sin(x)
    for t in checkpoint(range(3), slots=2):
        p -= 0.1 * grad(potential)(x)
        x += 0.1 * p
    return sum(x * x) + sum(p * p)
""",
    "solve": """
def f(x: f64[n]) -> f64:
    return dot(solve(outer(x, sin(x)) + 5.0 * eye(n), x), x)
""",
    "triangular solve and cholesky": """
def f(x: f64[n]) -> f64:
    root = cholesky(outer(x, x) + diag(2.0 + x * x))
    return dot(solve_triangular(root, x), solve_triangular(root, cos(x)))
""",
    "logdet, inv and det": """
def f(x: f64[n]) -> f64:
    m = outer(x, sin(x)) + 4.0 * eye(n)
    return logdet(m) + trace(inv(m) @ inv(m)) + det(m)
""",
    "eigenvalues and vectors": """
def f(x: f64[n]) -> f64:
    w, v = eigh(outer(x, x) + diag(3.0 * arange(n)))
    return sum(sin(w)) + sum((v @ x) ** 2 * arange(n))
""",
    "qr": """
def f(x: f64[n]) -> f64:
    q, r = qr(outer(x, sin(x)) + diag(2.0 + arange(n)))
    return sum(sin(q)) + sum(r * r * r)
""",
    "svd": """
def f(x: f64[n]) -> f64:
    u, s, vt = svd(outer(x, sin(x)) + diag(2.0 + 3.0 * arange(n)))
    return sum(u * vt.T) + sum(s * s * s)
""",
    "one value passed twice to a library call": """
def f(x: f64[n]) -> f64:
    m = outer(x, x) + 3.0 * eye(n)
    return sum(solve(m, m @ m) * m) + sum(m @ m)
""",
    "functions of the standard library": """
from ode import rk4
from stats import normal_lpdf

def f(x: f64[n]) -> f64:
    end = rk4(lambda t, y: sin(y) * x[0] - t * x, x, 0.0, 1.0, 3)
    return sum(normal_lpdf(e, x[0], 1.5) for e in end)
""",
    "a rule of one's own": """
def root(c: f64) -> f64:
    y = c
    for i in range(12):
        y = 0.5 * (y + c / y)
    return y

@custom_vjp(root)
def root_vjp(c: f64, out: f64, d_out: f64) -> f64:
    return d_out / (2.0 * out)

def f(x: f64[n]) -> f64:
    return sum(root(2.0 + sin(v) * x[0]) for v in x)
""",
    "recursion": """
def folded(v: f64[k]) -> f64:
    if len(v) == 1:
        return sin(v[0])
    half = len(v) // 2
    return sin(folded(v[:half]) * folded(v[half:])) + v[0] * v[-1]

def f(x: f64[n]) -> f64:
    return folded(x)
""",
}


def exact_hessian(text: str, x: Any) -> Any:
    """Second differences of the program before any pass, in high precision."""
    trial = Trial(Program(text, "f", {"x": x}))

    def value(*moved: int) -> Any:
        point = np.empty(len(x), object)
        point[:] = [NUMBERS.lift(float(v)) for v in x]
        for at in moved:
            point[at] += STEP
        function, sizes = trial.unoptimised, trial.sizes.values()
        return run(Module((function,)), function.name, [*sizes, point], NUMBERS)[0]

    places = range(len(x))
    first = [value(i) for i in places]
    rows = [
        [float((value(i, j) - first[i] - first[j] + value()) / STEP**2) for j in places]
        for i in places
    ]
    return np.array(rows)


@pytest.mark.parametrize("name", PROGRAMS)
def test_hessian(name: str) -> None:
    """Natively, and by the interpreter, which takes no machine code, in other ways."""
    f = dpc.compile(PROGRAMS[name]).f
    gradient, forward = dpc.grad(f), dpc.jvp(f)
    hessian, along, back, across = (
        dpc.hessian(f),
        *map(interpreted, (dpc.jvp(gradient), dpc.vjp(gradient), dpc.vjp(forward))),
    )
    for point in (np.array([0.7]), np.array([0.4, -0.9, 1.1])):
        expected, basis = exact_hessian(PROGRAMS[name], point), np.eye(len(point))
        ways = {
            "hessian": hessian(point),
            "forward over reverse": [along(point, row)[1] for row in basis],
            "reverse over reverse": [back(point, row)[1] for row in basis],
            "reverse over forward": [across(point, row, (0.0, 1.0))[1][0] for row in basis],
        }
        scale = 1.0 + np.max(np.abs(expected))
        for way, found in ways.items():
            np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-11 * scale, err_msg=way)
