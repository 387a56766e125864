"""Arrays of records: values against lists of Python objects, derivatives, errors, Python's side."""

import copy
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import dpc

TYPES = """
class Site:
    k: i64
    s: f64

class Body:
    mass: f64
    pos: f64[d]
    tag: i64
    site: Site
"""
SOURCE = f"""
{TYPES}
def energy(b: Body[n]) -> f64:
    total = 0.0
    for i in range(n):
        for j in range(i):
            r = b[i].pos - b[j].pos
            total += b[i].mass * b[j].mass / sqrt(dot(r, r) + 0.1) * b[i].site.s
    return total

def kick(b: Body(d)[n], force: f64[n, d], dt: f64) -> Body(d)[n]:
    for i in range(n):
        b[i].pos[0] += dt
        b[i].pos += dt * force[i]
        b[i].site.s *= 1.5
        if i > 0:
            b[i].mass = b[i - 1].mass * 1.1
            b[i].tag = b[i - 1].tag + 7
    return b

def swap(b: Body(d)[n]) -> Body(d)[n]:
    b[0], b[n - 1] = b[n - 1], b[0]
    b[1] += b[1]
    b[1:] = b[1:] * 2.0
    c = b[0]
    c.mass = 100.0
    b[-1].site = c.site
    return b

def make(x: f64[n, d]) -> Body(d)[n]:
    return [Body(mass=sum(x[i]), pos=2.0 * x[i], tag=i, site=Site(k=2 * i, s=x[i, 0]))
            for i in range(n)]

def grid(x: f64[n, m]) -> Site[n, m]:
    return [Site(k=i * j, s=x[i, j] ** 2) for i in range(n) for j in range(m)]

def of_grid(x: f64[n, m]) -> f64:
    g = grid(x)
    g[0, 1].s = 3.0 * g[1, 0].s
    g[1].s[0] += x[0, 0]
    row = g[1]
    return sum(v.s * v.k for v in row) + sum(g.s) + g[0, 0].s ** 2

def total(b: Body[n]) -> f64:
    t = 0.0
    for r in b:
        b[0].mass += 100.0
        r.pos[0] += 1.0
        t += r.mass * sum(r.pos) + r.site.s
    return t + sum(r.mass ** 2 for r in b) + sum(b.mass) + len(b) + b.shape[0]

def loss(x: f64[n, d], dt: f64) -> f64:
    b = swap(kick(make(x), x * x, dt))
    c = [r * 2.0 for r in b]
    first = b[0] if dt > 0.0 else b[1]
    first.pos[0] = 3.0
    return energy(b) + total(b) * 0.01 + total(c[:2]) + first.pos[1] * first.mass

def at(b: Body[n], i: i64) -> f64:
    return b[i].pos[0]

def store(b: Body[n], i: i64, v: Body(d)) -> f64:
    b[i] = v
    return b[i].mass
"""
X = np.random.default_rng(3).normal(size=(3, 2))


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SOURCE)


def records(x: Any) -> list[Any]:
    """The same records as Python objects."""
    return [
        SimpleNamespace(
            mass=float(sum(row)), pos=2.0 * row, tag=i, site=SimpleNamespace(k=2 * i, s=row[0])
        )
        for i, row in enumerate(x)
    ]


def assert_same(found: Any, expected: list[Any]) -> None:
    np.testing.assert_allclose(found.mass, [r.mass for r in expected], rtol=1e-14)
    np.testing.assert_allclose(found.pos, [r.pos for r in expected], rtol=1e-14)
    np.testing.assert_array_equal(found.tag, [r.tag for r in expected])
    np.testing.assert_array_equal(found.site.k, [r.site.k for r in expected])
    np.testing.assert_allclose(found.site.s, [r.site.s for r in expected], rtol=1e-14)


def test_comprehension_of_records(module: dpc.Module) -> None:
    assert_same(module.make(X), records(X))


def test_parts_of_elements_are_assigned(module: dpc.Module) -> None:
    expected = records(X)
    for i, record in enumerate(expected):
        record.pos[0] += 0.1
        record.pos += 0.1 * X[i]
        record.site.s *= 1.5
        if i > 0:
            record.mass = expected[i - 1].mass * 1.1
            record.tag = expected[i - 1].tag + 7
    assert_same(module.kick(records(X), X, 0.1), expected)


def test_elements_are_values(module: dpc.Module) -> None:
    expected = copy.deepcopy(records(X))
    expected[0], expected[2] = expected[2], expected[0]
    for factor, part in ((2.0, expected[1:2]), (2.0, expected[1:])):
        for record in part:
            record.mass, record.pos = record.mass * factor, record.pos * factor
            record.site.s *= factor
    expected[2].site = expected[0].site
    assert_same(module.swap(records(X)), expected)


def test_loops_see_the_array_as_it_was(module: dpc.Module) -> None:
    b = records(X)
    expected = sum(r.mass * (sum(r.pos) + 1.0) + r.site.s for r in b)
    b[0].mass += 300.0
    expected += sum(r.mass**2 + r.mass for r in b) + 6
    np.testing.assert_allclose(module.total(records(X)), expected, rtol=1e-14)


def test_several_axes(module: dpc.Module) -> None:
    assert module.grid(X).k.tolist() == [[0, 0], [0, 1], [0, 2]]
    s = X**2
    s[0, 1] = 3.0 * s[1, 0]
    s[1, 0] += X[0, 0]
    expected = s[1, 1] + s.sum() + s[0, 0] ** 2
    np.testing.assert_allclose(module.of_grid(X), expected, rtol=1e-14)
    assert dpc.check_grad(module.of_grid, x=X).ok


