"""Results whose extents are known only when the function has run."""

from typing import Any

import numpy as np
import pytest

import dpc
from dpc.compiler.analysis.effects import EffectsOf
from dpc.compiler.dialects.cf import Assert
from dpc.compiler.dialects.linalg import Fill
from tests.check.programs import diagnose

SOURCE = """
def positive(x: f64[n]) -> f64[k]:
    count = 0
    for i in range(n):
        if x[i] > 0.0:
            count += 1
    y = zeros(count)
    j = 0
    for i in range(n):
        if x[i] <= 0.0:
            continue
        y[j] = x[i] ** 2
        j += 1
    return y

def early(x: f64[n], m: i64) -> f64[k]:
    if m > 2:
        return x[:m] * 2.0
    print("late")
    return x * x

def several(x: f64[n], m: i64) -> (f64[j], f64, f64[j, k]):
    print("once")
    a = x[m:] * x[m:]
    return a, sum(x), outer(a, x[:m])

def same_twice(x: f64[n], m: i64) -> (f64[k], f64[k]):
    return x[m:], x[:m]

def computed_before(x: f64[n], k: i64) -> f64[m]:
    y = x[:k] * 2.0
    return y

def a_local_of_that_name(x: f64[n]) -> f64[k]:
    k = n - 1
    return x[:k]

def itself(x: f64[n]) -> f64[k]:
    return x

def passed_on(x: f64[n]) -> f64[k]:
    return positive(x) * 2.0

def caller(x: f64[n]) -> f64:
    p = positive(x)
    q = positive(-x)
    s = sum(p * p) * len(p)
    if len(q) > 0:
        s += q[0] * sum(q)
    a, b, c = several(x, 2)
    return s + sum(c) * b + sum(a) + sum(sum(positive(x[i:])) for i in range(n))
"""
MODULE = dpc.compile(SOURCE)
X = np.array([1.0, -2.0, 3.0, 0.5, -0.25])


def _positive(x: Any) -> Any:
    return x[x > 0.0] ** 2


def test_extents_follow_the_value() -> None:
    for x in (X, X, -X, X[:0], -abs(X), X):
        np.testing.assert_array_equal(MODULE.positive(x), _positive(x))
        np.testing.assert_array_equal(MODULE.passed_on(x), 2.0 * _positive(x))
    np.testing.assert_array_equal(MODULE.early(X, 1), X * X)
    np.testing.assert_array_equal(MODULE.early(X, 3), X[:3] * 2.0)
    np.testing.assert_array_equal(MODULE.computed_before(X, 2), X[:2] * 2.0)
    np.testing.assert_array_equal(MODULE.a_local_of_that_name(X), X[:-1])
    np.testing.assert_array_equal(MODULE.itself(X), X)


@pytest.mark.parametrize("m", [0, 1, 3, 5])
def test_several_extents(m: int) -> None:
    a, total, table = MODULE.several(X, m)
    np.testing.assert_array_equal(a, X[m:] ** 2)
    assert total == np.sum(X)
    np.testing.assert_array_equal(table, np.outer(a, X[:m]))


@pytest.mark.parametrize("derive", [lambda f: f, dpc.jvp, dpc.vjp])
@pytest.mark.parametrize("name", ["positive", "computed_before", "itself", "passed_on"])
def test_nothing_is_stored_before_the_extents_are_checked(name: str, derive: Any) -> None:
    function = derive(getattr(MODULE, name)).entry.function
    outputs = {
        argument
        for parameter, argument in zip(function.parameters, function.arguments, strict=True)
        if parameter.role == "output"
    }
    effects = EffectsOf()
    order = []
    for op in function.body.ops:
        if isinstance(op, Assert) and op.kind == "result":
            order.append("check")
        elif outputs & effects.op(op).writes and not isinstance(op, Fill):
            order.append("store")
    assert order[0] == "check"
    assert order.count("check") == 1


def test_the_result_belongs_to_the_caller() -> None:
    first = MODULE.positive(X)
    second = MODULE.positive(X)
    first[:] = 0.0
    np.testing.assert_array_equal(second, _positive(X))


def test_calls_print_once(capsys: pytest.CaptureFixture[str]) -> None:
    module = dpc.compile(SOURCE)
    for m in (1, 2, 2):
        module.several(X, m)
        assert capsys.readouterr().out == "once\n"


