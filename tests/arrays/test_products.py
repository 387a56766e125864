"""Products: einsum, batches of matrices, integers; values as NumPy's, both derivatives."""

import pytest

import dpc
from tests.arrays.harness import EXTENTS, Row, arguments, assert_derivatives, assert_value


def einsum(spec: str, arrays: str, type_: str, smooth: bool = True) -> Row:
    """A row of einsum."""
    given = arrays.replace("exp", "np.exp")
    numpy = f'np.einsum("{spec}", {given})'
    return Row(f'einsum("{spec}", {arrays})', type_, numpy, smooth=smooth)


ROWS = (
    einsum("ij,kj->ik", "a, b", "f64[n, n]"),
    einsum("ij,kj", "a, exp(b)", "f64[n, n]"),
    einsum("ba,bc", "a, v", "f64[m, 3]"),
    einsum("i,i->", "x, y", "f64"),
    einsum("i,j->ji", "x, y", "f64[n, n]"),
    einsum("ij->", "a", "f64"),
    einsum("ij->j", "a", "f64[m]"),
    einsum("ji", "a", "f64[m, n]"),
    einsum("i,ij,ij,i->j", "x, a, b, y", "f64[m]"),
    einsum("ijk,ij->ik", "t, a", "f64[n, 2]"),
    einsum("...k,...k->...", "v, v", "f64[n]"),
    einsum("...j,kj->k...", "v, v", "f64[n, n]"),
    Row('einsum("...k,...k->...", a[:1], b * a)', "f64[n]", "(a[:1] * b * a).sum(1)", empty=False),
    einsum("i...->...", "t", "f64[m, 2]"),
    einsum("i,i", "q, q", "i64", smooth=False),
    einsum("i,ij->i", "q, a", "f64[n]"),
    einsum(",i->i", "2.5, x", "f64[n]"),
    Row('einsum("ii->i", outer(x, y))', "f64[n]", "x * y"),
    Row('einsum("ii", outer(x, y))', "f64", "np.sum(x * y)"),
    Row('einsum("iji->j", stack(a.T, b.T)[:, :, :2] * 1.0)', "f64[m]",
        "np.einsum('iji->j', np.stack([a.T, b.T])[:, :, :2])", empty=False, smooth=False),
    Row("transpose(t, (0, 2, 1)) @ t", "f64[n, 2, 2]", "t.transpose(0, 2, 1) @ t"),
    Row("t @ [[1.0, 2.0, 3.0], [0.5, 0.25, 0.125]]", "f64[n, m, 3]",
        "t @ np.array([[1.0, 2.0, 3.0], [0.5, 0.25, 0.125]])"),
    Row("t @ [1.0, 2.0]", "f64[n, m]", "t @ np.array([1.0, 2.0])"),
    Row("b[0] @ t", "f64[n, 2]", "b[0] @ t", empty=False),
    Row("reshape(t, (1, n, m, 2)) @ reshape(t, (n, 1, 2, m))", "f64[n, n, m, m]",
        "t.reshape(1, n, m, 2) @ t.reshape(n, 1, 2, m)"),
    Row("dot(t, [[1.0], [2.0]])", "f64[n, m, 1]", "np.dot(t, np.array([[1.0], [2.0]]))"),
    Row("dot(a.T, transpose(t, (1, 0, 2)))", "f64[m, m, 2]", "np.dot(a.T, t.transpose(1, 0, 2))"),
    Row("dot(q, q)", "i64", "np.dot(q, q)", smooth=False),
    Row("outer(q, q) @ q", "i64[n]", "np.outer(q, q) @ q", smooth=False),
    Row("dot(p, q) + p @ p", "i64", "np.dot(p, q) + np.sum(p)", smooth=False),
)  # fmt: skip


@pytest.mark.parametrize("extents", EXTENTS, ids=str)
@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.text)
def test_values_are_those_of_numpy(row: Row, extents: tuple[int, int]) -> None:
    if (row.empty or 0 not in extents) and not (":2]" in row.text and extents[0] < 2):
        assert_value(row, extents)


@pytest.mark.parametrize("row", [r for r in ROWS if r.smooth], ids=lambda r: r.text)
def test_derivatives(row: Row) -> None:
    assert_derivatives(row)


def test_extents_that_differ_at_run_time_are_an_error() -> None:
    module = dpc.compile(
        'def f(a: f64[n, m], b: f64[k, l]) -> f64[n, l]:\n    return einsum("ij,jk", a, b)\n'
    )
    a = arguments(3, 4)["a"]
    assert module.f(a, a.T).shape == (3, 3)
    with pytest.raises(dpc.ShapeError, match="axis 0 of `b`"):
        module.f(a, a)
