"""What legal programs mean: the types of their variables, by name."""

import pytest

from dpc.dsl import typed
from tests.check.programs import checked, statements

HEADER = """
N = 3
STEP = 0.5
class Layer:
    w: f64[o, i]
    b: f64[o]
def scaled(v: f64[k], by: f64 = 2.0) -> f64[k]:
    return v * by
def halves(v: f64[2 * h]) -> f64[h]:
    return v[:len(v) // 2]
def f(x: f64[n], y: f64[n], a: f64[n, m], s: f32[n], k: i64, j: i32, q: bool[n], p: f64,
      layer: Layer(r, c), z: f64[5]) -> f64:
"""

# (statements, the type of each variable)
ROWS = [
    ("t = 2 * x", {"t": "f64[n]"}),
    ("t = 2 * s", {"t": "f32[n]"}),
    ("t = STEP * s", {"t": "f32[n]"}),
    ("t = s * (k / 3)", {"t": "f32[n]"}),
    ("t = k / 2", {"t": "f64"}),
    ("t = k // 2 + j", {"t": "i64"}),
    ("t = j + 1", {"t": "i32"}),
    ("t = j * 0.5", {"t": "f64"}),
    ("t = q + q", {"t": "i64[n]"}),
    ("t = sum(q)", {"t": "i64"}),
    ("t = mean(q)", {"t": "f64"}),
    ("t = x > 0", {"t": "bool[n]"}),
    ("t = (x > 0) & ~q", {"t": "bool[n]"}),
    ("t = k < 3 <= n", {"t": "bool"}),
    ("t = not k == 3 and True", {"t": "bool"}),
    ("t = x ** 2 + x ** k", {"t": "f64[n]"}),
    ("t = k ** 2", {"t": "i64"}),
    ("t = f32(x) + s", {"t": "f32[n]"}),
    ("t = i64(p) + int(2.5)", {"t": "i64"}),
    ("t = float(k)", {"t": "f64"}),
    ("t = bool(x)", {"t": "bool[n]"}),
    ("t = x if k > 0 else y", {"t": "f64[n]"}),
    ("t = 1 if q[0] else p", {"t": "f64"}),
    # literal-typed variables
    ("t = 0\nfor i in range(n):\n    t += x[i]", {"t": "f64"}),
    ("t = 0\nfor i in range(n):\n    t += s[i]", {"t": "f32"}),
    ("t = 0.0\nt = max(t, s[0])", {"t": "f32"}),
    ("t = 0\nt += 1\nu = x[t]", {"t": "i64", "u": "f64"}),
    ("t = 1\nt = t / 2", {"t": "f64"}),
    ("t = [0, 0]\nt[0] = p", {"t": "f64[2]"}),
    ("t = 0\nu = t\nu += p", {"t": "i64", "u": "f64"}),
    ("t: f64 = 0", {"t": "f64"}),
    # shapes
    ("t = x[:, None] * y", {"t": "f64[n, n]"}),
    ("t = a[0]", {"t": "f64[m]"}),
    ("t = a[:, -1]", {"t": "f64[n]"}),
    ("t = x[1:]", {"t": "f64[n - 1]"}),
    ("t = x[1:] - x[:-1]", {"t": "f64[n - 1]"}),
    ("t = x[::-1]", {"t": "f64[n]"}),
    ("t = z[1:4:2]", {"t": "f64[2]"}),
    ("t = z[-2:]", {"t": "f64[2]"}),
    ("t = x[k:k + 3]", {"t": "f64[3]"}),
    ("t = a.T @ x", {"t": "f64[m]"}),
    ("t = dot(a, a[0])", {"t": "f64[n]"}),
    ("t = dot(x, y)", {"t": "f64"}),
    ("t = sum(a, axis=0)", {"t": "f64[m]"}),
    ("t = max(a, axis=-1, keepdims=True)", {"t": "f64[n, 1]"}),
    ("t = sum(a, axis=(0, 1))", {"t": "f64"}),
    ("t = a - mean(a, axis=0)", {"t": "f64[n, m]"}),
    ("t = min(x[0], 1, k)", {"t": "f64"}),
    ("t = zeros(n, 2 * m + 1)", {"t": "f64[n, 2*m + 1]"}),
    ("t = zeros((n, N), dtype=i64)", {"t": "i64[n, 3]"}),
    ("t = zeros(x.shape)", {"t": "f64[n]"}),
    ("t = full(n, 1)\nt[0] = p", {"t": "f64[n]"}),
    ("t = zeros_like(s)", {"t": "f32[n]"}),
    ("t = arange(n)", {"t": "i64[n]"}),
    ("t = linspace(0, 1, 5)", {"t": "f64[5]"}),
    ("t = eye(2)", {"t": "f64[2, 2]"}),
    ("t = outer(x, z)", {"t": "f64[n, 5]"}),
    ("t = diag(x) + diag(diag(x))", {"t": "f64[n, n]"}),
    ("t = [i * j for i in range(n) for j in range(2)]", {"t": "i64[n, 2]"}),
    ("t = [x * i for i in range(3)]", {"t": "f64[3, n]"}),
    ("t = [v + 1 for v in x]", {"t": "f64[n]"}),
    ("t = [[1, 2], [3, p]]", {"t": "f64[2, 2]"}),
    ("t = sum(x[i] * y[j] for i in range(n) for j in range(i) if i > j)", {"t": "f64"}),
    ("t = sum(dot(x[:i], y[:i]) for i in range(n))", {"t": "f64"}),
    ("t, u = x.shape[0], len(a)", {"t": "i64", "u": "i64"}),
    ("t, u = a.shape", {"t": "i64", "u": "i64"}),
    ("(t, u), v = (1, 2.0), x", {"t": "i64", "u": "f64", "v": "f64[n]"}),
    ("t, u = z[:2]", {"t": "f64", "u": "f64"}),
    # calls and records
    ("t = scaled(x, by=p)", {"t": "f64[n]"}),
    ("t = scaled(x[2:])", {"t": "f64[n - 2]"}),
    ("t = halves(zeros(2 * k))", {"t": "f64[k]"}),
    ("t = layer.w @ zeros(layer.w.shape[1]) + layer.b", {"t": "f64[r]"}),
    ("t = Layer(a, x)", {"t": "Layer(n, m)"}),
    ("t = Layer(b=x, w=a)\nt.b[0] += 1\nt.w[0, :] = 2", {"t": "Layer(n, m)"}),
]  # fmt: skip


