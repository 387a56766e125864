"""The Hessian of the Gaussian mixture objective: forward over reverse is the Jacobian of its
gradient, to rounding, at 1000 points in 2 dimensions with 5 components.
"""

from typing import Any

import numpy as np
import pytest

import dpc
from examples.gmm.gmm import PARAMETERS, read
from tests.examples.test_gmm import ROOT, SHARED

Matrix = np.ndarray[Any, Any]


def block(value: Any, data: dict[str, Any]) -> Matrix:
    """A named tuple of named tuples as one square matrix."""
    sizes = [data[name].size for name in PARAMETERS]
    rows = [
        [np.reshape(part, (size, -1)) for part in row]
        for size, row in zip(sizes, value, strict=True)
    ]
    return np.block(rows)


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    """The benchmark's data, or as many points drawn alike where it is absent."""
    path = SHARED / "1k_d2_K5.txt"
    if path.exists():
        return read(path)
    random = np.random.default_rng(0)
    shapes = {"alphas": (5,), "means": (5, 2), "icf": (5, 3), "x": (1000, 2)}
    drawn = {name: random.normal(size=shape) for name, shape in shapes.items()}
    return {**drawn, "gamma": 1.0, "m": 0}


def test_forward_over_reverse_is_the_jacobian_of_the_gradient(data: dict[str, Any]) -> None:
    f = dpc.load(ROOT / "examples" / "gmm" / "gmm.dp").gmm_objective
    gradient = dpc.grad(f, wrt=PARAMETERS)
    hessian = block(dpc.hessian(f, wrt=PARAMETERS)(**data), data)
    jacobian = block(dpc.jacobian(gradient, wrt=PARAMETERS, mode="reverse")(**data), data)
    size = np.max(np.abs(hessian))
    assert hessian.shape == (30, 30)
    np.testing.assert_allclose(hessian, jacobian, rtol=0.0, atol=1e-13 * size)
    np.testing.assert_allclose(hessian, hessian.T, rtol=0.0, atol=1e-13 * size)
    random = np.random.default_rng(1)
    direction = [random.normal(size=data[name].shape) for name in PARAMETERS]
    product = dpc.hvp(f, wrt=PARAMETERS)(*data.values(), *direction)
    flat = np.concatenate([np.ravel(part) for part in product])
    along = hessian @ np.concatenate([np.ravel(part) for part in direction])
    np.testing.assert_allclose(flat, along, rtol=0.0, atol=1e-13 * np.max(np.abs(along)))


def test_the_gradient_moves_as_the_hessian_says(data: dict[str, Any]) -> None:
    """Central differences of the gradient, of eighth order."""
    f = dpc.load(ROOT / "examples" / "gmm" / "gmm.dp").gmm_objective
    gradient, hessian = dpc.grad(f, wrt="means"), dpc.hessian(f, wrt="means")(**data)
    direction, h = np.random.default_rng(2).normal(size=data["means"].shape), 1e-3
    weights = ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280))
    moved = sum(
        w * sign * gradient(**{**data, "means": data["means"] + sign * k * h * direction}) / h
        for k, w in weights
        for sign in (1, -1)
    )
    expected = np.einsum("ijkl,kl->ij", hessian, direction)
    np.testing.assert_allclose(moved, expected, rtol=0.0, atol=1e-9 * np.max(np.abs(expected)))
