"""Constants of modules: computed when the module is compiled, used like any value."""

from pathlib import Path

import numpy as np
import pytest
from scipy import special

import dpc
from dpc.compiler import constants as limits

SOURCE = """
N = 3
TABLE = [sin(0.5 * k) for k in range(N + 1)]
WEIGHTS = [0.25, 0.5, 0.25]
MATRIX = [[1, 2], [3, 4]]
LG = lgamma(2.5) + digamma(1.5)
TOTAL = sum(TABLE) * scale(2.0)
LOW, (HIGH, MID) = bounds(TABLE)
SUN = Body(mass=1.0, pos=[0.0, 1.0, 2.0])
ORIGIN = Spot([0.0, 0.0])
PAIR = (1, 2.5)
A, B = PAIR
NODES, VECTORS = eigh(tridiagonal(4))
SLOPE = grad(cube)(2.0)
HALF = integral(lambda t: t, 0.0, 1.0)
KEPT = positive(TABLE - 0.3)
COUNT = len(KEPT)
FLAGS = TABLE > 0.3
X: f64[3] = [1, 2, 3]
SMALL: f32 = 0.1
EMPTY = zeros(0)
P, Q = [1.0, 2.0]
RANDOM = uniform(1, arange(3))

class Body:
    mass: f64
    pos: f64[d]

class Spot:
    at: f64[d]

def scale(x: f64) -> f64:
    return x * N

def bounds(x: f64[n]) -> (f64, (f64, f64)):
    return min(x), (max(x), mean(x))

def tridiagonal(n: i64) -> f64[n, n]:
    t = zeros(n, n)
    for i in range(1, n):
        t[i, i - 1] = i / sqrt(4.0 * i * i - 1.0)
        t[i - 1, i] = t[i, i - 1]
    return t

def cube(x: f64) -> f64:
    return x ** 3

def integral(f: Callable[[f64], f64], a: f64, b: f64, n: i64 = 10) -> f64:
    h = (b - a) / n
    return h * sum(f(a + (i + 0.5) * h) for i in range(n))

def positive(x: f64[n]) -> f64[k]:
    found = zeros(sum(1 for v in x if v > 0.0))
    j = 0
    for v in x:
        if v > 0.0:
            found[j] = v
            j += 1
    return found

def uses(x: f64[3]) -> f64:
    return dot(WEIGHTS, x) + TABLE[1] * SUN.mass + dot(SUN.pos, x ** 2) + LG + sum(ORIGIN.at)

def single(x: f32[3]) -> f32:
    return dot(WEIGHTS, x)

def mean_exponential(x: f64) -> f64:
    return sum(VECTORS[0, k] ** 2 * exp(x * NODES[k]) for k in range(4))

def picked(x: f64[n], i: i64) -> f64:
    return sum(x[MATRIX[0]]) + x[MATRIX[0, 0]] * x[PAIR[0]] * TABLE[i]

def sized(x: f64[COUNT]) -> f64[N + 1]:
    return TABLE * sum(x)

def heavier(b: Body) -> f64:
    total = SUN
    total.mass += b.mass
    return (total * 2.0).mass + SUN.mass

def changed() -> f64[3]:
    w = WEIGHTS
    w[0] = 9.0
    return w - WEIGHTS
"""
ARRAY = np.array([0.1, 0.2, 0.3])


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SOURCE)


def test_values_in_python(module: dpc.Module) -> None:
    table = np.sin(0.5 * np.arange(4))
    np.testing.assert_allclose(module.TABLE, table, rtol=1e-15)
    assert module.MATRIX.tolist() == [[1, 2], [3, 4]]
    assert pytest.approx(special.gammaln(2.5) + special.digamma(1.5), rel=1e-14) == module.LG
    assert pytest.approx(6 * table.sum()) == module.TOTAL
    assert pytest.approx((table.min(), table.max(), table.mean())) == (
        module.LOW, module.HIGH, module.MID
    )  # fmt: skip
    assert (module.SUN.mass, module.SUN.pos.tolist()) == (1.0, [0.0, 1.0, 2.0])
    assert (module.PAIR, module.A, module.B, module.P, module.Q) == ((1, 2.5), 1, 2.5, 1.0, 2.0)
    np.testing.assert_allclose(module.NODES, special.roots_legendre(4)[0], rtol=1e-13)
    assert (module.SLOPE, module.COUNT) == (12.0, 3)
    assert pytest.approx(0.5) == module.HALF
    np.testing.assert_allclose(module.KEPT, table[1:] - 0.3, rtol=1e-14)
    assert module.FLAGS.tolist() == [False, True, True, True]
    assert (module.X.dtype, module.EMPTY.shape) == (np.float64, (0,))
    assert np.float32(0.1) == module.SMALL
    with pytest.raises(ValueError, match="read-only"):
        module.TABLE[0] = 1.0


