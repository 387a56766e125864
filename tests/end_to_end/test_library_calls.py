"""Large matrices go to BLAS and LAPACK: the loops' results, errors and derivatives, everywhere."""

import ctypes
import os
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.compiler import driver
from dpc.compiler.driver import Compiled, Options, front
from dpc.compiler.interpret import run
from dpc.compiler.passes import library_calls
from dpc.compiler.signature import Entry
from dpc.dsl.source import Source
from dpc.runtime import blas

SOURCE = """
def product(a: f64[n, n], b: f64[n, m]) -> f64[n, m]:
    return a @ b

def factor(a: f64[n, n], b: f64[n, m]) -> f64[n, n]:
    return cholesky(a)

def lower(a: f64[n, n], b: f64[n, m]) -> f64[n, m]:
    return solve_triangular(a, b)

def lower_transposed(a: f64[n, n], b: f64[n, m]) -> f64[n, m]:
    return solve_triangular(a, b, trans=True)

def upper(a: f64[n, n], b: f64[n, m]) -> f64[n, m]:
    return solve_triangular(a, b, lower=False)

def upper_transposed(a: f64[n, n], b: f64[n, m]) -> f64[n, m]:
    return solve_triangular(a, b, lower=False, trans=True)

def solution(a: f64[n, n], b: f64[n, m]) -> f64[n, m]:
    return solve(a[::-1], b)

def inverse(a: f64[n, n], b: f64[n, m]) -> f64[n, n]:
    return inv(a)

def log_determinant(a: f64[n, n], b: f64[n, m]) -> f64:
    return logdet(a)

def eigen(a: f64[n, n], b: f64[n, m]) -> (f64[n], f64[n, n]):
    return eigh(a)

def tall(a: f64[n, n], b: f64[n, m]) -> (f64[n, m], f64[m, m]):
    return qr(b)

def wide(a: f64[n, n], b: f64[n, m]) -> (f64[m, m], f64[m, n]):
    return qr(b.T)

def singular(a: f64[n, n], b: f64[n, m]) -> (f64[n, m], f64[m], f64[m, m]):
    return svd(b)

def singular_wide(a: f64[n, n], b: f64[n, m]) -> (f64[m, m], f64[m], f64[m, n]):
    return svd(b.T)
"""
NAMES = [line[4 : line.index("(")] for line in SOURCE.splitlines() if line.startswith("def ")]
SECOND = ("product", "factor", "solution", "wide", "singular")
RANDOM = np.random.default_rng(12)

pytestmark = pytest.mark.skipif(blas.library() is None, reason="no BLAS in this process")


def arguments(n: int, m: int, dtype: Any = np.float64) -> tuple[Any, Any]:
    """A positive definite matrix and a right side."""
    a = RANDOM.normal(size=(n, n))
    a = a @ a.T / max(n, 1) + np.diag(1 + np.arange(n) / max(n, 1))
    return a.astype(dtype), RANDOM.normal(size=(n, m)).astype(dtype)


@cache
def module(precision: str = "f64") -> dpc.Module:
    return dpc.compile(SOURCE.replace("f64", precision), real=precision)


def compare(left: Any, right: Any, tolerance: float) -> None:
    """Tuples or arrays, equal but for rounding."""
    pairs = zip(left, right, strict=True) if isinstance(left, tuple) else [(left, right)]
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


