"""The bundle adjustment example against expected results and SciPy's rotations."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import dpc
from examples.ba.ba import HERE, read

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("DPC_SHARED_DATA", ROOT.parent / "shared" / "data")) / "adbench" / "ba"
FILES = ("test", "ba1_n49_m7776_p31843", "ba4_n372_m47423_p204472")


@pytest.fixture(scope="module")
def model() -> dpc.Module:
    return dpc.load(HERE / "ba.dp")


def camera_of(row: Any) -> dict[str, Any]:
    """A camera's record out of the benchmark's eleven numbers."""
    return {
        "rotation": row[:3], "centre": row[3:6], "focal": float(row[6]),
        "principal": row[7:9], "radial": row[9:],
    }  # fmt: skip


def flat(camera: Any) -> Any:
    """The eleven numbers of a camera."""
    parts = (camera.rotation, camera.centre, [camera.focal], camera.principal, camera.radial)
    return np.concatenate(parts)


@pytest.mark.parametrize("rotation", [(0.3, -0.7, 1.1), (0.0, 0.0, 0.0), (3.0, 0.2, -0.1)])
def test_rotations(model: dpc.Module, rotation: tuple[float, ...]) -> None:
    point = np.array([0.4, -1.3, 2.2])
    expected = Rotation.from_rotvec(rotation).apply(point)
    np.testing.assert_allclose(model.rotated(np.array(rotation), point), expected, rtol=1e-14)


def test_cameras_and_points_are_found_by_their_numbers(model: dpc.Module) -> None:
    random = np.random.default_rng(3)
    given = {
        "parameters": random.normal(size=(3, 11)),
        "positions": random.normal(size=(4, 3)),
        "weights": random.normal(size=6),
        "features": random.normal(size=(6, 2)),
        "cameras": np.array([0, 2, 1, 2, 2, 0]),
        "points": np.array([3, 3, 0, 1, 2, 0]),
    }
    errors, _ = model.residuals(**given)
    for i, (camera, point) in enumerate(zip(given["cameras"], given["points"], strict=True)):
        one = model.residual(
            camera_of(given["parameters"][camera]), given["positions"][point],
            float(given["weights"][i]), given["features"][i],
        )  # fmt: skip
        np.testing.assert_allclose(errors[i], one, rtol=1e-14)


@pytest.mark.parametrize("name", FILES)
def test_benchmark_files(name: str, model: dpc.Module) -> None:
    if not (SHARED / f"{name}.txt").exists():
        pytest.skip(f"{SHARED} is absent; set DPC_SHARED_DATA to the folder that holds adbench/")
    given = read(SHARED / f"{name}.txt")
    expected = np.load(SHARED / f"{name}.expected.npz")
    errors, weight_errors = model.residuals(**given)
    np.testing.assert_allclose(errors, np.tile(expected["error"], (len(errors), 1)), rtol=1e-12)
    np.testing.assert_allclose(weight_errors, expected["weight_error"], rtol=1e-12)
    pull = dpc.vjp(model.residual, wrt=("camera", "point", "weight"))
    one = (
        camera_of(given["parameters"][0]), given["positions"][0],
        float(given["weights"][0]), given["features"][0],
    )  # fmt: skip
    for row in range(2):
        _, (camera, point, weight) = pull(*one, np.eye(2)[row])
        np.testing.assert_allclose(flat(camera), expected["d_camera"][row], rtol=1e-9)
        np.testing.assert_allclose(point, expected["d_point"][row], rtol=1e-9)
        assert weight == pytest.approx(expected["d_weight"][row], rel=1e-9)


@pytest.mark.parametrize("name", FILES)
def test_sparse_jacobian_of_all_observations(name: str, model: dpc.Module) -> None:
    if not (SHARED / f"{name}.txt").exists():
        pytest.skip(f"{SHARED} is absent; set DPC_SHARED_DATA to the folder that holds adbench/")
    given = read(SHARED / f"{name}.txt")
    count, expected = len(given["weights"]), np.load(SHARED / f"{name}.expected.npz")
    jacobian = dpc.jacobian(
        model.residuals, wrt=("parameters", "positions", "weights"), sparse=True
    )
    made = jacobian(**given)
    assert jacobian.plan().method == "local"
    for matrix in (*made[0], *made[1]):
        matrix.data[:] = np.nan
    assert jacobian(**given, out=made) is made
    errors, weight_errors = made
    # Each error depends on one of the two coordinates of the principal point.
    own = np.array([[0, 1, 2, 3, 4, 5, 6, 7, 9, 10], [0, 1, 2, 3, 4, 5, 6, 8, 9, 10]])
    seen = 11 * given["cameras"][:, None, None] + own
    np.testing.assert_array_equal(errors.parameters.indices, seen.ravel())
    by_camera = np.take_along_axis(expected["d_camera"], own, 1).ravel()
    assert np.count_nonzero(expected["d_camera"]) == np.count_nonzero(by_camera)
    given_points = 3 * given["points"][:, None, None] + np.array([[0, 1, 2]] * 2)
    np.testing.assert_array_equal(errors.positions.indices, given_points.ravel())
    np.testing.assert_array_equal(errors.weights.indices, np.repeat(np.arange(count), 2))
    for matrix, values in (
        (errors.parameters, by_camera),
        (errors.positions, expected["d_point"].ravel()),
        (errors.weights, expected["d_weight"].ravel()),
        (weight_errors.weights, expected["d_weight_error"].ravel()),
    ):
        np.testing.assert_allclose(matrix.data, np.tile(values, count), rtol=1e-9)
    np.testing.assert_array_equal(weight_errors.weights.indices, np.arange(count))
    assert weight_errors.parameters.nnz == weight_errors.positions.nnz == 0
