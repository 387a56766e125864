"""Residuals of the bundle adjustment problem of ba.dp on a data file of the ADBench benchmark.

    python examples/ba/ba.py FILE

The text format: `n m p` (cameras, points, observations); then one camera (11 numbers), one point
(3), one weight and one feature (2), which the benchmark repeats: observation i is a feature that
camera i mod n sees of point i mod m.
"""

import argparse
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

import dpc

HERE = Path(__file__).parent


def read(path: Path) -> dict[str, Any]:
    """The arguments of `residuals` from a file."""
    numbers = path.read_text().split()
    cameras, points, observations = (int(text) for text in numbers[:3])
    camera, point, weight, feature = np.split(np.array(numbers[3:], dtype=np.float64), (11, 14, 15))
    number = np.arange(observations)
    return {
        "parameters": np.tile(camera, (cameras, 1)),
        "positions": np.tile(point, (points, 1)),
        "weights": np.tile(weight, observations),
        "features": np.tile(feature, (observations, 1)),
        "cameras": number % cameras,
        "points": number % points,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    arguments = read(parser.parse_args().file)
    residuals = dpc.load(HERE / "ba.dp").residuals
    residuals(**arguments)  # compiles
    start = perf_counter()
    errors, weight_errors = residuals(**arguments)
    seconds = perf_counter() - start
    print(f"observations   {len(errors)}")
    print(f"sum of squares {np.sum(errors**2) + np.sum(weight_errors**2):.12g}")
    print(f"time           {1e3 * seconds:.2f} ms")


if __name__ == "__main__":
    main()
