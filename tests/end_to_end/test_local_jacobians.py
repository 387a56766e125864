"""Sparse Jacobians stored by the function itself: which are, the same elements as dense ones."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse

import dpc

SOURCE = '''
class Spring:
    stiffness: f64
    rest: f64[m]

def gathered(x: f64[n], at: i64[m]) -> f64[m]:
    return [x[at[j]] ** 2 for j in range(m)]

def edges(x: f64[n, 2], left: i64[m], right: i64[m]) -> f64[m, 2]:
    """Elements of two rows, in either order; the same row twice adds up."""
    r = zeros((m, 2))
    for e in range(m):
        d = x[left[e]] - x[right[e]]
        r[e] = d * dot(d, d) + x[left[e]]
    return r

def differences(u: f64[n], h: f64) -> f64[n]:
    """The first and the last element have stencils of their own."""
    r = zeros(n)
    for i in range(1, n - 1):
        r[i] = (u[i - 1] - 2.0 * u[i] + u[i + 1]) / h ** 2 + exp(u[i])
    if n > 0:
        r[0] = u[0] - 1.0
        r[n - 1] = u[n - 1] * u[0]
    return r

def plate(u: f64[n, m]) -> f64[n, m]:
    r = zeros((n, m))
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            r[i, j] = 4.0 * u[i, j] - u[i - 1, j] - u[i + 1, j] - u[i, j - 1] - u[i, j + 1] ** 3
    return r

def triangle(a: f64[n, n], x: f64[n]) -> f64[n, n]:
    """A loop within a loop, of another length each time; x[i] is read outside of it."""
    r = ones((n, n))
    for i in range(n):
        for j in range(i):
            r[i, j] = a[i, j] * a[j, i] * sin(x[i]) + x[j]
    return r

def overwritten(x: f64[n]) -> f64[n]:
    """What is stored last counts."""
    r = 2.0 * x
    for i in range(n):
        if i % 3 == 0:
            r[i] = x[n - 1 - i] ** 2
        if i % 3 == 1:
            r[i] = 7.0
    return r

def springs(s: Spring(m), x: f64[n], ends: i32[m]) -> (f64[m], f32[n]):
    forces = [s.stiffness * (x[ends[k]] - s.rest[k]) for k in range(m)]
    return forces, [f32(x[i]) * f32(2.0) for i in range(n)]

def kinked(x: f64[n]) -> f64[n]:
    return [max(v, 0.0) + abs(v) if v > -5.0 else 3.0 for v in x]

def kepler(mean: f64[n], e: f64) -> f64[n]:
    """Floats decide how long a loop within an element goes on."""
    r = zeros(n)
    for i in range(n):
        a, step = mean[i], 1.0
        while abs(step) > 1.0e-12:
            step = (a - e * sin(a) - mean[i]) / (1.0 - e * cos(a))
            a = a - step
        r[i] = a
    return r

def rounded(x: f64) -> f64:
    return round(x)

@custom_jvp(rounded)
def rounded_jvp(x: f64, x_dot: f64) -> (f64, f64):
    return rounded(x), 3.0 * x_dot

def straight_through(x: f64[n], y: f64[n]) -> f64[n]:
    return [rounded(x[i]) * y[i] for i in range(n)]

def rooted(x: f64[n]) -> f64[n]:
    return where(x > 0.0, sqrt(x), 0.0)

def copied(x: f64[n], k: i64) -> f64[n]:
    """An element itself; the others depend on nothing."""
    assert k < n, "k is too large"
    r = ones(n)
    r[k] = x[n - 1]
    return r

def neighbours(u: f64[n], on: i64[n]) -> f64[n]:
    """Branches read elements: integers decide some, floats others, one within the other."""
    r = zeros(n)
    for i in range(n):
        left = u[i - 1] if i > 0 else 0.0
        right = 0.0
        if i + 1 < n:
            right = u[i + 1] ** 2 if on[i] > 0 else sin(u[i]) * u[n - 1 - i]
        far = u[i // 2] * left if u[i] > 0.0 else exp(left)
        r[i] = left * right - far
    return r

def nothing(x: f64[n]) -> f64[n]:
    return floor(x)
'''
m = dpc.compile(SOURCE)
random = np.random.default_rng(5)
X = random.normal(size=9)
LEFT, RIGHT = np.array([0, 3, 2, 2, 4]), np.array([1, 1, 2, 0, 3])
CASES: list[tuple[str, Any, tuple[Any, ...]]] = [
    ("gathered", "x", (X, np.array([3, 3, 0, 8]))),
    ("gathered", "x", (X, np.array([], np.int64))),
    ("edges", "x", (random.normal(size=(5, 2)), LEFT, RIGHT)),
    ("differences", ("u", "h"), (X, 0.5)),
    ("differences", "u", (X[:1], 0.5)),
    ("differences", "u", (X[:0], 0.5)),
    ("plate", "u", (random.normal(size=(4, 5)),)),
    ("triangle", ("a", "x"), (random.normal(size=(4, 4)), X[:4])),
    ("overwritten", "x", (X,)),
    ("kinked", "x", (X,)),
    ("kepler", ("mean", "e"), (X, 0.3)),
    ("straight_through", ("y", "x"), (3.0 * X, X)),
    ("copied", "x", (X, 4)),
    ("neighbours", "u", (X, np.array([1, 0, 1, 1, 0, 0, 1, 0, 1]))),
    ("neighbours", "u", (X[:1], np.array([1]))),
    ("nothing", "x", (X,)),
]


def flat(value: Any, rows: int) -> Any:
    """A dense Jacobian as a matrix."""
    return np.asarray(value).reshape(rows, -1) if rows else np.zeros((0, 0))


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
@pytest.mark.parametrize(("name", "wrt", "args"), CASES)
def test_elements(name: str, wrt: Any, args: tuple[Any, ...], mode: str) -> None:
    f = getattr(m, name)
    sparse = dpc.jacobian(f, wrt=wrt, mode=mode, sparse=True)
    assert sparse.plan().method == "local", sparse.plan()
    assert sparse.colours(*args) == 0
    made, dense = sparse(*args), dpc.jacobian(f, wrt=wrt)(*args)
    pairs = [(made, dense)] if isinstance(wrt, str) else zip(made, dense, strict=True)
    for found, expected in pairs:
        assert isinstance(found, scipy.sparse.csr_array)
        assert found.has_canonical_format
        matrix = flat(expected, found.shape[0])
        np.testing.assert_allclose(found.toarray(), matrix.reshape(found.shape), rtol=1e-13)


@pytest.mark.parametrize(
    ("name", "args", "nonzeros"),
    [
        ("gathered", (X, np.array([3, 3, 0, 8])), 4),
        ("edges", (random.normal(size=(5, 2)), LEFT, RIGHT), 4 * 8 + 4),
        ("differences", (X, 0.5), 3 * 7 + 3),
        ("overwritten", (X,), 6),
        ("kinked", (X,), 9),
        ("copied", (X, 4), 1),
        ("neighbours", (X[:3], np.array([1, 1, 1])), 2 + 2 + 1),
        ("neighbours", (X[:3], np.array([0, 0, 1])), 2 + 2 + 1),
        ("nothing", (X,), 0),
    ],
)
def test_patterns(name: str, args: tuple[Any, ...], nonzeros: int) -> None:
    """Integers decide exactly, floats not at all."""
    sparse = dpc.jacobian(getattr(m, name), sparse=True)
    assert sparse.pattern(*args).nnz == nonzeros
    assert sparse(-10.0 * args[0], *args[1:]).nnz == nonzeros


def test_structures_and_types() -> None:
    spring, ends = {"stiffness": 2.0, "rest": X[:3]}, np.array([8, 0, 0], np.int32)
    sparse = dpc.jacobian(m.springs, wrt=("s", "x"), sparse=True)
    assert sparse.plan().method == "local"
    forces, doubled = sparse(spring, X, ends)
    stretch = X[ends] - X[:3]
    np.testing.assert_allclose(forces.s.stiffness.toarray()[:, 0], stretch)
    np.testing.assert_allclose(forces.s.rest.toarray(), -2.0 * np.eye(3))
    np.testing.assert_allclose(forces.x.toarray(), 2.0 * np.eye(9)[ends])
    assert doubled.x.dtype == np.float32
    np.testing.assert_array_equal(doubled.x.toarray(), 2.0 * np.eye(9, dtype=np.float32))
    assert doubled.s.rest.shape == (9, 3)
    assert doubled.s.rest.nnz == doubled.s.stiffness.nnz == 0
    kept = (forces, doubled)
    again = sparse({"stiffness": 3.0, "rest": X[:3]}, X, ends, out=kept)
    assert again is kept
    np.testing.assert_allclose(forces.s.rest.toarray(), -3.0 * np.eye(3))
    np.testing.assert_array_equal(doubled.x.toarray(), 2.0 * np.eye(9, dtype=np.float32))


@pytest.mark.parametrize("name", ["gathered", "edges"])
def test_out_of_other_places_and_other_integers(name: str) -> None:
    """Elements go where they belong; each set of integers has its own plan."""
    f = getattr(m, name)
    sparse, dense = dpc.jacobian(f, sparse=True), dpc.jacobian(f)
    x = random.normal(size=(5, 2)) if name == "edges" else X
    kinds = [(LEFT, RIGHT), (RIGHT, LEFT)] if name == "edges" else [(LEFT,), (RIGHT,)]
    first = [sparse(x, *integers) for integers in kinds]
    for integers, made in zip(kinds, first, strict=True):
        sparse(2.0 * x, *integers, out=made)
        expected = dense(2.0 * x, *integers).reshape(made.shape)
        np.testing.assert_allclose(made.toarray(), expected, rtol=1e-13)
        strided = made.copy()
        strided.data = np.zeros(2 * made.nnz)[::2]
        sparse(2.0 * x, *integers, out=strided)
        np.testing.assert_array_equal(strided.toarray(), made.toarray())
    if name == "edges":
        with pytest.raises(dpc.ShapeError, match="another pattern"):
            sparse(x, LEFT, LEFT, out=first[0])


def test_out_has_the_structure_of_the_result() -> None:
    sparse = dpc.jacobian(m.differences, wrt=("u", "h"), sparse=True)
    made = sparse(X, 0.5)
    with pytest.raises(dpc.TypeError, match=r"`out` is a tuple of 2, as the result is"):
        sparse(X, 0.5, out=made.u)
    with pytest.raises(dpc.TypeError, match="expected a CSR matrix, given an array"):
        sparse(X, 0.5, out=(made.u, np.zeros((9, 1))))
    with pytest.raises(dpc.ShapeError, match="another pattern"):
        sparse(X[:8], 0.5, out=made)
    made.u.indices[:] = 0
    with pytest.raises(dpc.ShapeError, match="another pattern"):
        sparse(X, 0.5, out=made)


def test_zero_times_infinity_is_zero() -> None:
    made = dpc.jacobian(m.rooted, sparse=True)
    assert made.plan().method == "local"
    np.testing.assert_array_equal(
        made(np.array([4.0, -1.0, 0.0])).toarray(), np.diag([0.25, 0.0, 0.0])
    )


@pytest.mark.filterwarnings("ignore::dpc.CompileWarning")
def test_derivatives_that_are_not_finite() -> None:
    f = dpc.compile("def f(x: f64[n]) -> f64[n]:\n    return sqrt(abs(x)) * x[0]\n").f
    for x in (np.array([1.0, 0.0, 2.0]), np.array([0.0, 1.0, 2.0]), np.array([np.nan, 1.0, 0.0])):
        found = dpc.jacobian(f, sparse=True)(x).toarray()
        np.testing.assert_array_equal(found, dpc.jacobian(f)(x))


def test_checks_fail_as_in_the_function() -> None:
    with pytest.raises(dpc.RuntimeError, match="k is too large"):
        dpc.jacobian(m.copied, sparse=True)(X, 9)
    with pytest.raises(dpc.RuntimeError, match="out of bounds") as caught:
        dpc.jacobian(m.gathered, sparse=True)(X, [9])
    assert "x[at[j]]" in SOURCE.splitlines()[caught.value.line - 1]


def test_a_trap_watches_the_reverse_pass() -> None:
    f, x = dpc.compile("def f(x: f64[n]) -> f64[n]:\n    return log(x)\n").f, np.array([1.0, 0.0])
    sparse = dpc.jacobian(f, sparse=True, mode="reverse", trap="nonfinite")
    assert sparse.plan().obstacle == "a trap watches the reverse pass"
    with pytest.raises(dpc.RuntimeError, match="is inf, operands 0"):
        sparse(x)


def test_strict_arithmetic() -> None:
    sparse = dpc.jacobian(m.edges, sparse=True, math="strict")
    x = random.normal(size=(5, 2))
    expected = dpc.jacobian(m.edges, math="strict")(x, LEFT, RIGHT).reshape(10, 10)
    np.testing.assert_allclose(sparse(x, LEFT, RIGHT).toarray(), expected, rtol=1e-14)


OTHERS = """
def recurrence(x: f64[n]) -> f64[n]:
    y = zeros(n)
    for i in range(n):
        y[i] = x[i] + (sin(y[i - 1]) if i > 0 else 0.0)
    return y

