"""The LSTM example: value and gradient against an independent computation and expected results."""

import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dpc
from examples.lstm.lstm import PARAMETERS, made_up, read

ROOT = Path(__file__).resolve().parents[2]
SHARED = (
    Path(os.environ.get("DPC_SHARED_DATA", ROOT.parent / "shared" / "data")) / "adbench" / "lstm"
)
FILES = ("lstm_l2_c1024", "lstm_l4_c1024")
STEP = 1e-30


@pytest.fixture(scope="module")
def gradient() -> Callable[..., Any]:
    model = dpc.load(ROOT / "examples" / "lstm" / "lstm.dp")
    return dpc.value_and_grad(model.lstm_objective, wrt=PARAMETERS)


def sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-x))


def objective(main: Any, extra: Any, state: Any, sequence: Any) -> Any:
    """The objective after its definition, for real and complex numbers."""
    weights, biases = main[:, 0], main[:, 1]
    hidden = [*state[:, 0]]
    cells = [*state[:, 1]]
    total = 0.0
    for given, wanted in itertools.pairwise(sequence):
        u = given * extra[0]
        for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
            change = np.tanh(hidden[i] * w[3] + b[3])
            kept = cells[i] * sigmoid(u * w[0] + b[0])
            cells[i] = kept + sigmoid(hidden[i] * w[1] + b[1]) * change
            hidden[i] = u = sigmoid(u * w[2] + b[2]) * np.tanh(cells[i])
        y = u * extra[1] + extra[2]
        total = total + np.sum(wanted * (y - np.log(2.0 + np.sum(np.exp(y)))))
    return -total / sequence[1:].size


@pytest.mark.parametrize("sizes", [(1, 2, 1), (1, 9, 3), (3, 30, 5)])
def test_small_data(sizes: tuple[int, int, int], gradient: Callable[..., Any]) -> None:
    data = made_up(*sizes)
    value, found = gradient(**data)
    assert value == pytest.approx(objective(**data), rel=1e-14)
    random = np.random.default_rng(0)
    for name in PARAMETERS:
        direction = random.standard_normal(data[name].shape)
        moved = {**data, name: data[name] + 1j * STEP * direction}
        expected = objective(**moved).imag / STEP
        assert np.vdot(getattr(found, name), direction) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", FILES)
def test_benchmark_files(name: str, gradient: Callable[..., Any]) -> None:
    if not (SHARED / f"{name}.txt").exists():
        pytest.skip(f"{SHARED} is absent; set DPC_SHARED_DATA to the folder that holds adbench/")
    value, found = gradient(**read(SHARED / f"{name}.txt"))
    expected = np.load(SHARED / f"{name}.expected.npz")
    assert value == pytest.approx(float(expected["value"]), rel=1e-10)
    for part in PARAMETERS:
        wanted = expected[f"{part}_params"].reshape(getattr(found, part).shape)
        scale = np.max(np.abs(wanted))
        np.testing.assert_allclose(
            getattr(found, part), wanted, rtol=1e-9, atol=1e-14 * scale
        )  # the smallest are 1e-12 of the largest


def test_a_file_of_the_wrong_length_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "short.txt"
    file.write_text("1 2 1\n" + "0.5 " * 12)
    with pytest.raises(ValueError, match="15 numbers expected, 12 found"):
        read(file)
