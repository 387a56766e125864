"""What goes wrong at run time is reported by a check with the right kind, message and line."""

from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from dpc.compiler.dialects.cf import Assert
from dpc.compiler.interpret import CheckFailed
from tests.lowering.harness import Program

X = np.array([1.0, 2.0, 3.0])

# name -> (text, arguments, kind, message, line)
CASES: dict[str, tuple[str, dict[str, Any], str, str, int]] = {
    "index_above": (
        """
        def f(x: f64[n], i: i64) -> f64:
            y = x[0]
            return y + x[i + 1]
        """,
        {"x": X, "i": 2},
        "bounds",
        "index 3 is out of bounds for axis 0 of `x` with extent 3",
        3,
    ),
    "index_below": (
        """
        def f(x: f64[n], i: i64) -> f64:
            return x[i]
        """,
        {"x": X, "i": -1},
        "bounds",
        "index -1 is out of bounds for axis 0 of `x` with extent 3; "
        "only negative constants count from the end",
        2,
    ),
    "store": (
        """
        def f(x: f64[n], i: i64) -> f64:
            a = zeros((n, 2))
            a[1, i] = 1.0
            return a[0, 0]
        """,
        {"x": X, "i": 2},
        "bounds",
        "index 2 is out of bounds for axis 1 of `a` with extent 2",
        3,
    ),
    "slice": (
        """
        def f(x: f64[n]) -> f64:
            return sum(x[:4])
        """,
        {"x": X},
        "bounds",
        "the slice from 0 to 4 is out of bounds for axis 0 of `x` with extent 3",
        2,
    ),
    "assertion": (
        """
        def f(x: f64[n], i: i64) -> f64:
            assert x[i] < 0.0, f"x[{i}] is {x[i]}"
            return x[i]
        """,
        {"x": X, "i": 1},
        "assert",
        "x[1] is 2.0",
        2,
    ),
    "assertion_without_message": (
        """
        def f(x: f64) -> f64:
            assert x < 0.0
            return x
        """,
        {"x": 1.0},
        "assert",
        "assertion failed",
        2,
    ),
    "conversion_of_nan": (
        """
        def f(x: f64) -> i64:
            return i64(x)
        """,
        {"x": np.nan},
        "convert",
        "cannot convert nan to i64",
        2,
    ),
    "conversion_out_of_range": (
        """
        def f(x: f64[n]) -> i32[n]:
            return i32(x)
        """,
        {"x": np.array([1.0, 3e9])},
        "convert",
        "cannot convert 3000000000.0 to i32",
        2,
    ),
    "division": (
        """
        def f(i: i64, j: i64) -> i64:
            return i // j
        """,
        {"i": 1, "j": 0},
        "divide",
        "integer division or modulo by zero",
        2,
    ),
    "remainder_of_arrays": (
        """
        def f(i: i64[n], j: i64[n]) -> i64:
            return sum(i % j)
        """,
        {"i": np.array([1, 2]), "j": np.array([1, 0])},
        "divide",
        "integer division or modulo by zero",
        2,
    ),
    "negative_power": (
        """
        def f(i: i64, j: i64) -> i64:
            return i ** j
        """,
        {"i": 2, "j": -1},
        "power",
        "an integer to the negative power -1 is no integer",
        2,
    ),
    "empty_max": (
        """
        def f(x: f64[n]) -> f64:
            return max(x)
        """,
        {"x": np.zeros(0)},
        "empty",
        "max of no elements",
        2,
    ),
    "empty_min_generator": (
        """
        def f(x: f64[n]) -> f64:
            return min(v for v in x if v > 5.0)
        """,
        {"x": X},
        "empty",
        "min of no elements",
        2,
    ),
    "zero_step": (
        """
        def f(s: i64) -> i64:
            t = 0
            for i in range(0, 5, s):
                t += i
            return t
        """,
        {"s": 0},
        "divide",
        "the step of a range must not be zero",
        3,
    ),
    "negative_extent": (
        """
        def f(x: f64[n]) -> f64:
            return sum(zeros(i64(x[0]) - 5))
        """,
        {"x": X},
        "extent",
        "an extent must not be negative, this one is -4",
        2,
    ),
}


@pytest.mark.parametrize("level", ["at_array", "at_loops"])
@pytest.mark.parametrize("name", CASES)
def test_error(name: str, level: str) -> None:
    text, arguments, kind, message, line = CASES[name]
    program = Program(dedent(text).lstrip())
    with pytest.raises(CheckFailed) as raised:
        getattr(program, level)(arguments)
    assert str(raised.value) == message
    assert raised.value.op.kind == kind
    assert raised.value.op.span is not None
    assert raised.value.op.span.line == line


def test_unequal_extents() -> None:
    program = Program(
        dedent(
            """
            def f(x: f64[n], y: f64[m]) -> f64:
                return sum(x + y)
            """
        ).lstrip()
    )
    with pytest.raises(CheckFailed, match=r"n.*is 3.*m.*is 2|m.*is 2.*n.*is 3") as raised:
        program.at_loops({"x": X, "y": X[:2]})
    assert raised.value.op.kind == "shape"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("sum(x)", 0.0),
        ("prod(x)", 1.0),
        ("logsumexp(x)", -np.inf),
        ("mean(x)", np.nan),
        ("1.0 if any(x > 0.0) else 0.0", 0.0),
        ("1.0 if all(x > 0.0) else 0.0", 1.0),
        ("logsumexp(v for v in x)", -np.inf),
    ],
)
def test_reductions_of_nothing(expression: str, expected: float) -> None:
    program = Program(f"def f(x: f64[n]) -> f64:\n    return {expression}\n")
    for found in (program.at_array({"x": np.zeros(0)}), program.at_loops({"x": np.zeros(0)})):
        np.testing.assert_equal(found, expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([np.inf, 1.0], np.inf),
        ([-np.inf, -np.inf], -np.inf),
        ([np.nan, 1.0], np.nan),
        ([-np.inf, 2.0], 2.0),
        ([1000.0, 1000.0], 1000.0 + np.log(2.0)),
    ],
)
def test_logsumexp_at_infinities(values: list[float], expected: float) -> None:
    program = Program("def f(x: f64[n]) -> f64:\n    return logsumexp(x)\n")
    np.testing.assert_equal(program.at_loops({"x": np.array(values)}), expected)


def test_checks_that_hold_by_shape_are_not_emitted() -> None:
    program = Program("def f(x: f64[n], a: f64[3]) -> f64:\n    return sum(x[:]) + a[1]\n")
    assert not [op for op in program.array.function("f").body.walk() if isinstance(op, Assert)]