def running(x: f64[n]) -> f64[n]:
    y, s = zeros(n), 0.0
    for i in range(n):
        s = s * 0.5 + x[i]
        y[i] = s
    return y

def summed(a: f64[n, m]) -> f64[n]:
    return [sum(a[i]) for i in range(n)]

def whole(a: f64[n, n]) -> f64[n, n]:
    return a @ a

def table(x: f64[n]) -> f64[n]:
    return [x[min(max(int(v), 0), n - 1)] for v in x]

def found(x: f64[n]) -> f64[n]:
    y, k = zeros(n), 0
    for i in range(n):
        if x[i] > 0.0:
            k += 1
        y[min(k, n - 1)] = x[i]
    return y

def total(x: f64[n]) -> f64:
    return sum(x)
"""


@pytest.mark.parametrize(
    ("name", "obstacle"),
    [
        ("recurrence", "an element of a result is read again"),
        ("running", "an iteration goes on from what the last one left"),
        ("summed", "an element is read in an inner loop, or at an index that a branch finds"),
        ("whole", "a whole array is computed at once"),
        ("table", "floats decide which element is read"),
        ("found", "floats decide where an element is stored"),
        ("total", "a result is a single number"),
    ],
)
def test_other_functions_say_what_is_in_the_way(name: str, obstacle: str) -> None:
    f = getattr(dpc.compile(OTHERS), name)
    sparse = dpc.jacobian(f, sparse=True)
    plan = sparse.plan()
    assert (plan.method, plan.obstacle) == ("products", obstacle)
    x = random.normal(size=(3, 3)) if name in ("whole", "summed") else X
    made, dense = sparse(x), np.asarray(dpc.jacobian(f)(x))
    np.testing.assert_allclose(made.toarray(), dense.reshape(made.shape), rtol=1e-13, atol=1e-14)
    assert sparse.plan(x).colours == sparse.colours(x) > 0


def test_calls_that_stay_calls() -> None:
    """A large function that is called at several places."""
    terms = " + ".join(f"sin({k}.0 * a) * cos(b + {k}.0) * exp(-a * b)" for k in range(1, 50))
    calls = "".join(
        f"        v{k}, p{k} = large(x[j], x[j] - x[i], {k}.0)\n"
        f"        total += v{k} * p{k}[1] + p{k}[0]\n"
        for k in range(5)
    )
    source = f"""
