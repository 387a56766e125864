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
        "the parameter is `f64[3]`, declared here",
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
    (
        "def f(x: f64) -> f64:\n    y = x + t\n    t = 1.0\n    return y * t\n",
        "t",
        "assigned here",
    ),
    (
        "def f(x: f64[n]) -> f64:\n    sum = x[0]\n    return sum(x)\n",
        "sum",
        "`sum` is assigned here and hides the built-in of that name",
    ),
    (
        "def f(x: f64[n]) -> f64:\n    for i in range(n):\n        x[i] = 0.0\n    return x[i]\n",
        "i",
        "`i` ends with this loop",
    ),
    ("def f(x: f64) -> f64:\n    return\n", "f64", "the result is declared here"),
    (
        "def f(x: f64[n, m]) -> f64:\n    x[0] = zeros(m + 1)\n    return x[0, 0]\n",
        "x",
        "`x` is `f64[n, m]`, declared here",
    ),
    (
        "def f(x: f64[3], y: f64[4]) -> f64[2, 3]:\n    return stack(x, y)\n",
        "x",
        "the first is `f64[3]`",
    ),
    (
        "def f(x: f64[3, 2], y: f64[4, 5]) -> f64[7, 2]:\n    return concat(x, y)\n",
        "x",
        "the first is `f64[3, 2]`",
    ),
    (
        "def f(x: f64) -> f64[2, 2]:\n    return [[x, x], [x]]\n",
        "[x, x]",
        "this is `f64[2]`",
    ),
    (
        "def f(x: f64) -> f64:\n    if x > 0.0:\n        return x\n",
        "x > 0.0",
        "nothing is returned where this is false",
    ),
    (
        "def f(x: f64) -> f64:\n    if x > 0.0:\n        return x\n    else:\n        x = 1.0\n",
        "x = 1.0",
        "the function ends after this",
    ),
    (
        "def f(x: f64[n]) -> f64:\n    for v in x:\n        return v\n",
        "for v in x:",
        "nothing is returned after this loop",
    ),
    (
        "def f(x: f64) -> f64:\n    while x > 0.0:\n        return x\n",
        "x > 0.0",
        "nothing is returned once this is false",
    ),
    (
        "def f(x: f64) -> f64:\n    while True:\n        if x > 0.0:\n            break\n",
        "while True:",
        "a `break` leaves this loop",
    ),
]

# (head, expression, what is said beside each operand, the equation that fails)
OPERANDS = [
    ("a: f64[n, d], b: f64[d + 1]", "a + b", {"a": "f64[n, d]", "b": "f64[d + 1]"}, "d == d + 1"),
    ("a: f64[3, 4], b: f64[5]", "a @ b", {"a": "f64[3, 4]", "b": "f64[5]"}, "4 == 5"),
    ("a: f64[2], b: f64[3]", "dot(a, b)", {"a": "f64[2]", "b": "f64[3]"}, "2 == 3"),
    ("a: f64[2], b: f64[3]", "a ** b", {"a": "f64[2]", "b": "f64[3]"}, "2 == 3"),
    ("a: f64[2], b: f64[3]", "a < b", {"a": "f64[2]", "b": "f64[3]"}, "2 == 3"),
    ("a: f64[2], b: f64[3]", "hypot(a, b)", {"a": "f64[2]", "b": "f64[3]"}, "2 == 3"),
    ("a: f64[2], b: f64[3]", "where(True, a, b)", {"a": "f64[2]", "b": "f64[3]"}, "2 == 3"),
    ("a: f64[2], b: f64[3]", "a if True else b", {"a": "f64[2]", "b": "f64[3]"}, "2 == 3"),
    ("a: f64[7, 2, 3], b: f64[7, 4, 5]", "a @ b",
     {"a": "f64[7, 2, 3]", "b": "f64[7, 4, 5]"}, "3 == 4"),
    ("a: f64[3, 4], b: f64[5, 6]", 'einsum("ij,jk->ik", a, b)',
     {"a": "f64[3, 4]", "b": "f64[5, 6]"}, "4 == 5"),
    ("a: f64[3, 3], b: f64[4]", "solve(a, b)", {"a": "f64[3, 3]", "b": "f64[4]"}, "4 == 3"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "label"), CASES, ids=[label for _, _, label in CASES])
def test_the_cause_is_shown(text: str, place: str, label: str) -> None:
    found = diagnose(Source("a.dp", text))
    (related,) = found[-1].related
    assert (related[0].text, related[1]) == (place, label)


@pytest.mark.parametrize(("head", "expression", "types", "equation"), OPERANDS)
def test_operands_show_their_shapes(
    head: str, expression: str, types: dict[str, str], equation: str
) -> None:
    (found,) = diagnose(Source("a.dp", f"def f({head}) -> f64:\n    return {expression}\n"))
    assert found.code == "E0301"
    assert found.span.text == expression
    assert found.label_text == f"{equation} is never true"
    assert [(s.text, label) for s, label in found.related] == [
        (name, f"this is `{type_}`") for name, type_ in types.items()
    ]


def test_precisions_show_their_operands() -> None:
    (found,) = diagnose(Source("a.dp", "def f(x: f64, y: f32) -> f64:\n    return x * 2 + y\n"))
    assert found.code == "E0221"
    assert [(s.text, label) for s, label in found.related] == [
        ("x * 2", "this is `f64`"),
        ("y", "this is `f32`"),
    ]


def test_calls_show_what_bound_a_dimension() -> None:
    text = (
        "def g(a: f64[n], b: f64[n]) -> f64:\n    return dot(a, b)\n"
        "def f(x: f64[3], y: f64[4]) -> f64:\n    return g(x, y)\n"
    )
    (found,) = diagnose(Source("a.dp", text))
    assert [(s.text, label) for s, label in found.related] == [
        ("x", "`n` is 3 by this"),
        ("b", "the parameter is `f64[n]`, declared here"),
    ]