def test_no_records(module: dpc.Module) -> None:
    empty = module.make(np.zeros((0, 2)))
    assert empty.pos.shape == (0, 2)
    assert module.total(empty) == 0.0
    assert dpc.grad(module.energy)(empty).pos.shape == (0, 2)


def test_lists_dicts_and_stacked_arrays_are_the_same(module: dpc.Module) -> None:
    stacked = module.make(X)
    dicts = [vars(r) | {"site": vars(r.site)} for r in records(X)]
    assert module.energy(records(X)) == module.energy(dicts) == module.energy(stacked)
    objects = np.array(records(X), dtype=object)
    assert module.energy(objects) == module.energy(stacked)


def test_gradients(module: dpc.Module) -> None:
    assert dpc.check_grad(module.loss, x=X, dt=0.3).ok
    assert dpc.check_grad(module.energy, b=records(X)).ok
    assert dpc.check_grad(module.total, b=module.make(X)).ok


def test_a_gradient_is_a_record_of_arrays(module: dpc.Module) -> None:
    whole = dpc.grad(module.energy)(records(X))
    assert whole.pos.shape == (3, 2)
    assert whole.tag.tolist() == [0, 0, 0]
    part = dpc.grad(module.energy, wrt="b.site.s")(records(X))
    np.testing.assert_allclose(part, whole.site.s, rtol=1e-13)


def test_gradients_of_gradients(module: dpc.Module) -> None:
    gradient = dpc.grad(module.loss, wrt="dt")
    second = dpc.grad(gradient, wrt="dt")(X, 0.3)
    difference = (gradient(X, 0.3 + 1e-5) - gradient(X, 0.3 - 1e-5)) / 2e-5
    np.testing.assert_allclose(second, difference, rtol=1e-7)


def test_bounds_are_checked(module: dpc.Module) -> None:
    assert module.at(records(X), 2) == 2.0 * X[2, 0]
    for index in (3, -1):
        with pytest.raises(dpc.RuntimeError, match=f"index {index} .* `b` with extent 3"):
            module.at(records(X), index)
        with pytest.raises(dpc.RuntimeError, match=f"index {index} "):
            module.store(records(X), index, records(X)[0])


def test_wrong_lists_are_refused(module: dpc.Module) -> None:
    bad = records(X)
    bad[1].pos = np.zeros(3)
    with pytest.raises(dpc.TypeError, match=r"`b\.pos`"):
        module.energy(bad)
    del bad[1].pos
    with pytest.raises(dpc.TypeError, match="field `pos` of Body is missing"):
        module.energy(bad)
    with pytest.raises(dpc.TypeError, match="`b`"):
        module.energy([1.0, 2.0])


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("b[0, 1].mass = 1.0", "E0305"),
        ("t = b[0, 1]", "E0305"),
        ("b[0][1].mass = 1.0", "E0305"),
        ("b[0].w = 1.0", "E0206"),
        ("t = b[0].w", "E0206"),
        ("b[0] = 1.0", "E0220"),
        ("b[0] = b", "E0220"),
        ("b = b[0]", "E0220"),
        ("b[0] += x", "E0220"),
        ("b[1:][0].mass = 1.0", "E0100"),
        ("b[x[0]].mass = 1.0", "E0222"),
        ("t = b + x", "E0222"),
        ("t = len(b[0])", "E0222"),
        ("for r in b[0]:\n        t = r", "E0231"),
        ("t = b[5]", "E0303"),
        ("b[:, None] = b", "E0305"),
        ("t = b[1:] + b", "E0301"),
    ],
)
def test_misuse(statement: str, code: str) -> None:
    text = f"{TYPES}\ndef f(b: Body(3)[4], x: f64[4]) -> f64:\n    {statement}\n    return 0.0\n"
    with pytest.raises(dpc.CompileError) as caught:
        dpc.compile(text)
    assert {d.code for d in caught.value.diagnostics if d.level == "error"} == {code}, str(
        caught.value
    )


def test_arrays_of_arrays_of_records_are_refused() -> None:
    with pytest.raises(dpc.CompileError, match="E0209"):
        dpc.compile(f"{TYPES}\ndef f(b: Site[2][3]) -> f64:\n    return b[0].s\n")


@pytest.mark.parametrize(
    ("statement", "fits"),
    [
        ("b[i].pos[0] += 1.0", True),
        ("b[i] = b[i] * 2.0", True),
        ("b[i].mass = b[i].site.s", True),
        ("b[i].mass = b[n - 1 - i].mass", False),
        ("b[i] = b[n - 1 - i]", False),
        ("b[0].mass = 1.0", False),
        ("b[i].mass = sum(b.mass)", False),
        ("b[i].mass = 1.0\n        c = b\n        c[i].tag = 2", False),
    ],
)
def test_parallel_loops_see_conflicts(statement: str, fits: bool) -> None:
    text = f"""{TYPES}
def f(b: Body(2)[n]) -> Body(2)[n]:
    for i in parallel(range(n)):
        {statement}
    return b
"""
    if fits:
        dpc.compile(text)
        return
    with pytest.raises(dpc.CompileError, match="E06"):
        dpc.compile(text)
