"""Functions, their options and errors, from `.dp` text."""

import inspect
import threading
from typing import Any

import numpy as np
import pytest

import dpc

SOURCE = '''"""Some functions."""

RATE = 0.5
STEPS = 3

class Point:
    x: f64
    y: f64
    tag: i64

class Model:
    w: f64[d]
    p: Point

def energy(x: f64[n], a: f64 = 2.0) -> f64:
    """a times the sum of squares."""
    total = 0.0
    for i in range(n):
        total += x[i] * x[i]
    return a * total

def scaled(x: f64[n], a: f64) -> f64[n]:
    return a * x

def several(x: f64[n], k: i64, flag: bool) -> (f64, (i64, bool), f64[n]):
    return sum(x), (k + 1, not flag), 2.0 * x

def single(x: f32[n], s: f32) -> f32:
    return s * sum(x)

def moved(m: Model(d), by: f64) -> Model(d):
    return Model(w=m.w + by, p=Point(x=m.p.x + by, y=m.p.y, tag=m.p.tag + 1))

def length(m: Model) -> f64:
    return sqrt(m.p.x * m.p.x + m.p.y * m.p.y) + sum(m.w * m.w)

def selected(x: f64) -> f64:
    return where(x > 0.0, sqrt(x), 0.0)

def element(x: f64[n], i: i64) -> f64:
    return x[i]

def steps(n: i64) -> f64[n]:
    return [1.0 * i for i in range(n)]

def negated(flag: bool) -> bool:
    return not flag

def changed(x: f64[n]) -> f64[n]:
    x[0] = 5.0
    return x
'''


@pytest.fixture(scope="module")
def m() -> Any:
    return dpc.compile(SOURCE, name="some")


def test_module(m: Any) -> None:
    assert m.__doc__ == "Some functions."
    assert (m.RATE, m.STEPS) == (0.5, 3)
    assert {"energy", "Point", "RATE"} <= set(dir(m))
    assert "energy" in repr(m)
    with pytest.raises(AttributeError, match=r"has no `enrgy`; did you mean `energy`\?"):
        _ = m.enrgy


def test_function_describes_itself(m: Any) -> None:
    assert m.energy.__name__ == "energy"
    assert m.energy.__doc__ == "a times the sum of squares."
    assert str(inspect.signature(m.energy)) == "(x: 'f64[n]', a: 'f64' = 2.0) -> 'f64'"
    assert repr(m.energy) == "<dpc.Function energy(x: f64[n], a: f64) -> f64>"
    assert "gradient of `energy`" in (dpc.grad(m.energy).__doc__ or "")


def test_calls(m: Any) -> None:
    x = np.arange(4.0)
    assert m.energy(x) == 28.0
    assert m.energy(a=1, x=[1, 2]) == 5.0
    np.testing.assert_array_equal(m.scaled(x, 2), 2 * x)
    total, (k, flag), doubled = m.several(x, 4, True)
    assert (total, k, flag) == (6.0, 5, False)
    assert type(flag) is bool
    np.testing.assert_array_equal(doubled, 2 * x)
    single = m.single(np.ones(3, np.float32), 0.5)
    assert single == np.float32(1.5)
    assert type(single) is np.float32


def test_arguments_never_change(m: Any) -> None:
    x = np.arange(4.0)
    result = m.changed(x)
    np.testing.assert_array_equal(x, np.arange(4.0))
    np.testing.assert_array_equal(result, [5, 1, 2, 3])
    assert not np.shares_memory(result, x)


def test_zero_sizes(m: Any) -> None:
    assert m.energy([]) == 0.0
    assert m.scaled(np.zeros(0), 1.0).shape == (0,)
    assert dpc.grad(m.energy)([]).shape == (0,)


def test_result_shaped_by_an_argument(m: Any) -> None:
    np.testing.assert_array_equal(m.steps(3), [0, 1, 2])
    with pytest.raises(dpc.ShapeError, match="`out` of `steps` would have extent n = -1"):
        m.steps(-1)


def test_records(m: Any) -> None:
    given = m.Model(w=np.ones(2), p=m.Point(x=3.0, y=4.0, tag=7))
    result = m.moved(given, 1.0)
    assert result == m.Model(np.full(2, 2.0), m.Point(4.0, 4.0, 8))
    plain = {"w": [1, 1], "p": {"x": 3, "y": 4, "tag": 7}}
    assert m.moved(plain, 1.0) == result
    with pytest.raises(dpc.TypeError, match="the field `tag` of Point is missing"):
        m.moved({"w": [1, 1], "p": {"x": 3, "y": 4}}, 1.0)


