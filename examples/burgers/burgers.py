"""Recovers the initial condition of Burgers' equation from a noisy look at a later time.

python examples/burgers/burgers.py [--memory 2MB] [--plot burgers.png]
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from scipy.optimize import minimize

import dpc

HERE = Path(__file__).parent
VISCOSITY, NOISE, SMOOTH = 2e-3, 1e-3, 2e-5


@dataclass(frozen=True)
class Problem:
    """What is to be found (`truth`), what is seen of it, and the misfit's other arguments."""

    truth: Any
    seen: Any
    steps: int
    c: float
    d: float

    @property
    def rest(self) -> tuple[Any, ...]:
        """The arguments of `misfit` after u0."""
        return self.seen, self.steps, self.c, self.d, SMOOTH


def problem(model: dpc.Module, points: int = 512, steps: int = 4000, end: float = 0.3) -> Problem:
    """Two humps on [0, 1], which steepen; noise on what is seen at time `end`."""
    x = np.linspace(0.0, 1.0, points)
    truth = np.exp(-((x - 0.3) ** 2) / 0.006) + 0.5 * np.exp(-((x - 0.6) ** 2) / 0.004)
    truth[[0, -1]] = 0.0
    step, spacing = end / steps, 1.0 / (points - 1)
    c, d = step / (4.0 * spacing), VISCOSITY * step / spacing**2
    noise = np.random.default_rng(3).standard_normal(points)
    return Problem(truth, model.evolve(truth, steps, c, d) + NOISE * noise, steps, c, d)


def recovered(value_and_grad: dpc.Function, given: Problem, iterations: int = 60) -> Any:
    """SciPy's result of L-BFGS from nothing: `x` is the initial condition."""
    return minimize(
        lambda u0: value_and_grad(u0, *given.rest),
        np.zeros_like(given.seen),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": iterations},
    )


def save_plot(given: Problem, found: Any, path: Path) -> None:
    """The initial condition, true and found, and what is seen."""
    # Here, as drawing is optional and its library slow to load.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    x = np.linspace(0.0, 1.0, len(found))
    axes.plot(x, given.seen, color="0.6", label="seen at the end")
    axes.plot(x, given.truth, "k--", label="true start")
    axes.plot(x, found, label="found start")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", type=Path, default=Path("burgers.png"))
    parser.add_argument("--memory", default="1MB", help="of a gradient, default 1MB")
    options = parser.parse_args()
    model = dpc.load(HERE / "burgers.dp")
    given = problem(model)
    start = perf_counter()
    gradient = dpc.value_and_grad(model.misfit, memory=options.memory)
    result = recovered(gradient, given)
    away = np.linalg.norm(result.x - given.truth) / np.linalg.norm(given.truth)
    print(f"grid        {len(given.truth)} points, {given.steps} steps")
    print(f"iterations  {result.nit} ({result.nfev} gradients, {perf_counter() - start:.1f} s)")
    print(f"memory      {gradient.usage(result.x, *given.rest)}")
    print(f"misfit      {result.fun:.3e}")
    print(f"error       {away:.4f} of the true start's norm")
    save_plot(given, result.x, options.plot)
    print(f"plot        {options.plot}")


if __name__ == "__main__":
    main()
