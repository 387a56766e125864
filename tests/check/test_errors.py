"""What illegal programs are told: code and underlined text, all of a file in one run."""

import pytest

from tests.check.programs import diagnose

FUNCTION = """
N = 3
class Layer:
    w: f64[o, i]
    b: f64[o]
def scaled(v: f64[e], by: f64 = 2.0) -> f64[e]:
    return v * by
def both(v: f64[e], u: f64[e]) -> f64:
    return dot(v, u)
def f(x: f64[n], y: f64[n], a: f64[n, m], s: f32[n], k: i64, q: bool[n], p: f64,
      layer: Layer(r, c), z: f64[5]) -> f64:
"""

# (statements of f, the (code, underlined text) of each error)
BODIES: list[tuple[str, list[tuple[str, str]]]] = [
    # names
    ("t = xs + 1.0", [("E0201", "xs")]),
    ("t = xs + ys", [("E0201", "xs"), ("E0201", "ys")]),
    ("t = xs\nu = t + 1\nt = t + ys", [("E0201", "xs"), ("E0201", "ys")]),
    ("t = layer.v", [("E0206", "layer.v")]),
    ("layer.v = x", [("E0206", "layer.v")]),
    ("t = scaled + 1.0", [("E0207", "scaled")]),
    ("t = exp + 1.0", [("E0207", "exp")]),
    ("t = x(1)", [("E0208", "x")]),
    ("t = pi(1)", [("E0208", "pi")]),
    ("n = 3", [("E0212", "n")]),
    ("n[0] = 3", [("E0212", "n")]),
    ("N[0] = 3", [("E0230", "N")]),
    ("break", [("E0211", "break")]),
    ("t = u + 1\nu = 2", [("E0204", "u")]),
    ("if p > 0:\n    t = 1.0\np = t", [("E0204", "t")]),
    ("for i in range(n):\n    t = 1.0\np = t", [("E0204", "t")]),
    ("while p > 0:\n    t = 1.0\n    p -= 1\np = t", [("E0204", "t")]),
    # types
    ("t = x + s", [("E0221", "x + s")]),
    ("k = p", [("E0220", "p")]),
    ("k /= 2", [("E0220", "k /= 2")]),
    ("k += 0.5", [("E0220", "k += 0.5")]),
    ("s[0] = p", [("E0220", "p")]),
    ("q[0] = k", [("E0220", "k")]),
    ("t: i64 = 2.5", [("E0220", "2.5")]),
    ("t = not p", [("E0228", "p")]),
    ("if k:\n    pass", [("E0228", "k")]),
    ("while x > 0:\n    pass", [("E0228", "x > 0")]),
    ("if xs:\n    t = ys", [("E0201", "xs"), ("E0201", "ys")]),
    ("t = ~p", [("E0222", "p")]),
    ("t = any(x)", [("E0222", "x")]),
    ("t = sum(p)", [("E0222", "p")]),
    ("t = p[0]", [("E0222", "p")]),
    ("t = x[p]", [("E0222", "p")]),
    ("t = 0.0 < x < 1.0", [("E0222", "x")]),
    ("t = x @ p", [("E0222", "p")]),
    ("t = exp()", [("E0224", "exp()")]),
    ("t = exp(1, 2)", [("E0224", "2")]),
    ("t = scaled(x, bye=1)", [("E0224", "bye=1")]),
    ("t = scaled(x, v=x)", [("E0224", "v=x")]),
    ("t = scaled(by=p)", [("E0224", "scaled(by=p)")]),
    ("t = Layer(w=a)", [("E0224", "Layer(w=a)")]),
    ("t = sum(a, axis=k)", [("E0225", "k")]),
    ("t = x[::k]", [("E0225", "k")]),
    ("t = 9223372036854775808", [("E0226", "9223372036854775808")]),
    ("t = 9223372036854775807 + 1", [("E0227", "9223372036854775807 + 1")]),
    ("t = i32(3000000000)", [("E0226", "i32(3000000000)")]),
    ("t = 1 // 0", [("E0227", "1 // 0")]),
    ("t = k ** -1", [("E0227", "k ** -1")]),
    ("t, u = 1, 2, 3", [("E0229", "t, u")]),
    ("t, u = p", [("E0229", "t, u")]),
    ("for v in p:\n    pass", [("E0231", "p")]),
    ("p", [("E0232", "p")]),
    ("return", [("E0232", "return")]),
    ("t = p if p > 0 else x", [("E0220", "x")]),
    # shapes
    ("t = z + zeros(4)", [("E0301", "z + zeros(4)")]),
    ("t = x + x[1:]", [("E0301", "x + x[1:]")]),
    ("t = dot(z, zeros(4))", [("E0301", "dot(z, zeros(4))")]),
    ("t = both(z, zeros(4))", [("E0301", "zeros(4)")]),
    ("z = zeros(4)", [("E0301", "zeros(4)")]),
    ("z[1:3] = zeros(3)", [("E0301", "zeros(3)")]),
    ("z[0] = x", [("E0302", "x")]),
    ("x = a", [("E0302", "a")]),
    ("x = p", [("E0302", "p")]),
    ("p = x", [("E0302", "x")]),
    ("t = scaled(a)", [("E0302", "a")]),
    ("t = scaled(p)", [("E0302", "p")]),
    ("t = z[5]", [("E0303", "5")]),
    ("t = z[-6]", [("E0303", "-6")]),
    ("t = z[2:9]", [("E0303", "9")]),
    ("t = z[3:1]", [("E0303", "3:1")]),
    ("t = x[0, 0]", [("E0305", "x[0, 0]")]),
    ("t = zeros(2 - 3)", [("E0306", "2 - 3")]),
    ("for i in range(n):\n    t = x[:i]\np = sum(t)", [("E0307", "t")]),
    ("t = sum(a, axis=2)", [("E0309", "2")]),
    ("t = sum(a, axis=(0, -2))", [("E0309", "-2")]),
    ("t = [[1, 2], [3]]", [("E0310", "[3]")]),
    ("t = [x[:i] for i in range(n)]", [("E0311", "x[:i]")]),
    ("t = [p for i in range(n) for j in range(i)]", [("E0311", "range(i)")]),
    ("for i in range(0, n, 0):\n    pass", [("E0312", "0")]),
    ("t = x[::0]", [("E0312", "::0")]),
    ("t: f64[w] = x", [("E0304", "w")]),
    # not there yet
    ("t = x[q]", [("E0100", "q")]),
    ("t = x[..., ...]", [("E0100", "...")]),
    ("t = x[..., 0, 0]", [("E0305", "x[..., 0, 0]")]),
    ("t = grad(scaled)(x)", [("E0402", "grad(scaled)(x)")]),
    ("t = x.sum()", [("E0214", "x.sum()")]),
    ("t = [lambda u: u]", [("E0207", "lambda u: u")]),
    ("t = layer // layer", [("E0222", "layer")]),
    ("def g(u: f64) -> f64:\n    return u\ng = p", [("E0243", "g")]),
    ("t = (p, p)\nt[0] = p", [("E0222", "t[0]")]),
    ("t = sum(x for i in range(n))", [("E0100", "x")]),
]  # fmt: skip