def test_gradients_of_records(m: Any) -> None:
    given = m.Model(w=np.array([1.0, 2.0]), p=m.Point(x=0.0, y=4.0, tag=7))
    gradient = dpc.grad(m.length)(given)
    assert gradient == m.Model(np.array([2.0, 4.0]), m.Point(0.0, 1.0, 0))
    np.testing.assert_array_equal(dpc.grad(m.length, wrt="m.w")(given), [2.0, 4.0])
    assert dpc.grad(m.length, wrt="m.p")(given) == m.Point(0.0, 1.0, 0)
    both = dpc.grad(m.length, wrt=("m.p.y", "m.w"))(given)
    assert both.m_p_y == 1.0
    np.testing.assert_array_equal(both.m_w, [2.0, 4.0])


def test_tangents_of_records(m: Any) -> None:
    given = m.Model(w=np.array([1.0, 2.0]), p=m.Point(x=3.0, y=4.0, tag=7))
    tangent = {"w": [1, 0], "p": {"x": 1, "y": 0}}
    value, moved = dpc.jvp(m.length)(given, tangent)
    assert (value, moved) == pytest.approx((10.0, 2.6))
    result, change = dpc.jvp(m.moved)(given, 1.0, tangent, 10.0)
    assert result.p.tag == 8
    assert change == m.Model(np.array([11.0, 10.0]), m.Point(11.0, 0.0, 0))
    _, (d_model, d_by) = dpc.vjp(m.moved)(given, 1.0, tangent)
    assert d_model == m.Model(np.array([1.0, 0.0]), m.Point(1.0, 0.0, 0))
    assert d_by == 2.0


def test_wrt(m: Any) -> None:
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(dpc.grad(m.energy)(x), 4 * x)
    np.testing.assert_array_equal(dpc.grad(m.energy, wrt=0)(x), 4 * x)
    assert dpc.grad(m.energy, wrt="a")(x) == 5.0
    assert dpc.grad(m.energy, wrt=-1)(x) == 5.0
    named = dpc.grad(m.energy, wrt=("a", "x"))(x, 1.0)
    assert named.a == 5.0
    np.testing.assert_array_equal(named[1], 2 * x)
    value, only = dpc.value_and_grad(m.energy, wrt=["a"])(x)
    assert (value, only.a) == (10.0, 5.0)


@pytest.mark.parametrize(
    ("function", "wrt", "says"),
    [
        ("energy", "y", "`energy` has no parameter `y`"),
        ("energy", 2, "no parameter at position 2"),
        ("energy", (), "at least one"),
        ("energy", ("x", "x"), "twice"),
        ("length", ("m.w", "m"), "has a part of `m` twice"),
        ("energy", 1.5, "a name, a position, or a tuple of these"),
        ("energy", ("x", None), "holds names and positions, not None"),
        ("element", "i", "holds no floats"),
        ("length", "m.v", "has no field `v`"),
        ("length", "m.p.tag", "holds no floats"),
        ("scaled", "x", "float scalar as result"),
        ("steps", None, "float scalar as result"),
    ],
)
def test_wrong_wrt(m: Any, function: str, wrt: Any, says: str) -> None:
    with pytest.raises(dpc.TypeError, match=says):
        dpc.grad(getattr(m, function), wrt=wrt)


def test_transforms_need_floats(m: Any) -> None:
    for transform in (dpc.jvp, dpc.vjp):
        with pytest.raises(dpc.TypeError, match="floats in its result; `negated` returns bool"):
            transform(m.negated)
        with pytest.raises(dpc.TypeError, match="`steps` has no parameter that holds floats"):
            transform(m.steps)


def test_transforms_take_functions_only() -> None:
    with pytest.raises(dpc.TypeError, match=r"dpc.grad takes a dpc.Function"):
        dpc.grad(lambda x: x)  # type: ignore[arg-type]


def test_nested_transforms(m: Any) -> None:
    x, v = np.array([1.0, 2.0]), np.array([0.5, -1.0])
    hvp = dpc.jvp(dpc.grad(m.energy), wrt="x")
    gradient, product = hvp(x, 3.0, v)
    np.testing.assert_array_equal(gradient, 6 * x)
    np.testing.assert_array_equal(product, 6 * v)
    mixed = dpc.vjp(dpc.grad(m.energy), wrt="a")(x, 3.0, v)
    assert mixed[1] == 2 * x @ v


def test_missing_defaults_before_tangents(m: Any) -> None:
    x = np.array([1.0, 2.0])
    assert dpc.jvp(m.energy)(x, x, 0.0) == (10.0, 20.0)
    assert dpc.jvp(m.energy, wrt="x")(x, d_x=x) == (10.0, 20.0)


