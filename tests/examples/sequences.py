"""Small arguments of the examples whose loops must be reversed step by step."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@dataclass(frozen=True)
class Sequence:
    """A function of an example with arguments by name, and what it is differentiated by."""

    example: str
    function: str
    wrt: tuple[str, ...]
    arguments: Mapping[str, Any]

    @property
    def model(self) -> Path:
        """The file."""
        return EXAMPLES / self.example / f"{self.example}.dp"


def burgers(points: int = 24, steps: int = 40) -> Sequence:
    """A steepening wave."""
    x = np.linspace(0.0, 1.0, points)
    arguments = {
        "u0": np.sin(np.pi * x) ** 2, "seen": 0.4 * np.sin(np.pi * x),
        "steps": steps, "c": 0.02, "d": 0.1, "smooth": 1e-3,
    }  # fmt: skip
    return Sequence("burgers", "misfit", ("u0",), arguments)


def nbody(bodies: int = 4, steps: int = 30) -> Sequence:
    """A cloud that falls together."""
    random = np.random.default_rng(bodies)
    arguments = {
        "x0": random.standard_normal((bodies, 3)), "v0": 0.3 * random.standard_normal((bodies, 3)),
        "masses": random.uniform(0.5, 1.5, bodies), "time": 0.6, "steps": steps, "softening": 0.1,
    }  # fmt: skip
    return Sequence("nbody", "open_orbit", ("x0", "v0", "masses", "time"), arguments)


def lorenz(count: int = 12, every: int = 5) -> Sequence:
    """A short piece of the chaotic path."""
    seen = np.random.default_rng(count).standard_normal((count, 3)) + [0.0, 0.0, 25.0]
    arguments = {
        "p": np.array([9.5, 29.0, 2.5]), "start": np.array([1.0, 2.0, 20.0]),
        "seen": seen, "h": 0.01, "every": every,
    }  # fmt: skip
    return Sequence("lorenz", "misfit", ("p", "start"), arguments)


def seismic(depth: int = 12, width: int = 14, steps: int = 40) -> Sequence:
    """Two shots over a rough ground."""
    random = np.random.default_rng(depth)
    arguments = {
        "c": random.uniform(0.3, 0.5, (depth, width)),
        "damping": random.uniform(0.95, 1.0, (depth, width)),
        "sources": np.array([3, width - 4]), "depth": 2, "frequency": 0.08,
        "heard": 0.1 * random.standard_normal((2, steps, width)),
    }  # fmt: skip
    return Sequence("seismic", "misfit", ("c",), arguments)


def arenstorf(tolerance: float = 1e-5) -> Sequence:
    """Part of the orbit, in steps of any length."""
    arguments = {"x": 0.994, "speed": -2.0015, "period": 5.0, "tolerance": tolerance}
    return Sequence("arenstorf", "openness", ("x", "speed", "period"), arguments)


SEQUENCES = {make.__name__: make() for make in (burgers, nbody, lorenz, seismic, arenstorf)}