def calls_library(function: dpc.Function) -> bool:
    return "@dp.blas." in function.llvm()


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Call the library however small the matrices are."""
    for operation in library_calls.SMALLEST:
        monkeypatch.setitem(library_calls.SMALLEST, operation, 1)


@pytest.mark.parametrize(("precision", "tolerance"), [("f64", 1e-10), ("f32", 2e-3)])
@pytest.mark.parametrize("name", NAMES)
def test_the_library_gives_what_the_loops_give(name: str, precision: str, tolerance: float) -> None:
    function = getattr(module(precision), name)
    loops = function.options(linear_algebra="loops")
    assert calls_library(function)
    assert not calls_library(loops)
    dtype = {"f64": np.float64, "f32": np.float32}[precision]
    for n, m in ((0, 0), (1, 1), (40, 1), (60, 50), (130, 20)):
        given = arguments(n, m, dtype)
        kept = tuple(a.copy() for a in given)
        first = function(*given)
        compare(first, loops(*given), tolerance)
        compare(first, function(*given), 0.0)
        compare(given, kept, 0.0)


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_go_to_the_library_too(name: str, always: None) -> None:
    results = 3 if name.startswith("singular") else 2 if name in ("eigen", "tall", "wide") else 1
    shapes = {"tall": "m", "wide": "m", "singular": "m", "singular_wide": "m"}
    side = shapes.get(name, "n")
    parts = " + ".join(f"sum(sin(r{i}))" for i in range(results))
    if name == "log_determinant":
        parts = "sin(r0)"
    names = ", ".join(f"r{i}" for i in range(results))
    source = f"{SOURCE}\ndef f(a: f64[n, n], b: f64[n, m]) -> f64:\n"
    source += f"    {names} = {name}(a, b)\n    return {parts} + sum(b) * a[0, 0]\n"
    made = dpc.compile(source).f
    given = arguments(5, 3 if side == "m" else 2)
    loops = made.options(linear_algebra="loops")
    first = dpc.grad(made, wrt=("a", "b"))
    assert calls_library(first)
    compare(first(*given), dpc.grad(loops, wrt=("a", "b"))(*given), 1e-9)
    if name not in SECOND:
        return
    directions = tuple(RANDOM.normal(size=g.shape) for g in given)
    second = dpc.jvp(dpc.grad(made, wrt=("a", "b")))
    expected = dpc.jvp(dpc.grad(loops, wrt=("a", "b")))(*given, *directions)
    for found, right in zip(second(*given, *directions), expected, strict=True):
        compare(found, right, 1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_the_interpreter_runs_the_calls(name: str, always: None) -> None:
    entry = Compiled(front(Source("inline", SOURCE))).entry(name, Options())
    for m in (4, 1):
        _interpreted(name, entry, arguments(6, m))


def _interpreted(name: str, entry: Entry, given: tuple[Any, Any]) -> None:
    outputs = getattr(module(), name)(*given)
    outputs = [np.asarray(o) for o in (outputs if isinstance(outputs, tuple) else (outputs,))]
    made = driver.finish(entry, Options(library=True))
    sizes = [
        given[1].shape["nm".index(p.name)]
        for p in entry.function.parameters
        if p.role == "dimension"
    ]
    places = [np.zeros(o.shape) for o in outputs if o.ndim]
    results = run(made, entry.function.name, [*sizes, *given, *places])
    compare(tuple(places or results), tuple(outputs), 1e-9)


@pytest.mark.parametrize(
    ("name", "spoil", "message"),
    [
        ("factor", ((140, 140), -1.0), "inline:6: .* leading minor 141 is not"),
        ("factor", ((150, 3), np.nan), "leading minor 151 is not"),
        ("solution", ((slice(None), 30), 0.0), "inline:21: the matrix is singular"),
        ("inverse", ((slice(None), 0), 0.0), "inline:24: the matrix is singular: pivot"),
        ("eigen", ((5, 3), np.nan), "the eigenvalues did not converge"),
    ],
)
def test_errors_are_those_of_the_loops(name: str, spoil: Any, message: str) -> None:
    a, b = arguments(160, 4)
    place, value = spoil
    a[place] = value
    for choice in ("library", "loops"):
        with pytest.raises(dpc.RuntimeError, match=message):
            getattr(module(), name).options(linear_algebra=choice)(a, b)


def test_only_the_triangle_that_is_read_matters() -> None:
    a, b = arguments(150, 3)
    spoiled = a + np.triu(np.full(a.shape, np.nan), 1)
    for name in ("factor", "lower", "lower_transposed", "eigen"):
        compare(getattr(module(), name)(spoiled, b), getattr(module(), name)(a, b), 0.0)


def test_nan_goes_through_products_and_determinants_and_ends_svd() -> None:
    a, b = arguments(40, 40)
    a[3, 4] = np.nan
    assert np.isnan(module().product(a, b)).sum() == 40
    assert np.isnan(module().log_determinant(a, b))
    with pytest.raises(dpc.RuntimeError, match="singular values did not converge"):
        module().singular(b, a)


def test_strict_results_do_not_depend_on_a_library() -> None:
    assert not calls_library(module().product.options(math="strict"))


def test_strong_zeros_hold_in_products_of_derivatives() -> None:
    """A zero cotangent times an infinite factor is 0: the call is answered by the loops."""
    source = """
def f(a: f64[n, n], b: f64[n, n]) -> f64:
    return sum(where(b < 1e300, a @ b, 0.0))
"""
    a, b = np.ones((20, 20)), np.ones((20, 20))
    b[:, 7] = np.inf
    gradient = dpc.grad(dpc.compile(source).f)(a, b)
    np.testing.assert_array_equal(gradient, np.full((20, 20), 19.0))


def test_the_librarys_threads_are_left_as_they_were() -> None:
    """Also when several calls are in the library at once; and each gives the same bits."""
    library = blas.library()
    assert library is not None
    get = ctypes.CFUNCTYPE(ctypes.c_int)(library.addresses["get_threads"])
    before, given = get(), arguments(150, 150)
    expected = module().product(*given)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: module().product(*given), range(40)))
    assert all(np.array_equal(f, expected) for f in found)
    assert get() == before


def test_without_a_library_the_loops_do_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(blas.VARIABLE, "loops")
    blas.library.cache_clear()
    try:
        plain = dpc.compile(SOURCE)
        assert not calls_library(plain.product)
        assert not calls_library(plain.product.options(linear_algebra="library"))
        monkeypatch.setenv(blas.VARIABLE, "mkl")
        blas.library.cache_clear()
        with pytest.raises(dpc.Error, match="known are numpy, scipy, loops"):
            dpc.compile(SOURCE)
    finally:
        monkeypatch.undo()
        blas.library.cache_clear()


def test_options_are_checked() -> None:
    with pytest.raises(dpc.Error, match='is "library" or "loops"'):
        module().product.options(linear_algebra="blas")


def test_libraries_with_narrow_integers() -> None:
    """SciPy's library counts in 32 bits."""
    script = (
        textwrap.dedent("""
        import numpy as np, dpc
        from dpc.runtime import blas
        m = dpc.compile('''
        def f(a: f64[n, n], b: f64[n, m]) -> (f64[n, m], f64[n], f64[n]):
            w, _ = eigh(a + a.T)
            return solve(a, b), w, svd(a)[1]
        ''')
        a = np.random.default_rng(0).normal(size=(50, 50)) + 9 * np.eye(50)[::-1]
        b = a[:, :3] + 1
        x, w, s = m.f(a, b)
        np.testing.assert_allclose(x, np.linalg.solve(a, b), atol=1e-10)
        np.testing.assert_allclose(w, np.linalg.eigvalsh(a + a.T), atol=1e-10)
        np.testing.assert_allclose(s, np.linalg.svd(a)[1], atol=1e-10)
        print(blas.library() and blas.library().integer_bits)
    """)
        .replace("\n'''", "\n'''")
        .replace("def f", "def f")
    )
    environment = {**os.environ, blas.VARIABLE: "scipy"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("32", "None")