def test_functions_learn_the_extents_of_what_they_call() -> None:
    p, q = _positive(X), _positive(-X)
    expected = np.sum(p * p) * len(p) + q[0] * np.sum(q)
    a = X[2:] ** 2
    expected += np.sum(np.outer(a, X[:2])) * np.sum(X) + np.sum(a)
    expected += sum(np.sum(_positive(X[i:])) for i in range(len(X)))
    assert MODULE.caller(X) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("positive", (X,)),
        ("positive", (-abs(X),)),
        ("early", (X, 1)),
        ("early", (X, 3)),
        ("several", (X, 2)),
        ("computed_before", (X, 2)),
        ("itself", (X,)),
        ("passed_on", (X,)),
        ("caller", (X,)),
    ],
)
def test_derivatives(name: str, arguments: tuple[Any, ...]) -> None:
    report = dpc.check_grad(getattr(MODULE, name), *arguments)
    assert report.ok, str(report)


def test_derivatives_of_derivatives() -> None:
    ones, twice = np.ones(3), 2.0 * np.where(X > 0.0, X, 0.0)
    (value, gradient), (_, moved) = dpc.jvp(dpc.vjp(MODULE.positive))(X, ones, X, 0.0 * ones)
    np.testing.assert_array_equal(value, _positive(X))
    np.testing.assert_array_equal(gradient, twice)
    np.testing.assert_array_equal(moved, twice)
    _, (first, second) = dpc.vjp(dpc.jvp(MODULE.positive))(X, X, (0.0 * ones, ones))
    np.testing.assert_array_equal(first, twice)
    np.testing.assert_array_equal(second, twice)


def test_a_cotangent_has_the_extents_of_the_result() -> None:
    with pytest.raises(dpc.ShapeError, match="the extent `k` of the result is 3, not 2"):
        dpc.vjp(MODULE.positive)(X, np.ones(2))


def test_one_name_is_one_extent() -> None:
    with pytest.raises(dpc.ShapeError, match="the extent `k` of the result is"):
        MODULE.same_twice(X, 2)
    first, second = MODULE.same_twice(X[:4], 2)
    np.testing.assert_array_equal(np.append(second, first), X[:4])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            "def g(x: f64[n]) -> f64[k]:\n    if n > 2:\n        return x[1:]\n    print(n)\n"
            "    return x\n"
            "def f(x: f64[n]) -> f64:\n    return sum(g(x))\n",
            "g(x)",
        ),
        ("def f(x: f64[n]) -> f64[k]:\n    return x[:k]\n", "k"),
    ],
)
def test_what_is_refused(text: str, what: str) -> None:
    errors = [d for d in diagnose(text)[1] if d.level == "error"]
    assert [d.span.text for d in errors] == [what]


LINEAR = """
def doubled(x: f64[n]) -> f64[2 * k]:
    y = x[: n - n % 2]
    return y * y

def parts(x: f64[n]) -> (f64[2 * k + 1], f64[k], f64):
    m = n // 2
    return x[: 2 * m + 1], x[:m] ** 2, sum(x)

def odd(x: f64[n]) -> f64[2 * k]:
    return x * 1.0

def short(x: f64[n]) -> f64[k + 3]:
    return x[:1]

def less(x: f64[n], c: i64) -> f64[k - n]:
    return x[:c] ** 2

def caller(x: f64[n]) -> f64:
    d = doubled(x)
    a, b, c = parts(x)
    return sum(d) * sum(a) + sum(b) * c + len(d)

def passed(x: f64[n]) -> f64[4 * j]:
    return concat(doubled(x), doubled(x))
"""


def test_extents_that_tell_a_dimension() -> None:
    m = dpc.compile(LINEAR)
    x = np.arange(1.0, 6.0)
    np.testing.assert_array_equal(m.doubled(x), x[:4] ** 2)
    assert m.doubled(x[:1]).shape == (0,)
    first, second, third = m.parts(x)
    np.testing.assert_array_equal(first, x)
    assert (second.tolist(), third) == ([1.0, 4.0], 15.0)
    np.testing.assert_array_equal(m.less(x, 3), x[:3] ** 2)
    np.testing.assert_array_equal(m.less(x[:3], 1), [1.0])
    np.testing.assert_array_equal(m.passed(x), np.tile(x[:4] ** 2, 2))
    assert m.caller(x) == 30 * 15 + 5 * 15 + 4
    for name in ("doubled", "parts", "caller", "passed"):
        assert dpc.check_grad(getattr(m, name), x).ok
    assert dpc.check_grad(m.less, x, 3).ok
    gradient = dpc.vjp(m.doubled)(x, np.ones(4))[1]
    np.testing.assert_array_equal(gradient, [2.0, 4.0, 6.0, 8.0, 0.0])


