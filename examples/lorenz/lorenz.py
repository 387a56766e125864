"""Estimates the parameters of the Lorenz system from a noisy path.

python examples/lorenz/lorenz.py [--memory 40kB] [--plot lorenz.png]
"""

import argparse
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from scipy.optimize import minimize

import dpc

HERE = Path(__file__).parent
TRUTH = np.array([10.0, 28.0, 8.0 / 3.0])
GUESS = np.array([9.0, 30.0, 2.2])
START = np.array([1.0, 1.0, 20.0])
STEP, EVERY, NOISE = 1e-3, 10, 0.1
WRT = ("p", "start")


def observed(model: dpc.Module, count: int) -> Any:
    """The true path at `count` times, with noise."""
    noise = np.random.default_rng(5).standard_normal((count, 3))
    return model.path(TRUTH, START, STEP, EVERY, count) + NOISE * noise


def estimated(value_and_grad: dpc.Function, seen: Any) -> tuple[Any, Any, int]:
    """Parameters and start, and the number of gradients: the window grows, since a long one alone
    has a minimum in every fold of the chaotic path.
    """
    packed, gradients = np.concatenate([GUESS, seen[0]]), 0
    for share in (0.1, 0.2, 0.4, 0.7, 1.0):
        window = np.ascontiguousarray(seen[: max(2, int(share * len(seen)))])

        def objective(packed: Any, window: Any = window) -> tuple[float, Any]:
            value, found = value_and_grad(packed[:3], packed[3:], window, STEP, EVERY)
            return value, np.concatenate(found)

        result = minimize(objective, packed, jac=True, method="BFGS")
        packed, gradients = result.x, gradients + result.nfev
    return packed[:3], packed[3:], gradients


def save_plot(seen: Any, found: Any, path: Path) -> None:
    """What was seen and the path of the estimate."""
    # Here, as drawing is optional and its library slow to load.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 5))
    axes.plot(seen[:, 0], seen[:, 2], ".", markersize=2, label="seen")
    axes.plot(found[:, 0], found[:, 2], linewidth=0.8, label="estimated")
    axes.set_xlabel("x")
    axes.set_ylabel("z")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", type=Path, default=Path("lorenz.png"))
    parser.add_argument("--memory", default="40kB", help="of a gradient, default 40kB")
    options = parser.parse_args()
    model = dpc.load(HERE / "lorenz.dp")
    seen = observed(model, 500)
    start = perf_counter()
    gradient = dpc.value_and_grad(model.misfit, wrt=WRT, memory=options.memory)
    parameters, origin, gradients = estimated(gradient, seen)
    seconds = perf_counter() - start
    print(f"path        {len(seen)} times, {len(seen) * EVERY} steps")
    print(f"gradients   {gradients} ({seconds:.1f} s)")
    print(f"memory      {gradient.usage(parameters, origin, seen, STEP, EVERY)}")
    for name, guess, value, truth in zip(
        ("sigma", "rho", "beta"), GUESS, parameters, TRUTH, strict=True
    ):
        print(f"{name:<11} {guess:.3f} -> {value:.4f} (true {truth:.4f})")
    save_plot(seen, model.path(parameters, origin, STEP, EVERY, len(seen)), options.plot)
    print(f"plot        {options.plot}")


if __name__ == "__main__":
    main()
