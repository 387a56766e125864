"""Bundle adjustment in JAX: the dense Jacobian of each observation, one batch of all."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.peers.jax_tools import called
from benchmarks.workload import Call

# The principal point's other coordinate is in neither row.
COLUMNS = np.array([[0, 1, 2, 3, 4, 5, 6, 7, 9, 10], [0, 1, 2, 3, 4, 5, 6, 8, 9, 10]])


def rotated(axis: Any, point: Any) -> Any:
    """Rodrigues' formula; no camera of the data has the angle 0."""
    square = axis @ axis
    angle = jnp.sqrt(square)
    unit = axis / angle
    along = (unit @ point) * (1.0 - jnp.cos(angle))
    return point * jnp.cos(angle) + jnp.cross(unit, point) * jnp.sin(angle) + unit * along


def residual(camera: Any, point: Any, weight: Any, feature: Any) -> Any:
    """The weighted reprojection error of one observation."""
    seen = rotated(camera[:3], point - camera[3:6])
    flat = seen[:2] / seen[2]
    square = flat @ flat
    distorted = flat * (1.0 + camera[9] * square + camera[10] * square**2)
    return weight * (distorted * camera[6] + camera[7:9] - feature)


def prepare(arguments: Mapping[str, Any]) -> tuple[Call, Call]:
    """The residuals, and the elements of their Jacobians in the order of CSR matrices."""
    cameras, points = arguments["cameras"], arguments["points"]

    def residuals(parameters: Any, positions: Any, weights: Any, features: Any) -> Any:
        errors = jax.vmap(residual)(parameters[cameras], positions[points], weights, features)
        return errors, 1.0 - weights**2

    def jacobian(parameters: Any, positions: Any, weights: Any, features: Any) -> Any:
        local = jax.vmap(jax.jacrev(residual, argnums=(0, 1, 2)))
        by_camera, by_point, by_weight = local(
            parameters[cameras], positions[points], weights, features
        )
        chosen = jnp.take_along_axis(by_camera, COLUMNS[None], axis=2)
        nothing = jnp.zeros(0)
        return (chosen, by_point, by_weight), (nothing, nothing, -2.0 * weights)

    data = [arguments[name] for name in ("parameters", "positions", "weights", "features")]
    return called(residuals, data), called(jacobian, data)
