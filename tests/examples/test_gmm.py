"""The Gaussian mixture example: value and gradient against independent computations."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

import dpc
from examples.gmm.gmm import PARAMETERS, SMALL, read

ROOT = Path(__file__).resolve().parents[2]
SHARED = (
    Path(os.environ.get("DPC_SHARED_DATA", ROOT.parent / "shared" / "data")) / "adbench" / "gmm"
)
FILES = ("1k_d2_K5", "1k_d10_K25", "1k_d32_K25", "10k_d10_K25")


@pytest.fixture(scope="module")
def model() -> dpc.Module:
    return dpc.load(ROOT / "examples" / "gmm" / "gmm.dp")


@pytest.fixture(scope="module")
def gradient(model: dpc.Module) -> Callable[..., Any]:
    return dpc.value_and_grad(model.gmm_objective, wrt=PARAMETERS)


def precise(data: dict[str, Any]) -> Any:
    """The objective in 40 digits, written after the definition with matrices Q."""
    pi = mpmath.mpf("3.14159265359")
    x, means, icf = data["x"], data["means"], data["icf"]
    (n, d), k, gamma, m = x.shape, len(data["alphas"]), data["gamma"], data["m"]
    factors = []
    for row in icf:
        q = mpmath.zeros(d)
        lower = iter(row[d:])
        for j in range(d):
            q[j, j] = mpmath.exp(row[j])
            for i in range(j + 1, d):
                q[i, j] = next(lower)
        factors.append(q)
    logs = [mpmath.fsum(row[:d]) for row in icf]

    def logsumexp(terms: list[Any]) -> Any:
        return mpmath.log(mpmath.fsum(mpmath.exp(t) for t in terms))

    total = -mpmath.mpf(n * d) / 2 * mpmath.log(2 * pi) - n * logsumexp(list(data["alphas"]))
    for i in range(n):
        terms = []
        for c in range(k):
            moved = factors[c] * mpmath.matrix(x[i] - means[c])
            square = mpmath.fsum(e * e for e in moved)
            terms.append(data["alphas"][c] + logs[c] - square / 2)
        total += logsumexp(terms)
    freedom = mpmath.mpf(d + m + 1)
    log_gamma = mpmath.mpf(d * (d - 1)) / 4 * mpmath.log(pi)
    log_gamma += mpmath.fsum(
        mpmath.loggamma(freedom / 2 + mpmath.mpf(1 - j) / 2) for j in range(1, d + 1)
    )
    constant = freedom * d * (mpmath.log(gamma) - mpmath.log(2) / 2) - log_gamma
    squares = mpmath.fsum(e * e for q in factors for e in q)
    return total + gamma**2 / 2 * squares - m * mpmath.fsum(logs) - k * constant


def high_precision(data: dict[str, Any]) -> dict[str, Any]:
    """The arguments as mpmath numbers."""
    number = np.vectorize(mpmath.mpf, otypes=[object])
    arrays = {n: number(v) for n, v in data.items() if isinstance(v, np.ndarray)}
    return {**data, **arrays, "gamma": mpmath.mpf(data["gamma"])}


def test_value_of_small_data(model: dpc.Module) -> None:
    data = read(SMALL)
    with mpmath.workdps(40):
        expected = float(precise(high_precision(data)))
    assert model.gmm_objective(**data) == pytest.approx(expected, rel=1e-13)


def test_gradient_of_small_data(gradient: Callable[..., Any]) -> None:
    data = read(SMALL)
    _, found = gradient(**data)
    random = np.random.default_rng(0)
    with mpmath.workdps(40):
        for name in PARAMETERS:
            direction = random.standard_normal(data[name].shape)
            sides = []
            for sign in (1, -1):
                moved = high_precision(data)
                moved[name] = moved[name] + sign * mpmath.mpf("1e-15") * direction
                sides.append(precise(moved))
            expected = float((sides[0] - sides[1]) / mpmath.mpf("2e-15"))
            assert np.vdot(getattr(found, name), direction) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", FILES)
def test_benchmark_files(name: str, gradient: Callable[..., Any]) -> None:
    if not (SHARED / f"{name}.txt").exists():
        pytest.skip(f"{SHARED} is absent; set DPC_SHARED_DATA to the folder that holds adbench/")
    value, found = gradient(**read(SHARED / f"{name}.txt"))
    expected = np.load(SHARED / f"{name}.expected.npz")
    assert value == pytest.approx(float(expected["value"]), rel=1e-10)
    for part in PARAMETERS:
        wanted = expected[part].reshape(getattr(found, part).shape)
        scale = np.max(np.abs(wanted))
        np.testing.assert_allclose(getattr(found, part), wanted, rtol=1e-10, atol=1e-10 * scale)
