"""Trains the logistic regression of logistic.dp on scikit-learn's breast-cancer data.

569 tumours with 30 measurements each; 80 % train, 20 % test, standardised by the training part.
SciPy's L-BFGS-B minimises the loss; value and gradient come from one native call.

    python examples/logistic/train.py [--plot loss.png]
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, minimize
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

import dpc

Array = NDArray[np.float64]


def data() -> tuple[Array, Array, Array, Array]:
    """Training and test inputs and labels in {-1, +1}."""
    x, labels = load_breast_cancer(return_X_y=True)
    y = np.where(labels == 1, 1.0, -1.0)
    x, x_test, y, y_test = train_test_split(x, y, test_size=0.2, random_state=0, stratify=y)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    return (x - mean) / deviation, y, (x_test - mean) / deviation, y_test


def train(model: dpc.Module, x: Array, y: Array) -> tuple[OptimizeResult, list[float]]:
    """Minimise the loss over w and b, packed into one vector; the loss after each iteration."""
    value_and_grad = dpc.value_and_grad(model.loss)
    curve: list[float] = []

    def objective(packed: Array) -> tuple[float, Array]:
        m = model.Model(w=packed[:-1], b=packed[-1])
        loss, gradient = value_and_grad(m, x, y)
        return loss, np.append(gradient.w, gradient.b)

    def record(intermediate_result: Any) -> None:
        curve.append(float(intermediate_result.fun))

    start = np.zeros(x.shape[1] + 1)
    curve.append(objective(start)[0])
    result = minimize(objective, start, jac=True, method="L-BFGS-B", callback=record)
    return result, curve


def save_plot(curve: list[float], path: Path) -> None:
    """The loss curve as a picture."""
    # Here, as drawing is optional and its library slow to load.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4))
    axes.plot(range(len(curve)), curve, marker=".")
    axes.set_xlabel("iteration of L-BFGS-B")
    axes.set_ylabel("loss")
    axes.set_title("Logistic regression, breast-cancer data")
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", type=Path, default=Path("loss.png"), help="default: loss.png")
    arguments = parser.parse_args()
    model = dpc.load(Path(__file__).with_name("logistic.dp"))
    x, y, x_test, y_test = data()
    result, curve = train(model, x, y)
    w, b = result.x[:-1], result.x[-1]
    accuracy = float(np.mean(np.sign(x_test @ w + b) == y_test))
    print(f"data        {len(y)} training and {len(y_test)} test points, {x.shape[1]} inputs")
    print(f"iterations  {result.nit} ({result.nfev} calls)")
    print(f"loss        {curve[0]:.6f} -> {result.fun:.6f}")
    print(f"accuracy    {accuracy:.4f} on the test points")
    save_plot(curve, arguments.plot)
    print(f"plot        {arguments.plot}")


if __name__ == "__main__":
    main()
