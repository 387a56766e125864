"""The memory a call may take: how it is given, what happens at its limit, what is left."""

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.compiler.driver import Options
from dpc.dsl.sizes import bytes_of, readable
from dpc.runtime import budget, engine, native_function

SEQUENCE = """
def f(x: f64[n]) -> f64:
    y = 1.0
    for i in range(n):
        y = sin(exp(y * x[i]))
    return y

def halving(x: f64, least: f64) -> f64:
    y = x
    while y > least:
        y = sin(y) * 0.999
    return y

def rooted(x: f64[n]) -> f64:
    return norm(x) + f(x)

def squares(x: f64[n]) -> f64[n]:
    y = zeros(n)
    for i in range(n):
        for j in range(n):
            y[i] += x[j] * x[i] * exp(x[j])
    return y

def growing(x: f64[n]) -> f64:
    total = 0.0
    for i in range(1, n):
        a = zeros(i, 40)
        for j in range(i):
            a[j, 0] = sin(x[j]) * (1.0 if j == 0 else a[j - 1, 0])
            a[j, 39] = cos(x[i])
        for j in range(i):
            total += a[j, 0] * a[j, 39] + total * x[j]
    return total
"""
STEPS = 50_000
X = np.linspace(-0.5, 0.5, STEPS)


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(SEQUENCE)


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    assert all(context.held == 0 for context in contexts())


def contexts() -> list[Any]:
    return [*native_function._INTERRUPTIBLE.free, *native_function._QUIET.free]


@pytest.mark.parametrize(
    ("text", "size"),
    [("64MiB", 2**26), ("2 GB", 2 * 10**9), ("1.5gib", 3 * 2**29), (" 10 kb ", 10**4), ("7B", 7),
     (".5KIB", 512), ("64", None), ("64 M", None), ("MiB", None), ("-1MB", None), ("1e3B", None),
     ("", None), ("64 MiB or so", None)],
)  # fmt: skip
def test_sizes(text: str, size: int | None) -> None:
    assert bytes_of(text) == size


def test_sizes_are_shown_in_the_unit_that_fits() -> None:
    assert [readable(n) for n in (0, 999, 1000, 65536, 2**30, 5 * 10**15)] == [
        "0 B", "999 B", "1 kB", "65.5 kB", "1.07 GB", "5e+03 TB",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "words"),
    [("64 cows", "64MiB"), ("", "64MiB"), (1.5, "not 1.5"), (True, "not True"),
     ("64M", "units B, kB"), (0, "at least 1 byte, not 0"), (-5, "at least 1 byte"),
     ("0MB", "at least 1 byte"), ([1], "number of bytes")],
)  # fmt: skip
def test_misuse_of_the_option(module: dpc.Module, value: Any, words: str) -> None:
    with pytest.raises(dpc.Error, match="option memory is") as caught:
        dpc.grad(module.f, memory=value)
    assert words in str(caught.value)


def test_where_the_option_may_stand(module: dpc.Module) -> None:
    for small in (
        dpc.grad(module.f, memory=100),
        dpc.grad(module.f).options(memory="0.1kB"),
        dpc.grad(module.f.options(memory=np.int64(100))),
        dpc.grad(dpc.compile(SEQUENCE, memory="100").f),
        dpc.value_and_grad(module.f, memory=100),
        pickle.loads(pickle.dumps(dpc.grad(module.f, memory=100))),
    ):
        with pytest.raises(dpc.MemoryBudgetError) as caught:
            small(X)
        assert caught.value.budget == 100
        assert dpc.Function.options(small, memory=None)(X) is not None


def test_the_error_says_where_and_how_much(module: dpc.Module) -> None:
    with pytest.raises(dpc.MemoryBudgetError) as caught:
        dpc.grad(module.f, memory="100 B")(X)
    error = caught.value
    assert (error.file, error.line, error.kind) == ("inline", 4, "budget")
    assert error.budget == 100
    assert error.needed > 100
    assert f"at least {error.needed} bytes" in str(error)
    assert "its budget is 100 (option memory)" in str(error)


def test_calls_stay_within_any_budget(module: dpc.Module) -> None:
    gradient = dpc.grad(module.f)
    expected = gradient(X)
    limits = (100, *range(5000, 2_000_000, 77_777))
    outcomes = [within(gradient.options(memory=limit), expected, X) for limit in limits]
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {False, True}