def test_strong_zero(m: Any) -> None:
    assert dpc.grad(m.selected)(4.0) == 0.25
    assert dpc.grad(m.selected)(0.0) == 0.0
    assert dpc.grad(m.selected)(-1.0) == 0.0


def test_options(m: Any) -> None:
    strict = m.energy.options(math="strict")
    assert strict([1, 2]) == 10.0
    assert dpc.grad(strict, math="fast")([1.0])[0] == 4.0
    assert dpc.compile(SOURCE, math="strict").energy([1, 2]) == 10.0
    with pytest.raises(dpc.Error, match='math is "fast" or "strict"'):
        m.energy.options(math="exact")
    with pytest.raises(dpc.Error, match="checks is True or False, not 1"):
        m.energy.options(checks=1)
    with pytest.raises(dpc.Error, match="did you mean 'memory'"):
        m.energy.options(memry="1MiB")


def test_checks_name_the_line(m: Any) -> None:
    with pytest.raises(dpc.RuntimeError) as caught:
        m.element([1.0, 2.0], 2)
    assert caught.value.file == "some"
    assert SOURCE.splitlines()[caught.value.line - 1] == "    return x[i]"
    assert "index 2 is out of bounds for axis 0 of `x` with extent 2" in str(caught.value)
    with pytest.raises(dpc.RuntimeError):
        dpc.grad(m.element)([1.0, 2.0], 5)


UNCHECKED = """
def picked(x: f64[n], k: i64[m]) -> f64:
    s = 0.0
    for i in range(m):
        assert x[k[i]] > 0.0, "positive"
        s += x[k[i]] ** 2
    return s
"""


def test_checks_are_left_out_on_demand() -> None:
    picked = dpc.compile(UNCHECKED).picked
    unchecked = picked.options(checks=False)
    x, k = np.array([1.0, -2.0, 3.0]), np.array([1, 2, 2])
    with pytest.raises(dpc.RuntimeError, match="positive"):
        picked(x, k)
    assert unchecked(x, k) == 22.0
    np.testing.assert_array_equal(dpc.grad(unchecked)(x, k), [0.0, -4.0, 12.0])
    assert "cf.assert" in picked.ir()
    assert "cf.assert" not in unchecked.ir()
    assert "without bounds checks and asserts" in str(unchecked.plan())
    assert "without" not in str(picked.plan())
    with pytest.raises(dpc.ShapeError):
        dpc.compile("def f(x: f64[n], y: f64[n]) -> f64:\n    return x @ y\n", checks=False).f(
            [1], [1, 2]
        )


def test_threads(m: Any) -> None:
    function = dpc.compile(SOURCE).energy
    found: list[float] = []
    rows = [np.full(1000, float(i)) for i in range(8)]
    threads = [threading.Thread(target=lambda r=r: found.append(function(r))) for r in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [2000.0 * i * i for i in range(8)]


def test_stages(m: Any) -> None:
    assert "func.func @energy" in m.energy.ir("array")
    assert "memref.load" in m.energy.ir("loops")
    assert "memref" in dpc.grad(m.energy).ir("grad")
    assert "func.func" in m.energy.ir("mlir")
    assert "define" in m.energy.llvm()
    assert ".text" in dpc.grad(m.energy).asm()
    with pytest.raises(dpc.Error, match="is no derivative"):
        m.energy.ir("grad")
    with pytest.raises(dpc.Error, match="there is no stage 'gard'"):
        m.energy.ir("gard")


def test_compile_errors_come_at_once() -> None:
    with pytest.raises(dpc.CompileError) as caught:
        dpc.compile("def f(x: f64) -> f64:\n    return y\n")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.span.line == 2


def test_check_grad(m: Any) -> None:
    report = dpc.check_grad(m.energy, np.array([1.0, -2.0, 0.5]))
    assert report
    assert [p.name for p in report.parameters] == ["x", "a"]
    assert "energy: ok" in str(report)
    assert dpc.check_grad(m.moved, m.Model([1.0], m.Point(1.0, 2.0, 3)), 2.0).ok
    assert dpc.check_grad(m.several, [1.0, 2.0], 1, False).ok
    assert dpc.check_grad(m.single, np.ones(3, np.float32), 2.0).ok
    with pytest.raises(dpc.Error, match="`k` is no float parameter"):
        dpc.check_grad(m.several, [1.0], 1, False, wrt="k")


def test_names_of_the_package() -> None:
    assert set(dpc.__all__) <= {*dir(dpc)}
    assert dpc.__version__[0].isdigit()
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = dpc.nonsense
