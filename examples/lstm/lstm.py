"""Value and gradient of the LSTM objective of lstm.dp on a data file of the ADBench benchmark.

    python examples/lstm/lstm.py [FILE]

The text format: `l c b` (layers, characters, hidden size); then the main parameters (2l rows of
4b), the extra parameters (3 rows of b), the state (2l rows of b) and the sequence (c rows of b).
Without a file: a made-up sequence of 200 characters.
"""

import argparse
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

import dpc

HERE = Path(__file__).parent
PARAMETERS = ("main", "extra")


def shapes(layers: int, characters: int, hidden: int) -> dict[str, tuple[int, ...]]:
    """The shapes of the arguments of `lstm_objective`, in the order of a file."""
    return {
        "main": (layers, 2, 4, hidden),
        "extra": (3, hidden),
        "state": (layers, 2, hidden),
        "sequence": (characters, hidden),
    }


def read(path: Path) -> dict[str, Any]:
    """The arguments of `lstm_objective` from a file."""
    numbers = path.read_text().split()
    layers, characters, hidden = (int(text) for text in numbers[:3])
    values = np.array(numbers[3:], dtype=np.float64)
    expected = shapes(layers, characters, hidden)
    ends = np.cumsum([np.prod(shape) for shape in expected.values()])
    if ends[-1] != len(values):
        raise ValueError(f"{path}: {ends[-1]} numbers expected, {len(values)} found")
    parts = np.split(values, ends[:-1])
    pairs = zip(expected.items(), parts, strict=True)
    return {name: part.reshape(shape) for (name, shape), part in pairs}


def made_up(layers: int = 2, characters: int = 200, hidden: int = 14) -> dict[str, Any]:
    """Arguments with random parameters and a random sequence, one character set in each row."""
    random = np.random.default_rng(20)
    arguments = {
        name: random.random(shape) for name, shape in shapes(layers, characters, hidden).items()
    }
    arguments["sequence"] = np.eye(hidden)[random.integers(hidden, size=characters)]
    return arguments


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, help="default: a made-up sequence")
    file = parser.parse_args().file
    arguments = made_up() if file is None else read(file)
    model = dpc.load(HERE / "lstm.dp")
    value_and_grad = dpc.value_and_grad(model.lstm_objective, wrt=PARAMETERS)
    value_and_grad(**arguments)  # compiles
    start = perf_counter()
    value, gradient = value_and_grad(**arguments)
    seconds = perf_counter() - start
    characters, hidden = arguments["sequence"].shape
    print(f"characters  {characters} of {hidden}, {len(arguments['main'])} layers")
    print(f"value       {value:.12g}")
    for name in PARAMETERS:
        print(f"|d {name:<6}|  {np.linalg.norm(getattr(gradient, name)):.12g}")
    print(f"time        {1e3 * seconds:.2f} ms for value and gradient")


if __name__ == "__main__":
    main()