def within(function: dpc.Function, expected: Any, *args: Any) -> bool:
    """True if a call has room in its budget; then its result is as expected."""
    limit = function._options.memory
    assert limit is not None
    try:
        found = function(*args)
    except dpc.MemoryBudgetError as error:
        enough = False
        needed = error.needed
    else:
        enough = True
        needed = max(c.peak for c in contexts() if c.limit == limit)
        np.testing.assert_array_equal(found, expected)
    assert (needed <= limit) == enough
    return enough


def need(function: dpc.Function, *args: Any) -> int:
    """What a call that has next to nothing is told."""
    with pytest.raises(dpc.MemoryBudgetError) as caught:
        function.options(memory=1)(*args)
    return caught.value.needed


MATRICES = """
def energy(a: f64[n, n], b: f64[n]) -> f64:
    x = solve(a + a.T, b)
    total = 0.0
    for i in range(n):
        row = sin(a[i] * x) + b
        for j in range(n):
            total += row[j] * exp(-row[j])
    return total + logdet(a @ a.T)

def blocks(x: f64[n], m: i64) -> f64:
    total = 0.0
    for k in range(m):
        y = zeros(n, 2 * m + 1)
        for i in range(n):
            for j in range(2 * m + 1):
                y[i, j] = sin(x[i] + (y[i - 1, j] if i > 0 else 0.0))
        total += sum(y) * total + 1.0
    return total
"""


