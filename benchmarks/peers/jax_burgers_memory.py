"""Burgers' equation in JAX with less memory: nested rematerialisation, Equinox's checkpoints."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.peers.jax_burgers import step
from benchmarks.peers.jax_tools import called
from benchmarks.workload import Call

SLOTS = (128, 256)  # of Equinox


def variants(arguments: Mapping[str, Any]) -> dict[str, Call]:
    """The gradient with respect to u0 by name of the method."""
    c, d, smooth, steps = (arguments[name] for name in ("c", "d", "smooth", "steps"))

    def gradient(march: Callable[[Any], Any]) -> Call:
        def misfit(u0: Any, seen: Any) -> Any:
            return jnp.mean((march(u0) - seen) ** 2) + smooth * jnp.sum(jnp.diff(u0) ** 2)

        return called(jax.grad(misfit), [arguments["u0"], arguments["seen"]])

    def scan(u0: Any, length: int = steps) -> Any:
        return jax.lax.scan(lambda u, _: (step(u, c, d), None), u0, None, length=length)[0]

    inner = next(k for k in range(int(steps**0.5) or 1, 0, -1) if steps % k == 0)
    part = jax.checkpoint(lambda u: scan(u, inner))

    def nested(u0: Any) -> Any:
        return jax.lax.scan(lambda u, _: (part(u), None), u0, None, length=steps // inner)[0]

    found = {"JAX scan": gradient(scan), "JAX nested remat": gradient(nested)}
    if find_spec("equinox") is not None:
        for slots in SLOTS:
            found[f"Equinox, {slots} slots"] = gradient(_checkpointed(steps, slots, c, d))
    return found


def _checkpointed(steps: int, slots: int, c: float, d: float) -> Callable[[Any], Any]:
    """Equinox's checkpointed while."""
    from equinox.internal import while_loop  # here, as it is not always installed

    def march(u0: Any) -> Any:
        _, end = while_loop(
            lambda carried: carried[0] < steps,
            lambda carried: (carried[0] + 1, step(carried[1], c, d)),
            (jnp.asarray(0), u0),
            kind="checkpointed",
            max_steps=steps,
            checkpoints=min(slots, steps),
        )
        return end

    return march
