"""What wrong calls of built-ins on arrays are told: code and underlined text."""

import pytest

from tests.check.programs import diagnose

FUNCTION = """
def f(x: f64[n], y: f64[n], a: f64[n, m], s: f32[n], k: i64, q: bool[n], p: f64,
      z: f64[5], t: f64[n, m, 2]) -> f64:
"""

ROWS = (
    # arrays in other places
    ("_r = concat()", [("E0224", "concat()")]),
    ("_r = concat(x, p)", [("E0222", "p")]),
    ("_r = concat(x, a)", [("E0302", "a")]),
    ("_r = concat(a, zeros(n, m + 1))", [("E0301", "zeros(n, m + 1)")]),
    ("_r = concat(x, s)", [("E0221", "concat(x, s)")]),
    ("_r = concat(x, y, axis=1)", [("E0309", "1")]),
    ("_r = concat(x, y, axis=k)", [("E0225", "k")]),
    ("_r = concat(x, y, along=0)", [("E0224", "along=0")]),
    ("_r = stack(x, zeros(n + 1))", [("E0301", "zeros(n + 1)")]),
    ("_r = stack(x, y, axis=2)", [("E0309", "2")]),
    ("_r = reshape(z, (2, 3))", [("E0301", "reshape(z, (2, 3))")]),
    ("_r = reshape(x, (-1, -1))", [("E0224", "(-1, -1)")]),
    ("_r = reshape(x, -2)", [("E0306", "-2")]),
    ("_r = reshape(x, p)", [("E0220", "p")]),
    ("_r = transpose(a, (0, 0))", [("E0309", "0")]),
    ("_r = transpose(a, (0,))", [("E0224", "(0,)")]),
    ("_r = flip(p)", [("E0222", "p")]),
    ("_r = flip(x, 0)", [("E0224", "0")]),
    ("_r = roll(x, p)", [("E0220", "p")]),
    ("_r = roll(a, 1, 0)", [("E0224", "0")]),
    ("_r = repeat(x, -1)", [("E0306", "-1")]),
    ("_r = tile(x)", [("E0224", "tile(x)")]),
    ("_r = pad(a, (1, 2, 3))", [("E0224", "(1, 2, 3)")]),
    ("_r = pad(s, 1, p)", [("E0220", "p")]),
    ("_r = pad(x, 1, y)", [("E0302", "y")]),
    ("_r = kron(x, p)", [("E0222", "p")]),
    ("_r = cumsum(p)", [("E0222", "p")]),
    ("_r = cumsum(x, 0)", [("E0224", "0")]),
    ("_r = cumprod(a, axis=2)", [("E0309", "2")]),
    ("_r = cumsum(a, axis=(0, 1))", [("E0225", "(0, 1)")]),
    ("_r = sort(x, axis=k)", [("E0225", "k")]),
    ("_r = argsort(x, descending=True)", [("E0224", "descending=True")]),
    ("_r = argmax(p)", [("E0222", "p")]),
    ("_r = argmax(a, keepdims=k)", [("E0225", "k")]),
    ("_r = argmin(x, y)", [("E0224", "y")]),
    ("_r = searchsorted(a, p)", [("E0302", "a")]),
    ("_r = searchsorted(x, s)", [("E0221", "searchsorted(x, s)")]),
    ("_r = searchsorted(x, p, side=k)", [("E0224", "k")]),
    ("_r = uniform(p, k)", [("E0222", "p")]),
    ("_r = normal(k, x)", [("E0222", "x")]),
    ("_r = uniform(k)", [("E0224", "uniform(k)")]),
    ("_r = einsum(x, y)", [("E0225", "x")]),
    ("_r = einsum('i,i', x)", [("E0224", "'i,i'")]),
    ("_r = einsum('i->ii', x)", [("E0224", "'i->ii'")]),
    ("_r = einsum('i->j', x)", [("E0224", "'i->j'")]),
    ("_r = einsum('i2', a)", [("E0224", "'i2'")]),
    ("_r = einsum('...i->i', a)", [("E0224", "'...i->i'")]),
    ("_r = einsum('ij', x)", [("E0302", "x")]),
    ("_r = einsum('i,i', z, zeros(6))", [("E0301", "einsum('i,i', z, zeros(6))")]),
    ("_r = einsum('i,i', x, s)", [("E0221", "einsum('i,i', x, s)")]),
    ("_r = t @ zeros(3, 3)", [("E0301", "t @ zeros(3, 3)")]),
    ("_r = tril(a, p)", [("E0220", "p")]),
    ("_r = triu(x)", [("E0302", "x")]),
    ("_r = trace(x)", [("E0302", "x")]),
    ("_r = diag(t)", [("E0302", "t")]),
    ("_r = cross(z, z)", [("E0301", "z")]),
)


@pytest.mark.parametrize(("code", "expected"), ROWS, ids=[code for code, _ in ROWS])
def test_wrong_calls(code: str, expected: list[tuple[str, str]]) -> None:
    _, found = diagnose(f"{FUNCTION}    {code}\n    return p\n")
    assert [(d.code, d.span.text) for d in found] == expected