@pytest.mark.parametrize("transform", [lambda f: f, dpc.grad, dpc.jacobian])
@pytest.mark.parametrize("name", ["energy", "blocks", "f"])
def test_the_need_is_known_before_and_exact(
    module: dpc.Module, name: str, transform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DPC_MEMORY", raising=False)
    code = dpc.compile(SEQUENCE + MATRICES, linear_algebra="loops")
    draw = np.random.default_rng(3)
    for n in (1, 30, 61):
        a = draw.normal(size=(n, n)) + n * np.eye(n)
        given = {"energy": (a, draw.normal(size=n)), "blocks": (draw.normal(size=n), 7)}
        args = given.get(name, (draw.normal(size=500 * n),))
        function = transform(getattr(code, name)).options(memory="1 GiB")
        if peak(function, *args) == 0:
            continue
        expected, least = function.options(memory="1GB")(*args), need(function, *args)
        assert within(function.options(memory=least), expected, *args)
        assert not within(function.options(memory=least - 1), expected, *args)


def test_nothing_runs_where_the_budget_is_too_small(capsys: pytest.CaptureFixture[str]) -> None:
    source = SEQUENCE.replace("    y = 1.0\n", '    y = 1.0\n    print("started")\n', 1)
    gradient = dpc.grad(dpc.compile(source).f)
    need(gradient, X)
    assert capsys.readouterr().out == ""
    gradient(X)
    assert capsys.readouterr().out == "started\n"


def test_checks_come_first() -> None:
    source = SEQUENCE.replace("    y = 1.0\n", "    y = 1.0\n    assert x[0] > 0.0\n", 1)
    with pytest.raises(dpc.RuntimeError) as caught:
        dpc.grad(dpc.compile(source).f, memory=1)(X)
    assert caught.value.kind == "assert"


ABSURD = """
def f(n: i64) -> f64:
    y = zeros(n, n)
    for i in range(n):
        y[i, n - 1 - i] = 1.0 + (0.0 if i == 0 else y[i - 1, i])
    return sum(y)
"""


@pytest.mark.parametrize("n", [2**20, 2**30, 2**31, 2**40, 2**62])
def test_absurd_extents_are_refused(n: int) -> None:
    with pytest.raises((dpc.MemoryBudgetError, dpc.OutOfMemoryError)):
        dpc.compile(ABSURD).f.options(memory="1GB")(n)


def test_spare_memory_is_let_go_near_the_limit(module: dpc.Module) -> None:
    x = np.linspace(0.1, 1.0, 800)
    expected, taken = module.growing(x), peak(module.growing, x)
    limits = [int(taken * share) for share in (0.3, 0.6, 0.7, 0.8, 0.9, 1.0)]
    outcomes = [within(module.growing.options(memory=n), expected, x) for n in limits]
    # What is merely kept for later is no need.
    assert outcomes == [False, True, True, True, True, True]


def peak(function: dpc.Function, *args: Any) -> int:
    for context in contexts():
        context.peak = 0
    function(*args)
    return max(int(c.peak) for c in contexts())


def test_loops_of_unknown_length(module: dpc.Module) -> None:
    gradient = dpc.grad(module.halving)
    expected = gradient(1.0, 0.02)
    with pytest.raises(dpc.MemoryBudgetError) as caught:
        gradient.options(memory=20_000)(1.0, 0.02)
    assert caught.value.line in (10, 11)
    assert gradient.options(memory="10MB")(1.0, 0.02) == expected


def test_a_call_answered_again_has_the_same_budget(module: dpc.Module) -> None:
    bounded = dpc.grad(module.rooted, memory=5_000_001)
    x = X.copy()
    x[7] = np.nan
    assert np.isnan(bounded(x)).any()
    assert bounded._strong is not None
    with pytest.raises(dpc.MemoryBudgetError):
        dpc.grad(module.rooted, memory=101)(x)


def test_functions_have_a_budget_only_where_it_is_given(
    module: dpc.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DPC_MEMORY", "1kB")
    code = dpc.compile(SEQUENCE.replace("zeros(n)", "stop_gradient(zeros(n, 200))[:, 0]"))
    x = np.ones(20)
    code.squares(x)
    code.growing(x)
    dpc.jvp(code.growing)(x, x)
    with pytest.raises(dpc.MemoryBudgetError):
        code.growing.options(memory="1kB")(x)
    with pytest.raises(dpc.MemoryBudgetError):
        dpc.jvp(code.growing, memory="1kB")(x, x)
    with pytest.raises(dpc.MemoryBudgetError) as caught:
        dpc.grad(code.growing)(x)
    assert "environment variable DPC_MEMORY" in str(caught.value)
    monkeypatch.setenv("DPC_MEMORY", "plenty")
    with pytest.raises(dpc.Error, match="environment variable DPC_MEMORY is a number of bytes"):
        dpc.grad(code.growing)(x)


@pytest.mark.parametrize(
    ("make", "reverse"),
    [
        (lambda m: m.f, False),
        (lambda m: dpc.jvp(m.f), False),
        (lambda m: dpc.grad(m.f), True),
        (lambda m: dpc.vjp(m.squares), True),
        (lambda m: dpc.jvp(dpc.grad(m.f)), True),
        (lambda m: dpc.hessian(m.f), True),
        (lambda m: dpc.vmap(dpc.grad(m.f)), True),
        (lambda m: dpc.vmap(m.f), False),
        (lambda m: dpc.jacobian(m.squares, mode="forward"), False),
        (lambda m: dpc.jacobian(m.squares, mode="reverse"), True),
        (lambda m: dpc.jacobian(m.f), True),
    ],
)
def test_which_functions_are_reverse_passes(module: dpc.Module, make: Any, reverse: bool) -> None:
    assert make(module).origin.reverses(Options()) == reverse


def test_default(module: dpc.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DPC_MEMORY", raising=False)
    assert budget.budget_of(Options(), reverse=False) == budget.NO_LIMIT
    assert budget.budget_of(Options(), reverse=True).limit == budget.default()
    assert 0 < budget.default() <= 2**30
    assert budget.budget_of(Options(memory=7), reverse=False).limit == 7


def test_what_is_available(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "meminfo"
    info.write_text("MemTotal:  900 kB\nMemFree: 2 kB\nMemAvailable:     400 kB\n")
    monkeypatch.setattr(budget, "_MEMORY_INFO", info)
    monkeypatch.setattr(budget, "_GROUP", tmp_path)
    assert budget.available() == 409_600
    (tmp_path / "memory.max").write_text("300000\n")
    (tmp_path / "memory.current").write_text("100000\n")
    assert budget.available() == 200_000
    (tmp_path / "memory.max").write_text("max\n")
    assert budget.available() == 409_600
    monkeypatch.setattr(budget, "_MEMORY_INFO", tmp_path / "nothing")
    assert budget.available() == 2**32


def test_native_code_is_shared(module: dpc.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    gradient = dpc.grad(module.f, memory=10**8)
    gradient(X)

    def load(code: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(engine, "load", load)
    for limit in (10**6, 10**7):
        gradient.options(memory=limit)(X)
