"""The logistic regression example: trained to its documented accuracy, and right."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dpc

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "logistic"


def test_training(tmp_path: Path) -> None:
    plot = tmp_path / "loss.png"
    done = subprocess.run(
        [sys.executable, EXAMPLE / "train.py", "--plot", plot],
        capture_output=True,
        text=True,
        check=True,
    )
    shown = dict(line.split(None, 1) for line in done.stdout.splitlines())
    assert float(shown["accuracy"].split()[0]) >= 0.95
    before, after = (float(word) for word in shown["loss"].split(" -> "))
    assert before == pytest.approx(np.log(2), rel=1e-6)
    assert after < 0.3
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_value_and_gradient() -> None:
    model = dpc.load(EXAMPLE / "logistic.dp")
    random = np.random.default_rng(0)
    x, w, b = random.standard_normal((40, 5)), random.standard_normal(5), 0.3
    y = np.where(random.random(40) < 0.5, -1.0, 1.0)
    margins = -y * (x @ w + b)
    expected = np.mean(np.logaddexp(0, margins)) + 0.05 * w @ w
    value, gradient = dpc.value_and_grad(model.loss)(model.Model(w, b), x, y)
    slopes = -y / (1 + np.exp(-margins)) / 40
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(gradient.w, x.T @ slopes + 0.1 * w, rtol=1e-11)
    assert gradient.b == pytest.approx(slopes.sum(), rel=1e-11)
