"""C functions: calls, derivatives by rules, what is refused."""

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special

import dpc

BESSEL = """
@extern("libm", "j0", pure=True)
def bessel_j0(x: f64) -> f64: ...

@extern("libm", "j1", pure=True)
def bessel_j1(x: f64) -> f64: ...

@custom_jvp(bessel_j0)
def bessel_j0_jvp(x: f64, x_dot: f64) -> (f64, f64):
    return bessel_j0(x), -bessel_j1(x) * x_dot

@custom_vjp(bessel_j1)
def bessel_j1_vjp(x: f64, out: f64, d_out: f64) -> f64:
    return d_out * (bessel_j0(x) - out / x)

def wave(x: f64[n]) -> f64:
    return sum(bessel_j0(x) ** 2)

def curve(x: f64) -> f64:
    return grad(bessel_j0)(x) + x
"""

C = """
#include <stdbool.h>
#include <stdint.h>
static int64_t calls = 0;
int64_t counted(void) { return calls; }
double count(double x) { calls += 1; return 2.0 * x; }
float mixed(float x, int32_t k, int64_t l, bool flag, double y) {
    return flag ? x * k + (float)(l * y) : -1.0f;
}
bool negative(double x) { return x < 0.0; }
void smooth(const double *x, int64_t n, double w, double *out, int64_t m) {
    for (int64_t i = 0; i < m; i++) out[i] = w * x[i] + (1.0 - w) * x[i + 1 < n ? i + 1 : i];
}
void both(const double *a, int64_t n, int64_t m, const int32_t *k, int64_t l,
          double *rows, int64_t n2, float *out, int64_t m2, int64_t one) {
    for (int64_t i = 0; i < n; i++) {
        rows[i] = 0.0;
        for (int64_t j = 0; j < m; j++) rows[i] += a[i * m + j];
    }
    for (int64_t j = 0; j < m2; j++) out[j] = (float)(k[j % l] * one);
}
"""