# (module, the (code, underlined text) of each error)
MODULES: list[tuple[str, list[tuple[str, str]]]] = [
    ("def f(x: f64) -> f64:\n    return x\nf = 3\n", [("E0202", "f")]),
    ("def exp(x: f64) -> f64:\n    return x\n", [("E0203", "exp")]),
    ("pi = 3\n", [("E0203", "pi")]),
    ("A = B + 1\nB = 2\n", [("E0205", "B")]),
    ("A = C + 1\nB = A + 1\n", [("E0201", "C")]),
    ("def f(x: f65) -> f64:\n    return x\n", [("E0209", "f65")]),
    ("def f(x: float) -> f64:\n    return x\n", [("E0209", "float")]),
    ("def f(x: f64) -> f64:\n    x = 1.0\n", [("E0210", "f")]),
    ("def f(x: f64) -> f64:\n    while x > 0:\n        return x\n", [("E0210", "f")]),
    ("def f(x) -> f64:\n    return x\n", [("E0223", "x")]),
    ("def f(x: f64):\n    return x\n", [("E0232", "return x")]),
    ("def f(x: f64, y: f64 = x) -> f64:\n    return x\n", [("E0201", "x")]),
    ("def f(x: f64[2] = 0) -> f64:\n    return 1\n", [("E0225", "0")]),
    ("A = 0.1\ndef f(x: f64[A]) -> f64:\n    return 1\n", [("E0308", "A")]),
    ("def f(x: f64[n / 2]) -> f64:\n    return 1\n", [("E0308", "n / 2")]),
    ("def f(x: f64[2 - 3]) -> f64:\n    return 1\n", [("E0306", "2 - 3")]),
    ("def f(x: f64[n * n]) -> f64:\n    return 1\n", [("E0304", "f64[n * n]")]),
    ("def f(x: f64[n]) -> f64[m * m]:\n    return x\n", [("E0100", "f64[m * m]")]),
    ("class C:\n    w: f64[d]\ndef f(c: C(1, 2)) -> f64:\n    return 1\n", [("E0224", "C(1, 2)")]),
    ("class C:\n    w: f64[d]\ndef f(c: C) -> i64:\n    t: C = c\n    return 1", [("E0100", "C")]),
    ("class C:\n    w: f64\ndef f(c: C[3][2]) -> f64:\n    return 1\n", [("E0209", "C[3][2]")]),
    (
        "def f(x: f64[n]) -> f64[k]:\n    return g(x)\n"
        "def g(x: f64[n]) -> f64[m]:\n    return f(x)\n",
        [("E0246", "g(x)"), ("E0246", "f(x)")],
    ),
    ("def f(x: f64) -> f64:\n    return grad(f)(x)\n", [("E0407", "grad(f)(x)")]),
    ("from stats import normal_lpdf\n", [("E0250", "from stats import normal_lpdf")]),
    (
        "def f(p: f64) -> f64:\n    return p\ndef g(x: f64[n]) -> f64:\n    return f(x)\n",
        [("E0302", "f(x)")],
    ),
    # a broken definition silences its uses
    (
        "def f(x: f65) -> f64:\n    return x\ndef g(p: f64) -> f64:\n    return f(p) + q\n",
        [("E0209", "f65"), ("E0201", "q")],
    ),
]  # fmt: skip


