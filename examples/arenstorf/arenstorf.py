"""Closes Arenstorf's orbit: speed and period by derivatives of an adaptive method.

python examples/arenstorf/arenstorf.py [--plot arenstorf.png]
"""

import argparse
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from scipy.optimize import least_squares

import dpc

HERE = Path(__file__).parent
X = 0.994
SPEED, PERIOD = -2.00158510637908252240537862224, 17.0652165601579625588917206249
GUESS = (-2.0016, 17.06)
TOLERANCE = 1e-12


def closed(model: dpc.Module, tolerance: float = TOLERANCE) -> Any:
    """SciPy's result of Gauss-Newton steps; `x` has speed and period."""
    jacobian = dpc.jacobian(model.gap, wrt=("speed", "period"), mode="reverse")
    return least_squares(
        lambda q: model.gap(X, q[0], q[1], tolerance),
        GUESS,
        jac=lambda q: np.stack(jacobian(X, q[0], q[1], tolerance), axis=1),
        x_scale=(1e-4, 1.0),
        xtol=1e-14,
        ftol=1e-14,
        gtol=1e-14,
    )


def save_plot(model: dpc.Module, path: Path, speed: float, period: float) -> None:
    """The orbit of the guess and the closed one."""
    # Here, as drawing is optional and its library slow to load.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 5))
    for label, values in {"guess": GUESS, "found": (speed, period)}.items():
        times = np.linspace(0.0, values[1], 2000)
        states = model.orbit(X, values[0], times, TOLERANCE)
        axes.plot(states[:, 0], states[:, 1], label=label, linewidth=1.0)
    axes.plot([0.0, 1.0], [0.0, 0.0], "ko")
    axes.set_aspect("equal")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", type=Path, default=Path("arenstorf.png"))
    plot = parser.parse_args().plot
    model = dpc.load(HERE / "arenstorf.dp")
    before = np.linalg.norm(model.gap(X, *GUESS, TOLERANCE))
    start = perf_counter()
    result = closed(model)
    seconds = perf_counter() - start
    speed, period = result.x
    print(f"evaluations {result.nfev} with {result.njev} Jacobians ({seconds:.1f} s)")
    print(f"gap         {before:.3e} -> {np.linalg.norm(result.fun):.3e}")
    print(f"speed       {speed:.12f} (published {SPEED:.12f})")
    print(f"period      {period:.12f} (published {PERIOD:.12f})")
    save_plot(model, plot, speed, period)
    print(f"plot        {plot}")


if __name__ == "__main__":
    main()
