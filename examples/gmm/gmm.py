"""Value and gradient of the Gaussian mixture objective of gmm.dp on a data file.

    python examples/gmm/gmm.py [FILE]

The text format: `d k n`; then alphas (k numbers), means (k rows of d), icf (k rows of d(d+1)/2:
the logarithms of the diagonal, then the strict lower triangle column by column), x (n rows of d),
and last gamma and m.
"""

import argparse
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

import dpc

HERE = Path(__file__).parent
SMALL = HERE / "data" / "small.txt"
PARAMETERS = ("alphas", "means", "icf")


def read(path: Path) -> dict[str, Any]:
    """The arguments of `gmm_objective` from a file."""
    numbers = path.read_text().split()
    d, k, n = (int(text) for text in numbers[:3])
    values = np.array(numbers[3:], dtype=np.float64)
    shapes = {"alphas": (k,), "means": (k, d), "icf": (k, d * (d + 1) // 2), "x": (n, d)}
    arguments: dict[str, Any] = {}
    position = 0
    for name, shape in shapes.items():
        size = int(np.prod(shape))
        arguments[name] = values[position : position + size].reshape(shape)
        position += size
    arguments["gamma"] = float(values[position])
    arguments["m"] = int(values[position + 1])
    return arguments


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, default=SMALL, help="default: small.txt")
    arguments = read(parser.parse_args().file)
    model = dpc.load(HERE / "gmm.dp")
    value_and_grad = dpc.value_and_grad(model.gmm_objective, wrt=PARAMETERS)
    value_and_grad(**arguments)  # compiles
    start = perf_counter()
    value, gradient = value_and_grad(**arguments)
    seconds = perf_counter() - start
    n, d = arguments["x"].shape
    print(f"points      {n} of dimension {d}, {len(arguments['alphas'])} components")
    print(f"value       {value:.12g}")
    for name in PARAMETERS:
        print(f"|d {name:<6}|  {np.linalg.norm(getattr(gradient, name)):.12g}")
    print(f"time        {1e3 * seconds:.2f} ms for value and gradient")


if __name__ == "__main__":
    main()
