"""JAX in double precision and on one thread: import this first."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.workload import Call

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")

import jax

jax.config.update("jax_enable_x64", True)


def compiled(
    objective: Callable[..., Any], data: Sequence[Any], wrt: Sequence[int]
) -> tuple[Call, Call]:
    """Objective and gradient, compiled, on data that is on the device."""
    return called(objective, data), called(jax.grad(objective, argnums=tuple(wrt)), data)


def called(function: Callable[..., Any], data: Sequence[Any]) -> Call:
    """A function, compiled, as a call without arguments; results are NumPy arrays."""
    ready = [jax.device_put(array) for array in data]
    fast = jax.jit(function)
    return lambda: jax.tree.map(np.asarray, fast(*ready))