LIBRARY = """
@extern("./libmodel.so", "mixed", pure=True)
def mixed(x: f32, k: i32, l: i64, flag: bool, y: f64) -> f32: ...

@extern("./libmodel.so", "negative", pure=True)
def negative(x: f64) -> bool: ...

@extern("./libmodel.so", "smooth", pure=True)
def smooth(x: f64[n], w: f64) -> f64[n]: ...

@custom_vjp(smooth)
def smooth_vjp(x: f64[n], w: f64, y: f64[n], dy: f64[n]) -> (f64[n], f64):
    dx = w * dy
    dw = 0.0
    for i in range(n):
        j = min(i + 1, n - 1)
        dx[j] += (1.0 - w) * dy[i]
        dw += dy[i] * (x[i] - x[j])
    return dx, dw

@extern("./libmodel.so", "both", pure=True)
def both(a: f64[n, m], k: i32[l]) -> (f64[n], f32[m, 1]): ...

@extern("./libmodel.so", "count")
def count(x: f64) -> f64: ...

@custom_jvp(count)
def count_jvp(x: f64, x_dot: f64) -> (f64, f64):
    return count(x), 2.0 * x_dot

@extern("./libmodel.so", "counted")
def counted() -> i64: ...

def scalars(x: f32, y: f64) -> (f32, bool):
    return mixed(x, i32(3), 5, negative(-y), y), negative(y)

def rough(x: f64[n], w: f64) -> f64:
    for t in range(3):
        x = smooth(x, w) + 0.1 * sin(x)
    return dot(x, smooth(x, w))

def plain(x: f64[n], w: f64) -> f64:
    for t in range(3):
        x = by_hand(x, w) + 0.1 * sin(x)
    return dot(x, by_hand(x, w))

def by_hand(x: f64[n], w: f64) -> f64[n]:
    return [w * x[i] + (1.0 - w) * x[min(i + 1, n - 1)] for i in range(n)]

def arrays(a: f64[n, m], k: i32[l]) -> (f64[n], f32[m, 1]):
    return both(a, k)

def counting(x: f64[n]) -> f64:
    total = 0.0
    for i in range(n):
        total = total + count(x[i]) * sin(total)
        total = total + count(x[i])
    return total
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The module above with its C library beside it."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler")
    folder = tmp_path_factory.mktemp("extern")
    (folder / "model.c").write_text(C)
    (folder / "model.dp").write_text(LIBRARY)
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", "libmodel.so", "model.c"]
    subprocess.run(command, cwd=folder, check=True)
    return dpc.load(folder / "model.dp")


def test_functions_of_the_mathematical_library() -> None:
    module = dpc.compile(BESSEL)
    x = np.array([0.5, 1.5, 2.5])
    assert module.wave(x) == pytest.approx(sum(special.j0(x) ** 2))
    first = -2.0 * special.j0(x) * special.j1(x)
    np.testing.assert_allclose(dpc.grad(module.wave)(x), first)
    np.testing.assert_allclose(dpc.jvp(module.wave)(x, np.ones(3))[1], sum(first))
    slope = special.j0(x) - special.j1(x) / x
    second = 2.0 * special.j1(x) ** 2 - 2.0 * special.j0(x) * slope
    np.testing.assert_allclose(dpc.hessian(module.wave)(x), np.diag(second))
    assert module.curve(0.7) == pytest.approx(0.7 - special.j1(0.7))
    bent = 1.0 - special.j0(0.7) + special.j1(0.7) / 0.7
    assert dpc.grad(module.curve)(0.7) == pytest.approx(bent)
    assert dpc.check_grad(module.wave, x).ok


def test_scalars_of_every_type(library: Any) -> None:
    value, sign = library.scalars(np.float32(1.5), 2.0)
    assert (value, sign) == (1.5 * 3 + 10.0, False)
    assert library.scalars(np.float32(1.5), -2.0) == (-1.0, True)


def test_arrays_and_their_extents(library: Any) -> None:
    rows, out = library.arrays(np.arange(6.0).reshape(2, 3), np.array([4, 7], np.int32))
    np.testing.assert_array_equal(rows, [3.0, 12.0])
    np.testing.assert_array_equal(out, [[4.0], [7.0], [4.0]])
    assert out.dtype == np.float32


@pytest.mark.parametrize("n", [1, 2, 5])
def test_derivatives_of_arrays_by_the_rule(library: Any, n: int) -> None:
    x, w = np.linspace(0.3, 1.7, n), 0.7
    assert library.rough(x, w) == pytest.approx(library.plain(x, w))
    for wrt in ("x", "w"):
        ruled, plain = (dpc.grad(f, wrt=wrt) for f in (library.rough, library.plain))
        np.testing.assert_allclose(ruled(x, w), plain(x, w))
        moved = [dpc.jvp(g)(x, w, x, 0.3)[1] for g in (ruled, plain)]
        np.testing.assert_allclose(*moved)


def test_what_is_not_pure_runs_once(library: Any) -> None:
    x = np.array([0.3, 0.4, 0.5])

    def runs(call: Any) -> int:
        before = library.counted()
        call()
        return int(library.counted() - before)

    assert runs(lambda: library.counting(x)) == 6
    assert runs(lambda: dpc.grad(library.counting)(x)) == 6
    assert runs(lambda: dpc.jvp(library.counting)(x, x)) == 6
    assert runs(lambda: dpc.jvp(dpc.grad(library.counting))(x, x)) == 6
    assert runs(lambda: dpc.grad(library.counting)(x * np.nan)) == 6
    with pytest.raises(dpc.CompileError, match="E0431"):
        dpc.jacobian(library.counting)(x)


def test_the_process_itself() -> None:
    module = dpc.compile("""
@extern("process", "labs", pure=True)
def magnitude(k: i64) -> i64: ...

def f(k: i64) -> i64:
    return magnitude(k)
""")
    assert module.f(-7) == 7


def test_a_missing_rule_is_refused_with_the_path() -> None:
    source = """
@extern("libm", "j0", pure=True)
def bessel_j0(x: f64) -> f64: ...

def f(x: f64[n], k: f64) -> f64:
    y = 2.0 * x[0]
    z = bessel_j0(y) + k
    return sin(z)

def g(x: f64) -> f64:
    return x * bessel_j0(stop_gradient(x))
"""
    module = dpc.compile(source)
    assert dpc.grad(module.f, wrt="k")(np.ones(2), 1.0) == pytest.approx(
        np.cos(special.j0(2.0) + 1.0)
    )
    assert dpc.grad(module.g)(0.5) == pytest.approx(special.j0(0.5))
    for transform in (dpc.grad, dpc.jvp):
        with pytest.raises(dpc.CompileError) as caught:
            transform(module.f)(np.ones(2), 1.0, np.ones(2), 1.0)
        (found,) = caught.value.diagnostics
        assert (found.code, found.span.line) == ("E0430", 7)
        assert [span.line for span, _ in found.related] == [5, 6, 8]


def test_ctypes_agrees() -> None:
    pointer = ctypes.CDLL("libm.so.6").j0
    pointer.restype, pointer.argtypes = ctypes.c_double, [ctypes.c_double]
    module = dpc.compile(BESSEL)
    assert module.bessel_j0(1.25) == pointer(1.25)


def test_a_library_is_found_from_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.dp").write_text(
        '@extern("./nothing.so", "f", pure=True)\ndef f(x: f64) -> f64: ...\n'
    )
    with pytest.raises(dpc.CompileError, match="E0910"):
        dpc.load(tmp_path / "a.dp")