def variables(function: typed.Function) -> dict[str, str]:
    """The type of every assigned variable."""
    found = {}
    for statement in statements(function, typed.Assign):
        assert isinstance(statement, typed.Assign)
        for place in statement.places:
            found[place.variable.name] = str(place.variable.type)
    return found


@pytest.mark.parametrize(("code", "expected"), ROWS, ids=[code for code, _ in ROWS])
def test_types_of_variables(code: str, expected: dict[str, str]) -> None:
    body = "".join(f"    {line}\n" for line in code.split("\n"))
    module = checked(HEADER + body + "    return 0.0\n")
    found = variables(module.functions["f"])
    assert {name: found[name] for name in expected} == expected


def test_constants_are_folded() -> None:
    module = checked(
        "A, B = range(2)\nC = 2 * pi\nD = A - 3 * B\nE = f32(0.1)\nF = C > 6 and True\n"
    )
    known = {n: c for n, c in module.constants.items() if isinstance(c, typed.Constant)}
    values = {name: (str(c.type), c.value) for name, c in known.items()}
    assert values == {
        "A": ("i64", 0),
        "B": ("i64", 1),
        "C": ("f64", 6.283185307179586),
        "D": ("i64", -3),
        "E": ("f32", 0.10000000149011612),
        "F": ("bool", True),
    }


def test_bindings_are_in_solvable_order() -> None:
    module = checked(
        "def f(k: i64, x: f64[2 * l + n, k], y: f64[n]) -> f64[k, l]:\n    return zeros(k, l)\n"
    )
    bindings = module.functions["f"].bindings
    assert [(b.name, b.parameter, b.axis, b.coefficient, str(b.rest)) for b in bindings] == [
        ("k", "", 0, 1, "0"),
        ("n", "y", 0, 1, "0"),
        ("l", "x", 0, 2, "n"),
    ]


def test_bare_records_have_dimensions_of_their_own() -> None:
    module = checked(
        "class M:\n    w: f64[d]\ndef f(m: M, x: f64[d]) -> f64:\n    return dot(m.w, x)\n"
    )
    function = module.functions["f"]
    assert str(function.parameters[0].type) == "M(m.d)"
    (check,) = statements(function, typed.ShapeCheck)
    assert isinstance(check, typed.ShapeCheck)
    assert (str(check.left), str(check.right)) == ("m.d", "d")


def test_equal_extents_are_checked_once() -> None:
    module = checked(
        "def f(x: f64[n], y: f64[m]) -> f64:\n    z = x + y\n    return sum(z * y) + dot(y, x)\n"
    )
    assert len(statements(module.functions["f"], typed.ShapeCheck)) == 1


def test_run_time_extents_are_bound_only_where_types_mention_them() -> None:
    module = checked(
        "def f(x: f64[n], k: i64) -> f64:\n"
        "    j = k + 1\n    t = 0.0\n"
        "    for i in range(n):\n        t += sum(x[:i])\n"
        "    return t + j\n"
    )
    binds = statements(module.functions["f"], typed.BindExtent)
    assert [b.value.span.text for b in binds if isinstance(b, typed.BindExtent)] == ["i"]


def test_order_of_definitions_does_not_matter_for_functions() -> None:
    module = checked(
        "def f(p: f64) -> f64:\n    return g(p)\ndef g(p: f64) -> f64:\n    return p\n"
    )
    assert list(module.functions) == ["f", "g"]
