"""Finds the figure-eight orbit of three bodies from a rough guess, by gradients through leapfrog.

python examples/nbody/nbody.py [--memory 100kB] [--plot nbody.png]
"""

import argparse
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from scipy.optimize import minimize

import dpc

HERE = Path(__file__).parent
# Chenciner and Montgomery (2000): one curve for three equal masses.
EIGHT = np.array([[0.97000436, -0.24308753, 0.0], [-0.97000436, 0.24308753, 0.0], [0.0] * 3])
LAST = np.array([-0.93240737, -0.86473146, 0.0])
VELOCITIES = np.array([-0.5 * LAST, -0.5 * LAST, LAST])
PERIOD = 6.32591398
MASSES = np.ones(3)
WRT = ("x0", "v0", "time")


def guess(error: float = 0.02) -> tuple[Any, Any]:
    """Positions and velocities near the orbit, the centre of mass at rest in the origin."""
    random = np.random.default_rng(8)
    x, v = (
        part + error * random.standard_normal((3, 3)) * [1, 1, 0] for part in (EIGHT, VELOCITIES)
    )
    return x - x.mean(axis=0), v - v.mean(axis=0)


def closed(value_and_grad: dpc.Function, x: Any, v: Any, steps: int, iterations: int = 300) -> Any:
    """SciPy's result of closing the orbit; its `x` has positions, velocities and the period."""

    def objective(packed: Any) -> tuple[float, Any]:
        start, speed = packed[:-1].reshape(2, 3, 3)
        value, gradient = value_and_grad(start, speed, MASSES, packed[-1], steps)
        return value, np.concatenate([gradient.x0.ravel(), gradient.v0.ravel(), [gradient.time]])

    packed = np.concatenate([x.ravel(), v.ravel(), [PERIOD]])
    options = {"maxiter": iterations, "gtol": 1e-10}
    return minimize(objective, packed, jac=True, method="BFGS", options=options)


def path_of(model: dpc.Module, x: Any, v: Any, period: float, count: int = 200) -> Any:
    """Positions at `count` times of a period."""
    states = []
    for _ in range(count):
        states.append(x)
        x, v = model.moved(x, v, MASSES, period / count, 10)
    return np.array(states)


def save_plot(before: Any, after: Any, path: Path) -> None:
    """The orbit of the guess and the one found."""
    # Here, as drawing is optional and its library slow to load.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.5), sharex=True, sharey=True)
    for axis, states, title in zip(axes, (before, after), ("guess", "found"), strict=True):
        for body in range(3):
            axis.plot(states[:, body, 0], states[:, body, 1])
            axis.plot(*states[0, body, :2], "ko")
        axis.set_title(title)
        axis.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", type=Path, default=Path("nbody.png"))
    parser.add_argument("--memory", default="100kB", help="of a gradient, default 100kB")
    options = parser.parse_args()
    model = dpc.load(HERE / "nbody.dp")
    steps, (x, v) = 2000, guess()
    before = model.open_orbit(x, v, MASSES, PERIOD, steps)
    start = perf_counter()
    gradient = dpc.value_and_grad(model.open_orbit, wrt=WRT, memory=options.memory)
    result = closed(gradient, x, v, steps)
    seconds = perf_counter() - start
    x_found, v_found = result.x[:-1].reshape(2, 3, 3)
    energies = model.energy(x, v, MASSES), model.energy(x_found, v_found, MASSES)
    print(f"steps       {steps} a period")
    print(f"iterations  {result.nit} ({result.nfev} gradients, {seconds:.1f} s)")
    usage = gradient.usage(x_found, v_found, MASSES, result.x[-1], steps)
    print(f"memory      {usage}")
    print(f"gap         {before:.3e} -> {result.fun:.3e}")
    print(f"energy      {energies[0]:.6f} -> {energies[1]:.6f}")
    print(f"period      {PERIOD:.6f} -> {result.x[-1]:.6f}")
    paths = path_of(model, x, v, PERIOD), path_of(model, x_found, v_found, result.x[-1])
    save_plot(*paths, options.plot)
    print(f"plot        {options.plot}")


if __name__ == "__main__":
    main()
