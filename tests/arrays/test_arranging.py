"""Arrays put together and elements in other places: values as NumPy's, both derivatives."""

import pytest

import dpc
from tests.arrays.harness import EXTENTS, Row, arguments, assert_derivatives, assert_value

ROWS = (
    Row("concat(x, 2.0 * y)", "f64[2 * n]", "np.concatenate([x, 2.0 * y])"),
    Row("concat(a, b * a, axis=1)", "f64[n, 2 * m]", "np.concatenate([a, b * a], axis=1)"),
    Row("concat((x, y, x), axis=-1)", "f64[3 * n]", "np.concatenate([x, y, x])"),
    Row("concat(q, x)", "f64[2 * n]", "np.concatenate([q, x])"),
    Row("concat(p, p)", "bool[2 * n]", "np.concatenate([p, p])", smooth=False),
    Row("concat(s, [1.0, 2.0])", "f32[n + 2]", "np.concatenate([s, np.float32([1, 2])])",
        smooth=False),
    Row("stack(x, y * y)", "f64[2, n]", "np.stack([x, y * y])"),
    Row("stack(x, y, axis=-1)", "f64[n, 2]", "np.stack([x, y], axis=-1)"),
    Row("stack(a, b, a, axis=1)", "f64[n, 3, m]", "np.stack([a, b, a], axis=1)"),
    Row("stack(k, 3)", "i64[2]", "np.stack([k, 3])", smooth=False),
    Row("reshape(a * b, n * m)", "f64[n * m]", "(a * b).reshape(n * m)"),
    Row("reshape(a, (m, n))", "f64[m, n]", "a.reshape(m, n)"),
    Row("reshape(t, (n, -1))", "f64[n, m * 2]", "t.reshape(n, m * 2)"),
    Row("reshape(t, (2, m, -1))", "f64[2, m, n]", "t.reshape(2, m, n)"),
    Row("reshape(x, (1, n, 1))", "f64[1, n, 1]", "x.reshape(1, n, 1)"),
    Row("reshape(v, (-1, n))", "f64[3, n]", "v.reshape(3, n)"),
    Row("transpose(t, (2, 0, 1))", "f64[2, n, m]", "t.transpose(2, 0, 1)"),
    Row("transpose(t, axes=(-1, 1, 0))", "f64[2, m, n]", "t.transpose(-1, 1, 0)"),
    Row("transpose(t)", "f64[2, m, n]", "t.T"),
    Row("flip(x * x)", "f64[n]", "np.flip(x * x)"),
    Row("flip(a)", "f64[n, m]", "np.flip(a)"),
    Row("flip(t, axis=(0, -1))", "f64[n, m, 2]", "np.flip(t, axis=(0, -1))"),
    Row("roll(x, 1) * y", "f64[n]", "np.roll(x, 1) * y"),
    Row("roll(a, -k - 3)", "f64[n, m]", "np.roll(a, -k - 3)"),
    Row("roll(a, k, axis=0)", "f64[n, m]", "np.roll(a, k, axis=0)"),
    Row("roll(exp(a), 3 * k, axis=-1)", "f64[n, m]", "np.roll(np.exp(a), 3 * k, axis=-1)"),
    Row("repeat(x, 3)", "f64[3 * n]", "np.repeat(x, 3)"),
    Row("repeat(a, k)", "f64[n * m * k]", "np.repeat(a, k)"),
    Row("repeat(a, 2, axis=0)", "f64[2 * n, m]", "np.repeat(a, 2, axis=0)"),
    Row("repeat(a * b, k, axis=-1)", "f64[n, m * k]", "np.repeat(a * b, k, axis=-1)"),
    Row("tile(x, 3)", "f64[3 * n]", "np.tile(x, 3)"),
    Row("tile(a, k)", "f64[n, k * m]", "np.tile(a, k)"),
    Row("tile(x * y, (k, 2))", "f64[k, 2 * n]", "np.tile(x * y, (k, 2))"),
    Row("tile(a, (2, 1))", "f64[2 * n, m]", "np.tile(a, (2, 1))"),
    Row("pad(x, 2)", "f64[n + 4]", "np.pad(x, 2)"),
    Row("pad(x, (0, k), x[0])", "f64[n + k]",
        "np.pad(x, (0, k), constant_values=x[0])", empty=False),
    Row("pad(a * b, ((1, 0), (2, k)))", "f64[n + 1, m + 2 + k]",
        "np.pad(a * b, ((1, 0), (2, k)))"),
    Row("pad(p, 1)", "bool[n + 2]", "np.pad(p, 1)", smooth=False),
    Row("pad(q, 1, -1)", "i64[n + 2]", "np.pad(q, 1, constant_values=-1)", smooth=False),
    Row("tril(a * b)", "f64[n, m]", "np.tril(a * b)"),
    Row("tril(a, 1) * triu(b, -k)", "f64[n, m]", "np.tril(a, 1) * np.triu(b, -k)"),
    Row("triu(outer(q, q), k=2)", "i64[n, n]", "np.triu(np.outer(q, q), k=2)", smooth=False),
    Row("trace(a @ b.T)", "f64", "np.trace(a @ b.T)"),
    Row("trace(a)", "f64", "np.trace(a)"),
    Row("trace(p[:, None] & p)", "i64", "np.trace(p[:, None] & p)", smooth=False),
    Row("sum(diag(a) * 2.0)", "f64", "np.sum(np.diag(a) * 2.0)"),
    Row("diag(x * y)", "f64[n, n]", "np.diag(x * y)"),
    Row("diag(diag(p))", "bool[n]", "np.diag(np.diag(p))", smooth=False),
    Row("outer(x, b[0])", "f64[n, m]", "np.outer(x, b[0])", empty=False),
    Row("eye(n, m) * a + eye(n) @ b", "f64[n, m]", "np.eye(n, m) * a + b"),
    Row("x * linspace(0.5, x[0], n)", "f64[n]", "x * np.linspace(0.5, x[0], n)", empty=False),
    Row("linspace(1, 2, 1)", "f64[1]", "np.linspace(1, 2, 1)", smooth=False),
    Row("arange(5, -k, -3)", "i64[(7 + k) // 3]", "np.arange(5, -k, -3)", smooth=False),
    Row("x * arange(n) + ones_like(x) * full(n, x[0])", "f64[n]",
        "x * np.arange(n) + np.full(n, x[0])", empty=False),
    Row("kron(x, y)", "f64[n * n]", "np.kron(x, y)"),
    Row("kron(a, sin(b))", "f64[n * n, m * m]", "np.kron(a, np.sin(b))"),
    Row("kron(x, a)", "f64[n, n * m]", "np.kron(x, a)"),
    Row("cross(v, v * v)", "f64[n, 3]", "np.cross(v, v * v)"),
    Row("cross([1.0, 2.0, 3.0], v)", "f64[n, 3]", "np.cross([1.0, 2.0, 3.0], v)"),
    Row("[sum(flip(concat(a[i], b[i]))) for i in range(n)]", "f64[n]", "(a + b).sum(1)"),
)  # fmt: skip