def _reported(text: str, level: str) -> list[tuple[str, str]]:
    found = [d for d in diagnose(text)[1] if d.level == level]
    return [(d.code, d.span.text) for d in sorted(found, key=lambda d: d.span.start)]


@pytest.mark.parametrize(("code", "expected"), BODIES, ids=[code for code, _ in BODIES])
def test_errors_of_bodies(code: str, expected: list[tuple[str, str]]) -> None:
    body = "".join(f"    {line}\n" for line in code.split("\n"))
    assert _reported(FUNCTION + body + "    return 0.0\n", "error") == expected


@pytest.mark.parametrize(("code", "expected"), MODULES, ids=[code for code, _ in MODULES])
def test_errors_of_modules(code: str, expected: list[tuple[str, str]]) -> None:
    assert _reported(code, "error") == expected


WARNINGS = [
    ("t = p", [("E0291", "t")]),
    ("_t = p", []),
    ("return p\nt = p", [("E0292", "t = p"), ("E0291", "t")]),
    ("t = a[0]\nt[0] = 1.0", [("E0293", "t")]),
    ("t = a[0]\nt[0] = 1.0\np = sum(t)", []),
]


@pytest.mark.parametrize(("code", "expected"), WARNINGS, ids=[code for code, _ in WARNINGS])
def test_warnings(code: str, expected: list[tuple[str, str]]) -> None:
    body = "".join(f"    {line}\n" for line in code.split("\n"))
    text = FUNCTION + body + "    return p\n"
    assert _reported(text, "warning") == expected
    assert _reported(text, "error") == []


def test_suggestions() -> None:
    _, (found,) = diagnose("def f(weights: f64) -> f64:\n    return wieghts\n")
    assert found.hint_text == "did you mean `weights`?"


def test_shape_mismatch_shows_both_shapes_and_the_equation() -> None:
    _, (found,) = diagnose("def f(x: f64[n]) -> f64[n]:\n    return x * zeros(n + 1)\n")
    assert found.message == "`*`: shapes [n] and [n + 1] do not match"
    assert found.label_text == "n == n + 1 is never true"