def test_values_that_do_not_fit_the_extent() -> None:
    m = dpc.compile(LINEAR)
    x = np.arange(1.0, 6.0)
    with pytest.raises(dpc.ShapeError, match=r"n is 5, which is 2\*k for no k"):
        m.odd(x)
    with pytest.raises(dpc.ShapeError, match=r"1 is 1, which is k \+ 3 for no k"):
        m.short(x)
    with pytest.raises(dpc.ShapeError, match=r"not 2\*k"):
        dpc.vjp(m.doubled)(x, np.ones(3))


@pytest.mark.parametrize("extent", ["n - k", "k * k", "j + k", "n * k", "k // 2"])
def test_extents_that_tell_no_dimension(extent: str) -> None:
    _, found = diagnose(f"def f(x: f64[n]) -> f64[{extent}]:\n    return x\n")
    assert (found[0].code, found[0].span.text) == ("E0100", f"f64[{extent}]")


EARLY = """
def early(x: f64[n], m: i64) -> f64[k]:
    if m > 2:
        y = x[:m] * 2.0
        return y
    for i in range(n):
        if x[i] > 3.0:
            return x[i:] ** 2
    return x * x

def several(x: f64[n]) -> (f64[2 * k], f64[j], f64):
    if n > 3:
        return x[:4], x[1:], 1.0
    return concat(x, x), x[:1], x[0]

def caller(x: f64[n], m: i64) -> f64:
    e = early(x, m)
    a, b, c = several(e)
    return sum(e * e) + sum(a) * c + sum(b) + len(e) + sum(sum(early(x, i)) for i in range(m))

def composed(x: f64[n], m: i64) -> f64[p]:
    return early(early(x, m), 1)
"""


def _early(x: Any, m: int) -> Any:
    if m > 2:
        return 2 * x[:m]
    above = np.flatnonzero(x > 3.0)
    return x[above[0] :] ** 2 if len(above) else x * x


@pytest.mark.parametrize("m", range(5))
def test_callees_that_return_at_several_places(m: int) -> None:
    module = dpc.compile(EARLY)
    x = np.arange(1.25, 6.0)
    e = _early(x, m)
    a, b, c = (e[:4], e[1:], 1.0) if len(e) > 3 else (np.append(e, e), e[:1], e[0])
    rest = sum(_early(x, i).sum() for i in range(m))
    expected = e @ e + a.sum() * c + b.sum() + len(e) + rest
    assert module.caller(x, m) == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(module.composed(x, m), _early(e, 1), rtol=1e-14)
    assert dpc.check_grad(module.caller, x, m).ok
    assert dpc.check_grad(module.composed, x, m).ok


DERIVED = (
    EARLY
    + """
def forward(x: f64[n], m: i64, v: f64[n]) -> f64:
    y, t = jvp(early, (x, m), (v,))
    return sum(t * y)

def backward(x: f64[n], m: i64) -> f64[n]:
    y, (g,) = vjp(early, (x, m), early(x, m))
    return g * sum(y)

def whole(x: f64[n], m: i64) -> f64[k, n]:
    return jacobian(early)(x, m)

def of_several(x: f64[n]) -> f64[n]:
    y, g = vjp(several, x, (ones(4), ones(n - 1), 2.0))
    return g + y[2]
"""
)


def test_derivatives_inside_the_language() -> None:
    module = dpc.compile(DERIVED)
    x = np.arange(1.25, 6.0)
    for m in (0, 3):
        y = _early(x, m)
        slope = np.zeros(5)
        slope[: len(y)] = 2.0
        if m == 0:
            slope = np.where(x > 3.0, 2 * x, 0.0)
        full = np.zeros(5)
        full[slope != 0.0] = y
        assert module.forward(x, m, np.ones(5)) == pytest.approx(slope @ full)
        np.testing.assert_allclose(module.backward(x, m), slope * full * y.sum())
        assert dpc.check_grad(module.backward, x, m).ok
    np.testing.assert_array_equal(module.of_several(x), [2.0, 3.0, 3.0, 3.0, 2.0])
    np.testing.assert_array_equal(module.whole(x, 3), np.eye(3, 5) * 2.0)
    assert dpc.check_grad(module.whole, x, 0).ok
