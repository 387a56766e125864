"""Linear algebra of the interpreter in other fields of numbers."""

from typing import Any

import numpy as np

from tests.ad.harness import complex_step
from tests.ad.programs import loops_of

EIGENVALUES = """
def f(x: f64[n]) -> f64[n]:
    values, vectors = eigh(diag(4.0 * arange(n)) + 0.5 * outer(x, x))
    return values + vectors @ x
"""


def test_complex_steps_go_through_eigh() -> None:
    """Rotations by an angle that all but vanishes don't overflow."""
    x, dx = np.array([0.2, -0.75, 1.7, -0.67]), np.array([1.0, 0.5, -0.25, 2.0])

    def value(at: Any) -> Any:
        values, vectors = np.linalg.eigh(np.diag(4.0 * np.arange(4)) + 0.5 * np.outer(at, at))
        largest = np.argmax(np.abs(vectors), axis=0)
        signs = np.sign(vectors[largest, np.arange(4)])
        return values + (vectors * signs) @ at

    (step,) = complex_step(loops_of(EIGENVALUES), {"n": 4}, [x], [dx])
    quotient = (value(x + 1e-5 * dx) - value(x - 1e-5 * dx)) / 2e-5
    np.testing.assert_allclose(step, quotient, rtol=1e-8)
