"""What is nested as deep as the parser allows goes through every later stage."""

import pytest

import dpc
from dpc.dsl.prune import MAX_DEPTH

DEPTH = MAX_DEPTH - 5
HEAD = "def f(x: f64) -> f64:\n"
PROGRAMS = {
    "sum": (f"    return {' + '.join(['x'] * DEPTH)}\n", 1.5 * DEPTH),
    "signs": (f"    return {'-' * (2 * (DEPTH // 2))}x\n", 1.5),
    "choices": (f"    return {'x if x > 2.0 else ' * DEPTH}2.0\n", 2.0),
    "and": (f"    return x if {' and '.join(['x > 1.0'] * (DEPTH - 2))} else 0.0\n", 1.5),
    "branches": (
        "    if x > 9.0:\n        x = 1.0\n"
        + "    elif x > 8.0:\n        x = 2.0\n" * (DEPTH - 4)
        + "    return x\n",
        1.5,
    ),
    "blocks": (
        "".join(f"{' ' * (i + 1)}if x > 0.0:\n" for i in range(45))
        + f"{' ' * 46}x *= 2.0\n return x\n",
        3.0,
    ),
    "loops": (
        "".join(f"{' ' * (i + 1)}for i{i} in range(1):\n" for i in range(45))
        + f"{' ' * 46}x *= 2.0\n return x\n",
        3.0,
    ),
}


@pytest.mark.parametrize(("body", "value"), PROGRAMS.values(), ids=PROGRAMS.keys())
def test_the_deepest_programs_compile(body: str, value: float) -> None:
    module = dpc.compile(HEAD + body, name="deep")
    assert module.f(1.5) == pytest.approx(value)
    dpc.grad(module.f)(1.5)