def test_uses_and_gradients(module: dpc.Module) -> None:
    expected = WEIGHTED @ ARRAY + np.sin(0.5) + [0, 1, 2] @ ARRAY**2 + module.LG
    assert module.uses(ARRAY) == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(dpc.grad(module.uses)(ARRAY), WEIGHTED + 2 * ARRAY * [0, 1, 2])
    assert module.single(ARRAY.astype(np.float32)) == pytest.approx(0.2, rel=1e-6)
    assert module.mean_exponential(0.7) == pytest.approx(np.sinh(0.7) / 0.7, rel=1e-8)
    assert dpc.check_grad(dpc.grad(module.mean_exponential), x=0.7).ok
    assert dpc.check_grad(module.picked, x=ARRAY, i=2).ok
    with pytest.raises(dpc.RuntimeError, match="4"):
        module.picked(ARRAY, 4)
    np.testing.assert_allclose(module.sized(ARRAY), module.TABLE * 0.6)
    assert dpc.check_grad(module.sized, x=ARRAY).ok
    assert module.heavier({"mass": 2.0, "pos": ARRAY}) == 7.0
    assert module.changed().tolist() == [8.75, 0.0, 0.0]


WEIGHTED = np.array([0.25, 0.5, 0.25])


def test_constants_of_other_modules(tmp_path: Path) -> None:
    (tmp_path / "physics.dp").write_text(
        "from scales import SCALE\nclass Body:\n    mass: f64\n    pos: f64[d]\n"
        "SUN = Body(mass=SCALE[1], pos=[1.0, 2.0])\nMASSES = [b.mass for b in [SUN, SUN * 2.0]]\n"
    )
    (tmp_path / "scales.dp").write_text("SCALE = doubled([1.0, 2.0])\n" + DOUBLED)
    (tmp_path / "main.dp").write_text(
        "from physics import SUN, MASSES\nTWICE = SUN.mass * MASSES\n"
        "def f(x: f64) -> f64:\n    return x * sum(SUN.pos) + TWICE[1]\n"
    )
    m = dpc.load(tmp_path / "main.dp")
    assert m.f(1.0) == 3.0 + 4.0 * 8.0
    assert m.SUN.mass == 4.0


DOUBLED = "def doubled(x: f64[n]) -> f64[n]:\n    return 2.0 * x\n"


def test_the_working_precision_reaches_literals() -> None:
    text = "W = [0.1, 0.2]\ndef f(x: real[2]) -> real:\n    return dot(W, x) * digamma(2.0)\n"
    found = dpc.compile(text, real="f32").f(np.ones(2, np.float32))
    assert found == pytest.approx(0.3 * special.digamma(2.0), rel=1e-6)


FUNCTIONS = """
def checked(x: f64) -> f64:
    assert x > 0.0, f"x is {x}"
    return sqrt(x)
def forever(x: f64) -> f64:
    while x > 0.0:
        x += 1.0
    return x
def later(x: f64) -> f64:
    return x * D
D = 3.0
"""


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("A = checked(-1.0)\n", "E0227", "x is -1.0"),
        ("A = forever(1.0)\n", "E0227", "more than 1 000 steps"),
        ("A = inv([[1.0, 1.0], [1.0, 1.0]])\n", "E0227", "singular"),
        ("A = zeros(100000)\n", "E0100", "more than 65536 elements"),
        ("A = later(2.0)\n", "E0205", "`D`"),
        ("A: f64[2] = [1.0]\n", "E0301", "do not match"),
        ("A: f64[n] = [1.0]\n", "E0304", "`n`"),
        ("A, B = (1, 2, 3)\n", "E0229", "3 values"),
        ("A = lambda t: t\n", "E0207", "lambda"),
        ("A[0] = 3\n", "E0230", "A[0]"),
        ("A = i64(nan)\n", "E0227", "nan"),
    ],
)
def test_misuse(text: str, code: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_STEPS", 1000)
    with pytest.raises(dpc.CompileError) as caught:
        dpc.compile(text + FUNCTIONS)
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert message in found.message


def test_a_failing_line_is_shown() -> None:
    with pytest.raises(dpc.CompileError) as caught:
        dpc.compile("A = checked(-1.0)\nB = A + 1.0\n" + FUNCTIONS)
    (found,) = caught.value.diagnostics
    assert [span.text for span, _ in found.related] == ['assert x > 0.0, f"x is {x}"']


def test_defaults_are_no_calls() -> None:
    with pytest.raises(dpc.CompileError, match="give the value a name"):
        dpc.compile(FUNCTIONS + "def f(x: f64 = checked(2.0)) -> f64:\n    return x\n")