@pytest.mark.parametrize("extents", EXTENTS, ids=str)
@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.text)
def test_values_are_those_of_numpy(row: Row, extents: tuple[int, int]) -> None:
    if row.empty or 0 not in extents:
        assert_value(row, extents)


@pytest.mark.parametrize("row", [r for r in ROWS if r.smooth], ids=lambda r: r.text)
def test_derivatives(row: Row) -> None:
    assert_derivatives(row)


def test_a_shape_of_another_size_is_a_run_time_error() -> None:
    module = dpc.compile("def f(x: f64[n], k: i64) -> f64[k, k]:\n    return reshape(x, (k, k))\n")
    assert module.f(arguments(4, 0)["x"], 2).shape == (2, 2)
    with pytest.raises(dpc.ShapeError, match="reshape"):
        module.f(arguments(4, 0)["x"], 3)


def test_a_view_keeps_the_value_that_the_array_had() -> None:
    module = dpc.compile(
        "def f(x: f64[n]) -> f64[n]:\n"
        "    y = x\n"
        "    z = flip(y)\n"
        "    y[0] = 9.0\n"
        "    y = roll(y, 1)\n"
        "    return z + y\n"
    )
    assert module.f([1.0, 2.0, 3.0]).tolist() == [6.0, 11.0, 3.0]
