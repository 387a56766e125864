"""Recovers a model of the speed of sound under the ground from what receivers hear of some shots.

python examples/seismic/seismic.py [--memory 20MB] [--plot seismic.png]
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
DEPTH = 2  # of sources and receivers, in cells
SLOWEST, FASTEST = 0.2, 0.6


@dataclass(frozen=True)
class Survey:
    """The true model, the start, and what the misfit takes besides a model."""

    truth: Any
    start: Any
    damping: Any
    sources: Any
    frequency: float
    heard: Any

    @property
    def rest(self) -> tuple[Any, ...]:
        """The arguments of `misfit` after the model."""
        return self.damping, self.sources, DEPTH, self.frequency, self.heard


def damping(depth: int, width: int, border: int) -> Any:
    """What a step leaves of a wave: 1 inside, less towards the sides and the bottom."""
    to_side = np.minimum(np.arange(width), np.arange(width)[::-1])
    to_bottom = np.arange(depth)[::-1]
    nearest = np.minimum(to_bottom[:, None], to_side[None, :])
    return np.exp(-((0.3 * np.maximum(0, border - nearest) / border) ** 2))


def survey(
    model: dpc.Module, depth: int = 48, width: int = 96, steps: int = 420, shots: int = 8
) -> Survey:
    """Layers that get faster with depth, with a slow lens in them; the start knows the trend."""
    z, x = np.mgrid[:depth, :width]
    start = 0.32 + 0.14 * z / depth
    truth = start + 0.02 * (1.0 + np.tanh((z - 0.6 * depth - 3.0 * np.sin(x / 14.0)) / 1.5))
    lens = ((x - 0.55 * width) / 12.0) ** 2 + ((z - 0.42 * depth) / 5.0) ** 2
    truth = np.where(lens < 1.0, truth - 0.04, truth)
    border = max(2, min(depth, width) // 5)
    sources = np.linspace(border, width - 1 - border, shots).astype(np.int64)
    damped, frequency = damping(depth, width, border), 0.03
    heard = np.stack(
        [model.recorded(truth, damped, int(s), DEPTH, frequency, steps) for s in sources]
    )
    return Survey(truth, start, damped, sources, frequency, heard)


def inverted(value_and_grad: dpc.Function, given: Survey, iterations: int = 60) -> Any:
    """SciPy's result of L-BFGS within bounds; `x` is the model. The first rows, where sources and
    receivers are, stay as they are.
    """
    shape, top = given.start.shape, 2 * DEPTH + 1

    def objective(packed: Any) -> tuple[float, Any]:
        value, gradient = value_and_grad(packed.reshape(shape), *given.rest)
        gradient[:top] = 0.0
        return value, gradient.ravel()

    return minimize(
        objective,
        given.start.ravel(),
        jac=True,
        method="L-BFGS-B",
        bounds=[(SLOWEST, FASTEST)] * given.start.size,
        options={"maxiter": iterations, "maxcor": 20},
    )


def save_plot(given: Survey, found: Any, path: Path) -> None:
    """The true model, the start and the model found."""
    # Here, as drawing is optional and its library slow to load.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    models = {"true": given.truth, "start": given.start, "found": found}
    figure, axes = pyplot.subplots(3, 1, figsize=(6, 8), sharex=True)
    low, high = given.truth.min(), given.truth.max()
    for axis, (title, speeds) in zip(axes, models.items(), strict=True):
        image = axis.imshow(speeds, vmin=low, vmax=high, cmap="viridis")
        axis.plot(given.sources, [DEPTH] * len(given.sources), "r*")
        axis.set_title(title)
    figure.colorbar(image, ax=axes, label="cells a step")
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", type=Path, default=Path("seismic.png"))
    parser.add_argument("--memory", default="20MB", help="of a gradient, default 20MB")
    options = parser.parse_args()
    model = dpc.load(HERE / "seismic.dp")
    given = survey(model)
    start = perf_counter()
    before = model.misfit(given.start, *given.rest)
    gradient = dpc.value_and_grad(model.misfit, memory=options.memory)
    result = inverted(gradient, given)
    seconds = perf_counter() - start
    found = result.x.reshape(given.start.shape)
    errors = [np.linalg.norm(speeds - given.truth) for speeds in (given.start, found)]
    shots, steps, _ = given.heard.shape
    print(f"survey      {shots} shots of {steps} steps, {found.shape[0]} x {found.shape[1]} cells")
    print(f"iterations  {result.nit} ({result.nfev} gradients, {seconds:.1f} s)")
    print(f"memory      {gradient.usage(found, *given.rest)}")
    print(f"misfit      {before:.4g} -> {result.fun:.4g}")
    print(f"model error {errors[1] / errors[0]:.3f} of the start's")
    save_plot(given, found, options.plot)
    print(f"plot        {options.plot}")


if __name__ == "__main__":
    main()