def large(a: f64, b: f64, c: f64) -> (f64, f64[2]):
    value = {terms}
    return value * c, [value, a * b]

def f(x: f64[n], at: i64[m]) -> f64[m]:
    r = zeros(m)
    for i in range(m):
        j = at[i]
        total = 0.0
{calls}        r[i] = total
    return r
"""
    f = dpc.compile(source).f
    assert "func.invoke" in f.ir()
    sparse, at = dpc.jacobian(f, sparse=True), np.array([2, 0, 3, 3])
    assert sparse.plan().method == "local", sparse.plan()
    np.testing.assert_allclose(sparse(X, at).toarray(), dpc.jacobian(f)(X, at), rtol=1e-12)


def test_plans_as_text() -> None:
    local = dpc.jacobian(m.differences, wrt=("u", "h"), sparse=True)
    assert str(local.plan(X, 0.5)).splitlines() == [
        "jacobian(differences)",
        "  what stores an element of a result stores its derivatives straight into the matrices'"
        " data:",
        "  at most 4 for each",
        "  31 elements",
    ]
    others = dpc.jacobian(dpc.compile(OTHERS).recurrence, sparse=True)
    assert str(others.plan()).splitlines() == [
        "jacobian(recurrence)",
        "  products with vectors, as many as there are colours",
        "  not by local derivatives: an element of a result is read again (line 5)",
    ]
    assert str(others.plan(X)).splitlines()[1] == "  9 products in forward mode"
