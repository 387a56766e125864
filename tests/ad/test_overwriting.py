"""Arrays read and written in loops of every order: whether what was read is still there."""

import itertools

import numpy as np
import pytest

from dpc.compiler.ad.reverse import reverse_of
from tests.ad.harness import check
from tests.ad.programs import loops_of

READS = ("t", "t - 1", "t + 1", "2", "n - t", "2 * t", "3 - t + 2 * n")
WRITES = ("t", "t + 1", "2 * t", "2 * t + 1", "4", "n - t")
SIZE = 4


def read_again(read: str, write: str, first: bool) -> bool:
    """Whether every element read is still there in the end, by running the indices."""
    n, last_write, reads = SIZE, dict[int, tuple[int, int]](), list[tuple[int, tuple[int, int]]]()
    for t in range(1, n):
        names = {"t": t, "n": n}
        last_write[eval(write, names)] = (t, 0 if first else 1)
        reads.append((eval(read, names), (t, 1 if first else 0)))
    return all(last_write.get(element, (0, 0)) < when for element, when in reads)


@pytest.mark.parametrize(("read", "write"), list(itertools.product(READS, WRITES)))
@pytest.mark.parametrize("first", [False, True], ids=["read first", "write first"])
def test_what_is_read_again_is_what_was_read(read: str, write: str, first: bool) -> None:
    body = [f"        v[{write}] = x[t] * a", f"        y += sin(v[{read}] * x[t]) * y * v[{read}]"]
    lines = body if first else body[::-1]
    text = "\n".join(
        [
            "def f(x: f64[n], a: f64) -> f64:",
            "    v = zeros(3 * n + 4)",
            "    for i in range(3 * n + 4):",
            "        v[i] = a * i",
            "    y = a",
            "    for t in range(1, n):",
            *lines,
            "    return y + sum(v * v)",
        ]
    )
    function = loops_of(text)
    check(function, {"n": SIZE}, [np.linspace(-1.0, 1.2, SIZE), 0.4], tolerance=1e-11)
    outcome = reverse_of(function, (True, True))
    loads = [d for d in outcome.plan.values() if d.stored and d.overwritten is not None]
    assert loads or read_again(read, write, first)
