"""Diagnostics whose cause is elsewhere show that place too."""

import pytest

from dpc.compiler.driver import diagnose
from dpc.dsl.source import Source

# (program, the text of the second place, its label)
CASES = [
    ("def f(k: i64) -> f64:\n    k = 0.5\n    return 1.0\n", "k", "`k` is `i64`, declared here"),
    (
        "def f(x: f64) -> f64:\n    t = x > 0.0\n    t = x\n    return x\n",
        "t",
        "`t` is `bool`, since here",
    ),
    (
        "def f(x: f64[n]) -> f64:\n    y = x[0] > 0.0\n    y = 2\n    return 1.0\n",
        "y",
        "`y` is `bool`, since here",
    ),
    (
        "def f(k: i64) -> f64:\n    k += 0.5\n    return 1.0\n",
        "k",
        "`k` is `i64`, declared here",
    ),
    ("def f(x: f64[n]) -> f64:\n    return x\n", "f64", "the result is declared here"),
    (
        "def g(v: f64[3]) -> f64:\n    return v[0]\ndef f(x: f64[4]) -> f64:\n    return g(x)\n",
        "v",
        "the parameter is declared here",
    ),
    (
        "def f(x: f64[n]) -> f64:\n    n = 2\n    return x[0]\n",
        "x",
        "bound by this parameter",
    ),
    (
        "def f(x: f64) -> f64:\n    if x > 0.0:\n        y = x\n    return y\n",
        "y",
        "assigned here",
    ),
    (
        "def f(x: f64) -> f64:\n    return x\n    x = 1.0\n",
        "return x",
        "nothing goes on after this",
    ),
    ("A = 1\nA = 2\n", "A", "first defined here"),
]


@pytest.mark.parametrize(("text", "place", "label"), CASES, ids=[label for _, _, label in CASES])
def test_the_cause_is_shown(text: str, place: str, label: str) -> None:
    found = diagnose(Source("a.dp", text))
    (related,) = found[-1].related
    assert (related[0].text, related[1]) == (place, label)
