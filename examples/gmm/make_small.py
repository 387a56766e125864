"""Writes data/small.txt: 30 points of a made-up mixture of 4 components in 3 dimensions.

python examples/gmm/make_small.py
"""

from pathlib import Path

import numpy as np

D, K, N = 3, 4, 30


def main() -> None:
    random = np.random.default_rng(20)
    rows = [
        random.standard_normal((1, K)),
        random.standard_normal((K, D)),
        0.5 * random.standard_normal((K, D * (D + 1) // 2)),
        random.standard_normal((N, D)) + random.integers(-2, 3, (N, 1)),
    ]
    lines = [f"{D} {K} {N}"]
    for part in rows:
        lines += [" ".join(repr(float(number)) for number in row) for row in part]
    lines.append("1.5 2")
    path = Path(__file__).parent / "data" / "small.txt"
    path.write_text("\n".join(lines) + "\n")
    print(f"{path}: d k n = {lines[0]}")


if __name__ == "__main__":
    main()
